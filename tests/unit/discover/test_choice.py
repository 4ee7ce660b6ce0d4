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

CHOSEN: dict[str, tuple[dict[str, Any], str, str | None, set[str], str, str]] = {
    "wsgi": ({}, "wsgi", None, {"flask"}, "passenger", "run by passenger"),
    "wsgi with gunicorn": ({}, "wsgi", None, {"flask", "gunicorn"}, "passenger", "run by passenger"),
    "wsgi with workers": ({"workers": 2}, "wsgi", None, {"gunicorn"}, "gunicorn", "run by gunicorn"),
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
}


@pytest.mark.parametrize("case", CHOSEN)
def test_server(case: str) -> None:
    asked, interface, server, packages, chosen, why = CHOSEN[case]
    command = ("python", "app.py") if interface == "http" else ()
    choice = choose(replace(APP, **asked), interface, command, server, packages)
    assert (choice.server, choice.why) == (chosen, why)


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
