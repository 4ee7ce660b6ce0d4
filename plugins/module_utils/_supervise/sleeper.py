# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends the processes of apps that nobody asks for: the one daemon of a node (hostel-sleeper.service), run by root.

Which services run: those with a folder below AWAKE, which systemd makes and takes away with them (RuntimeDirectory=).
When one was last asked for: the kernel sets the access time of a socket's file when somebody connects to it
(unix_find_other() in net/unix/af_unix.c), and lists open connections by that file (sock_diag(7)). Passenger says it of
its own processes (passenger_pool.py). Nothing is asked of the apps, and nothing runs for those that sleep.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING or __package__:
    from . import passenger_errors, passenger_pool
    from .turn import connections, file_of
else:
    # Run as a program, with this folder first on the path.
    import passenger_errors
    import passenger_pool
    from turn import connections, file_of

GATES = "/var/lib/hostel/gates"
IDLE = "/var/lib/hostel/idle"
AWAKE = "/run/hostel-awake"

# Seconds between two looks while something runs, and while nothing does.
LOOK_EVERY = 1.0
REST = 3.0
# For groups of which nobody has said anything (passenger_app in somebody's own playbook).
PASSENGER_IDLE = 300.0
# Passenger's own answer costs more than a look at the kernel's tables.
PASSENGER_EVERY = 5.0
# A request to an app that Passenger is to keep may be long in coming to an end.
KEEP_EVERY = 30.0
# A service that fails is away for some seconds before it is tried again; what was known of it holds for so long.
FORGET = 10.0
FAILING_EVERY = 30.0

# A service that can't start leaves those who asked for it in its socket's queue, long given up by their clients, and
# any of them would have it started again; so the socket is made anew. It takes as long as a stop may: nobody waits.
_GIVE_UP = 'systemctl stop -- "$1.socket" "$1.service"; systemctl start -- "$1.socket"'


class Watch:
    """What is known of the services that run, by unit; times are monotonic. seen: when each was last there; last: when
    it was last seen to be asked for, or to have a connection; came: when somebody last connected."""

    def __init__(self) -> None:
        self.seen: dict[str, float] = {}
        self.last: dict[str, float] = {}
        self.came: dict[str, float] = {}
        self.failing_at = 0.0
        self.passenger_at = 0.0
        self.keep_at = 0.0

    def look(self, now: float) -> bool:
        """One look at everything; whether anything runs."""
        awake = _names(AWAKE)
        self._remember(awake, now)
        if awake:
            open_ones = connections()
            idle = [unit for unit in awake if self._is_idle(unit, open_ones, now)]
            for unit in put_to_sleep(idle):
                self.last[unit] = now
        if now >= self.failing_at:
            self.failing_at = now + FAILING_EVERY
            for unit in failing([unit for unit, came in self.came.items() if _is_over(unit, came, now)]):
                subprocess.Popen(["/bin/sh", "-c", _GIVE_UP, "sh", unit])
        if now >= self.passenger_at:
            self.passenger_at = now + PASSENGER_EVERY
            try:
                self._look_at_passenger(now)
            except (OSError, passenger_pool.Unexpected) as error:
                # Ended by it, we would forget since when each of the others has rested.
                sys.stderr.write(f"hostel: Passenger's processes are left as they are: {error}\n")
        return bool(awake)

    def _remember(self, awake: list[str], now: float) -> None:
        self.seen.update(dict.fromkeys(awake, now))
        self.seen = {unit: at for unit, at in self.seen.items() if now - at < FORGET}
        self.last = {unit: self.last.get(unit, now) for unit in self.seen}
        self.came = {unit: self.came.get(unit, now) for unit in self.seen}

    def _look_at_passenger(self, now: float) -> None:
        passenger_errors.clear(time.time())
        groups = passenger_pool.groups()
        for group in groups or ():
            passenger_pool.let_go(group, idle_timeout(f"hostel-{group.name}", PASSENGER_IDLE), time.time())
        if groups is not None and now >= self.keep_at:
            self.keep_at = now + KEEP_EVERY
            running = {group.name for group in groups if group.processes}
            for unit, where in kept().items():
                tag = unit[len("hostel-") :]
                if tag not in running:
                    passenger_pool.start(tag, where)

    def _is_idle(self, unit: str, open_ones: set[tuple[int, int]], now: float) -> bool:
        try:
            side = os.readlink(f"{GATES}/{unit}")
            info = os.lstat(side)
        except FileNotFoundError:
            return False
        if asked(side, info):
            self.came[unit] = self.last[unit] = now
        elif file_of(info) in open_ones:
            self.last[unit] = now
        return _is_over(unit, self.last[unit], now)


def _is_over(unit: str, since: float, now: float) -> bool:
    """Whether a unit's time to rest has passed since then."""
    timeout = idle_timeout(unit)
    return timeout is not None and now - since >= timeout


def asked(side: str, info: os.stat_result) -> bool:
    """Whether somebody has connected since the last call for this socket.

    Most mounts note an access only if the file's modification is not older than the last one (relatime), so that is
    what marks the time up to which we know.
    """
    if info.st_atime_ns <= info.st_mtime_ns:
        return False
    os.utime(side, ns=(info.st_atime_ns, max(info.st_atime_ns, time.time_ns())), follow_symlinks=False)
    return True


def idle_timeout(unit: str, default: float | None = None) -> float | None:
    """Seconds after which a unit may sleep; None: never."""
    words = _words(unit)
    if not words:
        return default
    return None if words[0] == "never" else float(words[0])


def kept() -> dict[str, str]:
    """The releases that Passenger is to keep running, by what names them here: host and mount of one of their URLs."""
    said = {unit: _words(unit) for unit in _names(IDLE)}
    return {unit: words[1] for unit, words in said.items() if len(words) > 1}


def _words(unit: str) -> list[str]:
    try:
        with open(f"{IDLE}/{unit}", encoding="ascii") as file:
            return file.read().split()
    except FileNotFoundError:
        return []


def put_to_sleep(units: list[str]) -> list[str]:
    """Stop services that nobody asks for; those that are only just starting are left, and returned."""
    if not units:
        return []
    names = [f"{unit}.service" for unit in units]
    show = ["systemctl", "show", "--property=ActiveState", "--value", "--", *names]
    shown = subprocess.run(show, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    resting = [name for name, state in zip(names, shown) if state == "active"]
    if resting:
        subprocess.run(["systemctl", "stop", "--no-block", "--", *resting], check=True)
    return [unit for unit, state in zip(units, shown) if state == "activating"]


def failing(units: list[str]) -> list[str]:
    """Those that are started again at this moment after they have failed."""
    if not units:
        return []
    names = [f"{unit}.service" for unit in units]
    show = ["systemctl", "show", "--property=ActiveState,NRestarts", "--", *names]
    shown = subprocess.run(show, stdout=subprocess.PIPE, text=True, check=True).stdout.strip().split("\n\n")
    said = [dict(line.split("=", 1) for line in one.splitlines()) for one in shown]
    return [unit for unit, one in zip(units, said) if one["ActiveState"] == "activating" and one["NRestarts"] != "0"]


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def main() -> None:
    watch = Watch()
    while True:
        time.sleep(LOOK_EVERY if watch.look(time.monotonic()) else REST)


if __name__ == "__main__":
    main()
