# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loader of Passenger's processes: the mount, requests and answers."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import passenger

HEAD = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/", "SERVER_NAME": "x", "hostel_front": "1"}


def asked(app: Any, variables: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """What a client gets through one connection, from its first byte to the last."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        block = b"".join(
            part.encode("latin-1") + b"\0" for pair in {**HEAD, **(variables or {})}.items() for part in pair
        )
        ours.sendall(struct.pack(">I", len(block)) + block + body)
        ours.shutdown(socket.SHUT_WR)
        passenger.answer(theirs, app)
        theirs.close()
        return b"".join(iter(lambda: ours.recv(65536), b""))


def hello(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("200 OK", [("X-Path", environ["PATH_INFO"]), ("X-Mount", environ["SCRIPT_NAME"])])
    return [b"", b"hel", b"lo"]


@pytest.mark.parametrize(
    ("mount", "path", "told", "front", "expected"),
    [
        ("", "/a%20b%2Fc", "", True, ("", "/a b/c")),
        ("", "/%C3%A9", "", True, ("", "/\xc3\xa9")),
        ("/sub", "/x", "/sub", True, ("/sub", "/x")),
        ("", "/%73ub/x", "/sub", True, ("/sub", "/x")),
        ("", "/sub/x", "/sub", False, ("", "/sub/x")),
        ("", "/%73ub", "/sub", True, ("/sub", "")),
        ("", "//sub/x", "/sub", True, ("/sub", "/x")),
        ("", "/subway", "/sub", True, ("", "/subway")),
        ("", "/100%", "", True, ("", "/100%")),
    ],
)
def test_mount_and_path(mount: str, path: str, told: str, front: bool, expected: tuple[str, str]) -> None:
    variables = {"SCRIPT_NAME": mount, "PATH_INFO": path, "HTTP_X_FORWARDED_PREFIX": told}
    if front:
        variables["hostel_front"] = "1"
    assert passenger.mount_and_path(variables) == expected


def test_answer() -> None:
    head, _blank, body = asked(hello, {"PATH_INFO": "/caf%C3%A9"}).partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[:2] == [b"HTTP/1.1 200 OK", b"Status: 200 OK"]
    assert b"X-Path: /caf\xc3\xa9" in head
    assert body == b"hello"


def test_head_has_no_body() -> None:
    assert asked(hello, {"REQUEST_METHOD": "HEAD"}).endswith(b"\r\n\r\n")


def test_ping() -> None:
    assert asked(hello, {"REQUEST_METHOD": "ping"}) == b"pong"


def test_the_body_ends_where_its_length_says() -> None:
    def echo(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return [environ["wsgi.input"].read()]

    assert asked(echo, {"CONTENT_LENGTH": "3"}, b"abcdef").endswith(b"\r\n\r\nabc")
    assert asked(echo, {"HTTP_TRANSFER_ENCODING": "chunked"}, b"abcdef").endswith(b"\r\n\r\nabcdef")
    assert asked(echo, {}, b"abcdef").endswith(b"\r\n\r\n")


def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one(capsys: pytest.CaptureFixture[str]) -> None:
    def keep(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        environ["wsgi.input"].read()
        start("201 Created", [])
        return []

    assert asked(keep, {"CONTENT_LENGTH": "9"}, b"abcdef").startswith(b"HTTP/1.1 500 ")
    assert "in the middle of its request" in capsys.readouterr().err


def test_an_app_that_raises_is_answered_for(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_environ: dict[str, Any], _start: Any) -> Iterable[bytes]:
        raise OSError("no such thing")

    assert asked(broken).startswith(b"HTTP/1.1 500 ")
    assert "no such thing" in capsys.readouterr().err


def test_an_app_that_raises_before_its_first_piece_is_answered_for() -> None:
    def late(_environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        yield b""
        raise LookupError("late")

    assert asked(late).startswith(b"HTTP/1.1 500 ")


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: x=1", "a\nb", "a\0b"])
def test_headers_are_not_split(value: str) -> None:
    def splitting(_environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [("X-A", value)])
        return [b"x"]

    answer = asked(splitting)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"Set-Cookie" not in answer


def test_what_the_app_is_told() -> None:
    seen: dict[str, Any] = {}

    def look(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        seen.update(environ)
        start("204 No Content", [])
        return []

    more = {"HTTPS": "on", "HTTP_HOST": "h:81", "HTTP_X_FORWARDED_PREFIX": "/sub"}
    asked(look, {**more, "PASSENGER_CONNECT_PASSWORD": "x", "SCRIPT_URI": "http://x:8080/"})
    assert seen["wsgi.url_scheme"] == "https"
    assert seen["HTTP_HOST"] == "h:81"
    ours = {"PASSENGER_CONNECT_PASSWORD", "hostel_front", "SCRIPT_URI", "HTTP_X_FORWARDED_PREFIX"}
    assert not ours & set(seen)


def test_the_journey_is_told_and_its_failure_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "response" / "steps" / "subprocess_listen").mkdir(parents=True)
    (tmp_path / "response" / "error").mkdir()
    reading, writing = os.pipe()
    journey = passenger.Journey(str(tmp_path), writing)
    with journey.step("SUBPROCESS_LISTEN"):
        pass
    assert (tmp_path / "response/steps/subprocess_listen/state").read_text() == "STEP_PERFORMED"
    with pytest.raises(SystemExit), journey.step("SUBPROCESS_LISTEN"):
        raise RuntimeError("not today")
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert "RuntimeError: not today" in pipe.read()
    assert "not today" in (tmp_path / "response/error/summary").read_text()
    assert "not today" in capsys.readouterr().err
