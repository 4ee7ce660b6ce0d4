# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A WSGI application under an ASGI server: each request in a thread of a pool, its body and its answer streamed.

What is between the two specifications is all here: https://peps.python.org/pep-3333/ and
https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

import asyncio
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote_to_bytes

from .entrypoint import load
from .lifecycle import answer_lifespan
from .pep3333 import PIECE, FileWrapper, check_start, close
from .wsgi import Front

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping
    from typing import Any

    from .asgi import Message, Receive, Scope, Send
    from .wsgi import App, Environ

# Requests at once where nothing is said. A thread begins with the first request that finds none free.
DEFAULT = 16


class Threads:
    """The application that a server is given, like Lifecycle."""

    def __init__(self, threads: int, processes: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="wsgi")
        self._multithread = threads > 1
        self._multiprocess = processes > 1
        self._calls: set[asyncio.Task[Any]] = set()

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Threads:
        """As the command line wants it."""
        return cls(int(options.get("threads", DEFAULT)), int(options.get("workers", "1")))

    async def start(self, entrypoint: str) -> bool:
        """Load the application. A WSGI application has nothing else to do before its first request."""
        self._app: App = Front(load(entrypoint))
        return True

    async def leave(self) -> None:
        """What runs in a thread cannot be cancelled: systemd ends what does not end."""
        if self._calls:
            await asyncio.wait(self._calls)

    async def end(self) -> None:
        """The threads end with the process."""
        self._pool.shutdown(wait=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the server's own idea of a lifespan, of which WSGI knows nothing."""
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
            return
        if scope["type"] == "websocket":
            # To the client: 403.
            await send({"type": "websocket.close"})
            return
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("an ASGI server calls the application in a task")
        self._calls.add(task)
        try:
            await self._serve(scope, receive, send)
        finally:
            self._calls.discard(task)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        environ = make_environ(scope)
        environ["wsgi.multithread"] = self._multithread
        environ["wsgi.multiprocess"] = self._multiprocess
        body = Body(receive, loop)
        if not has_body(scope):
            body.messages_end()
        environ["wsgi.input"] = io.BufferedReader(body, PIECE)
        response = Response(send, body, loop)
        try:
            # What is left when the thread is through is sent from here, which saves it a way to the loop and back.
            for message in await loop.run_in_executor(self._pool, response.make, self._app, environ):
                await send(message)
        except ClientGone:
            return
        finally:
            body.ignore()


def has_body(scope: Scope) -> bool:
    """Whether a request says that a body follows (RFC 9112, 6.3)."""
    return any(name in (b"content-length", b"transfer-encoding") for name, _value in scope["headers"])


def make_environ(scope: Scope) -> Environ:
    """The variables of a request as a server alone knows them; see wsgi.describe() for what the front adds."""
    raw = scope.get("raw_path")
    path = unquote_to_bytes(raw) if raw else scope["path"].encode()
    query = scope["query_string"].decode("latin-1")
    written = (raw or scope["path"].encode()).decode("latin-1")
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "REQUEST_URI": f"{written}?{query}" if query else written,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.run_once": False,
        # Chunked bodies have no CONTENT_LENGTH; frameworks read to the end where this is said.
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": FileWrapper,
    }
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        value = raw_value.decode("latin-1")
        # Repeated headers are one list (RFC 9110, 5.3), but for cookies.
        environ[key] = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}" if key in environ else value
    return environ


class ClientGone(OSError):
    """The client has gone away."""


class Body(io.RawIOBase):
    """A request's body, read by the thread of the request, message by message."""

    def __init__(self, receive: Receive, loop: asyncio.AbstractEventLoop) -> None:
        self._receive = receive
        self._loop = loop
        self._piece = memoryview(b"")
        self._more = True
        self._watch: asyncio.Task[Any] | None = None
        self.gone = False

    def messages_end(self) -> None:
        """There is no body: none has to be asked for."""
        self._more = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._piece and self._more:
            message = asyncio.run_coroutine_threadsafe(_awaited(self._receive()), self._loop).result()
            if message["type"] == "http.disconnect":
                self.gone = True
                raise ClientGone("the client went away in the middle of its request")
            self._piece = memoryview(message.get("body", b""))
            self._more = message.get("more_body", False)
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    def watch(self) -> None:
        """Note when the client goes, as soon as its request has been read; called in the loop."""
        if self._watch is None and not self._more:
            self._watch = self._loop.create_task(self._wait())

    def ignore(self) -> None:
        """The answer is complete; called in the loop."""
        if self._watch is not None:
            self._watch.cancel()

    async def _wait(self) -> None:
        while not self.gone:
            self.gone = (await self._receive())["type"] == "http.disconnect"


async def _awaited(awaitable: Any) -> Message:
    message: Message = await awaitable
    return message


class Response:
    """One answer, made in a thread (PEP 3333)."""

    def __init__(self, send: Send, body: Body, loop: asyncio.AbstractEventLoop) -> None:
        self._send = send
        self._body = body
        self._loop = loop
        self._start: Message | None = None  # not sent yet
        self._started = False

    def make(self, app: App, environ: Environ) -> list[Message]:
        """Run the application; what remains to be sent. Raises ClientGone, and whatever the application raises."""
        result = app(environ, self._start_response)
        try:
            return self._answer(result)
        finally:
            close(result)

    def _answer(self, result: Iterable[bytes]) -> list[Message]:
        whole = isinstance(result, (list, tuple))
        if not whole:
            for piece in result:
                # The head waits for the first piece that is not empty.
                if piece:
                    self._write(piece)
        return [*self._head(), {"type": "http.response.body", "body": b"".join(result) if whole else b""}]

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        check_start(exc_info, called=self._start is not None, sent=self._started)
        self._start = {
            "type": "http.response.start",
            "status": int(status.split(" ", 1)[0]),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }
        return self._write

    def _head(self) -> list[Message]:
        """The start of the answer, once."""
        if self._start is None:
            raise AssertionError("the application returned before it called start_response()")
        if self._started:
            return []
        self._started = True
        return [self._start]

    def _write(self, piece: bytes) -> None:
        """Send a piece and wait until there is room for the next one."""
        messages = [*self._head(), {"type": "http.response.body", "body": piece, "more_body": True}]
        self._in_loop(self._sending(messages))

    async def _sending(self, messages: list[Message]) -> None:
        self._body.watch()
        for message in messages:
            await self._send(message)
        if self._body.gone:
            raise ClientGone("the client went away in the middle of its answer")

    def _in_loop(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()
