# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""uvicorn, with two things that it has not: the socket comes from systemd, and systemd is told when the application
has started.

Exit codes: 0 asked to end, 1 the application could not be loaded, 3 it refused to start (lifespan).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import os
import signal

from . import workers
from .asgi import Front
from .bounds import CANCEL, FORCE, KEEP_ALIVE, LONGEST_HEAD, STARTUP_FAILED
from .entrypoint import load
from .systemd import inherited_socket, notifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

if TYPE_CHECKING:

    class Uvicorn:
        """What is relied on of uvicorn.Server; every version since 0.15 has it."""

        config: Any
        server_state: Any
        started: bool
        should_exit: bool
        force_exit: bool

        async def serve(self, sockets: Any = None) -> None: ...
        async def startup(self, sockets: Any = None) -> None: ...
        async def shutdown(self, sockets: Any = None) -> None: ...
        def run(self) -> None: ...

else:
    Uvicorn = object


class Served(Uvicorn):
    """Goes before uvicorn.Server, whose methods it overrides; uvicorn calls them on itself."""

    entrypoint: str
    ready: Callable[[], None]
    leaving: asyncio.Event

    async def serve(self, sockets: Any = None) -> None:
        # Here, as uvicorn does it: an application may want the running loop while it is imported.
        self.config.app = load(self.entrypoint)
        if takes_three(self.config.app):
            self.config.interface = "asgi3"
        self.config.load()
        self.config.loaded_app = Front(self.config.loaded_app)
        await super().serve(sockets)

    def install_signal_handlers(self) -> None:
        """Up to 0.28. Until the start is complete a signal just ends the process; then see startup()."""

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:
        """From 0.29 on; the same."""
        return contextlib.nullcontext()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.should_exit or not self.started:
            return
        self.leaving = asyncio.Event()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self.leaving.set)
        self.ready()

    async def main_loop(self) -> None:
        # uvicorn's own looks ten times a second whether it should end.
        await self.leaving.wait()

    async def shutdown(self, sockets: Any = None) -> None:
        # uvicorn closes what is left: WebSockets with 1012 (service restart), requests when they are answered.
        loop = asyncio.get_running_loop()
        loop.call_later(CANCEL, self.cancel)
        loop.call_later(FORCE, setattr, self, "force_exit", True)
        await super().shutdown(sockets)

    def cancel(self) -> None:
        for task in list(self.server_state.tasks):
            task.cancel()


def takes_three(app: Any) -> bool:
    """Whether an application is called as ASGI 3 has it. uvicorn takes it for one of ASGI 2 where it is no coroutine
    function, and yet it may be one that gives back what a coroutine function does (Emmett)."""
    try:
        inspect.signature(app).bind("scope", "receive", "send")
    except (TypeError, ValueError):
        return False
    return True


def make_server(entrypoint: str, descriptor: int, ready: Callable[[], None]) -> Served:
    """The venv's uvicorn, listening at ``descriptor``; ``ready`` is called when the application has started."""
    # Not an import statement: this module is looked at where there is no uvicorn.
    uvicorn: Any = importlib.import_module("uvicorn")
    config = uvicorn.Config(
        app=entrypoint,
        fd=descriptor,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        use_colors=False,
        workers=1,
    )
    # Versions that have no such setting do not look at it. Only h11 needs it; httptools takes what comes.
    config.h11_max_incomplete_event_size = LONGEST_HEAD
    server: Served = type("Server", (Served, uvicorn.Server), {})(config)
    server.entrypoint, server.ready = entrypoint, ready
    return server


def serve(options: Mapping[str, str]) -> int:
    """Serve ``entrypoint`` with ``workers`` processes (1) until SIGTERM; the exit code."""
    descriptor = inherited_socket(os.environ)
    notify = notifier(os.environ)

    def work(ready: Callable[[], None]) -> int:
        server = make_server(options["entrypoint"], descriptor, ready)
        server.run()
        return 0 if server.started else STARTUP_FAILED

    return workers.run(int(options.get("workers", "1")), work, lambda: notify("READY=1"))
