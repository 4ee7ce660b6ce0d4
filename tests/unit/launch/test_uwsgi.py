# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How uWSGI is started, and what stands between it and the application."""

from __future__ import annotations

import io

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import uwsgi
from ansible_collections.hostel.python.plugins.module_utils._launch.exact_answer import Exact
from ansible_collections.hostel.python.plugins.module_utils._launch.spooled_body import Spooled


def test_one_process_needs_no_parent():
    given = uwsgi.arguments({"protocol": "uwsgi", "entrypoint": "a:b"}, 3)
    assert "--uwsgi-socket=fd://3" in given
    assert not [option for option in given if option.startswith(("--master", "--workers", "--cheaper"))]


def test_several_processes_load_the_app_each_for_itself():
    given = uwsgi.arguments({"protocol": "uwsgi", "workers": "3", "threads": "2"}, 3)
    assert {"--master", "--workers=3", "--lazy-apps", "--threads=2", "--need-app"} <= set(given)
    assert not [option for option in given if option.startswith("--cheaper")]


def test_processes_come_and_go_between_the_least_and_the_most():
    given = uwsgi.arguments({"protocol": "fastcgi", "workers": "4", "least": "1"}, 3)
    assert {"--fastcgi-socket=fd://3", "--workers=4", "--cheaper=1", "--cheaper-initial=1"} <= set(given)
    assert "--cheaper=1" not in uwsgi.arguments({"protocol": "fastcgi", "workers": "1", "least": "1"}, 3)


def heard(*_told):
    """A start_response() and a write() that take all there is."""
    return heard


@pytest.mark.parametrize("answer", [[], [b"x"], iter(()), iter((b"x",))])
def test_the_body_is_taken_before_the_head_goes_out(answer):
    wire = io.BytesIO(b"y" * 200_000)

    def app(_environ, start_response):
        start_response("403 No", [])
        return answer

    served = uwsgi.Served(Spooled(Exact(app), room=0))
    environ = {"REQUEST_URI": "/a%20b", "CONTENT_LENGTH": "200000", "wsgi.input": wire}
    at_head = [wire.tell() for _piece in served(environ, heard)]
    assert wire.tell() == 200_000
    assert at_head in ([], [200_000])


def test_the_environ_is_the_applications_to_keep():
    kept = []
    served = uwsgi.Served(lambda environ, _start_response: kept.append(environ) or [])
    of_all_requests = {"REQUEST_URI": "/a%20b"}
    served(of_all_requests, heard)
    of_all_requests.clear()
    assert (kept[0]["SCRIPT_NAME"], kept[0]["PATH_INFO"]) == ("", "/a b")


def test_an_answer_may_begin_before_the_body_is_read_and_have_it_all():
    content = bytes(range(256)) * 1000

    def app(environ, start_response):
        start_response("200 OK", [])
        return iter(lambda: environ["wsgi.input"].read(999), b"")

    environ = {"REQUEST_URI": "/", "CONTENT_LENGTH": str(len(content)), "wsgi.input": io.BytesIO(content)}
    served = uwsgi.Served(Spooled(Exact(app), room=0))
    assert b"".join(served(environ, heard)) == content
