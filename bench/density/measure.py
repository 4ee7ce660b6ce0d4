# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sleeping app costs: a thousand of them on one node, beside the same node without them.

Memory is counted after boots, all of it. The speed of apps that are awake is measured on the same node, with and
without a thousand sleeping neighbours, each time beside one that was started by hand: minutes lie between, in which the
machine may have become another. Prints a table, writes JSON, ends with 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import functools
import sys
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import node_memory
from rig import by_hand, ping
from rig.bars import Bar, at_least, at_most, lines
from rig.bench import OURS, add_suite, finish, folder, parse, removed, say
from rig.installed import installed
from rig.node import PROXY_PORT, Node
from rig.wrk import Load, load, middle
from workload import APPS_A_TENANT, AWAKE, ENTRYPOINT, Workload, host, name, tenant

BOOTS, RUNS = 3, 5
CONNECTIONS, SECONDS = 16, 4


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
    say(f"{alone.here.rate:.0f} requests a second; now {apps} apps")
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
    """KiB in use; one boot differs from the next by some thousands."""
    found = []
    for _each in range(BOOTS):
        node.boot()
        time.sleep(5)
        found.append(node_memory.used(node))
    return int(median(found))


@dataclass(frozen=True)
class Speed:
    """here: of the apps that are awake; against: here against one of them by hand, round by round."""

    here: Load
    against: float


def _speed(node: Node, work: Workload) -> Speed:
    by_hand.start(node, installed(node, name(0), tenant(0)), ["uvicorn", ENTRYPOINT, f"--port={by_hand.PORT}"])
    hosts = [host(at) for at in range(AWAKE)]
    ask = functools.partial(load, folder=work.folder, connections=CONNECTIONS, seconds=SECONDS, inside=node.pid)
    # Wakes them.
    ask(PROXY_PORT, hosts)
    runs = [(ask(PROXY_PORT, hosts), ask(by_hand.PORT, hosts[:1])) for _round in range(RUNS)]
    by_hand.stop(node)
    return Speed(middle([here for here, _hand in runs]), median(here.rate / hand.rate for here, hand in runs))


def judge(found: dict[str, Any]) -> list[Bar]:
    apps, tenants = found["apps"], found["tenants"]
    empty, with_tenants, full = (found[f"memory_{name}"] for name in ("empty", "tenants", "apps"))
    alone, among = found["alone"], found["among"]
    return [
        at_most("KiB a sleeping app, its tenant's share included", (full - empty) / apps, 64),
        at_most("KiB a tenant without an app", (with_tenants - empty) / tenants, 16),
        at_least("all of them asleep", found["all_asleep"], 1),
        at_least(f"speed of {AWAKE} awake among them, against alone", among["against"] / alone["against"], 0.95),
        at_most("errors meanwhile", alone["here"]["errors"] + among["here"]["errors"], 0),
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
