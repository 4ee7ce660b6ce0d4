# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time of a run with nothing to do goes, from the controller's start to the node's last read."""

from __future__ import annotations

import json
import subprocess
import sys

import yaml
from rig.inventory import write_bare
from rig.node import ROOT, Node
from rig.playbook import Ansible
from workload import Workload

sys.path.append(str(ROOT / ".cache/collections"))

from ansible_collections.hostel.python.plugins.module_utils._spec.hosting_arguments import ARGUMENTS
from ansible_collections.hostel.python.plugins.plugin_utils.local_source import digest

# The program that the first run has left on the node, with the parameters that the controller would send it.
_PROFILE = """
set -e
folder=$(ls -d /opt/hostel/lib/hosting/*/)
work=$(mktemp -d)
cat >"$work/params.json"
cat >"$work/profiled.py" <<'END'
import cProfile, pstats, runpy, sys
profile, out = cProfile.Profile(), sys.stdout
sys.stdout = open("/dev/null", "w")
profile.runcall(runpy.run_path, sys.argv[1], run_name="__main__")
pstats.Stats(profile, stream=out).sort_stats("cumulative").print_stats(40)
END
echo '--- calls, slowest first'
python3 -I -B "$work/profiled.py" "$folder" <"$work/params.json" |
    sed 's|/.*ansible_collections/hostel/python/plugins/||'
echo '--- imports, slowest first (microseconds alone, and with what they import in turn)'
python3 -I -B -X importtime "$folder" <"$work/params.json" 2>&1 >/dev/null |
    grep '^import time' | sort -t'|' -k2 -rn | head -30
echo '--- the whole program, five times'
for _ in 1 2 3 4 5; do time python3 -I -B "$folder" <"$work/params.json" >/dev/null; done 2>&1 | grep -v '^$'
rm -r "$work"
"""

# debug runs on the controller alone.
_EMPTY = """
- name: Nothing
  hosts: hostel
  gather_facts: false
  tasks:
    - name: Say something
      ansible.builtin.debug:
"""


def show(ansible: Ansible, node: Node, work: Workload, ping: float, idle: float) -> None:
    """Print a breakdown. ping, idle: seconds, as measured."""
    playbook = work.folder / "empty.yml"
    playbook.write_text(_EMPTY, encoding="utf-8")
    bare = work.folder / "empty-hosts.yml"
    write_bare(bare, node)
    small = ansible.run(str(playbook), bare).seconds
    large = ansible.run(str(playbook), work.inventory).seconds
    print(f"{small:6.2f} s  ansible-playbook starts and ends: a play without a task on the node")
    print(f"{large - small:6.2f} s  more with the inventory of all apps")
    print(f"{ping - small:6.2f} s  one module's way to the node and back: a ping")
    print(f"{idle - ping - (large - small):6.2f} s  the rest: role, validation, digests of local sources, program")
    command = [ROOT / "nodes/ssh", str(node.ssh_port), _PROFILE]
    subprocess.run(command, input=json.dumps(_parameters(work)), text=True, check=True)


def _parameters(work: Workload) -> dict[str, object]:
    """What the action plugin sends for a plan."""
    variables = yaml.safe_load(work.inventory.read_text(encoding="utf-8"))["hostel"]["vars"]
    for app in variables["hostel_apps"]:
        app["source"]["digest"] = digest(str(work.folder / app["source"]["local"]))
    wanted = {name: variables[f"hostel_{name}"] for name in ("python_versions", "tenants", "apps")}
    defaults = {name: option.get("default") for name, option in ARGUMENTS.items()}
    return defaults | {"wanted": json.dumps(wanted), "phase": "plan"}
