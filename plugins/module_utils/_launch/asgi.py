# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between an ASGI server and the application: what the front server said about a request goes where ASGI has it."""

from __future__ import annotations

import functools

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


class Front:
    """An application as the client sees it: behind the front server."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            describe(scope)
        await self.app(scope, receive, send)


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
