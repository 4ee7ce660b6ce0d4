# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Apache of one app's own: its configuration, its script, the program that starts it."""

from __future__ import annotations

import ast
import subprocess

import pytest
from ansible_collections.hostel.python.plugins.module_utils._servers import own_apache
from ansible_collections.hostel.python.plugins.module_utils._servers.registry import SERVERS
from ansible_collections.hostel.python.plugins.module_utils._spec.fields import Fields
from ansible_collections.hostel.python.plugins.module_utils._spec.problems import Problems
from ansible_collections.hostel.python.plugins.module_utils._spec.resources import File
from ansible_collections.hostel.python.plugins.module_utils._spec.waiting import parse_timeouts
from ansible_collections.hostel.python.tests.unit.releases import BLOG, altered

RELEASE = altered(
    BLOG, app={"server": "mod_wsgi"}, server="mod_wsgi", interface="wsgi", entrypoint="wsgi:application"
)


def content(release, path):
    found = SERVERS[release.server].resources(release).settings
    return next(one for one in found if isinstance(one, File) and one.path.endswith(path)).content.decode()


def lines(release):
    return [line.strip() for line in content(release, "/apache.conf").splitlines()]


def daemon(release):
    (line,) = (line for line in lines(release) if line.startswith("WSGIDaemonProcess"))
    return line.split()[2:]


def test_one_process_by_itself_is_not_several():
    assert not [word for word in daemon(RELEASE) if word.startswith("processes=")]
    assert 'processes="3"' in daemon(altered(RELEASE, app={"workers": 3}))


@pytest.mark.parametrize(("keys", "at_once"), [({}, 4), ({"threads": 10}, 10), ({"threads": 10, "workers": 3}, 30)])
def test_the_child_has_a_thread_for_each_request_that_the_app_works_on(keys, at_once):
    found = dict(line.split(" ", 1) for line in lines(altered(RELEASE, app=keys)) if " " in line)
    threads = int(found["ThreadsPerChild"])
    assert threads > at_once
    assert found["ThreadLimit"] == found["MaxRequestWorkers"] == found["MaxSpareThreads"] == str(threads)


def test_the_front_gives_up_first():
    (line,) = (line for line in lines(RELEASE) if line.startswith("Timeout "))
    (option,) = (word for word in daemon(RELEASE) if word.startswith("socket-timeout="))
    problems = Problems()
    longest = parse_timeouts(Fields({"read": "1d"}, "app", problems)).read
    problems.raise_any()
    assert int(line.split()[1]) > longest
    assert int(option.split('"')[1]) > longest


def test_processes_are_the_venvs_and_the_releases():
    assert 'home="/srv/hostel/alice/blog/releases/0123456789ab"' in daemon(RELEASE)
    assert 'python-home="/var/lib/hostel/venvs/0123"' in daemon(RELEASE)


def test_its_own_words_are_among_the_apps():
    assert 'ErrorLog "syslog:user:hostel-blog"' in lines(RELEASE)


def test_the_script_names_the_entry_point_whatever_is_in_it():
    entrypoint = 'app/st"art\\up\'.py:make("x")'
    script = content(altered(RELEASE, entrypoint=entrypoint), "/app.wsgi")
    call = ast.parse(script).body[-1].value
    assert [argument.value for argument in call.args] == [entrypoint]


def test_the_shell_understands_how_it_is_started():
    start = content(RELEASE, own_apache.START)
    subprocess.run(["/bin/sh", "-n", "-c", start], check=True)


@pytest.mark.parametrize(
    ("server", "module"),
    [
        ("mod_wsgi", "/usr/lib/apache2/modules/mod_wsgi.so"),
        ("mod_wsgi_express", "/var/lib/hostel/venvs/0123/lib/python*/site-packages/mod_wsgi/server/mod_wsgi-py*.so"),
    ],
)
def test_both_servers_differ_in_the_module_alone(server, module):
    release = altered(RELEASE, app={"server": server}, server=server)
    unit = content(release, "hostel-blog@0123456789ab.service")
    (start,) = (line for line in unit.splitlines() if line.startswith("ExecStart="))
    assert start.endswith(f'"{own_apache.START}" "{release.settings}/apache.conf" "{module}"')
    assert lines(release) == lines(RELEASE)
