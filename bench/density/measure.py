# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sleeping app costs: a thousand of them on one node, beside the same node without them.

Memory is counted after a boot, all of it. The speed of apps that are awake is measured on the same node, with and
without a thousand sleeping neighbours. Prints a table, writes JSON, ends with 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict
from typing import Any

import node_memory
from rig import ping
from rig.bars import Bar, at_least, at_most, lines
from rig.bench import OURS, add_suite, finish, folder, parse, removed, say
from rig.node import Node
from rig.wrk import Load, load, middle
from workload import APPS_A_TENANT, AWAKE, Workload, host

RUNS = 5
CONNECTIONS, SECONDS = 16, 5


def measure(node: Node, work: Workload, apps: int) -> dict[str, Any]:
    """Everything that the bars name."""
    tenants = -(-apps // APPS_A_TENANT)
    node.start()
    say("preparing an empty node")
    work.write(0, 0)
    OURS.run("hostel.python.site", work.inventory)
    empty = _after_boot(node)
    say(f"{tenants} tenants without an app")
    work.write(tenants, 0)
    OURS.run("hostel.python.apps", work.inventory)
    with_tenants = _after_boot(node)
    say(f"{AWAKE} apps, all awake")
    work.write(tenants, AWAKE)
    OURS.run("hostel.python.apps", work.inventory)
    alone = _speed(node, work)
    say(f"{alone.rate:.0f} requests a second; now {apps} apps")
    work.write(tenants, apps)
    first = OURS.run("hostel.python.apps", work.inventory).seconds
    say(f"{first:.0f} s; now with nothing to do, in turn with a playbook of one ping")
    pinged, idle = ping.beside(OURS, node, work.folder, work.inventory, RUNS)
    say(f"ping {pinged:.2f} s, nothing to do {idle:.2f} s")
    full = _after_boot(node)
    asleep = int(node.tell("ls /run/hostel-awake 2>/dev/null | wc -l")) == 0
    programs = node_memory.biggest(node)
    among = _speed(node, work)
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
        "alone": asdict(alone),
        "among": asdict(among),
    }


def _after_boot(node: Node) -> int:
    node.boot()
    time.sleep(5)
    return node_memory.used(node)


def _speed(node: Node, work: Workload) -> Load:
    hosts = [host(at) for at in range(AWAKE)]
    # Wakes them.
    load(node.http_port, hosts, work.folder, connections=AWAKE, seconds=5)
    runs = [load(node.http_port, hosts, work.folder, connections=CONNECTIONS, seconds=SECONDS) for _ in range(RUNS)]
    return middle(runs)


def judge(found: dict[str, Any]) -> list[Bar]:
    apps, tenants = found["apps"], found["tenants"]
    empty, with_tenants, full = (found[f"memory_{name}"] for name in ("empty", "tenants", "apps"))
    alone, among = found["alone"], found["among"]
    return [
        at_most("KiB a sleeping app, its tenant's share included", (full - empty) / apps, 64),
        at_most("KiB a tenant without an app", (with_tenants - empty) / tenants, 16),
        at_least("all of them asleep", found["all_asleep"], 1),
        at_least(f"speed of {AWAKE} awake among them, against alone", among["rate"] / alone["rate"], 0.95),
        at_most("errors meanwhile", alone["errors"] + among["errors"], 0),
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
    node = Node("bench-density", 8094, 2294, asked.suite)
    with removed([node], asked.keep):
        found = measure(node, Workload(folder(node), node), asked.apps)
    judged = judge(found)
    return finish(asked.json, found, judged, table(found, judged))


if __name__ == "__main__":
    sys.exit(main())
