# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory a node takes: all of it, the kernel's own included."""

from __future__ import annotations

import re
import time
from statistics import median

from rig.node import Node

_LOOKS = 5
# What the kernel keeps for files could be given back at once, so it is dropped before each look.
_DROP = "sync; echo 3 > /proc/sys/vm/drop_caches"
# The node's control group counts everything of it, the kernel's memory included; less the files that it caches.
_V1 = (
    "cd /sys/fs/cgroup/memory && cat memory.usage_in_bytes &&"
    " sed -n 's/^total_cache //p' memory.stat && sed -n 's/^total_shmem //p' memory.stat && echo 0"
)
_V2 = (
    "cd /sys/fs/cgroup && cat memory.current && sed -n 's/^file //p' memory.stat &&"
    " sed -n 's/^shmem //p' memory.stat && sed -n 's/^slab_reclaimable //p' memory.stat"
)


def used(node: Node) -> int:
    """KiB that the node has and nobody could have back at once: processes, the kernel on their behalf, tmpfs."""
    return int(median(_look(node) for _ in range(_LOOKS)))


def _look(node: Node) -> int:
    node.tell(_DROP)
    time.sleep(1)
    told = node.tell(f"if [ -e /sys/fs/cgroup/cgroup.controllers ]; then {_V2}; else {_V1}; fi")
    total, files, shared, slab = (int(line) for line in told.split())
    return (total - files + shared - slab) // 1024


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
