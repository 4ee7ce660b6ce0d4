# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sleeping app costs: a thousand of them on one node, beside the same node without them.

Memory is counted after boots, all of it. The speed of apps that are awake is measured in turn with the same apps on a
second node, where nothing else is; they lie anywhere among the thousand. Prints a table, writes JSON, ends with 1 if a
bar is missed.
"""

from __future__ import annotations

import argparse
import functools
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

import node_memory
from rig import ping
from rig.bars import Bar, at_least, at_most, lines
from rig.bench import OURS, add_suite, finish, folder, parse, removed, say
from rig.node import PROXY_PORT, Node
from rig.wrk import Load, load
from workload import APPS_A_TENANT, Workload, host

BOOTS, RUNS = 5, 5
# So many are awake when it counts. A round of theirs varies by a fifth.
AWAKE = 20
ROUNDS, CONNECTIONS, SECONDS = 40, 16, 2
# Seconds in which all of them have surely started.
WAKING = 20


def measure(work: Workload, alone: Workload, apps: int) -> dict[str, Any]:
    """Everything that the bars name. alone: of the node on which nothing is but the awake."""
    node, tenants = work.node, -(-apps // APPS_A_TENANT)
    awake = range(0, apps, max(1, apps // AWAKE))[:AWAKE]
    node.start()
    say("preparing an empty node")
    work.write(0)
    OURS.run("hostel.python.site", work.inventory)
    empty = _after_boot(node)
    say(f"{tenants} tenants without an app")
    work.write(tenants)
    OURS.run("hostel.python.apps", work.inventory)
    with_tenants = _after_boot(node)
    say(f"{apps} apps")
    work.write(tenants, range(apps))
    first = OURS.run("hostel.python.apps", work.inventory).seconds
    say(f"{first:.0f} s; now with nothing to do, in turn with a playbook of one ping")
    pinged, idle = ping.beside(OURS, node, work.folder, work.inventory, RUNS)
    say(f"ping {pinged:.2f} s, nothing to do {idle:.2f} s")
    full = _after_boot(node)
    asleep = int(node.tell("ls /run/hostel-awake 2>/dev/null | wc -l")) == 0
    programs = node_memory.biggest(node)
    say(f"{AWAKE} of them awake, and {AWAKE} on a node of their own")
    alone.node.start()
    alone.write(tenants, awake)
    OURS.run("hostel.python.site", alone.inventory)
    # Both are as a boot leaves them.
    alone.node.boot()
    among, apart = _speeds([host(at) for at in awake], work, alone)
    return {
        "apps": apps,
        "tenants": tenants,
        "all_asleep": asleep,
        "memory_empty": empty,
        "memory_tenants": with_tenants,
        "memory_apps": full,
        "programs": programs,
        "first": first,
        "ping": pinged,
        "idle": idle,
        "among": [asdict(each) for each in among],
        "alone": [asdict(each) for each in apart],
    }


def _after_boot(node: Node) -> int:
    """KiB in use; one boot differs from the next by some thousands."""
    found = []
    for _each in range(BOOTS):
        node.boot()
        time.sleep(5)
        found.append(node_memory.used(node))
    return int(median(found))


def _speeds(hosts: Sequence[str], *works: Workload) -> list[list[Load]]:
    """How fast these answer on each node, round by round; which node comes first changes with the round."""
    ask = functools.partial(load, PROXY_PORT, hosts, connections=CONNECTIONS, seconds=SECONDS)
    for work in works:
        load(PROXY_PORT, hosts, work.folder, connections=CONNECTIONS, seconds=WAKING, inside=work.node.pid)
    loads: list[list[Load]] = [[] for _work in works]
    for at in range(ROUNDS):
        for which in sorted(range(len(works)), reverse=at % 2 == 0):
            loads[which].append(ask(works[which].folder, inside=works[which].node.pid))
    return loads


def judge(found: dict[str, Any]) -> list[Bar]:
    apps, tenants = found["apps"], found["tenants"]
    empty, with_tenants, full = (found[f"memory_{name}"] for name in ("empty", "tenants", "apps"))
    rounds = list(zip(found["among"], found["alone"], strict=True))
    speed = median(among["rate"] / alone["rate"] for among, alone in rounds)
    errors = sum(among["errors"] + alone["errors"] for among, alone in rounds)
    return [
        at_most("KiB a sleeping app, its tenant's share included", (full - empty) / apps, 64),
        at_most("KiB a tenant without an app", (with_tenants - empty) / tenants, 16),
        at_least("all of them asleep", found["all_asleep"], 1),
        at_least(f"speed of {AWAKE} awake among them, against alone", speed, 0.95),
        at_most("errors meanwhile", errors, 0),
        at_most("nothing to do, against one ping", found["idle"] / found["ping"], 6),
    ]


def table(found: dict[str, Any], judged: list[Bar]) -> str:
    shown = ["", "programs with the most memory, MiB: "]
    shown += [f"    {name:24}{size / 1024:>8.1f}" for name, size in list(found["programs"].items())[:8]]
    return "\n".join([*shown, "", *lines(judged)])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apps", type=int, default=1000, help="how many (default: %(default)s)")
    add_suite(parser)
    return parse(parser, "density")


def main() -> int:
    asked = arguments()
    nodes = [Node("bench-density", 8094, 2294, asked.suite), Node("bench-density-alone", 8097, 2297, asked.suite)]
    with removed(nodes, asked.keep):
        found = measure(*(Workload(folder(node), node) for node in nodes), asked.apps)
    judged = judge(found)
    return finish(asked.json, found, judged, table(found, judged))


if __name__ == "__main__":
    sys.exit(main())
