# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an ASGI application is told of a request."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import asgi


def scope(kind="http", **headers):
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": kind, "path": "/blog/x", "client": None, "scheme": "http", "root_path": "", "headers": pairs}


def test_mount_client_server_and_scheme_come_from_the_front():
    request = scope(
        host="example.org", x_forwarded_prefix="/blog", x_forwarded_for="6.6.6.6, 192.0.2.1", x_forwarded_proto="https"
    )
    asgi.describe(request)
    assert (request["root_path"], request["path"]) == ("/blog", "/blog/x")
    assert request["client"] == ("192.0.2.1", 0)
    assert request["scheme"] == "https"
    assert request["server"] == ("example.org", 443)
    assert [name for name, _value in request["headers"]] == [b"host", b"x-forwarded-for", b"x-forwarded-proto"]


@pytest.mark.parametrize(("said", "scheme"), [("http", "ws"), ("https", "wss"), ("", "ws")])
def test_scheme_of_a_websocket(said, scheme):
    request = scope("websocket", x_forwarded_proto=said)
    asgi.describe(request)
    assert request["scheme"] == scheme


def test_without_headers_nothing_is_made_up():
    request = scope()
    asgi.describe(request)
    assert (request["root_path"], request["client"], request["scheme"]) == ("", None, "http")
    assert "server" not in request


@pytest.mark.parametrize(("kind", "root_path"), [("websocket", "/blog"), ("lifespan", None)])
def test_what_is_no_request_is_left_alone(kind, root_path):
    seen = []

    async def app(scope, receive, send):
        seen.append((scope.get("root_path"), receive, send))

    given = {"type": kind} if kind == "lifespan" else scope(kind, x_forwarded_prefix="/blog")
    asyncio.run(asgi.Front(app)(given, "receive", "send"))
    assert seen == [(root_path, "receive", "send")]


START = {"type": "http.response.start", "status": 500}
END = {"type": "http.response.body", "body": b"x"}
FILE = {"type": "http.response.pathsend", "path": "/x"}
COPY = {"type": "http.response.zerocopysend", "file": 3}


def raising(*messages, kind="http"):
    """What a server is sent, and what it sees, of an application that raises after these messages."""
    sent = []

    async def send(message):
        sent.append(message)

    async def app(_scope, _receive, send):
        for message in messages:
            await send(message)
        raise LookupError("late")

    asyncio.run(asgi.Front(app)(scope(kind), None, send))
    return sent


@pytest.mark.parametrize("end", [END, FILE, COPY])
def test_an_error_after_the_answer_is_said_and_no_more(end, capsys):
    assert raising(START, end) == [START, end]
    assert "LookupError: late" in capsys.readouterr().err


@pytest.mark.parametrize("messages", [(), (START,), (START, {**END, "more_body": True})])
def test_an_error_before_the_answer_is_complete_is_the_servers(messages, capsys):
    with pytest.raises(LookupError):
        raising(*messages)
    assert capsys.readouterr().err == ""


def test_an_error_of_a_websocket_is_the_servers():
    with pytest.raises(LookupError):
        raising({"type": "websocket.close"}, kind="websocket")
