# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers as PEP 3333 has them, whatever the server makes of start_response()."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch.exact_answer import FAILED, Exact

PLAIN = [("Content-Type", "text/plain")]


def begin_anew(start_response, status, error):
    """What an application does that has met an error: it begins another answer."""
    try:
        raise error
    except LookupError:
        start_response(status, PLAIN, sys.exc_info())


def served(app):
    """What such a server does: (what it was told in order, the error that ended it)."""
    told = []

    def start_response(status, headers):
        told.append(status)
        return told.append

    try:
        pieces = Exact(app)({}, start_response)
        try:
            told.extend(piece for piece in pieces if piece)
        finally:
            getattr(pieces, "close", lambda: None)()
    except Exception as error:  # noqa: BLE001 - whatever the app raises
        return told, error
    return told, None


def test_the_head_goes_out_with_the_first_piece():
    def app(environ, start_response):
        start_response("200 First", PLAIN)
        yield b""
        begin_anew(start_response, "503 Second", LookupError("at once"))
        yield b"body"

    assert served(app) == (["503 Second", b"body"], None)


@pytest.mark.parametrize("body", [[], [b"x"], (b"x",), iter(()), iter((b"x",))])
def test_a_head_without_a_body_goes_out_too(body):
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return body

    told, error = served(app)
    assert (told[0], error) == ("200 OK", None)


def test_written_pieces_come_before_returned_ones():
    def app(environ, start_response):
        start_response("200 OK", PLAIN)(b"writ")
        return [b"ten"]

    assert served(app) == (["200 OK", b"writ", b"ten"], None)


def test_what_is_raised_before_the_head_is_a_500_and_in_the_log(capsys):
    def raising(environ, start_response):
        raise LookupError("at once")

    def late(environ, start_response):
        start_response("200 OK", PLAIN)
        yield from iter(missing, None)

    def missing():
        raise LookupError("late")

    def silent(environ, start_response):
        return [b"no head"]

    for app, said in ((raising, "LookupError: at once"), (late, "LookupError: late"), (silent, "start_response")):
        told, error = served(app)
        assert (told[0], error) == (FAILED, None)
        assert said in capsys.readouterr().err


def test_what_is_raised_after_the_head_ends_the_answer():
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        yield b"half"
        raise LookupError("torn")

    told, error = served(app)
    assert told == ["200 OK", b"half"]
    assert isinstance(error, LookupError)


def test_a_head_after_the_body_raises_what_the_app_gives():
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        yield b"half"
        begin_anew(start_response, "500 Late", LookupError("found late"))

    told, error = served(app)
    assert told == ["200 OK", b"half"]
    assert error.args == ("found late",)


def test_two_heads_are_an_error(capsys):
    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        start_response("200 OK", PLAIN)
        return []

    assert served(app)[0][0] == FAILED
    assert "twice" in capsys.readouterr().err


def test_the_iterable_is_closed():
    class Pieces:
        closed = 0

        def __iter__(self):
            return iter((b"x",))

        def close(self):
            self.closed += 1

    pieces = Pieces()

    def app(environ, start_response):
        start_response("200 OK", PLAIN)
        return pieces

    assert served(app) == (["200 OK", b"x"], None)
    assert pieces.closed == 1
