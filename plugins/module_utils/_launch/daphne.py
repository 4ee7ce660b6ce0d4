# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Daphne, with what it has not: the lifespan protocol, an end of its WebSockets, bounded memory, uvloop.

Daphne reads a request to its end before it calls the application (a body of more than 100 kB into a file), and
hands it over, and takes answers, as fast as memory allows. Here a body is handed over as the application asks for it,
and the application waits where the client reads slowly. What else is repaired of the ASGI specification is said where
it is done.

Exit codes: 0 asked to end, 1 the application could not be loaded, 3 it refused to start (lifespan).
"""

from __future__ import annotations

import asyncio
import collections
import functools
import importlib
import io
import os
import signal
import socket
import sys
import tempfile
import traceback

from . import workers
from .bounds import KEEP_ALIVE, LONGEST_HEAD, LONGEST_MESSAGE, STARTUP_FAILED
from .lifecycle import Lifecycle, end_tasks, new_loop
from .systemd import inherited_socket, notifier
from .taken_body import PLACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, BinaryIO

    from .asgi import Message, Scope

PIECE = 65536
# So much of what a client sends by WebSocket waits for the application before no more is read.
ROOM = 1 << 20
MOST_HEADERS = 10_000
# An application may take so long to accept a WebSocket; Daphne closes one that sends no pong within PONG seconds.
ACCEPT, PONG = 60, 60

if TYPE_CHECKING:

    class DaphneServer:
        """What is relied on of daphne.server.Server."""

        application: Any
        connections: dict[Any, dict[str, Any]]
        endpoints: list[str]
        http_factory: Any
        ws_factory: Any

        async def handle_reply(self, protocol: Any, message: Message) -> None: ...
        def run(self) -> None: ...

    class DaphneRequest:
        """Of daphne.http_protocol.WebRequest, and twisted.web.http.Request below it."""

        channel: Any
        content: Any
        producer: Any
        server: Any
        _response_started: bool

        def __init__(self, *args: Any, **kwargs: Any) -> None: ...
        def gotLength(self, length: int | None) -> None: ...
        def handle_reply(self, message: Message) -> None: ...
        def finish(self) -> None: ...
        def connectionLost(self, reason: Any) -> None: ...
        def registerProducer(self, producer: Any, streaming: bool) -> None: ...
        def unregisterProducer(self) -> None: ...
        def basic_error(self, status: int, status_text: bytes, body: str) -> None: ...

    class DaphneSocket:
        """Of daphne.ws_protocol.WebSocketProtocol, and Autobahn's below it."""

        STATE_OPEN: int
        state: int
        transport: Any
        handshake_deferred: Any

        def handle_reply(self, message: Message) -> None: ...
        def handle_exception(self, exception: BaseException) -> None: ...
        def onClose(self, wasClean: bool, code: int | None, reason: str) -> None: ...
        def sendCloseFrame(self, code: int, reasonUtf8: bytes | None = None) -> None: ...
        def serverSend(self, content: Any, binary: bool = False) -> None: ...
        def serverReject(self) -> None: ...

else:
    DaphneServer = DaphneRequest = DaphneSocket = object


class Flow:
    """A push producer in Twisted's sense: whoever writes to a connection waits here while its buffer is full."""

    def __init__(self) -> None:
        self._free = asyncio.Event()
        self._free.set()

    async def wait(self) -> None:
        await self._free.wait()

    def pauseProducing(self) -> None:
        self._free.clear()

    def resumeProducing(self) -> None:
        self._free.set()

    def stopProducing(self) -> None:
        """The connection is gone; what is written to it from now on is thrown away."""
        self._free.set()


class BodyInbox:
    """What the application receives of an HTTP request: the body, piece by piece from its file, then the disconnect."""

    def __init__(self, body: BinaryIO) -> None:
        body.seek(0, os.SEEK_END)
        self._left = body.tell()
        body.seek(0)
        self._body = body
        self._told = False  # the last piece
        self._gone = asyncio.Event()

    def put_nowait(self, message: Message) -> None:
        """Daphne's side."""
        if message["type"] == "http.disconnect":
            self._gone.set()

    async def get(self) -> Message:
        """The application's side."""
        if self._told or self._gone.is_set():
            await self._gone.wait()
            return {"type": "http.disconnect"}
        piece = self._body.read(PIECE)
        self._left -= len(piece)
        self._told = self._left <= 0
        return {"type": "http.request", "body": piece, "more_body": not self._told}

    def close(self) -> None:
        self._body.close()


