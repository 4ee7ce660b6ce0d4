# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd's units of ASGI services."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from ansible_collections.hostel.python.plugins.module_utils._servers.registry import SERVERS
from ansible_collections.hostel.python.plugins.module_utils._servers.service import span
from ansible_collections.hostel.python.plugins.module_utils._servers.uvicorn import UVICORN
from ansible_collections.hostel.python.plugins.module_utils._spec.layout import MANAGED
from ansible_collections.hostel.python.plugins.module_utils._spec.resources import File, Link, is_there
from ansible_collections.hostel.python.plugins.module_utils._syntax import environment
from ansible_collections.hostel.python.tests.unit.releases import BLOG, altered

RELEASE = altered(BLOG, app={"persist": ("media/", "db.sqlite3")}, folders=("media",))


def unit(release, suffix):
    path = f"/etc/systemd/system/hostel-blog@0123456789ab.{suffix}"
    (file,) = (one for one in UVICORN.resources(release).settings if isinstance(one, File) and one.path == path)
    return file.content.decode().splitlines()


def test_it_is_listed():
    assert SERVERS["uvicorn"] is UVICORN


def test_only_the_front_may_connect():
    lines = unit(RELEASE, "socket")
    assert lines[0] == MANAGED
    assert [line for line in lines if line.startswith("ListenStream=")] == [
        "ListenStream=/run/hostel/blog/0123456789ab.a.sock",
        "ListenStream=/run/hostel/blog/0123456789ab.b.sock",
    ]
    assert "SocketUser=root" in lines
    assert "SocketGroup=www-data" in lines
    assert "SocketMode=0660" in lines


def test_it_runs_as_the_tenant_in_the_tenants_slice():
    lines = unit(RELEASE, "service")
    assert "User=alice" in lines
    assert "Slice=user-20001.slice" in lines
    (start,) = (line for line in lines if line.startswith("ExecStart="))
    assert '"/srv/hostel/alice/blog/releases/0123456789ab" "/var/lib/hostel/venvs/0123/bin/python"' in start
    assert "NoNewPrivileges=yes" in lines


def test_a_worker_that_is_killed_for_its_memory_does_not_end_the_others():
    assert "OOMPolicy=continue" in unit(RELEASE, "service")


def test_persisted_folders_are_bound_over_the_release_and_files_are_not():
    binds = [line for line in unit(RELEASE, "service") if line.startswith("BindPaths=")]
    assert binds == [
        'BindPaths="/srv/hostel/alice/blog/data/media":"/srv/hostel/alice/blog/releases/0123456789ab/media"'
    ]


def test_hard_values_are_quoted():
    release = altered(RELEASE, entrypoint='pa$th %n "x".py:app', folders=("me dia$%x",))
    text = "\n".join(unit(release, "service"))
    assert '"--entrypoint=pa$$th %%n \\"x\\".py:app"' in text
    assert 'data/me dia$%%x":"' in text


def resting(idle_timeout):
    return UVICORN.resources(altered(RELEASE, app={"idle_timeout": idle_timeout}))


def test_the_route_is_switched_before_the_units_of_the_boot():
    live = resting(None).live
    assert live[0] == Link("/var/lib/hostel/routes/blog", "/var/lib/hostel/gates/hostel-blog@0123456789ab")
    assert [one.path.split("/")[-2] for one in live[1:]] == ["sockets.target.wants", "multi-user.target.wants"]


def test_an_app_that_may_sleep_is_not_started_at_boot():
    assert [one.path.split("/")[-2] for one in resting(300.0).live[1:]] == ["sockets.target.wants"]


@pytest.mark.parametrize(("seconds", "said"), [(300.0, b"300\n"), (1.5, b"1.5\n"), (None, b"never\n")])
def test_the_sleeper_is_told(seconds, said):
    (file,) = (one for one in resting(seconds).settings if one.path == "/var/lib/hostel/idle/hostel-blog@0123456789ab")
    assert file.content == said


def test_a_turned_gate_is_no_drift():
    path = "/var/lib/hostel/gates/hostel-blog@0123456789ab"
    (gate,) = (one for one in UVICORN.resources(RELEASE).settings if one.path == path)
    first, second = RELEASE.sides
    assert is_there(gate, Link(path, first))
    assert is_there(gate, Link(path, second))
    assert not is_there(gate, Link(path, "/run/hostel/other/0123456789ab.a.sock"))
    assert not is_there(gate, None)


def test_what_runs_is_led_to_by_the_gate_and_stopped_behind_it():
    lines = unit(RELEASE, "service")
    (start,) = (line for line in lines if line.startswith("ExecStart="))
    (stop,) = (line for line in lines if line.startswith("ExecStop="))
    assert start.startswith('ExecStart=/opt/hostel/lib/start "/var/lib/hostel/gates/hostel-blog@0123456789ab" ')
    assert stop.startswith('ExecStop=+/usr/bin/python3 "-I" "-S" "/opt/hostel/lib/turn.py" "30" ')
    assert all(f'"{side}"' in stop for side in RELEASE.sides)


def test_roots_own_commands_do_not_have_the_apps_environment():
    lines = unit(RELEASE, "service")
    assert not [line for line in lines if line.startswith("Environment")]
    (start,) = (line for line in lines if line.startswith("ExecStart="))
    assert start.split()[3] == '"/var/lib/hostel/apps/blog/0123456789ab/environment"'


# Run by the program under test: what descriptor 3 holds, the environment, and whether there is a descriptor 4.
LOOK = (
    "import json, os; print(json.dumps([os.read(3, 9).decode(), dict(os.environ), os.path.exists('/proc/self/fd/4')]))"
)


@pytest.mark.parametrize("side", ["a", "b"])
def test_a_program_starts_with_the_side_in_use_and_its_environment(tmp_path, side):
    (file,) = (one for one in UVICORN.resources(RELEASE).settings if one.path == "/opt/hostel/lib/start")
    (tmp_path / "start").write_bytes(file.content)
    (tmp_path / "environment").write_bytes(environment.render([("VALUE", 'it\'s "$HOME"\n`id`')]))
    (tmp_path / "gate").symlink_to(side)
    (tmp_path / "work").mkdir()
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    words = ["./start", "gate", "b", "./environment", "work", sys.executable, "-c", LOOK]
    ran = subprocess.run(
        ["/bin/sh", "-c", 'exec 3<a 4<b; exec /bin/sh "$@"', "sh", *words],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        env={"LISTEN_FDNAMES": "x:x", "OTHER": "kept"},
    )
    read, environ, fourth = json.loads(ran.stdout)
    assert (read, fourth) == (side, False)
    assert environ["VALUE"] == 'it\'s "$HOME"\n`id`'
    assert environ["OTHER"] == "kept"
    assert environ["PWD"] == str(tmp_path / "work")
    assert environ["LISTEN_FDS"] == "1"
    assert "LISTEN_FDNAMES" not in environ


def test_spans():
    assert (span(30.0), span(0.25)) == ("30s", "250ms")
