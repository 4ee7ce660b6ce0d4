# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hypercorn, for ASGI and for WSGI, at the socket that systemd holds.

Of Hypercorn's own WSGI the part between its events and PEP 3333 is not used: it reads a request's whole body into
memory, and knows neither ``write()`` nor ``exc_info`` (see wsgi_to_asgi.py).

Exit codes: 0 asked to end, 1 the application could not be loaded, 3 it refused to start (lifespan).
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal

from . import workers
from .bounds import CANCEL, KEEP_ALIVE, LONGEST_HEAD, LONGEST_MESSAGE, STARTUP_FAILED
from .lifecycle import Lifecycle, run
from .systemd import inherited_socket, notifier
from .wsgi_to_asgi import Threads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from .asgi import Message

# What systemd has made it; Hypercorn sets it anew.
BACKLOG = 2048
# Seconds after which a silent WebSocket is asked whether it is there, as uvicorn does.
PING_INTERVAL = 20.0


if TYPE_CHECKING:

    class HypercornStream:
        """What is relied on of hypercorn.protocol.ws_stream.WSStream."""

        app_put: Any
        closed: bool
        connection: Any
        send: Any

        def __init__(self, *args: Any, **kwargs: Any) -> None: ...
        async def handle(self, event: Any) -> None: ...
        async def _accept(self, message: Any) -> None: ...
        async def _send_wsproto_event(self, event: Any) -> None: ...

else:
    HypercornStream = object


class Stream(HypercornStream):
    """Goes before hypercorn.protocol.ws_stream.WSStream.

    It tells the application with which code the WebSocket was closed, where Hypercorn says 1006 whatever it was; it
    tells a client that breaks the protocol how, where Hypercorn just ends the connection (RFC 6455, 7.1.7); and what
    sends the pings ends with the WebSocket, not after the next ping.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._put: Any = None
        self._closed: dict[str, object] | None = None
        self._over = asyncio.Event()
        self._broken: Any = None
        self._send_on, self.send = self.send, self._send_last_word

    async def _accept(self, message: Any) -> None:
        await super()._accept(message)
        self.connection.events = self._watched(self.connection.events)

    def _watched(self, events: Callable[[], Iterator[Any]]) -> Callable[[], Iterator[Any]]:
        """A close that the client did not ask for is wsproto's own, of a frame that it refuses."""

        def watched() -> Iterator[Any]:
            for event in events():
                if type(event).__name__ == "CloseConnection" and self.connection.state.name == "OPEN":
                    self._broken = event
                yield event

        return watched

    async def _send_last_word(self, event: Any) -> None:
        if self._broken is not None and type(event).__name__ == "StreamClosed":
            broken, self._broken = self._broken, None
            await self._send_wsproto_event(broken)
        await self._send_on(event)

    async def handle(self, event: Any) -> None:
        await super().handle(event)
        if self._put is None and self.app_put is not None:
            self._put, self.app_put = self.app_put, self._tell
        if self.closed:
            self._over.set()

    async def _send_wsproto_event(self, event: Any) -> None:
        # It answers a close with the same code and the same reason.
        if type(event).__name__ == "CloseConnection" and self._closed is None:
            self._closed = {"code": int(event.code), "reason": event.reason or ""}
        await super()._send_wsproto_event(event)

    async def _tell(self, message: Message) -> None:
        if message["type"] == "websocket.disconnect" and self._closed is not None:
            message = {**message, **self._closed}
        await self._put(message)

    async def _send_pings(self) -> None:
        ping: Any = importlib.import_module("wsproto.events").Ping
        while not self.closed:
            try:
                await asyncio.wait_for(self._over.wait(), PING_INTERVAL)
            except asyncio.TimeoutError:
                await self._send_wsproto_event(ping())


def settings(descriptor: int) -> dict[str, object]:
    """Hypercorn's configuration for a listening socket behind a front server."""
    return {
        "bind": [f"fd://{descriptor}"],
        "backlog": BACKLOG,
        "keep_alive_timeout": float(KEEP_ALIVE),
        # Whether a connection has been used enough, the front says.
        "keep_alive_max_requests": 1 << 62,
        "h11_max_incomplete_size": LONGEST_HEAD,
        "websocket_max_message_size": LONGEST_MESSAGE,
        "websocket_ping_interval": PING_INTERVAL,
        "graceful_timeout": CANCEL,
        "include_server_header": False,
        "include_date_header": False,
        "accesslog": None,
        "loglevel": "WARNING",
    }


async def main(options: Mapping[str, str], descriptor: int, ready: Callable[[], None]) -> int:
    """Serve until SIGTERM; the exit code."""
    # Not import statements: this module is looked at where there is no Hypercorn.
    config: Any = importlib.import_module("hypercorn.config").Config
    serve_app: Any = importlib.import_module("hypercorn.asyncio").serve
    http: Any = importlib.import_module("hypercorn.protocol.h11")
    http.WSStream = type("Stream", (Stream, http.WSStream), {})
    app = Threads.of(options) if options["interface"] == "wsgi" else Lifecycle()
    if not await app.start(options["entrypoint"]):
        return STARTUP_FAILED
    leaving = asyncio.Event()

    async def serving() -> None:
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, leaving.set)
        ready()
        await leaving.wait()
        await app.leave()

    await serve_app(app, config.from_mapping(settings(descriptor)), shutdown_trigger=serving, mode="asgi")
    await app.end()
    return 0


def serve(options: Mapping[str, str]) -> int:
    """Serve ``entrypoint`` by ``interface`` with ``workers`` processes (1), each with ``threads`` for WSGI."""
    descriptor = inherited_socket(os.environ)
    notify = notifier(os.environ)

    def work(ready: Callable[[], None]) -> int:
        return run(main(options, descriptor, ready))

    return workers.run(int(options.get("workers", "1")), work, lambda: notify("READY=1"))
