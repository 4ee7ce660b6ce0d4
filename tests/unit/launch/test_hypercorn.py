# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is repaired of Hypercorn, which is played by the tests."""

from __future__ import annotations

import asyncio

from ansible_collections.hostel.python.plugins.module_utils._launch import hypercorn


class CloseConnection:
    code = 4001
    reason = "because"


class Ping:
    """Another event."""


class Playing:
    """Hypercorn's WSStream."""

    def __init__(self, told):
        self.told = told
        self.app_put = None
        self.closed = False

    async def handle(self, event):
        if event == "request":
            self.app_put = self.put
        elif event == "over":
            self.closed = True
            await self.app_put({"type": "websocket.disconnect", "code": 1006})
        else:
            await self.app_put({"type": "websocket.receive"})

    async def put(self, message):
        self.told.append(message)

    async def _send_wsproto_event(self, event):
        self.told.append(type(event).__name__)


def test_the_application_is_told_how_its_websocket_was_closed():
    told = []
    stream = type("Stream", (hypercorn.Stream, Playing), {})(told)

    async def run():
        await stream.handle("request")
        await stream.handle("message")
        await stream._send_wsproto_event(Ping())
        await stream._send_wsproto_event(CloseConnection())
        await stream.handle("over")

    asyncio.run(run())
    assert told == [
        {"type": "websocket.receive"},
        "Ping",
        "CloseConnection",
        {"type": "websocket.disconnect", "code": 4001, "reason": "because"},
    ]


def test_settings_name_the_inherited_socket():
    settings = hypercorn.settings(3)
    assert settings["bind"] == ["fd://3"]
    # Hypercorn listens anew, which sets it.
    assert settings["backlog"] == 2048
