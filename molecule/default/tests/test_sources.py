# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that brings many apps at once, from every kind of source, good ones beside bad ones; then takes them away."""

from __future__ import annotations

import hashlib
import io
import tarfile
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cluster import NODES, SCENARIO, Play, ask, changed, differences, on_all, play, put, settled

FOLDER = "/var/crowd"
PORT = 8999
UTF8 = "ünï ☃.txt"
MARK = "read me\n"
PYTHON = "{{ hostel_python_versions[0].version }}"
TENANTS = [{"name": "carol", "limits": {"memory": "500M", "tasks": 80}}, {"name": "dave"}]

PREPARE = f"""
set -e
cd {FOLDER}
mkdir place repo broken empty
tar -xzf site.tar.gz -C place
tar -xzf site.tar.gz -C repo
echo 'raise ImportError("cannot start here")' > broken/probe.py
echo nothing > empty/readme.txt
cd repo
git init --quiet --initial-branch main
git config user.name test
git config user.email test@example.org
git add --all
git commit --quiet --message first
systemd-run --quiet --collect --unit crowd python3 -m http.server {PORT} --bind 127.0.0.1 --directory {FOLDER}
until ss -Hltn | grep -q :{PORT}; do sleep 0.1; done
"""
MOVE = f"cd {FOLDER}/repo && sed -i '/^VERSION/s/1/2/' probe.py && git commit --quiet --all --message second"

# Everything that an app or a tenant may leave behind.
TRACES = f"""
systemctl stop crowd; rm -rf {FOLDER}
cd /var/lib/hostel && ls -R apps routes mounts 2>/dev/null; ls venvs venv-work
ls -A /home /srv/hostel /run/hostel /etc/nginx/hostel/*; find /srv/hostel/sites /srv/hostel/staging
ls /etc/systemd/system /etc/systemd/system/*.wants
systemctl list-units --all --no-legend --plain 'hostel-*.socket' | cut -d' ' -f1
cut -d: -f1 /etc/passwd /etc/group
grep -c /srv/hostel /proc/$(systemctl show apache2 -p MainPID --value)/mounts
true
"""


def archives() -> tuple[bytes, bytes]:
    """The WSGI probe as .tar.gz, the ASGI probe as .zip, each in a top folder of its own."""
    packed, zipped = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.add(SCENARIO / "apps" / "wsgi", ".")
        member = tarfile.TarInfo(UTF8)
        member.size = len(MARK)
        tar.addfile(member, io.BytesIO(MARK.encode()))
    with zipfile.ZipFile(zipped, "w") as archive:
        for name in ("probe.py", ".hidden"):
            archive.write(SCENARIO / "apps" / "asgi" / name, f"site-1.0/{name}")
        archive.writestr(f"site-1.0/{UTF8}", MARK)
    return packed.getvalue(), zipped.getvalue()


def app(name: str, tenant: str, url: str, source: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"name": name, "tenant": tenant, "urls": [url], "python": PYTHON, "source": source, **more}


