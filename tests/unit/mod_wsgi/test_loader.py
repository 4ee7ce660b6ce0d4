# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The script of the shared Apaches: one release in an interpreter's life."""

from __future__ import annotations

import io

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import pep3333, shared_wsgi

TAG = "shop@0123456789ab"


@pytest.fixture
def node(monkeypatch):
    """What a test says of releases, and what the loader did."""
    state = {"settings": {"mode": "pool", "stopped": False}, "app": lambda _environ, _start: [b"hello"], "done": []}

    def enter(_settings):
        state["done"].append("loaded")
        if "broken" in state:
            raise RuntimeError(state["broken"])
        return state["app"]

    monkeypatch.setattr(shared_wsgi, "read_settings", lambda _tag: state["settings"])
    monkeypatch.setattr(shared_wsgi, "enter", enter)
    monkeypatch.setattr(shared_wsgi, "ours", {"hostel_launch.pep3333": pep3333}.__getitem__)
    for name in ("become_the_tenants", "keep_apart", "report", "end"):
        monkeypatch.setattr(shared_wsgi, name, lambda *_args, name=name: state["done"].append(name))
    monkeypatch.setattr(shared_wsgi, "HOLDER", shared_wsgi.Holder())
    return state


def ask(tag=TAG, uri="/", **more):
    heads = []
    environ = {"HOSTEL_RELEASE": tag, "HOSTEL_DAEMON": "1-a", "REQUEST_URI": uri, "wsgi.errors": None, **more}
    body = b"".join(shared_wsgi.application(environ, lambda status, _headers: heads.append(status)))
    return (heads[0] if heads else "200"), body, environ


def test_an_app_is_loaded_once(node):
    assert [ask()[1] for _time in range(3)] == [b"hello"] * 3
    assert node["done"] == ["become_the_tenants", "loaded"]


def test_an_embedded_app_does_not_become_a_tenants_process(node):
    node["settings"]["mode"] = "embedded"
    ask()
    assert node["done"] == ["keep_apart", "loaded"]


def at_once(_environ, _start_response):
    raise LookupError


def in_the_middle(_environ, _start_response):
    yield b"the beginning"
    raise LookupError


@pytest.mark.parametrize("app", [at_once, in_the_middle])
def test_what_an_embedded_app_raises_is_in_its_journal_once(node, app):
    node["settings"]["mode"], node["app"] = "embedded", app
    with pytest.raises(LookupError):
        ask()
    assert node["done"] == ["keep_apart", "loaded", "report"]


def test_an_embedded_apps_answer_is_closed():
    answer = io.StringIO("hello")
    shared_wsgi.Said(answer, pep3333.close).close()
    assert answer.closed


def test_another_release_is_not_answered_by_this_one(node):
    ask()
    assert ask("shop@ba9876543210")[0].startswith("503 ")
    assert ask()[1] == b"hello"


def test_a_stopped_app_is_not_loaded(node):
    node["settings"]["stopped"] = True
    assert ask()[0].startswith("503 ")
    assert node["done"] == []
    node["settings"]["stopped"] = False
    assert ask()[1] == b"hello"


def test_a_daemon_that_could_not_load_its_app_ends_and_does_not_try_again(node):
    node["broken"] = "boom"
    assert [ask()[0] for _time in range(2)] == ["500 Internal Server Error"] * 2
    assert node["done"] == ["become_the_tenants", "loaded", "report", "end"]


def test_an_embedded_app_that_could_not_be_loaded_is_tried_again(node):
    node["settings"]["mode"] = "embedded"
    node["broken"] = "boom"
    assert ask()[0].startswith("500 ")
    del node["broken"]
    node["app"] = lambda _environ, _start: [b"at last"]
    assert ask()[1] == b"at last"
    assert "end" not in node["done"]


def test_the_path_is_what_the_client_sent_decoded_once(node):
    _status, _body, environ = ask(uri="/a%2Fb/%C3%A4%2520?x=%31", PATH_INFO="/wrong", SCRIPT_NAME="/wrong")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("", "/a/b/\u00c3\u00a4%20")


def test_the_app_is_not_told_what_is_ours(node):
    _status, _body, environ = ask(SCRIPT_URI="http://shop:8082/")
    assert not {"HOSTEL_RELEASE", "HOSTEL_DAEMON", "SCRIPT_URI"} & set(environ)
