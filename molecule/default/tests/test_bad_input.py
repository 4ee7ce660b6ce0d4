# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One inventory with everything wrong: all of it is reported at once, and no node is touched."""

from __future__ import annotations

from typing import Any

from cluster import NODES, on_all, play

SECRET = "never-to-be-shown"  # noqa: S105
HARD = "x'\"$;#`\\ \n\0"

GOOD: dict[str, Any] = {"tenant": "zoe", "python": "3.11", "source": {"package": "x"}}

TENANTS: list[Any] = [
    {"name": "zoe"},
    {"name": "twice"},
    {"name": "twice"},
    *({"name": name} for name in ("root", "www-data", "a.b", "a/b", "a b", "-a", "a" * 32, HARD, 7)),
    {"name": "limited", "limits": {"memory": "1K", "cpu": "-5%", "tasks": "many", "disk": "2 apples", "swap": "1G"}},
    {"name": "misspelt", "limit": {}},
    "no mapping",
]
URLS = ["h.test:8080", "h.test/#top", "h.test/../up", "h.test/a\nb", "https://h.test", f"h.test/{HARD}", "", 5]
FIELDS: dict[str, Any] = {
    "entrypoint": f"{HARD}:app",
    "python": "2.7",
    "server": "nginx; reboot",
    "interface": "scgi",
    "requirements": f"{HARD}",
    "requirements_file": "../../etc/shadow",
    "source": {"local": f"a{HARD}"},
    "static": [{"url": f"/s{HARD}/", "path": "/etc"}, {"url": "/s/"}],
    "persist": ["../up", "/abs", HARD],
    "hooks": {"before_live": [["python", "\0"], 5]},
    "health": {"path": HARD, "status": [900, 1], "timeout": "soon"},
    "timeouts": {"read": "0s"},
    "body_limit": "much",
    "idle_timeout": "-1s",
    "env": {"A B": SECRET, "NUL": f"{SECRET}\0", "FLAG": True, "LIST": [SECRET]},
    "state": "restarted",
}
APPS: list[Any] = [
    {"name": "first", "urls": ["one.test/a"], **GOOD},
    {"name": "second", "urls": ["ONE.test/a/"], **GOOD},
    {"name": "orphan", "urls": ["orphan.test"], **GOOD, "tenant": "nobody-knows", "python": "3.99"},
    {"name": "urls", "urls": URLS, **GOOD},
    {"name": "fields", "urls": ["fields.test"], **GOOD, **FIELDS},
    {"name": "unknown", "urls": ["unknown.test"], **GOOD, "evn": {"PASSWORD": SECRET}, "portt": 5},
    {"name": "git", "urls": ["git.test"], **GOOD, "source": {"git": "ext::sh -c id", "version": "--upload-pack=id"}},
    {"name": "archive", "urls": ["archive.test"], **GOOD, "source": {"archive": "ftp://x", "checksum": "md5:1"}},
    {"name": "both", "urls": ["both.test"], **GOOD, "source": {"git": "https://x/y", "local": "z"}},
    {"name": "empty"},
    {"name": "A.b", "urls": ["name.test"], **GOOD},
    "no mapping",
]
LINES = [
    "tenant 'twice': name: is given 2 times",
    "tenant 'root': name: 'root': is reserved",
    "tenant 'www-data': name: 'www-data': is reserved",
    *(f"tenant {name!r}: name: {name!r}: must be 1 to 31" for name in ("a.b", "a/b", "a b", "-a", "a" * 32)),
    f"tenant {HARD!r}: name: {HARD!r}: must not hold control characters",
    "tenants[11]: name: the number 7: must be a string",
    *(f"tenant 'limited': limits.{key}: " for key in ("memory", "cpu", "tasks", "disk")),
    "tenant 'limited': limits.swap: unknown key; allowed are",
    "tenant 'misspelt': limit: unknown key; did you mean 'limits'?",
    "tenants[14]: must be a mapping",
    "app 'second': urls: 'one.test/a' belongs to app 'first' already",
    "app 'orphan': tenant: 'nobody-knows' is not declared; declared: ",
    "app 'orphan': python: '3.99' is not declared; declared: 3.11",
    *(f"app 'urls': urls[{index}]: " for index in range(len(URLS))),
    *(
        f"app 'fields': {key}: "
        for key in ("entrypoint", "python", "server", "interface", "requirements", "requirements_file", "source.local")
    ),
    *(f"app 'fields': {key}: " for key in ("static[0].url", "static[0].path", "static[1].path", "persist[0]")),
    *(f"app 'fields': {key}: " for key in ("persist[1]", "persist[2]", "hooks.before_live[0]", "hooks.before_live[1]")),
    *(f"app 'fields': health.{key}: " for key in ("path", "status", "timeout")),
    *(f"app 'fields': {key}: " for key in ("timeouts.read", "body_limit", "idle_timeout", "state")),
    *(f"app 'fields': env.{name}: " for name in ("A B", "NUL", "FLAG", "LIST")),
    "app 'unknown': evn: unknown key; did you mean 'env'?",
    "app 'unknown': portt: unknown key",
    "app 'git': source.git: ",
    "app 'git': source.version: ",
    "app 'archive': source.archive: ",
    "app 'archive': source.checksum: ",
    "app 'both': source: local and git are given",
    *(f"app 'empty': {key}: is missing" for key in ("tenant", "urls", "python", "source")),
    "app 'A.b': name: 'A.b': must be 1 to 40",
    "apps[11]: must be a mapping",
]
TOUCHED = "find /etc /srv /opt /var/lib /home /usr/local -xdev -newer /run/before 2>/dev/null || true"
UNITS = "systemctl list-units --no-legend --plain 'hostel-*@*' nginx.service apache2.service"


def test_everything_wrong_is_told_at_once_and_nothing_is_touched() -> None:
    on_all("touch /run/before")
    before = on_all(UNITS)
    run = play(
        "-vvv",
        playbook="hostel.python.site",
        hostel_python_versions=[{"version": "3.11"}],
        hostel_tenants=TENANTS,
        hostel_apps=APPS,
    )
    said = run.stdout + run.stderr
    assert run.returncode != 0
    missing = [line for line in LINES if line not in said]
    assert missing == [], said[:20000]
    assert said.count("tenant 'root': name: ") <= 2, "reported once, which Ansible prints on two streams at most"
    assert SECRET not in said
    assert on_all(TOUCHED) == dict.fromkeys(NODES, "")
    assert on_all(UNITS) == before


def test_lists_that_are_none() -> None:
    lists = ("python_versions", "tenants", "apps")
    run = play(playbook="hostel.python.site", **{f"hostel_{name}": {"a": "mapping"} for name in lists})
    assert run.returncode != 0
    for name in lists:
        assert f"{name}: must be a list, not a mapping" in run.stdout + run.stderr
