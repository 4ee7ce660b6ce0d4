# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves one ASGI application on the socket that systemd holds for it.

Run by the python of the application's venv, under the tenant's account, with the release as working directory:

    python serve_asgi.py --entrypoint module:callable --stop-timeout 30 [--idle-timeout 300]

It is uvicorn with four things that uvicorn has not: the socket comes from systemd (sd_listen_fds(3)); systemd is told
when the application has started (sd_notify(3)); an idle process ends, and none of the requests that arrive meanwhile
is lost; the mount and the client are taken from the front server's headers, request by request. Only the standard
library and the venv's own uvicorn are imported, so that it starts as fast as uvicorn alone.

Exit codes: 0 asked to end or idle, 1 the application could not be loaded, 3 it refused to start (lifespan).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import importlib.machinery
import importlib.util
import os
import re
import signal
import socket
import sys
import time
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence
    from types import ModuleType, TracebackType
    from typing import Any

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

FIRST_SOCKET = 3  # SD_LISTEN_FDS_START
STARTUP_FAILED = 3  # what uvicorn's own command line ends with

# Longer than any front server keeps an idle connection, so that it is never this side that closes one just as a
# request comes in on it.
KEEP_ALIVE = 75
# What was connecting when the front was switched away from us arrives within this time.
GRACE = 0.5
# After the stop timeout: requests still running are cancelled, then no longer waited for.
CANCEL, FORCE = 1.0, 6.0


class Conduct:
    """Decides when the process leaves. Times are of a monotonic clock, in seconds.

    Leaving takes three steps. Connections are still accepted for GRACE, since the front may just be making one; every
    answer says ``Connection: close``. Then the listener is closed, and what arrives waits in systemd's socket for the
    next process. At last, when every connection has been closed by the other side, or at the stop timeout, the end.
    """

    STAY, CLOSE, EXIT = "stay", "close", "exit"

    def __init__(self, stop_timeout: float, idle_timeout: float | None, now: float) -> None:
        self.stop_timeout = stop_timeout
        self.idle_timeout = idle_timeout
        self.busy_at = now
        self.deadline: float | None = None
        self.close_at = 0.0
        self.closed = False

    @property
    def leaving(self) -> bool:
        return self.deadline is not None

    def leave(self, now: float, grace: float = GRACE) -> None:
        """Begin to leave; asking again changes nothing."""
        if self.deadline is None:
            self.deadline = now + self.stop_timeout
            self.close_at = now + min(grace, self.stop_timeout)

    def step(self, now: float, busy: bool) -> str:
        """What to do now. busy: a connection is open, a request runs, or one came since the last step."""
        if busy:
            self.busy_at = now
        if self.deadline is None:
            if self.idle_timeout is None or now - self.busy_at < self.idle_timeout:
                return self.STAY
            self.leave(now, grace=0)
        if self.deadline is not None and now >= self.deadline:
            return self.EXIT
        if not self.closed:
            if now < self.close_at:
                return self.STAY
            self.closed = True
            return self.CLOSE
        return self.STAY if busy else self.EXIT


class Front:
    """Between uvicorn and the application: what the front server said about the request goes where ASGI has it."""

    def __init__(self, app: App, conduct: Conduct) -> None:
        self.app = app
        self.conduct = conduct
        self.seen = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        self.seen = True
        describe(scope)

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and self.conduct.leaving:
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"connection"]
                message = {**message, "headers": [*kept, (b"connection", b"close")]}
            await send(message)

        await self.app(scope, receive, closing if scope["type"] == "http" else send)


def describe(scope: Scope) -> None:
    """Set client, scheme and root_path from the front server's headers; only the front can reach this socket.

    ``path`` stays the whole path, the mount included (ASGI, HTTP connection scope). The header with the mount goes no
    further: NiceGUI puts it in front of root_path, and the mount would be there twice.
    """
    headers = dict(scope["headers"])
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"x-forwarded-prefix"]
    scope["root_path"] = headers.get(b"x-forwarded-prefix", b"").decode("utf-8", "replace").rstrip("/")
    client = headers.get(b"x-forwarded-for", b"").decode("latin-1").rpartition(",")[2].strip()
    if client:
        scope["client"] = (client, 0)
    secure = headers.get(b"x-forwarded-proto", b"").strip().lower() in (b"https", b"wss")
    plain = "ws" if scope["type"] == "websocket" else "http"
    scope["scheme"] = plain + "s" if secure else plain


def load(entrypoint: str) -> object:
    """Import ``module:callable``, ``module:factory()`` or ``path/to/file.py:callable``; a factory is called."""
    where, _colon, name = entrypoint.rpartition(":")
    # mysite.asgi is Django's usual module, unless there is a file of that name.
    is_file = "/" in where or where.endswith(".py") or (where.endswith((".asgi", ".wsgi")) and os.path.isfile(where))
    module = _load_file(where) if is_file else importlib.import_module(where)
    target: object = module
    for part in name.replace("()", "").split("."):
        target = getattr(target, part)
    return target() if name.endswith("()") and callable(target) else target


