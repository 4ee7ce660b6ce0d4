# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pool of spare daemons: two for each spare account, "<uid>-a" and "<uid>-b", in an Apache of their own.

A daemon serves one release in its life and is empty before: it moves into its tenant's slice as it loads one
(_launch/shared_wsgi.py), so that an empty one is known by not being there. Which daemon a release has is said by a map
that Apache looks up; ended ones are replaced by Apache, empty.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Iterable, Sequence

from .._errors import NodeError
from .._spec.layout import MANAGED, STATE
from .._spec.resources import File
from .._spec.shared_wsgi import DAEMONS, DAEMONS_MAP, POOL, POOL_CONFIG, SHARED_MODES, Seat
from .._supervise.adopt import in_slice
from . import accounts, files, mounts, passenger, site_map, takeover, trial
from .lock import LOCK, held
from .run import run, tail

PENDING = f"{STATE}/pool.pending"
PID_FILE = "/run/hostel-pool/apache.pid"
SIDES = ("a", "b")

# Apache looks for ended daemons once a second.
_REPLACED_WITHIN = 10.0
_LOOK_EVERY = 0.02
# A request is led by two maps, one after the other, and then sent: so long it may be on its way to the release that the
# first one named. Where there is much to do it has to wait for a processor in between.
_ON_ITS_WAY = 1.0
# Longer than any app's own patience, which ends the daemon from outside.
_SHUTDOWN_SECONDS = 3600
_BACKLOG = 2048

_CONFIGURATION = re.compile(r"([0-9]+)\.conf", re.ASCII)
_DAEMON = re.compile(r"([0-9]+)-[ab]", re.ASCII)

_SEATING = threading.Lock()


def daemons() -> frozenset[int]:
    """The uids that have daemons, given away or spare."""
    return frozenset(int(match[1]) for match in map(_CONFIGURATION.fullmatch, files.names(DAEMONS)) if match)


def apaches() -> list[str]:
    """The modes that this node has an Apache for."""
    return [mode for mode in SHARED_MODES if os.path.exists(f"/etc/hostel/{mode}/apache.conf")]


def spare() -> list[int]:
    """The uids with daemons that were never given away."""
    fresh = accounts.spare()
    return sorted(uid for uid in daemons() if uid in fresh)


def seats() -> frozenset[Seat]:
    """The releases that have a daemon."""
    return frozenset(Seat(release, _uid(daemon)) for release, daemon in _table().items())


def take(wanted: Iterable[Seat], patience: float) -> None:
    """Give each release an empty daemon of its account, unless it has one.

    patience: seconds that the requests of an earlier release, which may still be finishing there, get.
    """
    for seat in wanted:
        with _SEATING:
            table = _table()
            if seat.release in table:
                continue
            daemon = _free(seat, table)
        _empty(daemon, seat.uid, patience)
        with _SEATING:
            site_map.write(DAEMONS_MAP, {**_table(), seat.release: daemon})


def leave(releases: Sequence[str], patience: float, *, wait: bool = True) -> None:
    """Let no request reach the daemons of ``releases``, and end them once they have finished their requests.

    patience: seconds that they get for it; wait: until then, otherwise systemd ends what is left in time.
    """
    with _SEATING:
        left = {release: daemon for release, daemon in _table().items() if release in releases}
    if left:
        time.sleep(_ON_ITS_WAY)
        with _SEATING:
            site_map.write(DAEMONS_MAP, {key: daemon for key, daemon in _table().items() if key not in left})
    for daemon in left.values():
        if wait:
            _end(daemon, _uid(daemon), patience)
        else:
            _end_later(daemon, _uid(daemon), patience)


def refill(size: int, threads: int, *, again: bool, check_mode: bool) -> tuple[list[int], list[int]]:
    """Have ``size`` spare accounts with daemons, by one graceful reload of the pool's Apache; the uids that were made,
    and those of purged tenants, that were taken away.

    again: also where there are daemons already. Raises NodeError.
    """
    if check_mode:
        return accounts.choose_spare(_lacking(size, again), daemons()), _retired(again)
    if POOL not in apaches():
        raise NodeError("this node has no Apache for the pool; apply the role hostel.python.node first")
    with held(LOCK):
        uids = accounts.create_spare(_lacking(size, again), daemons())
        retired = _retired(again)
        made = [File(f"{DAEMONS}/{uid}.conf", configuration(uid, threads)) for uid in uids]
        removed = [f"{DAEMONS}/{uid}.conf" for uid in retired if uid in daemons()]
        takeover.install(PENDING, lambda: _check(made, removed), made, removed, _reload)
        accounts.remove_spent(retired)
    return uids, retired


def _lacking(size: int, again: bool) -> int:
    return max(0, size - len(spare())) if again or not daemons() else 0


