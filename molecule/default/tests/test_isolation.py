# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one tenant can do to another: nothing."""

from __future__ import annotations

import pytest
from cluster import KINDS, TENANTS, ask
from testinfra.host import Host

OTHER = {"wsgi": "asgi", "asgi": "wsgi"}

CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
STATUS = """
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
connection.request("GET", "/", headers={"Host": "wsgi.test"})
print(connection.getresponse().status)
"""
EAT = "b = b'x' * 600000000"
FORK = "import os, time\nfor _ in range(80):\n if not os.fork(): time.sleep(3); os._exit(0)"


@pytest.mark.parametrize("kind", KINDS)
def test_a_memory_explosion_costs_that_request_alone(node: str, kind: str) -> None:
    other = OTHER[kind]
    before = ask(node, f"{other}.test/").told["pid"]
    assert ask(node, f"{kind}.test/eat?bytes=1000").told["eaten"] == 1000
    assert ask(node, f"{kind}.test/eat?bytes=600000000").status >= 500
    assert ask(node, f"{kind}.test/", timeout=60).status == 200
    assert ask(node, f"{other}.test/").told["pid"] == before


@pytest.mark.parametrize("kind", KINDS)
def test_an_app_reads_nothing_of_its_neighbour(host: Host, node: str, kind: str) -> None:
    other = OTHER[kind]
    folder = f"/srv/hostel/{TENANTS[other]}/probe-{other}"
    release = host.check_output(f"readlink {folder}/current").rpartition("/")[2]
    for path in (
        f"{folder}/current/probe.py",
        f"{folder}/current/assets/mark.txt",
        f"{folder}/data/notes.txt",
        f"{folder}/data/uploads/first.txt",
        f"/var/lib/hostel/apps/probe-{other}/{release}/environment",
        "/var/lib/hostel/front.key",
        "/etc/nginx/hostel/snippets/apache.conf",
    ):
        assert host.file(path).exists
        assert ask(node, f"{kind}.test/read?file={path}").told.get("error") == "PermissionError", path


def test_a_tenant_reaches_no_app_but_through_the_front(host: Host) -> None:
    release = host.check_output("readlink /srv/hostel/bob/probe-asgi/current").rpartition("/")[2]
    sides = [f"/run/hostel/probe-asgi/{release}.{side}.sock" for side in "ab"]
    for socket in (*sides, "/run/hostel-front/http.sock", "/run/hostel-front/apache.sock"):
        assert host.file(socket).is_socket
        assert "PermissionError" in host.run("runuser -u alice -- python3 -c %s %s", CONNECT, socket).stderr
    port = host.check_output("ss -Hltnp | sed -n 's/.*127.0.0.1:\\([0-9]*\\).*apache2.*/\\1/p'")
    assert host.check_output("runuser -u bob -- python3 -c %s %s", STATUS, port) == "403"


@pytest.mark.parametrize(("program", "error"), [(EAT, ""), (FORK, "BlockingIOError")])
def test_limits_hold_for_whatever_a_tenant_starts(host: Host, program: str, error: str) -> None:
    room = f"--uid=alice --slice=user-{host.user('alice').uid}.slice"
    ran = host.run(f"systemd-run --quiet --collect --wait --pipe {room} python3 -c %s", program)
    assert ran.rc != 0
    assert error in ran.stderr


def test_an_idle_tenant_has_no_manager_of_its_own(host: Host) -> None:
    assert host.check_output("systemctl list-units --no-legend --plain 'user@[1-9]*'") == ""
