# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook with a single ping: what Ansible itself takes, beside which a run with nothing to do is measured."""

from __future__ import annotations

from pathlib import Path

import yaml
from rig.inventory import write_bare
from rig.node import Node
from rig.playbook import Ansible, unchanged


def beside(ansible: Ansible, node: Node, folder: Path, inventory: Path, runs: int) -> tuple[float, float]:
    """Seconds of a ping, and of the apps' playbook that has nothing to do: medians of so many runs of each, in turn.
    folder: for the ping's files."""
    playbook, bare = folder / "ping.yml", folder / "ping-hosts.yml"
    play = {
        "name": "Ping",
        "hosts": "hostel",
        "gather_facts": False,
        "tasks": [{"name": "Ping", "ansible.builtin.ping": {}}],
    }
    playbook.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    write_bare(bare, node)
    pings, idle = [], []
    for _ in range(runs + 1):
        pings.append(ansible.run(str(playbook), bare))
        idle.append(ansible.run("hostel.python.apps", inventory))
    # The first of each warms what stays warm: the connection, the page cache.
    return unchanged(pings[1:]), unchanged(idle[1:])
