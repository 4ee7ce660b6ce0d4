# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kept folders in the mount namespaces of the node's Apaches, from outside (see _supervise/mount_data.py)."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
from collections.abc import Iterable
from dataclasses import asdict

from .._spec.resources import File
from .._spec.route import Mount
from .._supervise import mount_data
from . import files
from .run import run

# The main one, and those that apps of mod_wsgi share, where there are any.
PID_FILES = ("/run/apache2/apache2.pid", "/run/hostel-embedded/apache.pid", "/run/hostel-pool/apache.pid")


def observe() -> frozenset[Mount]:
    """The mounts that are recorded, so that a restart brings them back, and that every Apache has. One read of each."""
    recorded = {Mount(source, target) for source, target in mount_data.recorded()}
    if not recorded:
        return frozenset()
    # In one that does not run nothing needs the mounts, and its start makes them.
    there = [mount_data.targets(f"/proc/{master}/mountinfo") for master in _masters()]
    return frozenset(mount for mount in recorded if all(mount.target in targets for targets in there))


def ensure(wanted: Iterable[Mount]) -> None:
    """Record mounts and make those that are missing.

    Sources and targets are folders on ways that only root can alter. Raises NodeError for one that can't be mounted.
    """
    mounts = sorted(wanted, key=lambda mount: mount.target)
    for mount in mounts:
        files.write(File(_record(mount.target), (json.dumps(asdict(mount), sort_keys=True) + "\n").encode()))
    for master in _masters() if mounts else ():
        _change(master, "mount", mounts)


def drop(unwanted: Iterable[Mount]) -> None:
    """Take mounts away, and their records. Must be called before a release's folder is removed."""
    mounts = sorted(unwanted, key=lambda mount: mount.target, reverse=True)
    for master in _masters() if mounts else ():
        _change(master, "unmount", mounts)
    for mount in mounts:
        files.remove(_record(mount.target))


def drop_below(folder: str) -> None:
    """Take away every recorded mount in a folder: of a release that is about to be removed."""
    recorded = [Mount(source, target) for source, target in mount_data.recorded()]
    drop(mount for mount in recorded if mount.target.startswith(f"{folder}/"))


def _record(target: str) -> str:
    return f"{mount_data.RECORDS}/{hashlib.sha256(os.fsencode(target)).hexdigest()[:32]}.json"


def _masters() -> list[int]:
    """The process ids of the masters of all Apaches that run."""
    return [pid for pid in map(master, PID_FILES) if pid is not None]


def master(pid_file: str) -> int | None:
    """The process id of an Apache's master, None if it does not run."""
    try:
        with open(pid_file, encoding="ascii") as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/comm", encoding="ascii") as file:
            return pid if file.read().strip() == "apache2" else None
    except (OSError, ValueError):
        return None


def _change(master: int, action: str, mounts: list[Mount]) -> None:
    """In a process of its own, for a namespace is entered by one that has a single thread."""
    pairs = json.dumps([[mount.source, mount.target] for mount in mounts])
    program = ["/usr/bin/python3", "-I", "-S", "-c", inspect.getsource(mount_data), action, str(master)]
    run(program, what=f"kept folders for Apache's apps: {action}", stdin=pairs.encode())
