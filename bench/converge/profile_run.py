# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time of a run with nothing to do goes, from the controller's start to the node's last read."""

from __future__ import annotations

import subprocess

from node import ROOT, Node
from playbook import Ansible
from workload import Workload

LINES = 40

# Ansible leaves the module's archive on the node when told so. It unpacks itself, and is then run under the
# profiler, by a script of its own, since Ansible's wrapper takes the folder of the main module off the path.
_PROFILE = """
set -e
cd "$(ls -dt ~/.ansible/tmp/ansible-tmp-*/ | head -1)"
python3 AnsiballZ_hosting.py explode >/dev/null
cat >profiled.py <<'END'
import cProfile, pstats, runpy, sys
sys.argv = ["AnsiballZ_hosting.py", "execute"]
profile, out = cProfile.Profile(), sys.stdout
sys.stdout = open("/dev/null", "w")
try:
    profile.runcall(runpy.run_path, "AnsiballZ_hosting.py", run_name="__main__")
except SystemExit:
    pass
pstats.Stats(profile, stream=out).sort_stats("cumulative").print_stats(LINES)
END
echo '--- calls, slowest first'
python3 profiled.py | sed 's|/.*ansible_collections/hostel/python/plugins/||'
echo '--- imports, slowest first (microseconds alone, and with what they import in turn)'
python3 -X importtime AnsiballZ_hosting.py execute 2>&1 >/dev/null |
    grep '^import time' | sort -t'|' -k2 -rn | head -LINES
echo '--- the module from its archive, as Ansible runs it, three times'
for _ in 1 2 3; do time python3 AnsiballZ_hosting.py >/dev/null; done 2>&1 | grep -v '^$'
echo '--- the module unpacked, with byte code, three times'
for _ in 1 2 3; do time python3 AnsiballZ_hosting.py execute >/dev/null; done 2>&1 | grep -v '^$'
rm -rf ~/.ansible/tmp/ansible-tmp-*
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
    small = ansible.run(str(playbook), work.write_ping()).seconds
    large = ansible.run(str(playbook), work.inventory).seconds
    print(f"{small:6.2f} s  ansible-playbook starts and ends: a play without a task on the node")
    print(f"{large - small:6.2f} s  more with the inventory of all apps")
    print(f"{ping - small:6.2f} s  one module's way to the node and back: a ping")
    print(f"{idle - ping - (large - small):6.2f} s  the rest: role, validation, digests of local sources, module")
    keeping = {"ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_PIPELINING": "0"}
    Ansible(ansible.name, ansible.config, keeping).run("hostel.python.apps", work.inventory)
    command = _PROFILE.replace("LINES", str(LINES))
    subprocess.run([ROOT / "nodes/ssh", str(node.ssh_port), command], check=True)
