# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passenger's processes: which there are, and how those of a release that is no longer live are let go.

Passenger has no word for "this group is over": it starts anew what is detached, to have as many processes as the group
once asked for. So the program that it would start goes first; then the processes are detached, finish what they are
doing, and end. A release that comes back gets its program back with its other settings.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from .._errors import NodeError
from .._spec.layout import APPS
from .._supervise import passenger_pool
from . import files
from .run import run

_LOOK_EVERY = 0.1
_COMING_SECONDS = 5.0


def processes() -> dict[str, list[int]]:
    """Process ids by group name ("blog@0123456789ab"), without those that are detached. {} if Apache does not run."""
    found = {group.name: [process.pid for process in group.processes] for group in _groups()}
    return {name: pids for name, pids in found.items() if pids}


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
        mine = [group for group in _groups() if group.name in doomed]
        fresh = {process.pid: group.core for group in mine for process in group.processes if process.pid not in scopes}
        for pid, core in fresh.items():
            scopes[pid] = scope(pid)
            passenger_pool.detach(core, pid)
        busy = [pid for pid, name in scopes.items() if name and scope(pid) == name]
        coming = any(group.starting for group in mine)
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


def _groups() -> list[passenger_pool.Group]:
    try:
        return passenger_pool.groups() or []
    except passenger_pool.Unexpected as error:
        raise NodeError(str(error)) from error


def scope(pid: int) -> str:
    """The scope that a process was adopted into (_supervise/adopt.py); "" if it is gone or in none."""
    try:
        with open(f"/proc/{pid}/cgroup", encoding="utf-8", errors="replace") as lines:
            names = {line.rstrip("\n").rpartition("/")[2] for line in lines}
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return next((name for name in names if name.startswith("hostel-passenger-") and name.endswith(".scope")), "")
