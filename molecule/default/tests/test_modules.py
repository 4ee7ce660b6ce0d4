# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each module by itself in somebody's own playbook: check mode foretells, one run does it, the next changes nothing."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster import KINDS, NODES, SCENARIO, ask, host, on_all, play, put

FOLDER = "/var/modules"
VENV = f"{FOLDER}/venv"
SOCKET = "/run/hostel/mod-asgi/http.sock"
PYTHON = "{{ distribution_python[inventory_hostname] }}"
EXACT = "{{ exact_python[inventory_hostname] }}"

APP = {"user": "erin", "venv": VENV, "env": {"VALUE": "of a module"}}
PROXY = {"name": "mod-asgi", "urls": ["mod-asgi.test", "mod.test/asgi"], "upstream": f"unix:{SOCKET}"}
HOSTING = {
    "python_versions": [{"version": PYTHON}],
    "tenants": [{"name": "frank"}],
    "apps": [
        {
            "name": "alone",
            "tenant": "frank",
            "urls": ["alone.test"],
            "python": PYTHON,
            "source": {"in_place": f"{FOLDER}/asgi"},
        }
    ],
}
NO_HOSTING = {
    **HOSTING,
    "tenants": [{"name": "frank", "state": "absent"}],
    "apps": [{"name": "alone", "state": "absent"}],
    "purge": True,
}



