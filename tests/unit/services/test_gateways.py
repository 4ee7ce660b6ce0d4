# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""uWSGI, FastCGI and CGI: what is run, and how nginx speaks to it."""

from __future__ import annotations

import subprocess

import pytest
from ansible_collections.hostel.python.plugins.module_utils._servers.cgi import CGI
from ansible_collections.hostel.python.plugins.module_utils._servers.fastcgi import FASTCGI
from ansible_collections.hostel.python.plugins.module_utils._servers.uwsgi import UWSGI
from ansible_collections.hostel.python.plugins.module_utils._spec.route import Route
from ansible_collections.hostel.python.tests.unit.releases import BLOG, altered

RELEASE = altered(BLOG, server="uwsgi", interface="wsgi", entrypoint="blog:app")
SETTINGS = "/var/lib/hostel/apps/blog/0123456789ab"


def files(release):
    return {file.path: file for file in CGI.program(release).files}


def test_nginx_speaks_to_each_what_it_understands():
    assert [server.route(BLOG.app) for server in (UWSGI, FASTCGI, CGI)] == [
        Route("socket", "uwsgi"), Route("socket", "fastcgi"), Route("socket", "http"),
    ]  # fmt: skip


def test_workers_are_uwsgis_processes_and_fastcgis_most():
    assert not [word for word in UWSGI.program(RELEASE).argv if word.startswith("--workers")]
    assert "--workers=3" in UWSGI.program(altered(RELEASE, app={"workers": 3})).argv
    assert {"--workers=4", "--least=1"} <= set(FASTCGI.program(RELEASE).argv)
    many = altered(RELEASE, app={"workers": 9, "threads": 2})
    assert {"--workers=9", "--least=1", "--threads=2"} <= set(FASTCGI.program(many).argv)


def test_uwsgis_own_way_to_end_is_no_failure():
    assert all("SuccessExitStatus=30" in server.program(RELEASE).more for server in (UWSGI, FASTCGI))


def test_all_that_is_run_is_there_and_can_be():
    for server in (UWSGI, FASTCGI):
        program = server.program(RELEASE)
        assert program.argv[1] in {file.path for file in program.files}
    program = CGI.program(RELEASE)
    paths = {file.path: file for file in program.files}
    assert all(word in paths for word in program.argv)
    assert paths[program.argv[0]].mode == paths[f"{SETTINGS}/answer"].mode == 0o755


def test_requests_wait_beyond_the_most_processes():
    assert b"server.max-connections = 4\n" in files(RELEASE)[f"{SETTINGS}/lighttpd.conf"].content
    seven = altered(RELEASE, app={"workers": 7})
    assert b"server.max-connections = 7\n" in files(seven)[f"{SETTINGS}/lighttpd.conf"].content


@pytest.mark.parametrize(("interface", "launcher"), [("wsgi", "cgi"), ("cgi", "script")])
def test_an_entrypoint_reaches_the_launcher_as_it_is(tmp_path, interface, launcher):
    odd = 'cgi bin/it\'s "$HOME" `id`;ä/'
    release = altered(RELEASE, interface=interface, entrypoint=odd)
    answer = files(release)[f"{SETTINGS}/answer"].content.decode()
    # Where it runs is another place here.
    for word in ("/var/lib/hostel/venvs/0123/bin/python", "/usr/bin/python3"):
        answer = answer.replace(f"exec {word} ", 'exec printf "%s\\n" ')
    answer = answer.replace("/run/hostel-awake/hostel-blog@0123456789ab/environment", f"{tmp_path}/environment")
    answer = answer.replace(release.folder, str(tmp_path))
    (tmp_path / "environment").write_text("export OWN=1\n")
    (tmp_path / "answer").write_text(answer)
    done = subprocess.run(["sh", str(tmp_path / "answer")], capture_output=True, text=True, check=True)
    words = done.stdout.splitlines()
    assert words[-1] == f"--entrypoint={odd}"
    assert words[-2] == launcher


def test_the_nodes_own_python_runs_scripts_without_the_apps_variables():
    answer = files(altered(RELEASE, interface="cgi", entrypoint="cgi-bin/"))[f"{SETTINGS}/answer"]
    assert b"exec /usr/bin/python3 -E -s -S /opt/hostel/lib/serve.py script " in answer.content
