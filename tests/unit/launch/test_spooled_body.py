# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer that begins before the request's body has been read."""

from __future__ import annotations

import io
import os

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import spooled_body
from ansible_collections.hostel.python.plugins.module_utils._launch.spooled_body import PIECE, ROOM, Spooled

BODY = bytes(range(256)) * 2000


class Arriving(io.BytesIO):
    """A body that tells how much of it was taken."""

    @property
    def left(self):
        return len(self.getvalue()) - self.tell()


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(spooled_body, "PLACE", str(tmp_path))


def ask(app, body=BODY, **environ):
    """What a server that reads nothing of an answer before the body was taken would get; where it would hang, it
    fails."""
    arriving = Arriving(body)
    sent = 0

    def take(piece):
        nonlocal sent
        sent += len(piece)
        assert sent <= ROOM or not arriving.left, "nobody would read this"
        return piece

    written = []
    environ = {"wsgi.input": arriving, "CONTENT_LENGTH": str(len(body)), **environ}
    result = Spooled(app)(environ, lambda *_start: lambda piece: written.append(take(piece)))
    pieces = [take(piece) for piece in result]
    if hasattr(result, "close"):
        result.close()
    return b"".join(written + pieces), arriving


def test_an_echo():
    def app(environ, start_response):
        start_response("200 OK", [])
        return iter(lambda: environ["wsgi.input"].read(1000), b"")

    assert ask(app)[0] == BODY


def test_an_echo_of_chunks():
    def app(environ, start_response):
        start_response("200 OK", [])
        yield from environ["wsgi.input"]

    assert ask(app, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")[0] == BODY


def test_a_long_answer_to_what_is_not_read():
    def app(environ, start_response):
        start_response("413 Content Too Large", [])
        return [b"x" * PIECE, b"y" * PIECE]

    assert ask(app)[0] == b"x" * PIECE + b"y" * PIECE


def test_a_long_answer_that_is_written():
    def app(environ, start_response):
        write = start_response("200 OK", [], None)
        for _time in range(20):
            write(b"x" * 5000)
        return [environ["wsgi.input"].readline(), *environ["wsgi.input"].readlines()]

    assert ask(app)[0] == b"x" * 100000 + BODY


def test_the_rest_of_a_body_lies_on_the_disk(tmp_path):
    body = spooled_body.Body(Arriving(BODY), room=0)
    body.make_room(b"x")
    assert os.readlink(f"/proc/self/fd/{body._stream.fileno()}").startswith(str(tmp_path))
    assert body.read() == BODY


def test_a_short_answer_leaves_the_body_where_it_is():
    def app(environ, start_response):
        start_response("401 Unauthorized", [])
        return [b"who are you?"]

    said, arriving = ask(app)
    assert (said, arriving.left) == (b"who are you?", len(BODY))


def test_without_a_body_nothing_stands_between():
    body = io.BytesIO()
    answer = [b"x"]

    def app(environ, start_response):
        assert environ["wsgi.input"] is body
        return answer

    for environ in ({}, {"CONTENT_LENGTH": ""}, {"CONTENT_LENGTH": "0"}):
        assert Spooled(app)({"wsgi.input": body, **environ}, None) is answer


def test_what_the_application_returned_is_closed():
    closed = []

    class Pieces:
        def __iter__(self):
            return iter([b"x"])

        def close(self):
            closed.append(True)

    assert ask(lambda *_request: Pieces())[0] == b"x"
    assert closed == [True]
