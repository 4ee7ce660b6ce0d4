# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process for each request: WSGI applications and plain scripts, run as a gateway runs them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

REQUEST = {
    "REQUEST_METHOD": "POST",
    "REQUEST_URI": "/blog/a%2Fb//%C3%A4?x=1",
    "QUERY_STRING": "x=1",
    "CONTENT_LENGTH": "5",
    "SCRIPT_NAME": "/answer",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "REMOTE_ADDR": "/run/x.sock",
    "REMOTE_PORT": "0",
    "HTTP_HOST": "www.example.org:8080",
    "HTTP_CONTENT_LENGTH": "5",
    "HTTP_X_FORWARDED_FOR": "192.0.2.7",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_PREFIX": "/blog",
    "PATH": os.environ["PATH"],
    "OWN": "it's ä",
}
APP = """\
from wsgiref.validate import validator
@validator
def app(environ, start_response):
    print("to the log")
    start_response("201 Made", [("Content-Type", "text/plain"), ("X-Note", "\\xe4")])
    names = ("SCRIPT_NAME", "PATH_INFO", "REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme")
    said = [environ[name] for name in names] + [environ["wsgi.input"].read(9).decode(), str("OWN" in environ)]
    return [repr(said).encode()]
"""
SCRIPT = """\
#!/bin/sh
echo "Content-Type: text/plain"
echo
echo "$SCRIPT_NAME|$PATH_INFO|$REMOTE_ADDR|$SERVER_PORT|$HTTPS|$OWN|$(pwd)|$SCRIPT_FILENAME|$REMOTE_PORT|$(cat)"
echo "to the log" >&2
"""


def run(lib, folder, launcher, entrypoint, **more):
    words = [sys.executable, str(lib / "serve.py"), launcher, f"--entrypoint={entrypoint}"]
    done = subprocess.run(words, cwd=folder, env={**REQUEST, **more}, input=b"12345", capture_output=True, check=False)
    head, _line, body = done.stdout.replace(b"\r\n", b"\n").partition(b"\n\n")
    return head.decode("latin-1").splitlines(), body.decode("latin-1"), done.stderr.decode()


def test_a_wsgi_app_is_told_what_the_client_asked(lib, tmp_path):
    (tmp_path / "site.py").write_text("")
    (tmp_path / "mine.py").write_text(APP)
    head, body, log = run(lib, tmp_path, "cgi", "mine:app")
    assert head[0] == "Status: 201 Made"
    assert "X-Note: \xe4" in head
    told = ["/blog", "/a/b//\xc3\xa4", "192.0.2.7", "www.example.org", "8080", "https", "12345", "False"]
    assert body.encode("latin-1").decode() == repr(told)
    assert log == "to the log\n"


def test_an_app_that_fails_is_a_500_and_in_the_log(lib, tmp_path):
    (tmp_path / "mine.py").write_text("def app(environ, start_response): raise LookupError('mine')\n")
    head, _body, log = run(lib, tmp_path, "cgi", "mine:app")
    assert head[0].startswith("Status: 500 ")
    assert log.endswith("LookupError: mine\n")


@pytest.fixture
def scripts(tmp_path):
    folder = tmp_path / "release" / "cgi-bin"
    (folder / "deep").mkdir(parents=True)
    for name in ("show.sh", "index.cgi", ".hidden", "deep/show.sh", "sp ace.sh"):
        (folder / name).write_text(SCRIPT)
        (folder / name).chmod(0o755)
    (folder / "data.txt").write_text("no")
    (folder / "nothing").write_text("no first line")
    (folder / "nothing").chmod(0o755)
    outside = tmp_path / "outside.sh"
    outside.write_text(SCRIPT)
    outside.chmod(0o755)
    (tmp_path / "release" / "beside.sh").write_text(SCRIPT)
    (tmp_path / "release" / "beside.sh").chmod(0o755)
    (folder / "out.sh").symlink_to(outside)
    (folder / "within.sh").symlink_to("../beside.sh")
    return tmp_path / "release"


@pytest.mark.parametrize(
    ("path", "script", "rest"),
    [
        ("/show.sh", "/show.sh", ""),
        ("/show.sh/", "/show.sh", "/"),
        ("/show.sh/a%2Fb/c%20d//e", "/show.sh", "/a/b/c d//e"),
        ("/deep/show.sh/x", "/deep/show.sh", "/x"),
        ("/sp%20ace.sh", "/sp ace.sh", ""),
        ("/", "/", ""),
        ("/within.sh", "/within.sh", ""),
    ],
)
def test_the_path_names_a_script_of_the_folder(lib, scripts, path, script, rest):
    head, body, log = run(lib, scripts, "script", "cgi-bin/", REQUEST_URI=f"/blog{path}?x=1")
    assert head == ["Content-Type: text/plain"]
    file = scripts / "cgi-bin" / (script[1:] or "index.cgi")
    assert body.split("|") == [
        f"/blog{script}", rest, "192.0.2.7", "8080", "on", "it's \xc3\xa4", str(file.parent), str(file),
        "", "12345\n",
    ]  # fmt: skip
    assert log == "to the log\n"


def test_one_script_answers_everything(lib, scripts):
    _head, body, _log = run(lib, scripts, "script", "cgi-bin/show.sh")
    assert body.split("|")[:2] == ["/blog", "/a/b//\xc3\xa4"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/none", 404, "no such script"),
        ("/none/show.sh", 404, "no such script"),
        ("/deep/", 404, "no such script"),
        ("/.hidden", 404, "no such script"),
        ("/../beside.sh", 404, "no such script"),
        ("/..%2Fbeside.sh", 404, "no such script"),
        ("/deep/%2e%2e/show.sh", 404, "no such script"),
        ("/data.txt", 403, "chmod +x"),
        ("/out.sh", 403, "out of the release"),
        ("/nothing", 500, "first line"),
    ],
)
def test_nothing_else_is_started(lib, scripts, path, status, said):
    head, _body, log = run(lib, scripts, "script", "cgi-bin/", REQUEST_URI=f"/blog{path}")
    assert head[0].startswith(f"Status: {status} ")
    assert said in log
