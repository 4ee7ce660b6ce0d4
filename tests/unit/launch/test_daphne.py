# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the application receives through Daphne."""

from __future__ import annotations

import asyncio
import io
import os
import tempfile

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import daphne_connections as connections


@pytest.mark.parametrize("size", [0, 1, connections.PIECE, connections.PIECE + 1, 2 * connections.PIECE])
def test_a_body_comes_in_pieces_and_then_the_disconnect(size):
    async def run():
        inbox = connections.BodyInbox(io.BytesIO(b"x" * size))
        received = []
        while not received or received[-1]["more_body"]:
            received.append(await inbox.get())
        waiting = asyncio.ensure_future(inbox.get())
        await asyncio.sleep(0)
        assert not waiting.done()
        inbox.put_nowait({"type": "http.disconnect"})
        assert await waiting == {"type": "http.disconnect"}
        return received

    received = asyncio.run(run())
    assert sum(len(message["body"]) for message in received) == size
    assert max(len(message["body"]) for message in received) <= connections.PIECE
    assert len(received) == max(1, -(-size // connections.PIECE))


def test_what_the_client_left_unread_is_not_handed_over_once_it_is_gone():
    async def run():
        inbox = connections.BodyInbox(io.BytesIO(b"x"))
        inbox.put_nowait({"type": "http.disconnect"})
        return await inbox.get()

    assert asyncio.run(run()) == {"type": "http.disconnect"}


class Transport:
    def __init__(self):
        self.said = []

    def pauseProducing(self):
        self.said.append("pause")

    def resumeProducing(self):
        self.said.append("resume")


def test_no_more_is_read_from_a_websocket_than_has_room():
    async def run():
        transport = Transport()
        inbox = connections.SocketInbox(transport)
        half = {"type": "websocket.receive", "bytes": b"x" * (connections.ROOM // 2)}
        for _time in range(2):
            inbox.put_nowait(half)
        assert transport.said == []
        for _time in range(2):
            inbox.put_nowait(half)
        assert transport.said == ["pause"]
        await inbox.get()
        assert transport.said == ["pause"]
        await inbox.get()
        assert transport.said == ["pause", "resume"]
        return [await inbox.get() for _time in range(2)]

    assert len(asyncio.run(run())) == 2


def test_who_waits_for_a_message_gets_it():
    async def run():
        inbox = connections.SocketInbox(Transport())
        waiting = asyncio.ensure_future(inbox.get())
        await asyncio.sleep(0)
        inbox.put_nowait({"type": "websocket.connect"})
        return await waiting

    assert asyncio.run(run()) == {"type": "websocket.connect"}


def test_who_writes_waits_while_the_buffer_is_full():
    async def run():
        flow = connections.Flow()
        await flow.wait()
        flow.pauseProducing()
        waiting = asyncio.ensure_future(flow.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        flow.stopProducing()
        await waiting

    asyncio.run(run())


@pytest.mark.parametrize(("code", "told"), [(None, 1005), (4001, 4001)])
def test_the_application_is_told_with_which_code_a_websocket_was_closed(code, told):
    heard = []

    class Playing:
        """Daphne's WebSocketProtocol."""

        def onClose(self, *given):
            heard.append(given)

    type("Socket", (connections.Socket, Playing), {})().onClose(True, code, "why")
    assert heard == [(True, told, "why")]


@pytest.mark.parametrize("length", [10, 1 << 20, None])
def test_a_large_body_lies_on_the_disk_and_not_where_memory_may_be(monkeypatch, tmp_path, length):
    monkeypatch.setattr(connections, "PLACE", str(tmp_path))

    class Playing:
        """Twisted's request."""

        def gotLength(self, length):
            small = length is not None and length < 100_000
            self.content = io.BytesIO() if small else tempfile.TemporaryFile()  # noqa: SIM115

    request = type("Request", (connections.Request, Playing), {"__init__": lambda _self: None})()
    request.gotLength(length)
    if length == 10:
        assert isinstance(request.content, io.BytesIO)
    else:
        assert os.readlink(f"/proc/self/fd/{request.content.fileno()}").startswith(str(tmp_path))
    request.content.close()


class Served:
    """What Daphne has of a request; it is answered by its application, as ``finish`` says it."""

    def inbox(self):
        return connections.BodyInbox(io.BytesIO())

    def abandon(self, _error):
        raise AssertionError("it was answered")


def test_what_was_answered_is_kept_no_longer_than_its_application_runs():
    class Playing:
        """Daphne's server."""

        def protocol_disconnected(self, protocol):
            self.connections[protocol]["disconnected"] = 1.0

    server = type("Server", (connections.Server, Playing), {})()
    request = Served()
    server.connections = {request: {"connected": 1.0}}

    async def application(_scope, _receive, _send):
        server.protocol_disconnected(request)
        await asyncio.sleep(0)
        assert request in server.connections

    async def run():
        server.application = application
        server.create_application(request, {})
        for _turn in range(5):
            await asyncio.sleep(0)
        assert server.connections == {}
        server.protocol_disconnected(request)

    asyncio.run(run())