def checksum(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


TAR, ZIP = archives()
ENTRY = {"entrypoint": "probe:application"}
WEB = f"http://127.0.0.1:{PORT}/site.zip"
GOOD = [
    app("from-git", "carol", "git.test", {"git": f"{FOLDER}/repo", "version": "main"}, **ENTRY),
    app("from-path", "carol", "nest.test", {"archive": f"{FOLDER}/site.tar.gz", "checksum": checksum(TAR)}, **ENTRY),
    app("from-web", "dave", "nest.test/a", {"archive": WEB, "checksum": checksum(ZIP)}),
    app("in-place", "carol", "nest.test/a/b", {"in_place": f"{FOLDER}/place"}, **ENTRY),
    app(
        "package",
        "dave",
        "package.test",
        {"package": "bottle"},
        entrypoint="bottle:Bottle()",
        interface="wsgi",
        health={"status": 404},
    ),
    app("sleeper", "dave", "sleep.test", {"local": "asgi"}, idle_timeout="3s"),
]
BROKEN = {"in_place": f"{FOLDER}/broken"}
SOUND = {"in_place": f"{FOLDER}/place"}
# Each with what has to be said of it.
BAD = [
    (
        app("no-such", "carol", "b1.test", SOUND, requirements=["hostel-knows-no-such==1"], **ENTRY),
        "hostel-knows-no-such",
    ),
    (
        app("checksum", "carol", "b2.test", {"archive": f"{FOLDER}/site.tar.gz", "checksum": f"sha256:{0:064}"}),
        checksum(TAR)[len("sha256:") :],
    ),
    (app("no-entry", "carol", "b3.test", {"in_place": f"{FOLDER}/empty"}), "entrypoint"),
    (app("dies-wsgi", "carol", "b4.test", BROKEN, server="passenger", **ENTRY), "ImportError: cannot start here"),
    (app("dies-asgi", "dave", "b5.test", BROKEN, server="uvicorn", **ENTRY), "ImportError: cannot start here"),
    (
        app("hook", "dave", "b6.test", SOUND, hooks={"before_live": ["echo the hook says why >&2; exit 3"]}, **ENTRY),
        "the hook says why",
    ),
]


@pytest.fixture(scope="module")
def traces() -> dict[str, str]:
    return on_all(TRACES)


@pytest.fixture(scope="module")
def crowd(traces: dict[str, str]) -> Iterator[Play[str]]:
    """The run that brought them; the last test takes them away."""
    assert set(traces) == set(NODES)
    on_all(f"install -d -m 0755 {FOLDER}")
    for node in NODES:
        put(node, f"{FOLDER}/site.tar.gz", TAR)
        put(node, f"{FOLDER}/site.zip", ZIP)
    on_all(PREPARE)
    yield play(more_tenants=TENANTS, more_apps=[*GOOD, *(bad for bad, _said in BAD)])


def test_the_good_are_done_and_the_bad_are_named(crowd: Play[str]) -> None:
    said = crowd.stdout + crowd.stderr
    assert crowd.returncode != 0
    for bad, why in BAD:
        part = said[said.index(f"  app {bad['name']}: ") :]
        assert why in part[: part.index("\n  app ", 5) if "\n  app " in part[5:] else None], (bad["name"], said)
    for good in GOOD:
        assert f"\n  app {good['name']}: " not in said
    for node in NODES:
        for good in GOOD:
            status = 404 if good["name"] == "package" else 200
            assert ask(node, f"{good['urls'][0]}/").status == status, good["name"]
        for bad, _why in BAD:
            assert ask(node, f"{bad['urls'][0]}/").status in (404, 503), bad["name"]
        assert ask(node, "wsgi.test/").told["version"] == "1"
    on_all("! ls -d /srv/hostel/*/*/releases/.unfinished-* /srv/hostel/carol/dies-wsgi/releases/* 2>/dev/null")


@pytest.mark.usefixtures("crowd")
def test_sources_arrive_whole() -> None:
    for node in NODES:
        for url in ("nest.test", "nest.test/a", "nest.test/a/b", "git.test"):
            told = ask(node, f"{url}/read?file=.hidden").told
            assert told["text"] == "hidden\n"
            assert told["script_name"] == url.partition(".test")[2]
            if url != "git.test":
                assert ask(node, f"{url}/read?file=%C3%BCn%C3%AF%20%E2%98%83.txt").told["text"] == MARK


@pytest.mark.usefixtures("crowd")
def test_a_sleeping_app_has_no_process_and_wakes_for_a_hundred_at_once() -> None:
    # The units of an app that sleeps: its socket alone.
    sleeping = "systemctl list-units --no-legend --plain --state=active,activating 'hostel-sleeper@*.service'"
    deadline = time.monotonic() + 40
    while set(on_all(sleeping).values()) != {""}:
        assert time.monotonic() < deadline, on_all(sleeping)
        time.sleep(1)
    with ThreadPoolExecutor(max_workers=100) as pool:
        for node in NODES:
            answers = list(pool.map(lambda number, at=node: ask(at, f"sleep.test/?{number}"), range(100)))
            assert {answer.status for answer in answers} == {200}
            assert len({answer.told["pid"] for answer in answers}) == 1


@pytest.mark.usefixtures("crowd")
def test_a_branch_moves_and_urls_change() -> None:
    """The branch's new code is deployed; a new URL restarts nothing."""
    assert changed(play(more_tenants=TENANTS, more_apps=GOOD)) == set(NODES), "the sites of the bad ones go"
    urls = {"from-path": "root.test/x", "from-web": "root.test"}
    pids = [ask(node, url).told["pid"] for node in NODES for url in ("nest.test/", "nest.test/a/")]
    on_all(MOVE)
    moved = [{**good, "urls": [urls.get(good["name"], good["urls"][0])]} for good in GOOD]
    assert changed(play(more_tenants=TENANTS, more_apps=moved)) == set(NODES)
    assert pids == [ask(node, url).told["pid"] for node in NODES for url in ("root.test/x/", "root.test/")]
    for node in NODES:
        assert ask(node, "git.test/").told["version"] == "2"
        assert ask(node, "nest.test/").status == 404
        assert ask(node, "nest.test/a/b/").told["script_name"] == "/a/b"
    settled(more_tenants=TENANTS, more_apps=moved)


@pytest.mark.usefixtures("crowd")
def test_nothing_is_left_of_what_is_removed(traces: dict[str, str]) -> None:
    absent = {
        "more_tenants": [{**tenant, "state": "absent"} for tenant in TENANTS],
        "more_apps": [{"name": good["name"], "state": "absent"} for good in GOOD],
    }
    assert changed(play(hostel_purge=True, **absent)) == set(NODES)
    left = differences(traces, on_all(TRACES))
    assert [line for line in left if " + " in line and "probe-" not in line] == []
    settled(**absent)
