# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the ASGI specification (3.0; HTTP and WebSocket 2.0 to 2.5) promises an application.

Checked at every connection, whatever it is about; what is found is noted, and the connection goes on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import unquote

from process import violation

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

SCHEMES = {"http": ("http", "https"), "websocket": ("ws", "wss")}
SPECIFICATIONS = ("2.0", "2.1", "2.2", "2.3", "2.4", "2.5")
# What may come next, by what came last.
FOLLOWING = {
    "lifespan": {"": ("startup",), "startup": ("shutdown",), "shutdown": ()},
    "http": {"": ("request", "disconnect"), "request": ("request", "disconnect"), "disconnect": ("disconnect",)},
    "websocket": {
        "": ("connect",),
        "connect": ("receive", "disconnect"),
        "receive": ("receive", "disconnect"),
        "disconnect": ("disconnect",),
    },
}


def checked(app: AsgiApp) -> AsgiApp:
    """The same application behind the checks."""

    async def checking(scope: Scope, receive: Receive, send: Send) -> None:
        about = f"{scope.get('type')} {scope.get('path', '')}"
        for found in _scope(scope):
            violation(f"{about}: {found}")
        messages = Messages(str(scope.get("type")))

        async def receiving() -> Message:
            message = await receive()
            for found in messages.wrong(message):
                violation(f"{about}: {found} in {str(message)[:200]}")
            return message

        await app(scope, receiving, send)

    return checking


def _scope(scope: Scope) -> Iterator[str]:
    if not isinstance(scope, dict):
        yield f"the scope is a {type(scope).__name__}"
    kind = scope.get("type")
    if kind not in FOLLOWING:
        yield f"type is {kind!r}"
    about = scope.get("asgi")
    if not isinstance(about, dict) or about.get("version") != "3.0":
        yield f"asgi is {about!r}"
    elif about.get("spec_version", "2.0") not in SPECIFICATIONS and kind != "lifespan":
        yield f"spec_version is {about.get('spec_version')!r}"
    if not isinstance(scope.get("state", {}), dict):
        yield f"state is {scope.get('state')!r}"
    if kind in SCHEMES:
        yield from _connection(scope, SCHEMES[kind])
        yield from _path(scope)
        yield from _headers(scope.get("headers", ()))
    if kind == "http" and not _is_upper(scope.get("method")):
        yield f"method is {scope.get('method')!r}"
    if kind == "websocket" and not all(isinstance(name, str) for name in scope.get("subprotocols", ())):
        yield f"subprotocols are {scope.get('subprotocols')!r}"


def _connection(scope: Scope, schemes: tuple[str, ...]) -> Iterator[str]:
    if scope.get("http_version") not in ("1.0", "1.1", "2"):
        yield f"http_version is {scope.get('http_version')!r}"
    if scope.get("scheme", schemes[0]) not in schemes:
        yield f"scheme is {scope.get('scheme')!r}"
    for name in ("client", "server"):
        if not _is_address(scope.get(name), name == "server"):
            yield f"{name} is {scope.get(name)!r}"
    if not isinstance(scope.get("extensions") or {}, dict):
        yield f"extensions are {scope['extensions']!r}"


def _path(scope: Scope) -> Iterator[str]:
    path, raw, root = scope.get("path"), scope.get("raw_path"), scope.get("root_path", "")
    if not isinstance(path, str) or not path.startswith("/"):
        yield f"path is {path!r}"
        return
    if not isinstance(scope.get("query_string"), bytes):
        yield f"query_string is {scope.get('query_string')!r}"
    if raw is not None and (not isinstance(raw, bytes) or b"?" in raw):
        yield f"raw_path is {raw!r}"
    elif raw is not None and unquote(raw.decode("latin-1")) != path:
        yield f"path is {path!r}, and raw_path is {raw!r}"
    if not isinstance(root, str) or not path.startswith(root) or root.endswith("/"):
        yield f"root_path is {root!r}, and path is {path!r}"


def _headers(headers: Any) -> Iterator[str]:
    for pair in headers:
        if len(pair) != 2 or not all(isinstance(part, bytes) for part in pair):
            yield f"a header is {pair!r}"
        elif pair[0] != pair[0].lower() or pair[0].startswith(b":") or pair[0] != pair[0].strip():
            yield f"a header's name is {pair[0]!r}"


def _is_upper(value: Any) -> bool:
    return isinstance(value, str) and value == value.upper() and value != ""


def _is_address(value: Any, socket_too: bool) -> bool:
    """``[host, port]`` or None; a server may have a path and no port."""
    if value is None:
        return True
    if not isinstance(value, (list, tuple)) or len(value) != 2 or not isinstance(value[0], str):
        return False
    return isinstance(value[1], int) or (socket_too and value[1] is None)


class Messages:
    """What an application receives on one connection, in its order."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.last = ""
        self.more = True

    def wrong(self, message: Message) -> Iterator[str]:
        kind, _dot, word = str(message.get("type")).partition(".")
        if kind != self.kind or word not in FOLLOWING[kind][self.last]:
            yield f"{message.get('type')!r} comes after {self.last!r}"
            return
        self.last = word
        if kind == "http" and word == "request":
            yield from self._body(message)
        if kind == "websocket" and word == "receive":
            yield from self._frame(message)
        if kind == "websocket" and word == "disconnect" and not isinstance(message.get("code", 1005), int):
            yield "the code is no number"

    def _body(self, message: Message) -> Iterator[str]:
        if not self.more:
            yield "a piece of the body after the last one"
        self.more = message.get("more_body", False)
        if not isinstance(message.get("body", b""), bytes) or self.more not in (True, False):
            yield "no bytes, or no truth"

    @staticmethod
    def _frame(message: Message) -> Iterator[str]:
        text, data = message.get("text"), message.get("bytes")
        if (text is None) == (data is None):
            yield "exactly one of text and bytes is to be there"
        elif not isinstance(text, (str, type(None))) or not isinstance(data, (bytes, type(None))):
            yield "text must be a string, bytes must be bytes"
