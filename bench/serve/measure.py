# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much each server serves through the whole path, beside the same server started by hand with no proxy.

Both in turn, round by round, by wrk within the node's own network: the one through nginx's port, the other through its
own, on the loopback address. Prints a table, writes JSON, ends with 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import by_hand
import server_memory
from rig.apps import Case, cases, write_inventory
from rig.bars import Bar, at_least, at_most, lines
from rig.bench import OURS, add_suite, finish, folder, parse, removed, say
from rig.installed import installed
from rig.node import PROXY_PORT, Node
from rig.servers import COLUMNS, column
from rig.wrk import Load, load, middle

CONNECTIONS = (1, 16, 64)
BUSY = (16, 64)
# At one connection, milliseconds.
LONGER = 0.2


def measure(node: Node, wanted: list[Case], rounds: int, seconds: int) -> dict[str, Any]:
    """By column: see compare()."""
    work = folder(node)
    inventory = work / "hosts.yml"
    write_inventory(inventory, node, wanted)
    node.start()
    say("preparing the node")
    OURS.run("hostel.python.site", inventory)
    found = {}
    for case in wanted:
        found[case.column.name] = compare(node, work, case, rounds, seconds)
        say(row(case.column.name, found[case.column.name]["sides"]))
    return found


def compare(node: Node, work: Path, case: Case, rounds: int, seconds: int) -> dict[str, Any]:
    """One server. sides: what it serves here and by hand at each number of connections, and KiB a worker; against:
    here against by hand."""
    ports = {"here": PROXY_PORT}
    if case.column.by_hand:
        words = case.column.command(case.entrypoint, case.column.port, str(by_hand.PORT))
        by_hand.start(node, installed(node, case.name, case.tenant), words)
        ports["by_hand"] = by_hand.PORT
    runs: dict[str, dict[int, list[Load]]] = {where: {count: [] for count in CONNECTIONS} for where in ports}
    inside = node.pid
    for port in ports.values():
        # Warms it, and wakes the one that sleeps.
        load(port, [case.host], work, connections=4, seconds=1, inside=inside)
    for _round in range(rounds):
        for count in CONNECTIONS:
            for where, port in ports.items():
                ran = load(port, [case.host], work, connections=count, seconds=seconds, inside=inside)
                runs[where][count].append(ran)
    kept = server_memory.of(node, case)
    if case.column.by_hand:
        by_hand.stop(node)
    sides = {
        where: {**{str(count): asdict(middle(ran)) for count, ran in counts.items()}, "memory": kept[where]}
        for where, counts in runs.items()
    }
    return {"sides": sides, "against": against(runs["here"], runs["by_hand"]) if "by_hand" in runs else {}}


def against(here: dict[int, list[Load]], hand: dict[int, list[Load]]) -> dict[str, float]:
    """The middle of the rounds' ratios: within a round both saw the machine as fast as it was just then."""
    return {
        str(count): median(ours.rate / theirs.rate for ours, theirs in zip(here[count], hand[count], strict=True))
        for count in BUSY
    }


def judge(found: dict[str, Any]) -> list[Bar]:
    """The servers on a socket that somebody could have started by hand."""
    judged = []
    for name, compared in found.items():
        sides = compared["sides"]
        errors = sum(side[str(count)]["errors"] for side in sides.values() for count in CONNECTIONS)
        judged.append(at_most(f"{name}: errors", errors, 0))
        if "by_hand" not in sides or not column(name).path:
            continue
        judged += [
            at_least(f"{name}: served, against by hand, {count} connections", ratio, 1)
            for count, ratio in compared["against"].items()
        ]
        longer = _longer(sides["here"], sides["by_hand"])
        judged.append(at_most(f"{name}: ms more a request, 1 connection", longer, LONGER))
    return judged


def _longer(here: dict[str, Any], hand: dict[str, Any]) -> float:
    return float(here["1"]["median"] - hand["1"]["median"]) / 1000


def row(name: str, sides: dict[str, Any]) -> str:
    """A line of the table: requests a second and p99 in milliseconds, here and by hand; MiB a worker."""
    cells = []
    for sort in sides.values():
        cells += [f"{sort[str(count)]['rate']:>8.0f}{sort[str(count)]['p99'] / 1000:>8.2f}" for count in CONNECTIONS]
        cells.append(f"{sort['memory'] / 1024:>6.1f}")
    return f"{name:18}{''.join(cells)}"


def table(found: dict[str, Any], judged: list[Bar]) -> str:
    heads = "".join(f"{f'{count} conn':>8}{'p99':>8}" for count in CONNECTIONS) + f"{'MiB':>6}"
    shown = ["", f"{'':18}{heads}{heads}    (here, by hand)"]
    shown += [row(name, compared["sides"]) for name, compared in found.items()]
    return "\n".join([*shown, "", *lines(judged)])


def arguments() -> argparse.Namespace:
    names = [one.name for one in COLUMNS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="these servers (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="(default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=3, help="of each load (default: %(default)s)")
    add_suite(parser)
    return parse(parser, "serve")


def main() -> int:
    asked = arguments()
    node = Node("bench-serve", 8096, 2296, asked.suite)
    with removed([node], asked.keep):
        wanted = cases([column(name) for name in asked.only], ["bare"])
        found = measure(node, wanted, asked.rounds, asked.seconds)
    judged = judge(found)
    return finish(asked.json, found, judged, table(found, judged))


if __name__ == "__main__":
    sys.exit(main())