def archive() -> bytes:
    """An interpreter as an archive: the node's own, by another name."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo("python/bin/python3")
        script = b'#!/bin/sh\nexec /usr/bin/python3 "$@"\n'
        member.size, member.mode = len(script), 0o755
        tar.addfile(member, io.BytesIO(script))
    return packed.getvalue()


ARCHIVE = archive()
# Module, what makes it so, what takes it away.
CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "python_version",
        {
            "version": EXACT,
            "source": "archive",
            "archive": f"{FOLDER}/python.tar.gz",
            "checksum": f"sha256:{hashlib.sha256(ARCHIVE).hexdigest()}",
        },
        {"version": EXACT},
    ),
    ("tenant", {"name": "erin", "limits": {"memory": "300M", "tasks": 50}}, {"name": "erin", "purge": True}),
    (
        "venv",
        {"name": "mod", "python": PYTHON, "requirements": ["uvicorn", "websockets"], "path": VENV},
        {"name": "mod", "path": VENV},
    ),
    (
        "passenger_app",
        {
            **APP,
            "name": "mod-wsgi",
            "app_root": f"{FOLDER}/wsgi",
            "entrypoint": "probe:application",
            "urls": ["mod-wsgi.test"],
        },
        {"name": "mod-wsgi", "urls": ["mod-wsgi.test"]},
    ),
    (
        "asgi_service",
        {**APP, "name": "mod-asgi", "app_root": f"{FOLDER}/asgi", "entrypoint": "probe:app"},
        {"name": "mod-asgi"},
    ),
    ("reverse_proxy", PROXY, {"name": "mod-asgi"}),
    (
        "reverse_proxy",
        {**PROXY, "name": "mod-apache", "urls": ["mod-apache.test"], "backend": "apache", "port": 8099},
        {"name": "mod-apache", "backend": "apache"},
    ),
    ("hosting", HOSTING, NO_HOSTING),
]
PREPARE = f"""
set -e
chmod -R a+rX {FOLDER}
echo Listen 127.0.0.1:8099 > /etc/apache2/conf-enabled/modules.conf
apachectl graceful
"""
CLEAN = f"rm -r {FOLDER} /etc/apache2/conf-enabled/modules.conf; apachectl graceful"
ASK_APACHE = """
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]))
key = open("/var/lib/hostel/front.key").read().strip()
connection.request("GET", "/", headers={"Host": sys.argv[1], "X-Hostel-Key": key})
print(connection.getresponse().read().decode())
"""


def task(module: str, arguments: dict[str, Any], check: bool) -> dict[str, Any]:
    return {
        f"hostel.python.{module}": arguments,
        "name": module,
        "check_mode": check,
        "diff": True,
        "ignore_errors": True,
        "no_log": False,
    }


def results(folder: Path, tasks: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What each of the tasks came to, by node."""
    names = [f"result{number}" for number in range(len(tasks))]
    told = {
        "name": "Tell",
        "ansible.builtin.copy": {
            "dest": f"{folder}/{{{{ inventory_hostname }}}}.json",
            "content": f"{{{{ [{', '.join(names)}] | to_json }}}}",
            "mode": "0600",
        },
        "delegate_to": "localhost",
        "vars": {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
    }
    registered = [{**one, "register": name} for one, name in zip(tasks, names)]
    book = folder / "modules.yml"
    book.write_text(json.dumps([{"hosts": "hostel", "gather_facts": False, "tasks": [*registered, told]}]))
    exact = on_all("python3 -c 'import platform; print(platform.python_version())'")
    run = play(playbook=str(book), exact_python=exact)
    assert run.returncode == 0, run.stdout + run.stderr
    return {node: json.loads((folder / f"{node}.json").read_text()) for node in NODES}


def four_times(folder: Path, steps: list[tuple[str, dict[str, Any]]]) -> None:
    """Check, do, check again, do again."""
    tasks = [task(module, arguments, check) for module, arguments in steps for check in (True, False, True, False)]
    for node, found in results(folder, tasks).items():
        for number, (module, arguments) in enumerate(steps):
            four = found[4 * number : 4 * number + 4]
            case = (node, module, arguments, [{**one, "diff": None} for one in four])
            assert [one.get("failed", False) for one in four] == [False] * 4, case
            assert [one["changed"] for one in four] == [True, True, False, False], case
            for one in four[:2]:
                diffs = one["diff"] if isinstance(one["diff"], list) else [one["diff"]]
                assert any(diff.get("before") != diff.get("after") for diff in diffs), case


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    for node in NODES:
        host(node).check_output(f"install -d {FOLDER}")
        put(node, f"{FOLDER}/python.tar.gz", ARCHIVE)
        for kind in KINDS:
            host(node).check_output(f"install -d {FOLDER}/{kind}")
            put(node, f"{FOLDER}/{kind}/probe.py", (SCENARIO / "apps" / kind / "probe.py").read_bytes())
    on_all(PREPARE)
    yield tmp_path_factory.mktemp("modules")
    on_all(CLEAN)


def test_each_module_makes_it_so(folder: Path) -> None:
    four_times(folder, [(module, wanted) for module, wanted, _gone in CASES])
    for node in NODES:
        uid = host(node).user("erin").uid
        for url, prefix in (("mod-asgi.test/", ""), ("mod.test/asgi/", "/asgi")):
            told = ask(node, url).told
            assert (told["uid"], told["value"], told["script_name"]) == (uid, "of a module", prefix)
        for name, port in (("mod-wsgi.test", "8080"), ("mod-apache.test", "8099")):
            answer = host(node).check_output("python3 -c %s %s %s", ASK_APACHE, name, port)
            assert answer.startswith("{"), (name, answer)
            told = json.loads(answer)
            assert (told["uid"], told["value"]) == (uid, "of a module"), name
            assert f"user-{uid}.slice" in told["cgroup"]
        assert ask(node, "alone.test/").status == 200
        assert ask(node, "wsgi.test/").status == 200


def test_what_a_server_refuses_stays_out(folder: Path) -> None:
    before = on_all("cat /etc/nginx/conf.d/*")
    refused = task("reverse_proxy", {**PROXY, "upstream": "no-such-host.invalid:80"}, False)
    for found in results(folder, [refused]).values():
        assert found[0]["failed"]
        assert "no-such-host.invalid" in found[0]["msg"]
    assert on_all("cat /etc/nginx/conf.d/*") == before
    assert {ask(node, "mod-asgi.test/").status for node in NODES} == {200}


def test_reading_a_node_and_keeping_what_is_used(folder: Path) -> None:
    used = task("python_version", {"version": PYTHON, "state": "absent"}, False)
    for info, refused in results(folder, [task("hosting_info", {}, False), used]).values():
        assert info["changed"] is False
        assert set(info["apps"]) == {"alone", "probe-asgi", "probe-wsgi"}
        assert info["apps"]["probe-wsgi"]["server"] == "passenger"
        assert set(info["tenants"]) == {"alice", "bob", "erin", "frank"}
        assert refused["failed"]
        assert "alone" in refused["msg"] or "probe" in refused["msg"]


def test_each_module_takes_it_away(folder: Path) -> None:
    four_times(folder, [(module, {"state": "absent", **gone}) for module, _wanted, gone in reversed(CASES[:-1])])
    four_times(folder, [("hosting", NO_HOSTING)])
    for node in NODES:
        assert not host(node).user("erin").exists
        assert not host(node).file("/home/erin").exists
        assert ask(node, "mod-asgi.test/").status == 404
        assert ask(node, "wsgi.test/").status == 200
