# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a node converges, beside a playbook of stock modules and the same playbook under Mitogen.

Everything is measured in one run on one machine, so that the ratios mean something where the seconds do not.
Prints a table, writes JSON, ends with 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from itertools import pairwise
from statistics import median

import bars
import load
import profile_run
from rig import ping
from rig.bench import OURS, STATE, finish, folder, parse, removed, say
from rig.node import ROOT, Node
from rig.playbook import Ansible, unchanged
from workload import Workload

PEERS = ROOT / "bench/peers"
MITOGEN = "mitogen==0.3.54"
STOCK = Ansible("stock", PEERS / "stock/ansible.cfg")
QUICK = 5


def mitogen() -> Ansible:
    """Stock Ansible with Mitogen's strategy, installed into a folder of its own."""
    installed = STATE / "mitogen"
    if not (installed / "ansible_mitogen").is_dir():
        say(f"installing {MITOGEN}")
        pip = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(installed), MITOGEN]
        subprocess.run(pip, check=True)
    plugins = str(installed / "ansible_mitogen/plugins/strategy")
    return Ansible("mitogen", PEERS / "mitogen/ansible.cfg", {"ANSIBLE_STRATEGY_PLUGINS": plugins})


def measure_peer(ansible: Ansible, node: Node, apps: int) -> dict[str, float]:
    """Seconds for a first run and for one with nothing to do."""
    work = Workload(folder(node), node)
    work.write(apps)
    node.start()
    say(f"{ansible.name}: preparing the node (not timed)")
    STOCK.run(str(PEERS / "stock/prepare.yml"), work.inventory)
    site = str(PEERS / "stock/site.yml")
    say(f"{ansible.name}: first run, {apps} apps")
    first = ansible.run(site, work.inventory).seconds
    say(f"{ansible.name}: {first:.1f} s; now with nothing to do")
    _all_answer(node, apps)
    idle = unchanged([ansible.run(site, work.inventory)])
    say(f"{ansible.name}: {idle:.1f} s")
    return {"apps": apps, "first": first, "idle": idle}


def measure_ours(node: Node, apps: int, profile: bool) -> dict[str, object]:
    """Seconds for all that the bars name, and what was seen on the node meanwhile."""
    work = Workload(folder(node), node)
    work.write(0)
    node.start()
    say("hostel: preparing the node (not timed)")
    OURS.run("hostel.python.site", work.inventory)
    work.write(apps)
    say(f"hostel: first run, {apps} apps")
    first = OURS.run("hostel.python.apps", work.inventory).seconds
    _all_answer(node, apps)
    say(f"hostel: {first:.1f} s; now with nothing to do, in turn with a playbook of one ping")
    pinged, idle = ping.beside(OURS, node, work.folder, work.inventory, QUICK)
    site = unchanged([OURS.run("hostel.python.site", work.inventory) for _ in range(2)])
    say(f"hostel: ping {pinged:.2f} s, nothing to do {idle:.2f} s, whole site {site:.2f} s; now one app more, thrice")
    result = {"apps": apps, "ping": pinged, "first": first, "idle": idle, "idle_site": site}
    if profile:
        profile_run.show(OURS, node, work, pinged, idle)
    return result | _add(node, work, apps)


def _add(node: Node, work: Workload, apps: int) -> dict[str, object]:
    """One app more, three times over, while visitors ask for the others."""
    seconds, requests, slowest, failures = [], 0, 0.0, []
    seen = [node.seen()]
    for more in range(1, 4):
        work.write(apps + more)
        with load.Load(node.http_port, apps) as visitors:
            seconds.append(OURS.run("hostel.python.apps", work.inventory).seconds)
        requests += visitors.requests
        slowest = max(slowest, visitors.slowest)
        failures += visitors.failures
        seen.append(node.seen())
        _all_answer(node, apps + more)
    say(f"hostel: {median(seconds):.2f} s; {requests} requests meanwhile, {len(failures)} failed")
    return {
        "add": median(seconds),
        "add_requests": requests,
        "add_failures": failures,
        "add_slowest_request": slowest,
        "add_apache_reloads": sum(before.apache != after.apache for before, after in pairwise(seen)),
        "add_nginx_reloads": sum(before.nginx != after.nginx for before, after in pairwise(seen)),
    }


def _all_answer(node: Node, apps: int) -> None:
    wrong = [failure for number in range(1, apps + 1) if (failure := load.ask(node.http_port, number))]
    if wrong:
        raise SystemExit(f"{node.name}: {len(wrong)} of {apps} apps do not answer rightly: {'; '.join(wrong[:5])}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apps", type=int, default=100, help="apps of ours (default: %(default)s)")
    parser.add_argument("--peer-apps", type=int, default=20, help="apps of a slow peer (default: %(default)s)")
    parser.add_argument("--without-peers", action="store_true", help="measure ours alone")
    parser.add_argument("--profile", action="store_true", help="show where the time of a run with nothing to do goes")
    return parse(parser, "converge")


def main() -> int:
    asked = arguments()
    names = ("hostel", "stock", "mitogen")
    nodes = {name: Node(f"bench-{name}", 8091 + at, 2291 + at) for at, name in enumerate(names)}
    results: dict[str, dict[str, object]] = {}
    with removed(nodes.values(), asked.keep):
        results["hostel"] = measure_ours(nodes["hostel"], asked.apps, asked.profile)
        if not asked.without_peers:
            for ansible in (STOCK, mitogen()):
                results[ansible.name] = dict(measure_peer(ansible, nodes[ansible.name], asked.peer_apps))
    judged = bars.judge(results)
    return finish(asked.json, results, judged, bars.table(results, judged))


if __name__ == "__main__":
    sys.exit(main())
