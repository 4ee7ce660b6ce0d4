# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose processes they are, what they may do and use, and when they are there at all."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from http.client import HTTPConnection, HTTPException

from matrix import ROUGH, probe
from probe_websockets import opened
from reasons import MORE_STARTS, NO_LIFESPAN, NO_ONE_START, NO_WEBSOCKETS, ONE_REQUEST, SHARED
from rig.exchange import Answer
from site_under_test import PATIENCE, PORTS, Site, received, until

PROCESSES = "Processes"
SLEEP = "Sleep"
TASKS, MEMORY = 100, 200 * 1024**2
# Much longer than the idle_timeout of those that sleep, 5 s.
BUSY = 12.0
TOGETHER = 100
SETTLED = 3.0
# Rounds at the most, of so many requests; bytes that a request would leave behind if it left anything: an environ has
# more.
ROUNDS, MANY, LEAST_LEAK = 8, 1000, 500


def processes(site: Site) -> list[int]:
    """Of the app's tenant, who has no other app. An empty daemon of a pool is none: it enters the tenant's slice when
    it loads an app."""
    lines = site.run(f"ps -ww -o pid=,cgroup= -u {site.tenant}").splitlines()
    return [int(line.split()[0]) for line in lines if "/hostel-pool.service" not in line]


@probe("run under the tenant's account, without privileges", PROCESSES, absent=SHARED)
def account(site: Site) -> None:
    told = site.ask("tell").told
    uid, gid = str(site.uid), site.run(f"id -g {site.tenant}").strip()
    assert told["status"]["Uid"] == [uid] * 4
    assert told["status"]["Gid"] == [gid] * 4
    assert set(told["status"]["Groups"]) <= {gid}
    assert int(told["status"]["CapEff"][0], 16) == 0
    assert told["cwd"].startswith(f"/srv/hostel/{site.tenant}/{site.app}/releases/")
    assert told["environment"] == 'it\'s "$HOME" %h äöü'
    assert not {"LISTEN_FDS", "NOTIFY_SOCKET", "LISTEN_PID"} & set(told["variables"])


@probe("lie in the tenant's slice, with its limits", PROCESSES, absent=SHARED)
def slices(site: Site) -> None:
    told = site.ask("tell").told
    name = f"user-{site.uid}.slice"
    assert f"/{name}/" in told["cgroup"]
    for pid in processes(site):
        assert f"/{name}/" in site.run(f"cat /proc/{pid}/cgroup || echo /{name}/"), pid
    shown = site.run(f"systemctl show {name} -p MemoryMax -p TasksMax -p CPUQuotaPerSecUSec").split()
    assert set(shown) == {f"MemoryMax={MEMORY}", f"TasksMax={TASKS}", "CPUQuotaPerSecUSec=1s"}


@probe("can't alter code, venv or system", PROCESSES)
def sealed(site: Site) -> None:
    assert site.ask("alter").told["altered"] == []


def _lost(site: Site, path: str) -> None:
    """A request that costs its process: it is answered with an error or not at all, and the next one is well."""
    try:
        assert site.ask(path).status >= 500
    except (HTTPException, OSError):
        return


@probe("a memory bomb costs that request and no neighbour", PROCESSES, phase=ROUGH, absent=SHARED)
def memory(site: Site) -> None:
    neighbour = processes(site.sleeper)
    assert site.ask("eat?bytes=1000").told["eaten"] == 1000
    _lost(site, "eat?bytes=600000000")
    assert until(lambda: site.ask("tell").status == 200)
    assert site.ask("tell").told["status"]["Uid"][0] == str(site.uid)
    assert processes(site.sleeper) in (neighbour, [])


@probe("more processes than the limit are refused", PROCESSES, phase=ROUGH, absent=SHARED)
def tasks(site: Site) -> None:
    assert 10 < site.ask("breed?count=150").told["bred"] < TASKS
    assert until(lambda: site.ask("tell").status == 200)


