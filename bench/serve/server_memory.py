# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory a server's processes have, what several share counted once."""

from __future__ import annotations

from by_hand import UNIT
from rig.apps import Case
from rig.node import Node

# By process of the account: its control group, and its share of memory.
_PSS = """
for pid in $(pgrep -u {tenant}); do
    group=$(sed -n 's/^.*name=systemd://p; s/^0:://p' /proc/$pid/cgroup 2>/dev/null | sort -u | tail -1)
    sed -n "s|^Pss: *\\([0-9]*\\) kB$|\\1 $group|p" /proc/$pid/smaps_rollup 2>/dev/null || true
done
"""


def of(node: Node, case: Case) -> dict[str, int]:
    """KiB of the app's one worker and whatever it has beside it, "here" and "by_hand"."""
    kept = {"here": 0, "by_hand": 0}
    for line in node.tell(_PSS.format(tenant=case.tenant)).splitlines():
        size, _space, group = line.partition(" ")
        kept["by_hand" if group.endswith(f"/{UNIT}") else "here"] += int(size)
    return kept
