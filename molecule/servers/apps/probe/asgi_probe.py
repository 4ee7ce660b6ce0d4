# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same for ASGI, with WebSockets and a lifespan: ``/<mount>/<what>?<arguments>``."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

import process
from asgi_checks import Message, Receive, Scope, Send, checked

Pairs = Iterable[tuple[bytes, bytes]]
CHUNK = 65536
PIECE = 4096
STATE = {"lifespan": "none"}


class Connection:
    """A request or a WebSocket, with what most answers need."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.query = dict(parse_qsl(scope["query_string"].decode("latin-1")))

    @property
    def what(self) -> str:
        """The first part of the path below the mount."""
        below: str = self.scope["path"][len(self.scope.get("root_path", "")) :]
        return below.strip("/").partition("/")[0]

    async def start(self, status: int = 200, kind: bytes = b"text/plain", more: Pairs = ()) -> None:
        headers = [(b"content-type", kind), *more] if kind else list(more)
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def piece(self, body: bytes, more: bool = True) -> None:
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    async def told(self, what: Any) -> None:
        body = json.dumps(what).encode()
        await self.start(kind=b"application/json", more=[(b"content-length", str(len(body)).encode())])
        await self.piece(body, more=False)

    async def gone(self) -> Message:
        """The message that says that the other side has left."""
        while True:
            message = await self.receive()
            if message["type"].endswith(".disconnect"):
                return message


async def tell(connection: Connection) -> None:
    """What the server says of the request, in the words that both probe apps use."""
    scope = connection.scope
    size, digest = await _body(connection)
    root = scope.get("root_path", "")
    await connection.told(
        {
            "method": scope["method"],
            "mount": root,
            "path": scope["path"][len(root) :],
            "raw": scope.get("raw_path", b"").decode("latin-1"),
            "query": scope["query_string"].decode("latin-1"),
            "scheme": scope["scheme"],
            "client": (scope["client"] or [None])[0],
            "server": scope["server"],
            "headers": _headers(scope),
            "size": size,
            "digest": digest,
            "lifespan": STATE["lifespan"],
            "state": scope.get("state"),
            **process.identity(),
        }
    )


def _headers(scope: Scope) -> dict[str, str]:
    """Those that are there twice are joined, as WSGI has it."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


async def _body(connection: Connection) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while True:
        message = await connection.receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("the client left before its body was complete")
        size += len(message.get("body", b""))
        digest.update(message.get("body", b""))
        if not message.get("more_body"):
            return size, digest.hexdigest()


async def progress(connection: Connection) -> None:
    """Mark each piece of the body as it comes; pieces have 4096 bytes."""
    size = count = 0
    more = True
    while more:
        message = await connection.receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
        while size >= (count + 1) * PIECE:
            count += 1
            process.mark(f"got-{connection.query['token']}-{count}")
    await connection.told({"pieces": count})


async def drip(connection: Connection) -> None:
    """Each piece of the answer when the test has made its mark."""
    token, count = connection.query["token"], int(connection.query["count"])
    await connection.start(kind=b"text/event-stream")
    for number in range(count):
        await asyncio.to_thread(process.await_mark, f"go-{token}-{number}")
        await connection.piece(b"data: %d\n\n" % number)
    await connection.piece(b"", more=False)


async def down(connection: Connection) -> None:
    """So many bytes, without a length said before."""
    count = int(connection.query["bytes"])
    await connection.start(kind=b"application/octet-stream")
    for sent in range(0, count, CHUNK):
        await connection.piece(b"x" * min(CHUNK, count - sent))
    await connection.piece(b"", more=False)


async def endless(connection: Connection) -> None:
    """Until nobody listens any more, which is marked."""
    token = connection.query["token"]
    process.mark(f"pid-{token}", str(os.getpid()))
    await connection.start()
    left = asyncio.ensure_future(connection.gone())
    try:
        while not left.done():
            await connection.piece(b"x" * CHUNK)
            await asyncio.sleep(process.LOOK)
    finally:
        left.cancel()
        process.mark(f"gone-{token}")


async def headers(connection: Connection) -> None:
    """Many headers in the answer."""
    count, size = int(connection.query["count"]), int(connection.query["size"])
    await connection.start(more=[(b"set-cookie", b"c%d=" % number + b"x" * size) for number in range(count)])
    await connection.piece(b"many", more=False)


async def foreign(connection: Connection) -> None:
    """A header that is not ASCII."""
    await connection.start(more=[(b"x-note", "ä€".encode())])
    await connection.piece(b"foreign", more=False)


