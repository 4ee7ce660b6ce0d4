# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The launcher of ASGI applications: when it leaves, what it tells the application, how it finds it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import asgi
from ansible_collections.hostel.python.plugins.module_utils._launch.asgi import Conduct
from hypothesis import given
from hypothesis import strategies as st


def test_stays_for_ever_without_an_idle_timeout():
    conduct = Conduct(stop_timeout=30, idle_timeout=None, now=0)
    assert conduct.step(1e9, busy=False) == Conduct.STAY
    assert not conduct.leaving


def test_leaves_when_idle_and_stops_accepting_first():
    conduct = Conduct(stop_timeout=30, idle_timeout=10, now=0)
    assert conduct.step(9.9, busy=False) == Conduct.STAY
    assert conduct.step(10, busy=False) == Conduct.CLOSE
    assert conduct.step(10.1, busy=False) == Conduct.EXIT


def test_a_request_that_comes_just_as_it_leaves_is_answered():
    conduct = Conduct(stop_timeout=30, idle_timeout=10, now=0)
    assert conduct.step(10, busy=False) == Conduct.CLOSE
    assert conduct.step(10.1, busy=True) == Conduct.STAY
    assert conduct.step(10.2, busy=False) == Conduct.EXIT


def test_a_request_starts_the_idle_clock_again():
    conduct = Conduct(stop_timeout=30, idle_timeout=10, now=0)
    assert conduct.step(9, busy=True) == Conduct.STAY
    assert conduct.step(18, busy=False) == Conduct.STAY
    assert conduct.step(19, busy=False) == Conduct.CLOSE


def test_asked_to_end_it_accepts_a_moment_longer_and_waits_for_what_runs():
    conduct = Conduct(stop_timeout=30, idle_timeout=None, now=0)
    conduct.leave(100)
    assert conduct.step(100.1, busy=False) == Conduct.STAY
    assert conduct.step(100 + asgi.GRACE, busy=True) == Conduct.CLOSE
    assert conduct.step(129.9, busy=True) == Conduct.STAY
    assert conduct.step(130, busy=True) == Conduct.EXIT


def test_asking_again_does_not_give_more_time():
    conduct = Conduct(stop_timeout=30, idle_timeout=None, now=0)
    conduct.leave(100)
    conduct.leave(120)
    assert conduct.step(130, busy=True) == Conduct.EXIT


@given(st.lists(st.tuples(st.floats(0.01, 5), st.booleans()), max_size=60), st.floats(0.1, 20))
def test_it_ends_only_after_it_stopped_accepting_or_at_the_deadline(steps, stop_timeout):
    conduct = Conduct(stop_timeout, idle_timeout=3, now=0)
    now, closed = 0.0, False
    for wait, busy in steps:
        now += wait
        action = conduct.step(now, busy)
        if action == Conduct.EXIT:
            assert conduct.deadline is not None
            assert closed or now >= conduct.deadline
            assert not busy or now >= conduct.deadline
            return
        closed = closed or action == Conduct.CLOSE


def scope(kind="http", **headers):
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": kind, "path": "/blog/x", "client": None, "scheme": "http", "root_path": "", "headers": pairs}


def test_mount_client_and_scheme_come_from_the_front():
    request = scope(x_forwarded_prefix="/blog", x_forwarded_for="6.6.6.6, 192.0.2.1", x_forwarded_proto="https")
    asgi.describe(request)
    assert (request["root_path"], request["path"]) == ("/blog", "/blog/x")
    assert request["client"] == ("192.0.2.1", 0)
    assert request["scheme"] == "https"
    assert [name for name, _value in request["headers"]] == [b"x-forwarded-for", b"x-forwarded-proto"]


@pytest.mark.parametrize(("said", "scheme"), [("http", "ws"), ("https", "wss"), ("", "ws")])
def test_scheme_of_a_websocket(said, scheme):
    request = scope("websocket", x_forwarded_proto=said)
    asgi.describe(request)
    assert request["scheme"] == scheme


def test_without_headers_nothing_is_made_up():
    request = scope()
    asgi.describe(request)
    assert (request["root_path"], request["client"], request["scheme"]) == ("", None, "http")


def answers(leaving):
    conduct = Conduct(stop_timeout=30, idle_timeout=None, now=0)
    if leaving:
        conduct.leave(0)
    sent = []

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Connection", b"keep-alive")]})
        await send({"type": "http.response.body", "body": b"x"})

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    front = asgi.Front(app, conduct)
    asyncio.run(front(scope(), receive, send))
    assert front.seen
    return sent


def test_answers_are_left_alone_while_it_stays():
    assert answers(leaving=False)[0]["headers"] == [(b"Connection", b"keep-alive")]


def test_answers_close_their_connection_when_it_leaves():
    assert answers(leaving=True)[0]["headers"] == [(b"connection", b"close")]


@pytest.fixture
def source(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    before = set(sys.modules)
    (tmp_path / "hostel_app.py").write_text("class Here:\n    app = 'ASGI'\ndef make():\n    return 'made'\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "start-up.asgi").write_text("application = 'deep'\n")
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("entrypoint", "found"),
    [
        ("hostel_app:Here.app", "ASGI"),
        ("hostel_app:make()", "made"),
        ("hostel_app.py:make()", "made"),
        ("deep/start-up.asgi:application", "deep"),
    ],
)
@pytest.mark.usefixtures("source")
def test_finds_what_the_entrypoint_names(entrypoint, found):
    assert asgi.load(entrypoint) == found


@pytest.mark.usefixtures("source")
def test_a_startup_file_at_the_top_is_the_module_that_others_import():
    asgi.load("hostel_app.py:make()")
    assert "hostel_app" in sys.modules


def test_takes_the_socket_that_was_meant_for_it(monkeypatch):
    monkeypatch.setattr(os, "set_inheritable", lambda *_: None)
    environ = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "x", "OTHER": "1"}
    assert asgi.inherited_socket(environ) == 3
    assert environ == {"OTHER": "1"}


@pytest.mark.parametrize("environ", [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_FDS": "2"}])
def test_refuses_sockets_that_were_meant_for_others(environ):
    with pytest.raises(SystemExit, match="exactly one socket"):
        asgi.inherited_socket(environ)


def test_says_nothing_where_nobody_listens():
    asgi.notifier({})("READY=1")
