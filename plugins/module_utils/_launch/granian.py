# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Granian, for ASGI and for WSGI, at a socket that it did not make itself.

Granian's master process makes a socket and has other processes serve at it. Here the socket is the one that systemd
holds, and this process does itself what Granian's master would have another one do.

Exit codes: 0 asked to end, 1 the application could not be loaded, 3 it refused to start (lifespan).
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal

from . import workers
from .bounds import KEEP_ALIVE, LONGEST_HEAD, STARTUP_FAILED
from .granian_wsgi import Repaired
from .lifecycle import Lifecycle
from .systemd import inherited_socket, notifier
from .wsgi_to_asgi import DEFAULT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .asgi import Message, Receive, Scope, Send

# What systemd has made it.
BACKLOG = 2048
# So many connections may be open at once, WebSockets too.
CONNECTIONS = 16384

NORMAL_CLOSURE, INTERNAL_ERROR = 1000, 1011  # RFC 6455, 7.4.1

if TYPE_CHECKING:

    class GranianServer:
        """What is relied on of granian.server.mp.MPServer; every version since 2.5 has it."""

        interrupt_signal: bool
        main_loop_interrupt: Any

        def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any: ...
        def serve(self, spawn_target: Any = None, target_loader: Any = None, wrap_loader: bool = True) -> None: ...

else:
    GranianServer = object


class Application(Lifecycle):
    """An ASGI application as Granian may call it: repairs what Granian leaves undone of the specification.

    What cannot be done for it: it does not send the headers of websocket.accept.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["http_version"] == "1":
            scope["http_version"] = "1.0"
        if scope["type"] == "http":
            await super().__call__(scope, receive, _with_headers(send))
        else:
            await self._websocket(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Granian would answer an application that raises with 403, or end the connection without a word."""
        socket = Socket(receive, send)
        try:
            await super().__call__(scope, socket.receive, socket.send)
        except Exception:
            if not socket.said:
                await send({"type": "websocket.http.response.start", "status": 500, "headers": []})
                await send({"type": "websocket.http.response.body", "body": b""})
            elif socket.is_open:
                await send({"type": "websocket.close", "code": INTERNAL_ERROR})
            raise
        if socket.is_open:
            await send({"type": "websocket.close", "code": NORMAL_CLOSURE})


class Socket:
    """A WebSocket that can be closed while the application waits for a message, which Granian would wait for first."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.said = ""  # the type of what the application has sent last
        self._receive = receive
        self._send = send
        self._pending: Any = None
        self._closed: Message | None = None
        self._sent = asyncio.Event()  # the close has been

    @property
    def is_open(self) -> bool:
        return self.said in ("websocket.accept", "websocket.send")

    async def receive(self) -> Message:
        self._pending = self._receive()
        try:
            message: Message = await self._pending
        except asyncio.CancelledError:
            if self._closed is None:
                raise
            # An application that returns before that ends the connection without a code.
            await self._sent.wait()
            return self._closed
        finally:
            self._pending = None
        return message

    async def send(self, message: Message) -> None:
        self.said = message["type"]
        if self.said == "websocket.close" and self._pending is not None:
            self._closed = {"type": "websocket.disconnect", "code": message.get("code", NORMAL_CLOSURE), "reason": ""}
            self._pending.cancel()
        try:
            await self._send(message)
        finally:
            if self._closed is not None:
                self._sent.set()


def _with_headers(send: Send) -> Send:
    """``send`` of a request. That an answer has headers is taken for granted by Granian, not by the specification."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and "headers" not in message:
            message = {**message, "headers": ()}
        await send(message)

    return sending


