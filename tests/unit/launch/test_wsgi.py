# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a WSGI application is told of a request."""

from __future__ import annotations

import urllib.parse
import wsgiref.util
import wsgiref.validate

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import host_header, wsgi
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("path", "mount", "expected"),
    [
        ("/x", "", ("", "/x")),
        ("/", "", ("", "/")),
        ("/blog/x", "/blog", ("/blog", "/x")),
        ("/blog/", "/blog", ("/blog", "/")),
        ("/blog", "/blog", ("/blog", "")),
        ("/blogs/x", "/blog", ("", "/blogs/x")),
        ("/blog//x/../y", "/blog", ("/blog", "//x/../y")),
        ("//blog/x/", "/blog", ("/blog", "/x/")),
        ("/a/../blog/./x", "/blog", ("/blog", "/x")),
        ("/../blog/..", "/blog", ("", "/../blog/..")),
        ("/a/b/caf\xc3\xa9", "/a/b", ("/a/b", "/caf\xc3\xa9")),
    ],
)
def test_split_path(path, mount, expected):
    assert wsgi.split_path(path, mount) == expected


@given(st.text(st.sampled_from("ab/."), max_size=12), st.sampled_from(["", "/a", "/a/b"]))
def test_a_path_is_always_split_as_pep_3333_wants_it(tail, mount):
    script_name, path_info = wsgi.split_path("/" + tail, mount)
    assert script_name in ("", mount)
    assert path_info.startswith("/") or (path_info == "" and script_name)


@given(st.binary(max_size=20))
def test_a_path_is_decoded_to_its_bytes(path):
    uri = "/" + urllib.parse.quote_from_bytes(path, safe="") + "?a%20b"
    assert wsgi.path_of(uri) == "/" + path.decode("latin-1")


def test_a_path_keeps_what_nginx_would_resolve():
    assert wsgi.path_of("/a%2Fb//c/../d") == "/a/b//c/../d"


@pytest.mark.parametrize(
    ("said", "secure", "expected"),
    [
        ("example.org", False, ("example.org", "80")),
        ("example.org", True, ("example.org", "443")),
        ("example.org:8080", True, ("example.org", "8080")),
        ("[::1]:81", False, ("[::1]", "81")),
        ("[::1]", False, ("[::1]", "80")),
        ("example.org:", False, ("example.org:", "80")),
    ],
)
def test_split_host(said, secure, expected):
    assert host_header.split_host(said, secure) == expected


def environ(**more):
    given = {"SCRIPT_NAME": "", "PATH_INFO": "/blog/x", "HTTP_HOST": "example.org", "REMOTE_PORT": "1", **more}
    wsgiref.util.setup_testing_defaults(given)
    return given


def test_mount_client_server_and_scheme_come_from_the_front():
    request = environ(
        HTTP_X_FORWARDED_PREFIX="/blog",
        HTTP_X_FORWARDED_FOR="6.6.6.6, 192.0.2.1",
        HTTP_X_FORWARDED_PROTO="https",
        RAW_URI="/blog/x?a=%2F",
    )
    wsgi.describe(request)
    assert (request["SCRIPT_NAME"], request["PATH_INFO"]) == ("/blog", "/x")
    assert (request["SERVER_NAME"], request["SERVER_PORT"]) == ("example.org", "443")
    assert (request["wsgi.url_scheme"], request["HTTPS"]) == ("https", "on")
    assert (request["REMOTE_ADDR"], request["REQUEST_URI"]) == ("192.0.2.1", "/blog/x?a=%2F")
    assert not {"HTTP_X_FORWARDED_PREFIX", "REMOTE_PORT"} & set(request)


def test_a_plain_request_is_not_secure_whatever_the_server_thinks():
    request = environ(HTTPS="on", HTTP_X_FORWARDED_PROTO="http")
    wsgi.describe(request)
    assert request["wsgi.url_scheme"] == "http"
    assert "HTTPS" not in request


def test_what_a_server_took_from_a_client_is_joined_again():
    request = environ(SCRIPT_NAME="/bl", PATH_INFO="og/x", HTTP_X_FORWARDED_PREFIX="/blog")
    wsgi.describe(request)
    assert (request["SCRIPT_NAME"], request["PATH_INFO"]) == ("/blog", "/x")


@pytest.mark.parametrize("path", ["/blog", "/blog/", "/blog/x"])
def test_the_validator_has_nothing_to_say(path):
    def app(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"x"]

    front = wsgi.Front(wsgiref.validate.validator(app))
    request = environ(PATH_INFO=path, HTTP_X_FORWARDED_PREFIX="/blog", QUERY_STRING="")
    answer = front(request, lambda *_: lambda _data: None)
    assert list(answer) == [b"x"]
    answer.close()
