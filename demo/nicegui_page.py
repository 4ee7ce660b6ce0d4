# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NiceGUI: the page's button changes the page, over the page's own WebSocket."""

from __future__ import annotations

import json
import re
import socket
import uuid
from typing import Any
from urllib.parse import urlencode

from browser import Answer, Browser, CheckError
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

# The page in a browser is connected, and by a WebSocket, not by its fallback.
READY = "window.did_handshake === true && window.socket.io.engine.transport.name === 'websocket'"
BUTTON, BEFORE, AFTER = "Click me", "Not clicked yet", "Clicks: 1"


def check(browser: Browser) -> list[str]:
    """Returns what was proved, a line each; raises CheckError."""
    page = browser.get("/")
    page.need(page.status == 200 and BEFORE in page.text, f"a page that says {BEFORE!r}")
    client = _part(page, r"'client_id': '([0-9a-f-]+)'")
    elements = json.loads(_part(page, r"parseElements\(String\.raw`(.*?)`\)"))
    try:
        _click(browser, client, elements)
    except (OSError, WebSocketException) as error:
        raise CheckError(f"the WebSocket of {browser.origin} failed: {error!r}") from error
    return [f"a click over the WebSocket changed {BEFORE!r} to {AFTER!r}"]


def _part(page: Answer, pattern: str) -> str:
    found = re.search(pattern, page.text, re.DOTALL)
    page.need(found, f"a match of {pattern}")
    return found[1] if found else ""


def _click(browser: Browser, client: str, elements: dict[str, Any]) -> None:
    """Speaks Socket.IO as NiceGUI's page does: packet type 0 opens, 40 joins, 42 is an event, 2 and 3 keep alive."""
    button = next(key for key, element in elements.items() if element.get("props", {}).get("label") == BUTTON)
    listener = next(event["listener_id"] for event in elements[button]["events"] if event["type"] == "click")
    query = urlencode({
        "client_id": client, "next_message_id": 0, "implicit_handshake": "true", "tab_id": uuid.uuid4(),
        "document_id": uuid.uuid4(), "EIO": 4, "transport": "websocket",
    })
    url = f"ws://{browser.host}:{browser.port}/_nicegui_ws/socket.io/?{query}"
    wire = socket.create_connection(("127.0.0.1", browser.port), timeout=10)
    with wire, connect(url, sock=wire, origin=Origin(browser.origin)) as websocket:
        _expect(websocket, "0")
        websocket.send("40")
        _expect(websocket, "40")
        click = {"id": int(button), "client_id": client, "listener_id": listener, "args": []}
        websocket.send("42" + json.dumps(["event", click]))
        _expect(websocket, "42", AFTER)


def _expect(websocket: ClientConnection, kind: str, text: str = "") -> None:
    """Read until a packet of this type, with this text in it, arrives."""
    for _ in range(50):
        packet = str(websocket.recv(timeout=10))
        if packet == "2":
            websocket.send("3")
        elif packet.startswith(kind) and text in packet:
            return
    raise CheckError(f"the WebSocket never said {kind} {text}")
