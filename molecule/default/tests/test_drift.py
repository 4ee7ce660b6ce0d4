# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody altered by hand is named in check mode, put right by one run, and right from then on."""

from __future__ import annotations

from cluster import KINDS, NODES, ask, changed, differences, on_all, play, settled

UNIT = "/etc/systemd/system/hostel-probe-asgi@$release.service"

# What is done to a node, and how the diff names it.
DAMAGE = {
    "echo '# altered' >> /etc/nginx/hostel/sites/asgi.test.conf": "site asgi.test",
    "rm /etc/nginx/hostel/sites/wsgi.test.conf": "site wsgi.test",
    "rm /etc/nginx/hostel/upstreams/probe-asgi.conf": "upstream probe-asgi",
    "echo '# altered' >> /srv/hostel/sites/wsgi.test/.htaccess": "/srv/hostel/sites/wsgi.test/.htaccess",
    "rm /srv/hostel/sites/www.test/wsgi/.htaccess": "/srv/hostel/sites/www.test/wsgi/.htaccess",
    "chmod 0644 /var/lib/hostel/apps/probe-wsgi/*/environment": "/environment root:alice 0640",
    f"sed -i s/^User=.*/User=root/ {UNIT} && systemctl daemon-reload": "hostel-probe-asgi@",
    "ln -sfn /nowhere /var/lib/hostel/routes/probe-asgi": "/var/lib/hostel/routes/probe-asgi -> /nowhere",
    "systemctl stop hostel-probe-asgi@$release.socket": ".socket: not there",
    "sed -i s/^TasksMax.*/TasksMax=9/ /etc/systemd/system/user-$(id -u alice).slice.d/50-hostel.conf": "TasksMax=9",
}
LIVE = "release=$(basename $(readlink /srv/hostel/bob/probe-asgi/current))"
STATE = f"""{LIVE}
cat /etc/nginx/hostel/*/* /srv/hostel/sites/*/.htaccess {UNIT} /etc/systemd/system/user-*.slice.d/50-hostel.conf
stat -c '%a %U %G %n' /var/lib/hostel/apps/*/*/*; readlink /var/lib/hostel/routes/*
systemctl is-active hostel-probe-asgi@$release.socket; systemctl show -p TasksMax user-$(id -u alice).slice
true"""


def test_drift_is_named_repaired_and_gone() -> None:
    whole = on_all(STATE)
    on_all("\n".join(["set -e", LIVE, *DAMAGE]))
    damaged = on_all(STATE)
    foreseen = play("--check", "--diff")
    assert changed(foreseen) == set(NODES)
    for named in DAMAGE.values():
        assert foreseen.stdout.count(named) >= len(NODES), (named, foreseen.stdout)
    assert differences(damaged, on_all(STATE)) == []

    assert changed(play()) == set(NODES)
    assert differences(whole, on_all(STATE)) == []
    settled()
    for node in NODES:
        for kind in KINDS:
            assert ask(node, f"{kind}.test/").told["uid"] >= 20000
            assert ask(node, f"www.test/{kind}/").status == 200
