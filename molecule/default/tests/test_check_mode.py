# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode on nodes that are as they should be."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path


def test_nothing_more_is_foreseen() -> None:
    inventory = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
    run = subprocess.run(
        ["ansible-playbook", "--check", "--diff", "--inventory", str(inventory), "hostel.python.site"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    changes = re.findall(r"^(mol\d+) .*\bchanged=(\d+)", run.stdout, flags=re.MULTILINE)
    assert changes == [("mol12", "0"), ("mol13", "0")], run.stdout
