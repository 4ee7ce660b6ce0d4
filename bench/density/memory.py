# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory a node takes: all of it, the kernel's own included."""

from __future__ import annotations

import re
import time
from pathlib import Path
from statistics import median

from rig.node import Node

_LOOKS = 7
# What the kernel keeps for files could be given back at once, so it is dropped before each look.
_DROP = "sync; echo 3 > /proc/sys/vm/drop_caches"
_FIELDS = re.compile(r"^(MemFree|Cached|Buffers|SReclaimable|Shmem): +(\d+) kB$", re.MULTILINE)


def used(node: Node) -> int:
    """KiB that nobody could have back at once, on this whole machine: the difference of two looks is a node's.

    The machine has to be quiet: whatever else runs on it counts too.
    """
    return int(median(_look(node) for _ in range(_LOOKS)))


def _look(node: Node) -> int:
    node.tell(_DROP)
    time.sleep(1)
    text = Path("/proc/meminfo").read_text(encoding="ascii")
    total = int(re.search(r"MemTotal: +(\d+)", text)[1])  # type: ignore[index]
    found = {name: int(value) for name, value in _FIELDS.findall(text)}
    files = found["Cached"] - found["Shmem"] + found["Buffers"] + found["SReclaimable"]
    return total - found["MemFree"] - files


def biggest(node: Node) -> dict[str, int]:
    """KiB of each program that matters, its share of what several have in common counted once (Pss)."""
    told = node.tell(
        "for folder in /proc/[0-9]*; do"
        " printf '%s ' \"$(cat $folder/comm 2>/dev/null)\";"
        " sed -n 's/^Pss: *//p' $folder/smaps_rollup 2>/dev/null || true; echo; done"
    )
    sums: dict[str, int] = {}
    for name, size in re.findall(r"^(\S+) (\d+) kB$", told, re.MULTILINE):
        sums[name] = sums.get(name, 0) + int(size)
    return {name: size for name, size in sorted(sums.items(), key=lambda item: -item[1]) if size >= 1024}
