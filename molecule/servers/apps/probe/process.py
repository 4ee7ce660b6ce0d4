# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both probe apps share: who the process is, and marks, by which it and a test talk past the servers.

A mark is a file in ``marks/``, which persists, or where MARKS says: the tests read and write it on the node.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

VERSION = "1"
HOME = Path(__file__).parent
MARKS = Path(os.environ.get("MARKS") or HOME / "marks")
PATIENCE = 60.0
LOOK = 0.02
# Of what the process may do, as the kernel has it.
STATUS = ("Uid", "Gid", "Groups", "CapEff", "CapBnd", "NoNewPrivs")


def mark(name: str, text: str = "") -> None:
    """Add a line to a mark; so short a write is one, whoever else writes."""
    with open(MARKS / name, "a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def marked(name: str) -> bool:
    return (MARKS / name).exists()


def await_mark(name: str) -> None:
    """Until a test makes the mark; it fails where none does."""
    deadline = time.monotonic() + PATIENCE
    while not marked(name):
        if time.monotonic() > deadline:
            raise TimeoutError(name)
        time.sleep(LOOK)


def violation(text: str) -> None:
    """The server has done what its specification forbids."""
    mark("violations", text.replace("\n", " "))


def identity() -> dict[str, Any]:
    """The process as it sees itself."""
    lines = Path("/proc/self/status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return {
        "version": VERSION,
        "pid": os.getpid(),
        "home": str(HOME),
        "cwd": os.getcwd(),
        "python": list(sys.version_info[:2]),
        "prefix": sys.prefix,
        "cgroup": Path("/proc/self/cgroup").read_text(),
        "status": {name: status[name].split() for name in STATUS if name in status},
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "environment": os.environ.get("PROBE"),
        "variables": sorted(os.environ),
    }


def read_only() -> list[str]:
    """Of what root has made for the app, what the app can alter nevertheless."""
    places = (HOME / "new", HOME / "static" / "new", Path(sys.prefix) / "new", Path("/etc/hostel-new"))
    return [str(place) for place in places if _writes(place)]


def _writes(place: Path) -> bool:
    try:
        place.write_text("mine")
    except OSError:
        return False
    return True


def eat(count: int) -> int:
    """So much memory, each page of it touched."""
    return len(b"x" * count)


def breed(count: int) -> int:
    """Start processes that wait, until the limit of tasks; how many there were. They end at once afterwards."""
    children = []
    try:
        for _each in range(count):
            child = os.fork()
            if not child:
                time.sleep(PATIENCE)
                os._exit(0)
            children.append(child)
    except BlockingIOError:
        return len(children)
    finally:
        for child in children:
            os.kill(child, 9)
            os.waitpid(child, 0)
    return len(children)


mark("starts", f"{os.getpid()} {VERSION}")