def _retired(again: bool) -> list[int]:
    return sorted(accounts.spent()) if again else []


def configuration(uid: int, threads: int) -> bytes:
    """Apache's lines for the two daemons of an account."""
    lines = [
        f"WSGIDaemonProcess {uid}-{side} user=#{uid} group=#{uid} processes=1 threads={threads} "
        f"display-name=%{{GROUP}} lang=C.UTF-8 locale=C.UTF-8 umask=0022 listen-backlog={_BACKLOG} "
        f"shutdown-timeout={_SHUTDOWN_SECONDS}"
        for side in SIDES
    ]
    return ("\n".join([MANAGED, *lines]) + "\n").encode()


def _table() -> dict[str, str]:
    """The daemon of each release that has one; what is no daemon's name, and not by us, is left out."""
    return {release: daemon for release, daemon in site_map.read(DAEMONS_MAP).items() if _DAEMON.fullmatch(daemon)}


def _uid(daemon: str) -> int:
    return int(daemon.partition("-")[0])


def _free(seat: Seat, table: dict[str, str]) -> str:
    if seat.uid not in daemons():
        raise NodeError(f"release {seat.release}: uid {seat.uid} has no daemons in the pool of this node")
    taken = set(table.values())
    free = [f"{seat.uid}-{side}" for side in SIDES if f"{seat.uid}-{side}" not in taken]
    if not free:
        holders = ", ".join(sorted(key for key, daemon in table.items() if daemon.startswith(f"{seat.uid}-")))
        raise NodeError(f"release {seat.release}: both daemons of uid {seat.uid} are taken, by {holders}; run again")
    return free[0]


def _empty(daemon: str, uid: int, patience: float) -> None:
    """Have the daemon empty and waiting for an app."""
    _end(daemon, uid, patience)
    deadline = time.monotonic() + _REPLACED_WITHIN
    while True:
        pid = _process(daemon, uid)
        if pid is not None and not _loaded(pid, uid):
            return
        if mounts.master(PID_FILE) is None:
            raise NodeError("the Apache of the pool does not run; see journalctl -u hostel-pool")
        if time.monotonic() > deadline:
            raise NodeError(f"daemon {daemon}: Apache has made no fresh one; see /var/log/apache2/hostel-pool.log")
        time.sleep(_LOOK_EVERY)


def _end(daemon: str, uid: int, patience: float) -> None:
    """End the daemon if it holds an app, with all that the app has started."""
    pid, scope = _asked_to_end(daemon, uid)
    if pid is not None and not _gone(pid, patience):
        _signal(pid, signal.SIGKILL)
    if scope:
        run(["systemctl", "stop", scope], what=f"daemon {daemon}: ending processes", check=False)


def _end_later(daemon: str, uid: int, patience: float) -> None:
    """The same, without waiting: systemd ends what is left in time."""
    _pid, scope = _asked_to_end(daemon, uid)
    if scope:
        passenger.end_later([scope], patience)


def _asked_to_end(daemon: str, uid: int) -> tuple[int | None, str]:
    """Have the daemon end itself if it holds an app: its process, and the scope of all that the app has started."""
    pid = _process(daemon, uid)
    if pid is None or not _loaded(pid, uid):
        return None, ""
    scope = passenger.scope(pid)
    _signal(pid, signal.SIGTERM)
    return pid, scope


def _process(daemon: str, uid: int) -> int | None:
    """The process of a daemon: a child of Apache's master, under the account, that calls itself by its name."""
    master = mounts.master(PID_FILE)
    if master is None:
        return None
    with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as file:
        children = [int(word) for word in file.read().split()]
    for pid in children:
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                name = file.read(64)
            if name.startswith(f"(wsgi:{daemon})".encode()) and os.stat(f"/proc/{pid}").st_uid == uid:
                return pid
        except (FileNotFoundError, ProcessLookupError):
            continue
    return None


def _loaded(pid: int, uid: int) -> bool:
    """Whether the daemon holds an app: it is in its tenant's slice then."""
    try:
        return in_slice(pid, uid)
    except (FileNotFoundError, ProcessLookupError):
        return True


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _gone(pid: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while os.path.exists(f"/proc/{pid}"):
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_EVERY)
    return True


def _check(made: Sequence[File], removed: Sequence[str]) -> None:
    ran = trial.check(
        ["/usr/sbin/apache2", "-t", "-f", f"{POOL_CONFIG}/apache.conf"],
        POOL_CONFIG,
        made,
        removed,
        what="checking the configuration of the pool's Apache",
        beside=STATE,
    )
    if ran.rc != 0:
        raise NodeError("Apache refuses the pool's new daemons; it stays as it was", *tail(ran.stderr))


def _reload() -> None:
    run(["systemctl", "reload-or-restart", "hostel-pool.service"], what="reloading the pool's Apache", timeout=120)
