# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A WSGI application under an ASGI server, which is played by the tests."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from wsgiref.validate import validator

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import wsgi_to_asgi

SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/blog/a/b/\u00e9",
    "raw_path": b"/blog/a%2Fb/%C3%A9",
    "query_string": b"q=%20x",
    "headers": [(b"host", b"example.org"), (b"x-forwarded-prefix", b"/blog")],
}
PLAIN = [("Content-Type", "text/plain")]


class Server:
    """What comes in, and what has been sent."""

    def __init__(self, *messages):
        self.messages = list(messages)
        self.sent = []

    async def receive(self):
        if self.messages:
            return self.messages.pop(0)
        return await asyncio.Event().wait()

    async def send(self, message):
        self.sent.append(message)

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent)


def serve(monkeypatch, app, *messages, headers=(), **scope):
    monkeypatch.setattr(wsgi_to_asgi, "load", lambda _entrypoint: app)
    server = Server(*messages)
    asked = {**SCOPE, **scope, "headers": [*SCOPE["headers"], *headers]}

    async def run():
        served = wsgi_to_asgi.Threads(2, processes=1)
        assert await served.start("x:y")
        await served(asked, server.receive, server.send)
        await served.leave()
        await served.end()

    asyncio.run(run())
    return server


def piece(body, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


def test_environ_of_a_request(monkeypatch):
    seen = {}

    @validator
    def app(environ, start_response):
        seen.update(environ)
        start_response("200 OK", PLAIN)
        return [b"x"]

    more = [(b"cookie", b"a=1"), (b"x-n", b"caf\xc3\xa9"), (b"cookie", b"b=2"), (b"x-n", b"2")]
    serve(monkeypatch, app, headers=more)
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("/blog", "/a/b/\xc3\xa9")
    assert (seen["REQUEST_URI"], seen["QUERY_STRING"]) == ("/blog/a%2Fb/%C3%A9?q=%20x", "q=%20x")
    assert (seen["HTTP_COOKIE"], seen["HTTP_X_N"]) == ("a=1; b=2", "caf\xc3\xa9,2")
    assert (seen["wsgi.multithread"], seen["wsgi.multiprocess"]) == (True, False)


def test_a_body_is_read_piece_by_piece(monkeypatch):
    def app(environ, start_response):
        body = environ["wsgi.input"]
        start_response("200 OK", PLAIN)
        return [repr([body.readline(), body.read(3), body.read()]).encode()]

    sent = (piece(b"one\ntw", more=True), piece(b"", more=True), piece(b"o\nthree"))
    server = serve(monkeypatch, app, *sent, headers=[(b"transfer-encoding", b"chunked")])
    assert server.body == repr([b"one\n", b"two", b"\nthree"]).encode()


def test_without_a_body_none_is_asked_for(monkeypatch):
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return [environ["wsgi.input"].read() + b"."]

    assert serve(monkeypatch, app).body == b"."


def test_the_head_waits_for_the_first_piece_and_pieces_are_sent_as_they_come(monkeypatch):
    def app(_environ, start_response):
        yield b""
        start_response("201 Created", [("X-Lazy", "\xe9")])
        yield b"one"
        yield b"two"

    sent = serve(monkeypatch, app).sent
    assert sent[0] == {"type": "http.response.start", "status": 201, "headers": [(b"x-lazy", b"\xe9")]}
    assert [message["body"] for message in sent[1:]] == [b"one", b"two", b""]
    assert [message.get("more_body", False) for message in sent[1:]] == [True, True, False]


def test_what_is_written_comes_before_what_is_returned(monkeypatch):
    def app(_environ, start_response):
        write = start_response("200 OK", PLAIN)
        write(b"one ")
        return [b"two"]

    assert serve(monkeypatch, app).body == b"one two"


def test_an_error_replaces_a_head_that_was_not_sent(monkeypatch):
    def app(_environ, start_response):
        start_response("200 OK", PLAIN)
        try:
            int("x")
        except ValueError:
            start_response("500 Sorry", PLAIN, sys.exc_info())
        return [b"sorry"]

    assert serve(monkeypatch, app).sent[0]["status"] == 500


def test_an_error_after_the_head_is_raised(monkeypatch):
    def app(_environ, start_response):
        write = start_response("200 OK", PLAIN)
        write(b"one")
        try:
            int("too late")
        except ValueError:
            start_response("500 Sorry", PLAIN, sys.exc_info())

    with pytest.raises(ValueError, match="too late"):
        serve(monkeypatch, app)


@pytest.mark.parametrize(
    ("app", "message"),
    [
        (lambda _environ, _start: [b"x"], "before it called start_response"),
        (lambda _environ, start: [start("200 OK", PLAIN), start("200 OK", PLAIN)], "called twice"),
    ],
)
def test_mistakes_of_applications(monkeypatch, app, message):
    with pytest.raises(AssertionError, match=message):
        serve(monkeypatch, app)


def test_an_answer_ends_when_its_client_goes(monkeypatch):
    closed = []

    def app(_environ, start_response):
        start_response("200 OK", PLAIN)
        try:
            while True:
                yield b"more"
        finally:
            closed.append(True)

    serve(monkeypatch, app, {"type": "http.disconnect"})
    assert closed == [True]


@pytest.mark.parametrize("torn", [False, True])
def test_what_the_application_returned_is_closed(monkeypatch, torn):
    class Answer:
        closed = 0

        def __iter__(self):
            yield b"x"
            if torn:
                raise LookupError("torn")

        def close(self):
            self.closed += 1

    answer = Answer()

    def app(_environ, start_response):
        start_response("200 OK", PLAIN)
        return answer

    with pytest.raises(LookupError) if torn else contextlib.nullcontext():
        serve(monkeypatch, app)
    assert answer.closed == 1


def test_a_body_that_breaks_off_is_an_error_to_the_application(monkeypatch):
    seen = []

    def app(environ, _start_response):
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            seen.append(str(error))
            raise

    gone = {"type": "http.disconnect"}
    server = serve(monkeypatch, app, piece(b"x", more=True), gone, headers=[(b"content-length", b"9")])
    assert server.sent == []
    assert "went away" in seen[0]


def test_a_websocket_is_refused(monkeypatch):
    assert serve(monkeypatch, None, type="websocket").sent == [{"type": "websocket.close"}]