async def status(connection: Connection) -> None:
    code = int(connection.query["code"])
    empty = code in (204, 304)
    await connection.start(code, kind=b"" if empty else b"text/plain")
    await connection.piece(b"" if empty else b"said", more=False)


async def redirect(connection: Connection) -> None:
    """Within the app, as frameworks do it: the mount in front."""
    target = f"{connection.scope.get('root_path', '')}/tell"
    await connection.start(302, more=[(b"location", target.encode())])
    await connection.piece(b"", more=False)


async def torn(connection: Connection) -> None:
    """An answer that breaks off in its middle."""
    await connection.start(more=[(b"content-length", b"1000")])
    await connection.piece(b"the beginning")
    raise LookupError(connection.query["text"])


async def late(connection: Connection) -> None:
    """An error after a complete answer, as Starlette raises it again after each 500."""
    await connection.told({})
    raise LookupError(connection.query["text"])


async def wait(connection: Connection) -> None:
    await asyncio.sleep(float(connection.query["seconds"]))
    await connection.told(process.identity())


async def log(connection: Connection) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.write(f"{connection.query['text']}\n")
        stream.flush()
    await connection.told({})


async def broken(connection: Connection) -> None:
    raise LookupError(connection.query["text"])


async def leave(connection: Connection) -> None:
    os._exit(9)


async def eat(connection: Connection) -> None:
    await connection.told({"eaten": process.eat(int(connection.query["bytes"]))})


async def breed(connection: Connection) -> None:
    await connection.told({"bred": process.breed(int(connection.query["count"]))})


async def alter(connection: Connection) -> None:
    await connection.told({"altered": process.read_only()})


async def echo(connection: Connection) -> None:
    """Whatever comes; with ``token`` the code with which it ended is marked."""
    await connection.receive()
    wanted = connection.query.get("subprotocol")
    more: Message = {"subprotocol": wanted} if wanted in connection.scope.get("subprotocols", ()) else {}
    await connection.send({"type": "websocket.accept", **more})
    while True:
        message = await connection.receive()
        if message["type"] == "websocket.disconnect":
            if "token" in connection.query:
                process.mark(f"code-{connection.query['token']}", str(message.get("code")))
            return
        kind = "text" if message.get("text") is not None else "bytes"
        await connection.send({"type": "websocket.send", kind: message[kind]})


async def scope_of(connection: Connection) -> None:
    """The scope of a WebSocket as its one message."""
    await connection.receive()
    scope = connection.scope
    await connection.send({"type": "websocket.accept", "headers": [(b"x-note", b"accepted")]})
    told = {
        "mount": scope.get("root_path", ""),
        "path": scope["path"][len(scope.get("root_path", "")) :],
        "scheme": scope["scheme"],
        "client": (scope["client"] or [None])[0],
        "headers": _headers(scope),
    }
    await connection.send({"type": "websocket.send", "text": json.dumps(told)})
    await connection.gone()


async def close(connection: Connection) -> None:
    await connection.receive()
    await connection.send({"type": "websocket.accept"})
    code, reason = int(connection.query["code"]), connection.query.get("reason", "")
    await connection.send({"type": "websocket.close", "code": code, "reason": reason})


async def refuse(connection: Connection) -> None:
    await connection.receive()
    await connection.send({"type": "websocket.close", "code": 1000})


Answer = Callable[[Connection], Awaitable[None]]


def _by_name(*functions: Answer) -> dict[str, Answer]:
    return {getattr(function, "__name__", ""): function for function in functions}


REQUESTS = _by_name(
    tell, progress, drip, down, endless, headers, foreign, status, redirect, torn, late, wait, log, broken, leave, eat,
    breed, alter,
)  # fmt: skip
WEBSOCKETS = _by_name(echo, scope_of, close, refuse)


async def _lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        word = message["type"].partition(".")[2]
        STATE["lifespan"] = word
        process.mark("lifespan", f"{word} {os.getpid()} {process.VERSION}")
        if "state" in scope:
            scope["state"]["from"] = "lifespan"
        await send({"type": f"lifespan.{word}.complete"})
        if word == "shutdown":
            return


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    """``tell`` is also the answer to every other request."""
    if scope["type"] == "lifespan":
        await _lifespan(scope, receive, send)
        return
    connection = Connection(scope, receive, send)
    if scope["type"] == "websocket":
        await WEBSOCKETS.get(connection.what, refuse)(connection)
    else:
        await REQUESTS.get(connection.what, tell)(connection)


app = checked(_app)
