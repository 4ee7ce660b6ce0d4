# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of ansible-playbook, with a watch beside them."""

from __future__ import annotations

import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

_RECAP = re.compile(r"changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")


@dataclass(frozen=True)
class Ansible:
    """One way of running playbooks. config: its ansible.cfg; environment: what it needs besides."""

    name: str
    config: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, playbook: str, inventory: Path) -> Run:
        """Errors: SystemExit with the end of the output, if a task failed."""
        environment = {**os.environ, "ANSIBLE_CONFIG": str(self.config), "ANSIBLE_NOCOLOR": "1", **self.environment}
        started = time.monotonic()
        ran = subprocess.run(
            ["ansible-playbook", "-i", str(inventory), playbook],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )
        seconds = time.monotonic() - started
        recap = _RECAP.search(ran.stdout)
        if ran.returncode or recap is None or recap[2] != "0" or recap[3] != "0":
            raise SystemExit(f"{self.name}: {playbook} failed:\n{ran.stdout[-6000:]}")
        return Run(seconds, int(recap[1]), ran.stdout)


@dataclass(frozen=True)
class Run:
    """seconds: wall-clock time of the whole command; changed: how many tasks say that they changed something."""

    seconds: float
    changed: int
    output: str


def unchanged(runs: list[Run]) -> float:
    """The median time of runs that must have had nothing to do."""
    busy = [run for run in runs if run.changed]
    if busy:
        raise SystemExit(f"a run that should have had nothing to do changed something:\n{busy[0].output[-6000:]}")
    return median(run.seconds for run in runs)
