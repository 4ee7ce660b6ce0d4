# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is repaired of Granian, which is played by the tests."""

from __future__ import annotations

import asyncio
import io
import sys

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import granian, granian_wsgi, lifecycle

PLAIN = [("Content-Type", "text/plain")]


class Source:
    """Granian's input: read(size) is right, nothing else is."""

    def __init__(self, body):
        self._body = io.BytesIO(body)

    def read(self, size):
        return self._body.read(size)


def call(monkeypatch, app, body=b"", **more):
    monkeypatch.setattr(granian_wsgi, "load", lambda _entrypoint: app)
    heads = []
    environ = {"wsgi.input": Source(body), "SERVER_PROTOCOL": "HTTP/1", "PATH_INFO": "/", **more}
    result = granian_wsgi.Repaired("x:y", multiprocess=True)(environ, lambda *head: heads.append(head))
    return result, heads


def test_status_and_headers_are_known_before_the_answer_begins(monkeypatch):
    def app(_environ, start_response):
        yield b""
        start_response("201 Created", PLAIN)
        yield b"one"
        yield b"two"

    result, heads = call(monkeypatch, app)
    assert heads == [("201 Created", PLAIN)]
    assert list(result) == [b"one", b"two"]


def test_an_answer_is_closed_once_whether_it_can_be_or_not(monkeypatch):
    closed = []

    class Answer(list):
        __iter__ = list.__iter__

        def close(self):
            closed.append(True)

    def app(_environ, start_response):
        start_response("200 OK", PLAIN)
        return iter([b"x"])

    call(monkeypatch, app)[0].close()
    pieces = granian_wsgi.Pieces(iter([]), Answer())
    pieces.close()
    assert closed == [True]


def test_an_answer_that_fails_at_once_is_closed(monkeypatch):
    closed = []

    class Answer:
        def __iter__(self):
            return self

        def __next__(self):
            raise LookupError("torn")

        def close(self):
            closed.append(True)

    with pytest.raises(LookupError):
        call(monkeypatch, lambda _environ, _start: Answer())
    assert closed == [True]


def test_what_is_written_comes_first(monkeypatch):
    def app(_environ, start_response):
        start_response("200 OK", PLAIN)(b"one ")
        return [b"two"]

    assert b"".join(call(monkeypatch, app)[0]) == b"one two"


def test_input_has_lines_and_an_end(monkeypatch):
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return [environ["wsgi.input"].readline(), *environ["wsgi.input"]]

    assert call(monkeypatch, app, b"a\nb\nc", CONTENT_LENGTH="5")[0] == [b"a\n", b"b\n", b"c"]


def test_a_body_that_breaks_off_is_an_error(monkeypatch):
    def app(environ, _start_response):
        environ["wsgi.input"].read()

    with pytest.raises(ConnectionResetError):
        call(monkeypatch, app, b"short", CONTENT_LENGTH="9")


def test_environ_is_right(monkeypatch):
    seen = {}

    def app(environ, start_response):
        seen.update(environ)
        start_response("200 OK", PLAIN)
        return []

    call(monkeypatch, app)
    assert (seen["SERVER_PROTOCOL"], seen["wsgi.multiprocess"]) == ("HTTP/1.0", True)


@pytest.mark.parametrize(("value", "sent"), [("a", b"a"), ("caf\xc3\xa9", b"caf\xc3\xa9"), ("\xe9", b"\xc3\xa9")])
def test_headers_of_an_answer(monkeypatch, value, sent):
    def app(_environ, start_response):
        start_response("200 OK", [("X-N", value)])
        return []

    ((_status, headers),) = call(monkeypatch, app)[1]
    assert headers[0][1].encode() == sent


def test_an_error_after_the_head_is_raised(monkeypatch):
    def app(_environ, start_response):
        start_response("200 OK", PLAIN)
        yield b"one"
        try:
            int("too late")
        except ValueError:
            start_response("500 Sorry", PLAIN, sys.exc_info())

    result, _heads = call(monkeypatch, app)
    with pytest.raises(ValueError, match="too late"):
        list(result)


def websocket(monkeypatch, app, receive, send):
    monkeypatch.setattr(lifecycle, "load", lambda _entrypoint: app)

    async def run():
        served = granian.Application()
        assert await served.start("x:y")
        scope = {"type": "websocket", "http_version": "1.1", "path": "/", "headers": []}
        await served(scope, receive, send)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("said", "error", "sent"),
    [
        ([], ValueError, ["websocket.http.response.start", "websocket.http.response.body"]),
        (["websocket.accept"], ValueError, ["websocket.accept", 1011]),
        (["websocket.accept"], None, ["websocket.accept", 1000]),
        (["websocket.accept", "websocket.close"], None, ["websocket.accept", "websocket.close"]),
    ],
)
def test_a_websocket_ends_with_a_word(monkeypatch, said, error, sent):
    heard = []

    async def app(scope, _receive, send):
        if scope["type"] == "websocket":
            for kind in said:
                await send({"type": kind})
            if error:
                raise error

    async def send(message):
        heard.append(message.get("code", message["type"]))

    if error:
        with pytest.raises(error):
            websocket(monkeypatch, app, None, send)
    else:
        websocket(monkeypatch, app, None, send)
    assert heard == sent


def test_a_websocket_is_closed_while_the_application_waits():
    order = []

    async def run():
        waiting = asyncio.get_running_loop().create_future()

        async def send(message):
            # As Granian: not before receive() has let go.
            assert waiting.cancelled()
            await asyncio.sleep(0.01)
            order.append(message["code"])

        socket = granian.Socket(lambda: waiting, send)
        receiving = asyncio.ensure_future(socket.receive())
        await asyncio.sleep(0)
        await socket.send({"type": "websocket.close", "code": 1012})
        order.append(await receiving)

    asyncio.run(run())
    assert order == [1012, {"type": "websocket.disconnect", "code": 1012, "reason": ""}]


def test_an_answer_without_headers_has_none(monkeypatch):
    sent = []

    async def app(scope, _receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": int(scope["http_version"] == "1.0")})

    async def send(message):
        sent.append(message)

    async def run():
        monkeypatch.setattr(lifecycle, "load", lambda _entrypoint: app)
        served = granian.Application()
        assert await served.start("x:y")
        await served({"type": "http", "http_version": "1", "path": "/", "headers": []}, None, send)

    asyncio.run(run())
    assert sent == [{"type": "http.response.start", "status": 1, "headers": ()}]
