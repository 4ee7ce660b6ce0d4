# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between an ASGI server and the application: what the front server said about a request goes where ASGI has it, and an
application that raises after its answer has answered.
"""

from __future__ import annotations

import functools
import sys
import traceback

from .host_header import split_host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from typing import Any

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]


# What may be the last message of an answer (ASGI, HTTP connection scope; extensions "Path Send", "Zero Copy Send").
_ENDS = ("http.response.body", "http.response.pathsend", "http.response.zerocopysend")


class Front:
    """An application as the client sees it: behind the front server."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            describe(scope)
        if scope["type"] == "http":
            await self._answer(scope, receive, Answer(send))
        else:
            await self.app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, answer: Answer) -> None:
        """Starlette raises again what it has answered with 500. uvicorn and gunicorn would close a connection then that
        the front was told to keep, and has perhaps put the next request on; gunicorn would not even say it."""
        try:
            await self.app(scope, receive, answer.send)
        except Exception:
            if not answer.complete:
                raise
            sys.stderr.write(f"Exception in the application, after its answer:\n{traceback.format_exc()}")


class Answer:
    """What an application sends in answer to a request. complete: nothing more of it is to come."""

    __slots__ = ("_send", "complete")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.complete = False

    async def send(self, message: Message) -> None:
        await self._send(message)
        if message["type"] in _ENDS and not message.get("more_body"):
            self.complete = True


def describe(scope: Scope) -> None:
    """Set client, server, scheme and root_path from the front server's headers; only the front can reach this socket.

    ``path`` stays the whole path, the mount included (ASGI, HTTP connection scope). The header with the mount goes no
    further: NiceGUI puts it in front of root_path, and the mount would be there twice.
    """
    headers = dict(scope["headers"])
    mount = headers.get(b"x-forwarded-prefix", b"")
    scope["root_path"] = mount.decode("utf-8", "replace").rstrip("/")
    if mount:
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"x-forwarded-prefix"]
    client = headers.get(b"x-forwarded-for", b"").rpartition(b",")[2].strip()
    if client:
        scope["client"] = (client.decode("latin-1"), 0)
    secure = headers.get(b"x-forwarded-proto", b"").strip().lower() in (b"https", b"wss")
    plain = "ws" if scope["type"] == "websocket" else "http"
    scope["scheme"] = plain + "s" if secure else plain
    host = headers.get(b"host")
    if host:
        scope["server"] = server_of(host, secure)


@functools.lru_cache(maxsize=64)
def server_of(host: bytes, secure: bool) -> tuple[str, int]:
    """Name and port of a Host header. An app has few of them."""
    name, port = split_host(host.decode("latin-1"), secure)
    return name, int(port)
