# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How soon a sleeping app answers: beside the same server started by hand, and beside what else sleeps.

Everything is measured on one node in turn, round by round. Prints a table, writes JSON, ends with 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median
from typing import Any

import peers
from rig.apps import FRAMEWORKS, Case, cases, write_inventory
from rig.bars import Bar, at_most, lines
from rig.bench import OURS, add_suite, finish, folder, parse, removed, say
from rig.installed import Installed, installed
from rig.node import PROXY_PORT, Node
from rig.servers import COLUMNS, column

STOPWATCH = Path(__file__).with_name("stopwatch.py")
WORST = 1.3


def measure(node: Node, wanted: list[Case], rounds: int) -> dict[str, Any]:
    """By case: the medians of "asleep", "awake" and "by_hand" in seconds, and of the rounds' ratios of "asleep" to
    "by_hand" ("against"); the peers among them."""
    inventory = folder(node) / "hosts.yml"
    write_inventory(inventory, node, [*wanted, *peers.passenger(wanted)])
    node.start()
    say("preparing the node")
    OURS.run("hostel.python.site", inventory)
    found = [(case, installed(node, case.name, case.tenant)) for case in wanted]
    jobs = [_job(case, here) for case, here in found] + peers.prepare(node, found, PROXY_PORT)
    say(f"{len(jobs)} rows, {rounds} rounds")
    # The first round warms what stays warm, the page cache above all.
    times = node.python(STOPWATCH, str(rounds + 1), given=jobs)
    return {name: _middle({what: values[1:] for what, values in measured.items()}) for name, measured in times.items()}


def _middle(measured: dict[str, list[float]]) -> dict[str, float]:
    found = {what: median(values) for what, values in measured.items()}
    if "by_hand" in measured:
        # Within a round both saw the machine as fast as it was just then.
        rounds = zip(measured["asleep"], measured["by_hand"], strict=True)
        found["against"] = median(asleep / hand for asleep, hand in rounds)
    return found


def _job(case: Case, here: Installed) -> dict[str, Any]:
    command = case.column.command(case.entrypoint, case.column.path, "{at}")
    return {
        "name": case.name,
        "host": case.host,
        "at": PROXY_PORT,
        # It warns that the sockets are still there, which is what they are for.
        "sleep": f"systemctl stop {here.unit} 2>/dev/null",
        "folder": here.folder,
        "user": here.tenant,
        "environment": here.environment,
        "command": here.command(command),
    }


def judge(found: dict[str, Any]) -> list[Bar]:
    """The sleeping app against the server that was started by hand."""
    return [
        at_most(f"{name}: asleep, against by hand", times["against"], WORST)
        for name, times in found.items()
        if "against" in times
    ]


def table(found: dict[str, Any], judged: list[Bar]) -> str:
    shown = ["", f"{'milliseconds':34}{'asleep':>9}{'by hand':>9}{'awake':>9}"]
    for name, times in found.items():
        cells = (f"{1000 * times[what]:.1f}" if what in times else "" for what in ("asleep", "by_hand", "awake"))
        shown.append(f"{name:34}{''.join(f'{cell:>9}' for cell in cells)}")
    return "\n".join([*shown, "", *lines(judged)])


def arguments() -> argparse.Namespace:
    names = [one.name for one in COLUMNS if one.path]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="these servers (default: all)")
    parser.add_argument("--frameworks", nargs="+", choices=FRAMEWORKS, default=list(FRAMEWORKS), help="(default: all)")
    parser.add_argument("--rounds", type=int, default=9, help="(default: %(default)s)")
    add_suite(parser)
    return parse(parser, "wake")


def main() -> int:
    asked = arguments()
    node = Node("bench-wake", 8095, 2295, asked.suite)
    with removed([node], asked.keep):
        wanted = cases([column(name) for name in asked.only], asked.frameworks)
        found = measure(node, wanted, asked.rounds)
    judged = judge(found)
    return finish(asked.json, found, judged, table(found, judged))


if __name__ == "__main__":
    sys.exit(main())