def _load_file(path: str) -> ModuleType:
    name, _suffix = os.path.splitext(os.path.basename(path))
    if path == name + ".py" and name.isidentifier():
        # The way the rest of the application imports it, so that it does not exist twice.
        return importlib.import_module(name)
    name = re.sub(r"\W", "_", name)
    loader = importlib.machinery.SourceFileLoader(name, os.path.abspath(path))
    spec = importlib.util.spec_from_file_location(name, loader.path, loader=loader)
    if spec is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


def inherited_socket(environ: MutableMapping[str, str]) -> int:
    """The one socket that systemd passed to this very process; what says so is not left for its children."""
    pid = environ.pop("LISTEN_PID", "")
    count = environ.pop("LISTEN_FDS", "")
    environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or count != "1":
        raise SystemExit(
            f"serve_asgi: systemd must pass exactly one socket to process {os.getpid()} "
            f"(LISTEN_PID={pid!r}, LISTEN_FDS={count!r}): start the .socket unit, which starts this"
        )
    os.set_inheritable(FIRST_SOCKET, False)
    return FIRST_SOCKET


def notifier(environ: MutableMapping[str, str]) -> Callable[[str], None]:
    """How to tell systemd something; it stays silent where nobody listens."""
    address = environ.pop("NOTIFY_SOCKET", "")
    if address.startswith("@"):
        address = "\0" + address[1:]

    def notify(state: str) -> None:
        if address:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.connect(address)
                channel.sendall(state.encode())

    return notify


if TYPE_CHECKING:

    class Uvicorn:
        """What is relied on of uvicorn.Server; every version since 0.15 has it."""

        config: Any
        server_state: Any
        servers: list[Any]
        started: bool
        should_exit: bool
        force_exit: bool

        async def serve(self, sockets: Any = None) -> None: ...
        async def startup(self, sockets: Any = None) -> None: ...
        async def on_tick(self, counter: int) -> bool: ...
        async def shutdown(self, sockets: Any = None) -> None: ...
        def run(self) -> None: ...

else:
    Uvicorn = object


class Served(Uvicorn):
    """Goes before uvicorn.Server, whose methods it overrides; uvicorn calls them on itself."""

    entrypoint: str
    conduct: Conduct
    notify: Callable[[str], None]
    front: Front
    wake: asyncio.Event

    async def serve(self, sockets: Any = None) -> None:
        # Here, as uvicorn does it: an application may want the running loop while it is imported.
        self.config.app = load(self.entrypoint)
        self.config.load()
        self.front = self.config.loaded_app = Front(self.config.loaded_app, self.conduct)
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
        self.wake = asyncio.Event()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self.leave)
        self.conduct.busy_at = time.monotonic()
        self.notify("READY=1")

    def leave(self) -> None:
        self.conduct.leave(time.monotonic())
        self.wake.set()

    async def main_loop(self) -> None:
        # uvicorn's own looks ten times a second. Once is enough for the idle clock, and signals wake it.
        told = False
        while not await self.on_tick(0):
            if self.conduct.leaving and not told:
                told = True
                self.notify("STOPPING=1")
            try:
                await asyncio.wait_for(self.wake.wait(), 0.1 if self.conduct.leaving else 1.0)
            except asyncio.TimeoutError:
                continue
            self.wake.clear()

    async def on_tick(self, counter: int) -> bool:
        state = self.server_state
        busy = bool(state.connections or state.tasks or self.front.seen)
        self.front.seen = False
        action = self.conduct.step(time.monotonic(), busy)
        if action == Conduct.CLOSE:
            for listener in self.servers:
                listener.close()
        return action == Conduct.EXIT or await super().on_tick(counter)

    async def shutdown(self, sockets: Any = None) -> None:
        # uvicorn closes what is left: WebSockets with 1012 (service restart), requests when they are answered.
        loop = asyncio.get_running_loop()
        loop.call_later(CANCEL, self.cancel)
        loop.call_later(FORCE, setattr, self, "force_exit", True)
        await super().shutdown(sockets)

    def cancel(self) -> None:
        for task in list(self.server_state.tasks):
            task.cancel()


def make_server(entrypoint: str, conduct: Conduct, descriptor: int, notify: Callable[[str], None]) -> Served:
    """The venv's uvicorn, conducting itself as this program says."""
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
    server: Served = type("Server", (Served, uvicorn.Server), {})(config)
    server.entrypoint, server.conduct, server.notify = entrypoint, conduct, notify
    return server


def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say what went wrong from the application's own first line on, without the way there."""
    own = trace
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == __file__:
            own = trace.tb_next
        trace = trace.tb_next
    while own is not None and "importlib" in own.tb_frame.f_code.co_filename:
        own = own.tb_next
    traceback.print_exception(kind, error, own)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="serve_asgi", description="Serve an ASGI application on systemd's socket.")
    parser.add_argument("--entrypoint", required=True)
    parser.add_argument("--stop-timeout", type=float, default=30.0)
    parser.add_argument("--idle-timeout", type=float)
    options = parser.parse_args(argv)
    descriptor = inherited_socket(os.environ)
    conduct = Conduct(options.stop_timeout, options.idle_timeout, time.monotonic())
    server = make_server(options.entrypoint, conduct, descriptor, notifier(os.environ))
    server.run()
    return 0 if server.started else STARTUP_FAILED


if __name__ == "__main__":
    # In place of this program's own folder.
    sys.path[0] = os.getcwd()
    sys.excepthook = report
    raise SystemExit(main(sys.argv[1:]))
