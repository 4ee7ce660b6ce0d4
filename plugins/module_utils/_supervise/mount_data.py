# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bind mounts in the mount namespace of Apache, whose children Passenger's processes are.

Services have their kept folders mounted by systemd; Passenger's processes come into being in Apache's namespace, so
there they are mounted, and nobody else on the node sees them. A record of each lies in /var/lib/hostel/mounts.

Usage:
    mount_data.py start PROGRAM [ARG...] make all that are recorded, where we are, and become the program: Apache
    mount_data.py mount|unmount PID      in the namespace of process PID: [source, target] pairs as JSON on our input
"""

from __future__ import annotations

import ctypes
import json
import os
import sys

RECORDS = "/var/lib/hostel/mounts"
MS_NOSUID = 2
MS_NODEV = 4
MS_REMOUNT = 32
MS_BIND = 4096
MNT_DETACH = 2
UMOUNT_NOFOLLOW = 8
CLONE_NEWNS = 0x00020000

_libc = ctypes.CDLL(None, use_errno=True)


def main(argv: list[str]) -> None:
    action, *rest = argv[1:]
    if action == "start":
        make_recorded()
        os.execv(rest[0], rest)
    enter(int(rest[0]))
    change(action, json.load(sys.stdin))


def make_recorded() -> None:
    """Make what should be there; what fails is for the next run to repair, for the other apps are to start."""
    mounted = targets("/proc/self/mountinfo")
    for source, target in recorded():
        if target in mounted:
            continue
        try:
            bind(source, target)
        except OSError as error:
            sys.stderr.write(f"{target}: {source} is not mounted there: {error.strerror}\n")


def change(action: str, pairs: list[tuple[str, str]]) -> None:
    """Mount or unmount, as far as it is not so already."""
    mounted = targets("/proc/self/mountinfo")
    for source, target in pairs:
        try:
            if action == "mount" and target not in mounted:
                bind(source, target)
            elif action == "unmount" and target in mounted:
                unbind(target)
        except OSError as error:
            raise SystemExit(f"{target}: {action} of {source}: {error.strerror}") from error


def recorded() -> list[tuple[str, str]]:
    """(source, target) of every mount there should be, outer ones first."""
    pairs = []
    try:
        names = os.listdir(RECORDS)
    except FileNotFoundError:
        return []
    for name in names:
        if name.endswith(".json"):
            with open(os.path.join(RECORDS, name), encoding="utf-8") as file:
                record = json.load(file)
            pairs.append((record["source"], record["target"]))
    return sorted(pairs, key=lambda pair: pair[1])


def bind(source: str, target: str) -> None:
    """Mount the folder ``source`` over the folder ``target``; neither may be a link."""
    flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    from_fd = os.open(source, flags)
    try:
        to_fd = os.open(target, flags)
        try:
            _mount(f"/proc/self/fd/{from_fd}", f"/proc/self/fd/{to_fd}", MS_BIND)
        finally:
            os.close(to_fd)
    finally:
        os.close(from_fd)
    _mount("none", target, MS_BIND | MS_REMOUNT | MS_NOSUID | MS_NODEV)


def unbind(target: str) -> None:
    """Take a mount away; a process that still works in it keeps its open files."""
    if _libc.umount2(os.fsencode(target), MNT_DETACH | UMOUNT_NOFOLLOW) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)


def enter(pid: int) -> None:
    """Move this process into the mount namespace of another one. It must have a single thread."""
    namespace = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(namespace, CLONE_NEWNS) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(namespace)


def targets(mountinfo: str) -> set[str]:
    """Every mount point in a mountinfo file; "//deleted" ones are left out."""
    with open(mountinfo, "rb") as lines:
        return {unescape(line.split(b" ")[4]) for line in lines}


def unescape(field: bytes) -> str:
    """Undo the kernel's octal escapes of space, tab, newline and backslash (proc_pid_mountinfo(5))."""
    for octal, character in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        field = field.replace(octal, character)
    return os.fsdecode(field)


def _mount(source: str, target: str, flags: int) -> None:
    if _libc.mount(os.fsencode(source), os.fsencode(target), None, ctypes.c_ulong(flags), None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)


if __name__ == "__main__":
    main(sys.argv)
