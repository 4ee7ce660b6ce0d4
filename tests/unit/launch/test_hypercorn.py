# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is repaired of Hypercorn, which is played by the tests."""

from __future__ import annotations

import asyncio
import enum
import sys
import types

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import hypercorn


class State(enum.Enum):
    """wsproto's ConnectionState."""

    OPEN = 1
    REMOTE_CLOSING = 2


class CloseConnection:
    code = 4001
    reason = "because"


class Ping:
    """Another event."""


class StreamClosed:
    """Hypercorn's word that nothing more is sent."""


class Connection:
    """wsproto's, which the client has sent what it must not."""

    def __init__(self, state):
        self.state = state

    def events(self):
        return iter([Ping(), CloseConnection()])


class Playing:
    """Hypercorn's WSStream."""

    def __init__(self, told):
        self.told = told
        self.app_put = None
        self.closed = False
        self.connection = None

    async def send(self, event):
        self.told.append(type(event).__name__)

    async def _accept(self, state):
        self.connection = Connection(state)

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


@pytest.mark.parametrize(
    ("state", "sent"),
    [
        # What the client broke is said, once, before the connection ends.
        (State.OPEN, ["CloseConnection", "StreamClosed", "StreamClosed"]),
        # Hypercorn answers a close itself.
        (State.REMOTE_CLOSING, ["StreamClosed", "StreamClosed"]),
    ],
)
def test_who_breaks_the_protocol_is_told_how(state, sent):
    told = []
    stream = type("Stream", (hypercorn.Stream, Playing), {})(told)

    async def run():
        await stream._accept(state)
        assert [type(event).__name__ for event in stream.connection.events()] == ["Ping", "CloseConnection"]
        await stream.send(StreamClosed())
        await stream.send(StreamClosed())

    asyncio.run(run())
    assert told == sent


def test_pings_end_with_the_websocket(monkeypatch):
    monkeypatch.setitem(sys.modules, "wsproto.events", types.SimpleNamespace(Ping=Ping))
    told = []
    stream = type("Stream", (hypercorn.Stream, Playing), {})(told)

    async def run():
        await stream.handle("request")
        pings = asyncio.ensure_future(stream._send_pings())
        await asyncio.sleep(0)
        await stream.handle("over")
        await asyncio.wait_for(pings, 5)

    asyncio.run(run())
    assert "Ping" not in told


def test_settings_name_the_inherited_socket():
    settings = hypercorn.settings(3)
    assert settings["bind"] == ["fd://3"]
    # Hypercorn listens anew, which sets it.
    assert settings["backlog"] == 2048
