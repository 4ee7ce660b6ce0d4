# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between Daphne and the application: requests and WebSockets as the ASGI specification has them, in bounded memory.

Daphne reads a request to its end before it calls the application (a body of more than 100 kB into a file), and
hands it over, and takes answers, as fast as memory allows. Here a body is handed over as the application asks for it,
and the application waits where the client reads slowly. What else is repaired is said where it is done.
"""

from __future__ import annotations

import asyncio
import collections
import functools
import io
import os
import sys
import tempfile
import traceback

from .spooled_body import PLACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

    from .asgi import Message, Scope

PIECE = 65536
# So much of what a client sends by WebSocket waits for the application before no more is read.
ROOM = 1 << 20

if TYPE_CHECKING:

    class DaphneServer:
        """What is relied on of daphne.server.Server."""

        application: Any
        connections: dict[Any, dict[str, Any]]
        endpoints: list[str]
        http_factory: Any
        ws_factory: Any

        async def handle_reply(self, protocol: Any, message: Message) -> None: ...
        def protocol_disconnected(self, protocol: Any) -> None: ...
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
        if "disconnected" in details:
            # Daphne would keep it until it looks again, within a second: at 1000 requests a second about 12 MiB.
            del self.connections[protocol]

    def protocol_disconnected(self, protocol: Any) -> None:
        """A WebSocket that was refused says it twice: when it is refused, and when its connection is closed."""
        if protocol in self.connections:
            super().protocol_disconnected(protocol)

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