def _memory(site: Site) -> int:
    """KiB that the app's processes have in memory."""
    files = " ".join(f"/proc/{pid}/status" for pid in processes(site))
    return sum(int(size) for size in site.run(f"sed -n 's/^VmRSS:[^0-9]*\\([0-9]*\\) kB$/\\1/p' {files}").split())


@probe("thousands of requests leave nothing in its memory", PROCESSES, absent=ONE_REQUEST)
def leaks(site: Site) -> None:
    with contextlib.closing(HTTPConnection("127.0.0.1", PORTS[site.node], timeout=PATIENCE)) as wire:
        grown: list[int] = []
        # It takes what it will need as it warms up: Daphne keeps each request for a second. A leak is in every round.
        while not grown or grown[-1] >= LEAST_LEAK * MANY / 1024:
            assert len(grown) < ROUNDS, grown
            before = _memory(site)
            for _request in range(MANY):
                wire.request("GET", "/status?code=200", headers={"Host": site.host})
                wire.getresponse().read()
            grown.append(_memory(site) - before)


@probe("a process that dies is replaced", PROCESSES, phase=ROUGH)
def dies(site: Site) -> None:
    _lost(site, "leave")
    assert until(lambda: site.ask("tell").status == 200)


def _asleep(site: Site) -> None:
    until(lambda: not processes(site), patience=120)


@probe("no process is left after idle_timeout; the next request is answered", SLEEP, absent=SHARED)
def sleeps(site: Site) -> None:
    nap = site.sleeper
    assert nap.ask("tell").status == 200
    _asleep(nap)
    assert nap.ask("tell").status == 200


@probe("a request or answer that goes on keeps it awake", SLEEP, absent=SHARED)
def busy(site: Site) -> None:
    nap, token = site.sleeper, site.token()
    with nap.sent(f"GET /drip?token={token}&count=2 HTTP/1.1") as wire:
        nap.make_mark(f"go-{token}-0")
        assert wire.recv(1) == b"H"
        time.sleep(BUSY)
        assert processes(nap)
        nap.make_mark(f"go-{token}-1")
        with contextlib.closing(wire.makefile("rb")) as file:
            assert any(line == b"data: 1\n" for line in file)


@probe("an open WebSocket keeps it awake", SLEEP, absent=NO_WEBSOCKETS)
def open_websocket(site: Site) -> None:
    with opened(site.sleeper, "echo", ping_interval=None) as websocket:
        time.sleep(BUSY)
        websocket.send("awake")
        assert websocket.recv(60) == "awake"


@probe(
    "100 requests together at a sleeping app: all answered, after one start",
    SLEEP,
    absent=NO_ONE_START,
    defects=MORE_STARTS,
)
def together(site: Site) -> None:
    nap = site.sleeper
    _asleep(nap)
    before = len(nap.read_mark("starts"))
    request = f"GET /tell HTTP/1.1\r\nHost: {nap.host}\r\nConnection: close\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(contextlib.closing(nap.connect())) for _each in range(TOGETHER)]
        for wire in wires:
            wire.sendall(request)
        answers = [_answer(wire) for wire in wires]
    assert [answer.status for answer in answers] == [200] * TOGETHER
    # What is started needlessly is so by then.
    time.sleep(SETTLED)
    assert len(nap.read_mark("starts")) == before + 1


def _answer(wire: socket.socket) -> Answer:
    assert select.select([wire], [], [], PATIENCE)[0], "no answer"
    return received(wire)


@probe("lifespan: started before the first request, with its state; stopped at the end", PROCESSES, absent=NO_LIFESPAN)
def lifespan(site: Site) -> None:
    told = site.ask("tell").told
    assert told["lifespan"] == "startup"
    if told["state"] is not None:
        assert told["state"] == {"from": "lifespan"}
    nap = site.sleeper
    _asleep(nap)
    before = len(nap.read_mark("lifespan"))
    nap.ask("tell")
    _asleep(nap)
    lines = [line.split() for line in nap.read_mark("lifespan")[before:]]
    assert {pid for word, pid, _version in lines if word == "startup"}
    assert sorted(pid for word, pid, _version in lines if word == "startup") == sorted(
        pid for word, pid, _version in lines if word == "shutdown"
    )
