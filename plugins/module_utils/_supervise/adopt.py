# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Move a Passenger process into its tenant's slice before any of the tenant's code runs in it.

A root service behind the socket /run/hostel-adopt.sock. A process that wants to be adopted connects and waits. Nothing
is taken from it: its pid and uid come from the kernel (SO_PEERCRED), everything else follows from these two. Once it is
where it belongs it reads ``adopted``, else one line that says why not, and must end.

The service ends after a few idle seconds; systemd holds the socket and starts it again.

Usage: adopt.py FIRST_UID LAST_UID
"""

from __future__ import annotations

import os
import select
import socket
import struct
import subprocess
import sys
import time

LISTENING_FD = 3  # sd_listen_fds(3)
IDLE_SECONDS = 5
MOVE_SECONDS = 10
ADOPTED = b"adopted\n"


class Refused(Exception):
    """Why a process is not adopted, in words for its operator."""


def main(argv: list[str]) -> int:
    first, last = int(argv[1]), int(argv[2])
    listening = socket.socket(fileno=LISTENING_FD)
    while select.select([listening], [], [], IDLE_SECONDS)[0]:
        connection, _address = listening.accept()
        with connection:
            connection.settimeout(1)
            answer(connection, range(first, last + 1))
    return 0


def answer(connection: socket.socket, uids: range) -> None:
    """Adopt the process at the other end, or tell it why not."""
    size = struct.calcsize("3i")
    pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    try:
        adopt(pid, uid, uids)
        reply = ADOPTED
    except Refused as refused:
        sys.stderr.write(f"process {pid} of uid {uid} is not adopted: {refused}\n")
        reply = f"refused: {refused}\n".encode()
    try:
        connection.sendall(reply)
    except OSError as error:
        sys.stderr.write(f"process {pid} of uid {uid} did not wait for its answer: {error}\n")


def adopt(pid: int, uid: int, uids: range) -> None:
    """Put the process into a scope of its own below its tenant's slice.

    The pid stays this process's from pidfd_open to the last look at the pidfd: had the process ended and another one
    got its number meanwhile, the pidfd would say so, and the newcomer's uid is compared before it could be moved.
    """
    if uid not in uids:
        raise Refused(f"uid {uid} is not a tenant's ({uids[0]} to {uids[-1]})")
    try:
        pidfd = os.pidfd_open(pid)
    except OSError as error:
        raise Refused(f"the process is gone ({error.strerror})") from error
    try:
        if user_ids(pid) != {uid}:
            raise Refused("the process has changed its user since it connected")
        if in_slice(pid, uid):
            return
        start_scope(pid, uid)
        wait_moved(pid, pidfd, uid)
    except FileNotFoundError as error:
        raise Refused("the process ended while it was adopted") from error
    finally:
        os.close(pidfd)


def user_ids(pid: int) -> set[int]:
    """The real, effective, saved and filesystem uid of a process."""
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as status:
        line = next(line for line in status if line.startswith("Uid:"))
    return {int(word) for word in line.split()[1:]}


def in_slice(pid: int, uid: int) -> bool:
    """Whether systemd has the process somewhere below user-UID.slice, on cgroup v1 and v2 alike."""
    with open(f"/proc/{pid}/cgroup", encoding="utf-8", errors="replace") as lines:
        entries = [line.rstrip("\n").split(":", 2) for line in lines]
    return any(
        controllers in ("", "name=systemd") and f"user-{uid}.slice" in path.split("/")
        for _hierarchy, controllers, path in entries
    )


def start_scope(pid: int, uid: int) -> None:
    """Ask systemd for the scope. Its name is unique: a pid and its start time never come twice."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
        started = stat.read().rpartition(")")[2].split()[19]
    properties = [
        *("Description", "s", f"Passenger process {pid} of uid {uid}"),
        *("Slice", "s", f"user-{uid}.slice"),
        *("CollectMode", "s", "inactive-or-failed"),
        *("TimeoutStopUSec", "t", "10000000"),
        *("PIDs", "au", "1", str(pid)),
    ]
    command = ["busctl", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1"]
    command += ["org.freedesktop.systemd1.Manager", "StartTransientUnit", "ssa(sv)a(sa(sv))"]
    # replace: the slice may just be on its way out, with the last process that was in it.
    command += [f"hostel-passenger-{pid}-{started}.scope", "replace", "5", *properties, "0"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=MOVE_SECONDS, check=False)
    if ran.returncode != 0:
        raise Refused(f"systemd made no scope for it: {ran.stderr.strip()}")


def wait_moved(pid: int, pidfd: int, uid: int) -> None:
    """Wait until the process is in its slice; systemd answers before it has moved it."""
    deadline = time.monotonic() + MOVE_SECONDS
    while not in_slice(pid, uid):
        if time.monotonic() > deadline:
            raise Refused(f"systemd did not move it within {MOVE_SECONDS} s")
        time.sleep(0.002)
    if select.select([pidfd], [], [], 0)[0]:
        raise Refused("the process ended while it was adopted")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