class SocketInbox:
    """What the application receives of a WebSocket. While it does not keep up, nothing more is read from the client."""

    def __init__(self, transport: Any) -> None:
        self._messages: collections.deque[Message] = collections.deque()
        self._there = asyncio.Event()
        self._size = 0
        self._transport = transport
        self._paused = False

    def put_nowait(self, message: Message) -> None:
        self._messages.append(message)
        self._there.set()
        self._size += _size(message)
        if self._size > ROOM and not self._paused:
            self._paused = True
            self._transport.pauseProducing()

    async def get(self) -> Message:
        while not self._messages:
            self._there.clear()
            await self._there.wait()
        message = self._messages.popleft()
        self._size -= _size(message)
        if self._paused and self._size <= ROOM:
            self._paused = False
            self._transport.resumeProducing()
        return message

    def close(self) -> None:
        """Nothing is kept outside of memory."""


def _size(message: Message) -> int:
    return len(message.get("bytes") or message.get("text") or "")


class Server(DaphneServer):
    """Goes before daphne.server.Server, whose methods it overrides."""

    def create_application(self, protocol: Any, scope: Scope) -> Any:
        """Call the application for a request or a WebSocket; where what the client sends is to be put."""
        scope["asgi"] = {"version": "3.0", "spec_version": "2.3"}
        scope.setdefault("http_version", "1.1")
        inbox = protocol.inbox()
        call = self.application(scope, inbox.get, functools.partial(self.handle_reply, protocol))
        task = asyncio.ensure_future(call)
        details = self.connections[protocol]
        # Under this name Daphne cancels it when the client has been gone for a while.
        details["application_instance"] = task
        task.add_done_callback(functools.partial(self.ended, protocol, inbox))
        return inbox

    def ended(self, protocol: Any, inbox: Any, task: asyncio.Task[Any]) -> None:
        """Daphne looks once a second who has raised, and leaves those waiting who were not answered to the end."""
        inbox.close()
        details = self.connections.get(protocol)
        if details is None:
            return
        details.pop("application_instance", None)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            sys.stderr.write("Exception inside application:\n")
            traceback.print_exception(type(error), error, error.__traceback__)
        if "disconnected" not in details:
            protocol.abandon(error)

    async def handle_reply(self, protocol: Any, message: Message) -> None:
        await super().handle_reply(protocol, message)
        await protocol.flow.wait()

    def kill_all_applications(self) -> None:
        """Before the reactor ends. Everything has ended already; see leave() in work()."""


class Request(DaphneRequest):
    """Goes before daphne.http_protocol.WebRequest."""

    # Twisted would call an answer without a type text/html.
    defaultContentType = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.flow = Flow()
        # Twisted would read a form into memory, for Request.args.
        self._parsePOSTFormSubmission = False

    def gotLength(self, length: int | None) -> None:
        super().gotLength(length)
        if not isinstance(self.content, io.BytesIO):
            # Twisted's file lies in /tmp, which may be in memory, and count as the tenant's.
            self.content.close()
            self.content = tempfile.TemporaryFile(dir=PLACE)  # noqa: SIM115

    def inbox(self) -> BodyInbox:
        # Daphne finds nothing to hand over, and Twisted nothing to close.
        body, self.content = self.content, io.BytesIO()
        return BodyInbox(body)

    def handle_reply(self, message: Message) -> None:
        if message["type"] == "http.response.start" and not self.producer:
            self.registerProducer(self.flow, True)
        super().handle_reply(message)

    def finish(self) -> None:
        if self.producer:
            self.unregisterProducer()
        super().finish()

    def connectionLost(self, reason: Any) -> None:
        self.flow.stopProducing()
        super().connectionLost(reason)

    def abandon(self, _error: BaseException | None) -> None:
        """The application has come to its end before its answer has, perhaps by raising an error."""
        if self.channel is None:
            return
        if self._response_started:
            # Without an end of the chunks, so that the client knows that something is missing.
            self.channel.loseConnection()
        else:
            self.basic_error(500, b"Internal Server Error", "Exception inside application.")


class Socket(DaphneSocket):
    """Goes before daphne.ws_protocol.WebSocketProtocol."""

    def inbox(self) -> SocketInbox:
        self.flow = Flow()
        # Instead of the HTTP channel that the connection has left.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self.flow, True)
        return SocketInbox(self.transport)

    def handle_reply(self, message: Message) -> None:
        kind, is_open = message["type"], self.state == self.STATE_OPEN
        if kind == "websocket.accept" and not is_open:
            # Daphne would leave out the headers.
            headers: dict[str, list[str]] = {}
            for name, value in message.get("headers", ()):
                headers.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
            self.handshake_deferred.callback((message.get("subprotocol"), headers))
            del self.handshake_deferred
        elif kind == "websocket.send" and is_open:
            # Daphne would leave out a message that is empty.
            data = message.get("bytes")
            self.serverSend(message["text"] if data is None else data, data is not None)
        elif kind == "websocket.close" and is_open:
            # Daphne would leave out the reason, and Autobahn takes the codes of servers only so.
            self.sendCloseFrame(message.get("code") or 1000, (message.get("reason") or "").encode() or None)
        else:
            super().handle_reply(message)

    def onClose(self, wasClean: bool, code: int | None, reason: str) -> None:
        if hasattr(self, "flow"):
            self.flow.stopProducing()
        # A close frame without a code: 1005 to the application (ASGI, "Disconnect - receive event").
        super().onClose(wasClean, 1005 if code is None else code, reason)

    def abandon(self, error: BaseException | None) -> None:
        """The application has come to its end before the WebSocket has, perhaps by raising ``error``."""
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(1000 if error is None else 1011)
        elif hasattr(self, "handshake_deferred"):
            self.handle_exception(error or RuntimeError("the application returned without an answer"))


