# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that speaks HTTP itself, and takes from the front's headers what it wants to know of its mount and client.

It is what the author of any such program does, here with uvicorn's own command line for a web server.
"""

from __future__ import annotations

from asgi_checks import Receive, Scope, Send
from asgi_probe import app as probe


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "lifespan":
        headers = dict(scope["headers"])
        mount = headers.get(b"x-forwarded-prefix", b"").decode()
        client = headers.get(b"x-forwarded-for", b"").decode()
        scope = {**scope, "root_path": mount, "client": (client, 0)}
    await probe(scope, receive, send)
