# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one tenant can do to another: nothing."""

from __future__ import annotations

import pytest
from cluster import ask
from testinfra.host import Host

APPS = [("wsgi", "alice"), ("asgi", "bob")]


@pytest.mark.parametrize(("kind", "tenant"), APPS)
def test_a_memory_explosion_costs_that_request_alone(node: str, kind: str, tenant: str) -> None:
    other = {"wsgi": "asgi", "asgi": "wsgi"}[kind]
    before = ask(node, f"{other}.test/").told["pid"]
    assert ask(node, f"{kind}.test/eat?bytes=1000").told["eaten"] == 1000
    assert ask(node, f"{kind}.test/eat?bytes=600000000").status >= 500
    assert ask(node, f"{kind}.test/", timeout=60).status == 200
    assert ask(node, f"{other}.test/").told["pid"] == before


@pytest.mark.parametrize(("kind", "tenant"), APPS)
def test_an_app_reads_nothing_of_its_neighbour(host: Host, node: str, kind: str, tenant: str) -> None:
    other, victim = next(pair for pair in APPS if pair[0] != kind)
    folder = f"/srv/hostel/{victim}/probe-{other}"
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
    for socket in (f"/run/hostel/probe-asgi/{release}.sock", "/run/hostel-front/services.sock"):
        ran = host.run(f"runuser -u alice -- curl -s --unix-socket {socket} http://asgi.test/")
        assert ran.rc != 0, ran.stdout
    port = host.check_output("ss -Hltnp 'src 127.0.0.1' | sed -n 's/.*127.0.0.1:\\([0-9]*\\).*apache2.*/\\1/p' | head -1")
    ran = host.run(f"runuser -u bob -- curl -s -o /dev/null -w '%{{http_code}}' -H 'Host: wsgi.test' http://127.0.0.1:{port}/")
    assert ran.stdout == "403"


def test_limits_hold_for_hooks_and_logins_too(host: Host) -> None:
    uid = host.user("alice").uid
    ran = host.run(
        f"systemd-run --quiet --wait --pipe --uid=alice --slice=user-{uid}.slice "
        "python3 -c \"b = b'x' * 600000000\""
    )
    assert ran.rc != 0
    ran = host.run(
        f"systemd-run --quiet --wait --pipe --uid=alice --slice=user-{uid}.slice "
        "python3 -c \"import os, time\nfor _ in range(80):\n if not os.fork(): time.sleep(3); os._exit(0)\""
    )
    assert ran.rc != 0
    assert "BlockingIOError" in ran.stderr


def test_an_idle_tenant_has_no_manager_of_its_own(host: Host) -> None:
    assert host.check_output("systemctl list-units --no-legend --plain 'user@*'") == ""
