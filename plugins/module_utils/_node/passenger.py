# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passenger's processes: which there are, and how those of a release that is no longer live are let go.

Passenger has no word for "this group is over": it starts anew what is detached, to have as many processes as the group
once asked for. So the program that it would start goes first; then the processes are detached, finish what they are
doing, and end. A release that comes back gets its program back with its other settings.
"""

from __future__ import annotations

import base64
import glob
import http.client
import json
import socket
import time
import xml.etree.ElementTree as xml
from collections.abc import Iterable, Mapping

from .._errors import NodeError
from .._spec.layout import APPS
from . import files
from .run import run

REGISTRY = "/run/hostel-passenger"
_LOOK_EVERY = 0.1
_COMING_SECONDS = 5.0


def processes() -> dict[str, list[int]]:
    """Process ids by group name ("blog@0123456789ab"), without those that are detached. {} if Apache does not run."""
    return {name: pids for name, pids, _coming in _groups() if pids}


def retire(tags: Iterable[str], patience: float, *, wait: bool = True, settings: str = APPS) -> None:
    """End all processes of releases ("blog@0123456789ab") that no live mount asks for any more.

    patience: seconds that they get to finish their requests; then they are killed, with whatever they have started.
    wait: until they have ended; without it systemd ends what is left when the time has come.
    settings: the folder in which <app>/<release>/python is what Passenger starts for them.
    """
    doomed = set(tags)
    if not doomed:
        return
    for tag in doomed:
        app, _at, identity = tag.partition("@")
        files.remove(f"{settings}/{app}/{identity}/python")
    scopes: dict[int, str] = {}
    started = time.monotonic()
    while True:
        mine = [(pids, coming) for name, pids, coming in _groups() if name in doomed]
        fresh = {pid for pids, _coming in mine for pid in pids} - set(scopes)
        for pid in fresh:
            scopes[pid] = scope(pid)
            _ask("POST", "/pool/detach_process.json", json.dumps({"pid": pid}))
        busy = [pid for pid, name in scopes.items() if name and scope(pid) == name]
        coming = any(coming for _pids, coming in mine)
        # A process that is being started can be let go only once Passenger has it.
        limit = max(patience, _COMING_SECONDS) if coming else patience
        if not (fresh or coming or (busy and wait)) or time.monotonic() - started > limit:
            break
        time.sleep(_LOOK_EVERY)
    left = sorted({scopes[pid] for pid in busy})
    if left and not wait:
        end_later(left, patience)
    elif scopes:
        # Most are gone with their processes by now, and systemctl says so.
        names = sorted({name for name in scopes.values() if name})
        run(["systemctl", "stop", *names], what="ending processes of earlier releases", check=False)


def end_later(scopes: Iterable[str], patience: float) -> None:
    """Have systemd end what is left in ``scopes`` after so many seconds; nobody waits for it."""
    timer = ["systemd-run", "--quiet", "--collect", f"--on-active={max(1, round(patience))}"]
    timer.append("--timer-property=AccuracySec=1s")
    run([*timer, "systemctl", "stop", *scopes], what="setting a time for the end of an earlier release's processes")


def _groups() -> list[tuple[str, list[int], int]]:
    """Name, process ids and the number of processes that are being started, of every group."""
    status, body = _ask("GET", "/pool.xml")
    if status == 0:
        return []
    if status != 200:
        raise NodeError(f"Passenger: /pool.xml was answered with {status}", body[:200])
    return [
        (
            group.findtext("name", ""),
            [int(pid.text or 0) for pid in group.iterfind("./processes/process/pid")],
            int(group.findtext("processes_being_spawned", "0")),
        )
        # Passenger's own words, told to root alone.
        for group in xml.fromstring(body).iterfind("./supergroups/supergroup/group")  # noqa: S314
    ]


def scope(pid: int) -> str:
    """The scope that a process was adopted into (_launch/adopt.py); "" if it is gone or in none."""
    try:
        with open(f"/proc/{pid}/cgroup", encoding="utf-8", errors="replace") as lines:
            names = {line.rstrip("\n").rpartition("/")[2] for line in lines}
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return next((name for name in names if name.startswith("hostel-passenger-") and name.endswith(".scope")), "")


def _ask(method: str, path: str, body: str | None = None) -> tuple[int, str]:
    """Ask Passenger's core; (0, "") where none runs."""
    for folder in glob.glob(f"{REGISTRY}/passenger.*"):
        try:
            with open(f"{folder}/full_admin_password.txt", encoding="ascii") as file:
                password = file.read().strip()
            token = base64.b64encode(f"admin:{password}".encode()).decode()
            headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
            return _request(f"{folder}/agents.s/core_api", method, path, headers, body, 10)
        except OSError:
            # Left by one that was killed.
            continue
    return 0, ""


def _request(
    address: str, method: str, path: str, headers: Mapping[str, str], body: str | None, timeout: float
) -> tuple[int, str]:
    connection = http.client.HTTPConnection("localhost", timeout=timeout)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(timeout)
        stream.connect(address)
        connection.sock = stream
        connection.request(method, path, body=body, headers=dict(headers))
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