class Server(GranianServer):
    """Goes before granian.server.mp.MPServer, whose methods it overrides."""

    descriptor: int

    def signal_handler_interrupt(self, *_args: Any) -> None:
        """Asked to end before it serves. Granian's own would tell a master process, which there is not."""
        raise SystemExit(0)

    def _init_shared_socket(self) -> None:
        holder: Any = importlib.import_module("granian.net").SocketHolder
        # What a holder is pickled as when Granian hands it to another process: descriptor, unix socket or not, backlog.
        self._ssp, self._shd, self._sfd, self._sso = None, holder(self.descriptor, True, BACKLOG), self.descriptor, None

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        """Be the only worker, and after that end as if asked to."""
        worker = self._spawn_worker(idx=0, target=spawn_target, callback_loader=target_loader)
        # Of a multiprocessing.Process: run what it is for, here.
        worker.inner.run()
        self.interrupt_signal = True
        self.main_loop_interrupt.set()


def _end_by_signals() -> None:
    """Until an application has started a signal just ends the process; Granian sets its own handlers after that."""
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, signal.SIG_DFL)


def make_server(descriptor: int, interface: str, threads: int) -> Any:
    """The venv's Granian, for ``interface`` with so many ``threads`` of Python (1 for ASGI)."""
    constants: Any = importlib.import_module("granian.constants")
    http: Any = importlib.import_module("granian.http")
    log: Any = importlib.import_module("granian.log")
    mp: Any = importlib.import_module("granian.server.mp")
    server = type("Server", (Server, mp.MPServer), {})(
        target="the application",
        # Without Granian's own idea of a lifespan; see Lifecycle.
        interface=constants.Interfaces.WSGI if interface == "wsgi" else constants.Interfaces.ASGINL,
        blocking_threads=threads,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        http=constants.HTTPModes.http1,
        # The time in which a head must come is counted from the end of the request before.
        http1_settings=http.HTTP1Settings(header_read_timeout=KEEP_ALIVE * 1000, max_buffer_size=2 * LONGEST_HEAD),
        log_level=log.LogLevels.error,
    )
    server.descriptor = descriptor
    return server


def serve_wsgi(options: Mapping[str, str], descriptor: int, ready: Callable[[], None]) -> int:
    """Serve until SIGTERM; the exit code."""
    processes = int(options.get("workers", "1"))

    def start() -> Repaired:
        _end_by_signals()
        app = Repaired(options["entrypoint"], multiprocess=processes > 1)
        ready()
        return app

    server = make_server(descriptor, "wsgi", int(options.get("threads", DEFAULT)))
    server.serve(target_loader=start, wrap_loader=False)
    return 0


def serve_asgi(options: Mapping[str, str], descriptor: int, ready: Callable[[], None]) -> int:
    """Serve until SIGTERM; the exit code."""
    application = Application()

    def start() -> Application:
        """Called by Granian once its loop is there, and is not running yet."""
        _end_by_signals()
        loop = asyncio.get_event_loop()
        if not loop.run_until_complete(application.start(options["entrypoint"])):
            raise SystemExit(STARTUP_FAILED)
        loop.call_soon(serving, loop)
        return application

    def serving(loop: asyncio.AbstractEventLoop) -> None:
        """The first thing in the loop once Granian serves. It has set its own handlers for both signals."""
        loop.add_signal_handler(signal.SIGTERM, lambda: asyncio.ensure_future(leave()))
        ready()

    async def leave() -> None:
        try:
            await application.leave()
        finally:
            signal.raise_signal(signal.SIGINT)

    make_server(descriptor, "asgi", threads=1).serve(target_loader=start, wrap_loader=False)
    asyncio.get_event_loop().run_until_complete(application.end())
    return 0


def serve(options: Mapping[str, str]) -> int:
    """Serve ``entrypoint`` by ``interface`` with ``workers`` processes (1), each with ``threads`` for WSGI."""
    descriptor = inherited_socket(os.environ)
    notify = notifier(os.environ)

    def work(ready: Callable[[], None]) -> int:
        one = serve_wsgi if options["interface"] == "wsgi" else serve_asgi
        return one(options, descriptor, ready)

    return workers.run(int(options.get("workers", "1")), work, lambda: notify("READY=1"))