def make_server(application: Lifecycle, ready: Callable[[], None]) -> Any:
    """The venv's Daphne; ``ready`` is called when it is about to run."""
    daphne: Any = importlib.import_module("daphne.server")
    server = type("Server", (Server, daphne.Server), {})(
        application=application,
        # It insists on one, but would find what it names through a search for Twisted's plugins; see Listener.
        endpoints=["none"],
        signal_handlers=False,
        verbosity=0,
        websocket_timeout=-1,
        websocket_connect_timeout=ACCEPT,
        websocket_handshake_timeout=ACCEPT,
        ping_timeout=PONG,
        server_name="",
        ready_callable=ready,
    )
    server.endpoints = []
    return server


def make_factory(server: Any) -> Any:
    """What makes Twisted's protocol of a connection to ``server``."""
    http: Any = importlib.import_module("twisted.web.http")
    protocols: Any = importlib.import_module("daphne.http_protocol")
    sockets: Any = importlib.import_module("daphne.ws_protocol")
    request = type("Request", (Request, protocols.WebRequest), {})

    class Factory(protocols.HTTPFactory):
        timeOut = KEEP_ALIVE

        def buildProtocol(self, addr: Any) -> Any:
            protocol = super().buildProtocol(addr)
            protocol.requestFactory = request
            return protocol

    http.HTTPChannel.MAX_LENGTH = http.HTTPChannel.totalHeadersSize = LONGEST_HEAD
    http.HTTPChannel.maxHeaders = MOST_HEADERS
    server.ws_factory.protocol = type("Socket", (Socket, sockets.WebSocketProtocol), {})
    server.ws_factory.setProtocolOptions(
        maxMessagePayloadSize=LONGEST_MESSAGE,
        maxFramePayloadSize=LONGEST_MESSAGE,
        # Who breaks the protocol is told how (RFC 6455, 7.1.7), and who closes is answered with the same code (5.5.1).
        failByDrop=False,
        echoCloseCodeReason=True,
    )
    return Factory(server)


class Listener:
    """Takes connections from systemd's socket. A port of Twisted's would change the mode of its path, and unlink it."""

    def __init__(self, descriptor: int, factory: Any) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.setblocking(False)
        self._factory = factory
        self._reactor: Any = importlib.import_module("twisted.internet.reactor")
        self._loop = asyncio.get_event_loop()

    def start(self) -> None:
        self._factory.doStart()
        self._loop.add_reader(self._socket, self._accept)

    def stop(self) -> None:
        self._loop.remove_reader(self._socket)

    def _accept(self) -> None:
        # One at a time, so that several workers get their share.
        try:
            connection, _address = self._socket.accept()
        except BlockingIOError:
            return
        # Twisted makes a descriptor of its own of it.
        with connection:
            connection.setblocking(False)
            self._reactor.adoptStreamConnection(connection.fileno(), socket.AF_UNIX, self._factory)


def work(entrypoint: str, descriptor: int, ready: Callable[[], None]) -> int:
    """Serve until SIGTERM; the exit code."""
    loop = new_loop()
    asyncio.set_event_loop(loop)
    # Before anything imports Twisted's reactor, which becomes one of another kind then.
    importlib.import_module("twisted.internet.asyncioreactor").install(loop)
    reactor: Any = importlib.import_module("twisted.internet.reactor")
    application = Lifecycle()
    if not loop.run_until_complete(application.start(entrypoint)):
        return STARTUP_FAILED

    def begin() -> None:
        listener = Listener(descriptor, make_factory(server))
        listener.start()

        async def leave() -> None:
            try:
                listener.stop()
                await application.leave()
                await application.end()
            finally:
                reactor.stop()

        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, lambda: asyncio.ensure_future(leave()))
        reactor.callWhenRunning(ready)

    server = make_server(application, begin)
    server.run()
    loop.run_until_complete(end_tasks())
    return 0


def serve(options: Mapping[str, str]) -> int:
    """Serve ``entrypoint`` with ``workers`` processes (1) until SIGTERM; the exit code."""
    descriptor = inherited_socket(os.environ)
    notify = notifier(os.environ)

    def one(ready: Callable[[], None]) -> int:
        return work(options["entrypoint"], descriptor, ready)

    return workers.run(int(options.get("workers", "1")), one, lambda: notify("READY=1"))
