# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which server runs an app once its interface is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._servers.choice import choose
from ansible_collections.hostel.python.plugins.module_utils._spec.app import App
from ansible_collections.hostel.python.plugins.module_utils._spec.source import Source

APP = App(name="blog", tenant="alice", urls=(), python="3.13", source=Source("local", "blog"))

TOLD = "holds conversations and takes WebSockets, which {} can't give a WSGI app: use server: gunicorn"

CHOSEN: dict[str, tuple[dict[str, Any], str, str | None, set[str], str, str]] = {
    "wsgi": ({}, "wsgi", None, {"flask"}, "passenger", "run by passenger"),
    "wsgi with gunicorn": ({}, "wsgi", None, {"flask", "gunicorn"}, "passenger", "run by passenger"),
    "wsgi with workers": ({"workers": 2}, "wsgi", None, {"gunicorn"}, "gunicorn", "run by gunicorn"),
    "wsgi in one process": ({"workers": 1}, "wsgi", None, {"flask", "gunicorn"}, "gunicorn", "run by gunicorn"),
    "wsgi past Apache": (
        {"route": "nginx"},
        "wsgi",
        None,
        set(),
        "gunicorn",
        "run by gunicorn; its requirements name no gunicorn: gunicorn is added",
    ),
    "asgi": (
        {},
        "asgi",
        None,
        {"fastapi"},
        "uvicorn",
        "run by uvicorn; its requirements name no ASGI server: uvicorn is added",
    ),
    "asgi, brought along": ({}, "asgi", None, {"fastapi", "uvicorn"}, "uvicorn", "run by uvicorn"),
    "asgi, another brought along": ({}, "asgi", None, {"quart", "hypercorn"}, "hypercorn", "run by hypercorn"),
    "asgi, several brought along": ({}, "asgi", None, {"daphne", "uvicorn"}, "uvicorn", "run by uvicorn"),
    "asgi, a server for both": ({}, "asgi", None, {"gunicorn", "uvicorn"}, "uvicorn", "run by uvicorn"),
    "asked": (
        {"server": "gunicorn"},
        "wsgi",
        "gunicorn",
        set(),
        "gunicorn",
        "its requirements name no gunicorn: gunicorn is added",
    ),
    "asked and there": ({"server": "gunicorn"}, "asgi", "gunicorn", {"gunicorn"}, "gunicorn", ""),
    "asked by the author": (
        {},
        "wsgi",
        "gunicorn",
        {"gunicorn"},
        "gunicorn",
        "run by gunicorn, as its author asks for",
    ),
    "command": ({}, "http", None, set(), "command", "run by command"),
    "wsgi with WebSockets, where rules need Apache": (
        {"rewrite": ("x",)},
        "wsgi",
        None,
        {"flask-sock"},
        "passenger",
        f"run by passenger; flask-sock {TOLD.format('passenger')}",
    ),
    "asgi with WebSockets": ({}, "asgi", None, {"python-socketio", "uvicorn"}, "uvicorn", "run by uvicorn"),
    "a client of WebSockets": ({}, "wsgi", None, {"websocket-client"}, "passenger", "run by passenger"),
}


@pytest.mark.parametrize("case", CHOSEN)
def test_server(case: str) -> None:
    asked, interface, server, packages, chosen, why = CHOSEN[case]
    command = ("python", "app.py") if interface == "http" else ()
    choice = choose(replace(APP, **asked), interface, command, server, packages)
    assert (choice.server, choice.why) == (chosen, why)


REALTIME = ("flask-sock", "flask-socketio", "python-engineio", "python-socketio", "simple-websocket")


@pytest.mark.parametrize("package", REALTIME)
def test_conversations_are_for_gunicorn_with_a_thread_each(package: str) -> None:
    choice = choose(APP, "wsgi", (), None, {"flask", "gunicorn", package})
    assert (choice.server, choice.threads) == ("gunicorn", 100)
    assert choice.why == (
        f"run by gunicorn, for {package} holds conversations and takes WebSockets, which Passenger's processes can't; "
        f"100 threads, for each conversation of {package} takes one (or set threads)"
    )


def test_the_number_of_threads_is_the_operators() -> None:
    choice = choose(replace(APP, threads=8), "wsgi", (), None, {"gunicorn", "flask-sock"})
    assert (choice.server, choice.threads) == ("gunicorn", 8)
    assert "threads" not in choice.why


@pytest.mark.parametrize("server", ["gunicorn", "passenger", "granian"])
def test_an_app_without_conversations_has_its_servers_own_number_of_threads(server: str) -> None:
    assert choose(replace(APP, server=server), "wsgi", (), server, {"flask"}).threads is None


def test_gunicorn_that_was_asked_for_has_a_thread_for_each_conversation_too() -> None:
    choice = choose(replace(APP, server="gunicorn"), "wsgi", (), "gunicorn", {"gunicorn", "flask-socketio"})
    assert choice.threads == 100
    assert choice.why == "100 threads, for each conversation of flask-socketio takes one (or set threads)"


@pytest.mark.parametrize("server", ["passenger", "granian", "hypercorn", "uwsgi", "cgi"])
def test_a_server_that_was_asked_for_and_cannot_hold_conversations_is_told_of(server: str) -> None:
    choice = choose(replace(APP, server=server), "wsgi", (), server, {server, "flask-socketio"})
    assert (choice.server, choice.threads) == (server, None)
    assert f"flask-socketio {TOLD.format(server)}" in choice.why


def test_conversations_in_several_processes_are_told_of() -> None:
    several = replace(APP, workers=3)
    told = "a conversation lies in one process, and workers is 3: use workers: 1"
    assert told in choose(several, "wsgi", (), None, {"flask-socketio"}).why
    # A WebSocket alone stays with the process that it was opened with.
    assert "use workers: 1" not in choose(several, "wsgi", (), None, {"flask-sock"}).why
    assert "use workers: 1" not in choose(replace(APP, workers=1), "wsgi", (), None, {"flask-socketio"}).why


@pytest.mark.parametrize("green", ["eventlet", "gevent"])
def test_green_threads_that_no_server_here_has_are_told_of(green: str) -> None:
    told = f"flask-socketio takes {green} where it is there, and fails: leave it out, or set async_mode='threading'"
    assert choose(APP, "wsgi", (), None, {"flask-socketio", green}).why.count(told) == 1
    assert "async_mode" not in choose(APP, "wsgi", (), None, {"flask-socketio", "simple-websocket"}).why
    assert "async_mode" not in choose(APP, "wsgi", (), None, {"flask-sock", green}).why
    assert "async_mode" not in choose(APP, "wsgi", (), None, {"flask", green}).why


WRONG: dict[str, tuple[dict[str, Any], str, str | None, str]] = {
    "another interface": ({}, "asgi", "passenger", "server: 'passenger' runs wsgi, not asgi; use auto or"),
    "workers of a program": ({"workers": 3}, "http", None, "workers: server 'command' does not take it"),
    "rules without Apache": (
        {"rewrite": ("x",), "route": "nginx"},
        "asgi",
        None,
        "rewrite: rules are Apache's; add route: apache",
    ),
    "a variable that tells the port": ({"env": (("PORT", "80"),)}, "http", None, "env: PORT: a command is told by"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_refused(case: str) -> None:
    asked, interface, server, words = WRONG[case]
    with pytest.raises(SpecError, match="app blog: ") as error:
        choose(replace(APP, **asked), interface, ("python", "app.py") if interface == "http" else (), server, ())
    assert words in str(error.value)
