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
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

import bars
import load
import profile_run
from rig.bars import report
from rig.node import ROOT, Node
from rig.playbook import Ansible, unchanged
from workload import Workload

PEERS = ROOT / "bench/peers"
STATE = ROOT / ".cache/bench"
MITOGEN = "mitogen==0.3.54"
OURS = Ansible("hostel", ROOT / "ansible.cfg")
STOCK = Ansible("stock", PEERS / "stock/ansible.cfg")
QUICK = 5


def say(message: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {message}", flush=True)


def mitogen() -> Ansible:
    """Stock Ansible with Mitogen's strategy, installed into a folder of its own."""
    folder = STATE / "mitogen"
    if not (folder / "ansible_mitogen").is_dir():
        say(f"installing {MITOGEN}")
        pip = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(folder), MITOGEN]
        subprocess.run(pip, check=True)
    plugins = str(folder / "ansible_mitogen/plugins/strategy")
    return Ansible("mitogen", PEERS / "mitogen/ansible.cfg", {"ANSIBLE_STRATEGY_PLUGINS": plugins})


def measure_peer(ansible: Ansible, node: Node, apps: int) -> dict[str, float]:
    """Seconds for a first run and for one with nothing to do."""
    work = _workload(node)
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
    work = _workload(node)
    work.write(0)
    node.start()
    say("hostel: preparing the node (not timed)")
    OURS.run("hostel.python.site", work.inventory)
    work.write(apps)
    say(f"hostel: first run, {apps} apps")
    first = OURS.run("hostel.python.apps", work.inventory).seconds
    _all_answer(node, apps)
    say(f"hostel: {first:.1f} s; now with nothing to do, in turn with a playbook of one ping")
    hosts, ping_runs, idle_runs = work.write_ping(), [], []
    for _ in range(QUICK + 1):
        ping_runs.append(OURS.run(str(work.folder / "ping.yml"), hosts))
        idle_runs.append(OURS.run("hostel.python.apps", work.inventory))
    # The first of each warms what stays warm: the connection, the page cache.
    ping, idle = unchanged(ping_runs[1:]), unchanged(idle_runs[1:])
    site = unchanged([OURS.run("hostel.python.site", work.inventory) for _ in range(2)])
    say(f"hostel: ping {ping:.2f} s, nothing to do {idle:.2f} s, whole site {site:.2f} s; now one app more, thrice")
    result = {"apps": apps, "ping": ping, "first": first, "idle": idle, "idle_site": site}
    if profile:
        profile_run.show(OURS, node, work, ping, idle)
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


def _workload(node: Node) -> Workload:
    folder = STATE / node.name
    folder.mkdir(parents=True, exist_ok=True)
    return Workload(folder, node.name, node.connection)


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
    parser.add_argument("--keep", action="store_true", help="leave the nodes running")
    parser.add_argument("--json", type=Path, default=STATE / "converge.json", help="where (default: %(default)s)")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    names = ("hostel", "stock", "mitogen")
    nodes = {name: Node(f"bench-{name}", 8091 + at, 2291 + at) for at, name in enumerate(names)}
    results: dict[str, dict[str, object]] = {}
    try:
        results["hostel"] = measure_ours(nodes["hostel"], asked.apps, asked.profile)
        if not asked.without_peers:
            for ansible in (STOCK, mitogen()):
                results[ansible.name] = dict(measure_peer(ansible, nodes[ansible.name], asked.peer_apps))
    finally:
        if not asked.keep:
            for node in nodes.values():
                node.remove()
    judged = bars.judge(results)
    print(bars.table(results, judged))
    say(f"written: {asked.json}")
    return report(asked.json, results, judged)


if __name__ == "__main__":
    sys.exit(main())
