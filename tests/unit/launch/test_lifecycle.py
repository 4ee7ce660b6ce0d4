# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an application's loading to its end."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import lifecycle


def begun(monkeypatch, app):
    monkeypatch.setattr(lifecycle, "load", lambda _entrypoint: app)
    return lifecycle.Lifecycle()


def scope(kind):
    return {"type": kind, "path": "/", "headers": []}


async def nothing():
    await asyncio.Event().wait()


def test_it_starts_shares_its_state_and_stops(monkeypatch):
    seen = []

    async def app(scope, receive, send):
        if scope["type"] != "lifespan":
            seen.append(scope["state"])
            return
        assert await receive() == {"type": "lifespan.startup"}
        scope["state"]["pool"] = "shared"
        await send({"type": "lifespan.startup.complete"})
        assert await receive() == {"type": "lifespan.shutdown"}
        seen.append("stopped")
        await send({"type": "lifespan.shutdown.complete"})

    async def run():
        served = begun(monkeypatch, app)
        assert await served.start("x:y")
        await served(scope("http"), nothing, None)
        seen[0]["pool"] = "the request's own"
        await served(scope("http"), nothing, None)
        await served.leave()
        await served.end()

    asyncio.run(run())
    assert seen == [{"pool": "the request's own"}, {"pool": "shared"}, "stopped"]


async def raises(_scope, _receive, _send):
    raise ValueError("no lifespan here")


def raises_at_once(_scope, _receive, _send):
    raise KeyError("lifespan")


async def returns(_scope, _receive, _send):
    return


@pytest.mark.parametrize("app", [raises, raises_at_once, returns])
def test_the_lifespan_need_not_be_known(monkeypatch, capsys, app):
    async def run():
        served = begun(monkeypatch, app)
        assert await served.start("x:y")
        await served.end()

    asyncio.run(run())
    assert capsys.readouterr().err == ""


def test_it_may_refuse_to_start(monkeypatch, capsys):
    async def app(_scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    async def run():
        served = begun(monkeypatch, app)
        assert not await served.start("x:y")

    asyncio.run(run())
    assert capsys.readouterr().err == "no database\n"


def test_what_it_raises_at_its_end_is_shown(monkeypatch, capsys):
    async def app(_scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        raise LookupError("where is it")

    async def run():
        served = begun(monkeypatch, app)
        assert await served.start("x:y")
        await served.end()

    asyncio.run(run())
    assert capsys.readouterr().err.endswith("LookupError: where is it\n")


def test_leaving_closes_what_is_open_and_ends_what_runs(monkeypatch):
    monkeypatch.setattr(lifecycle, "CANCEL", 0.05)
    monkeypatch.setattr(lifecycle, "FORCE", 1.0)
    sent = []

    async def app(scope, _receive, send):
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            if scope["path"] == "/closed":
                await send({"type": "websocket.close", "code": 4000})
        if scope["type"] != "lifespan":
            try:
                await nothing()
            except asyncio.CancelledError:
                sent.append((scope["path"], "cancelled"))
                raise

    async def run():
        served = begun(monkeypatch, app)
        assert await served.start("x:y")

        def call(kind, path):
            async def send(message):
                sent.append((path, message.get("code")))

            return asyncio.ensure_future(served({**scope(kind), "path": path}, nothing, send))

        calls = [call("websocket", "/open"), call("websocket", "/closed"), call("http", "/request")]
        await asyncio.sleep(0.01)
        sent.clear()
        await served.leave()
        assert all(one.cancelled() for one in calls)

    asyncio.run(run())
    assert sent[0] == ("/open", 1012)
    assert sorted(sent[1:]) == [("/closed", "cancelled"), ("/open", "cancelled"), ("/request", "cancelled")]


def test_a_server_with_a_lifespan_of_its_own_is_agreed_to(monkeypatch):
    sent = []
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message["type"])

    asyncio.run(lifecycle.Lifecycle()({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
