# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server started by its own command line: the same venv, code and account, listening at a port."""

from __future__ import annotations

import shlex

from rig.installed import Installed
from rig.node import Node

PORT = 9000
UNIT = "by-hand.service"

_WAIT = f"""
for _ in $(seq 600); do
    (exec 3<>/dev/tcp/127.0.0.1/{PORT}) 2>/dev/null && exit
    sleep 0.1
done
systemctl status {UNIT} >&2
exit 1
"""


def start(node: Node, here: Installed, words: list[str]) -> None:
    """By a command line that has it listen at PORT, its program in the venv; back when it does."""
    argv = ["systemd-run", "--quiet", f"--unit={UNIT}", f"--uid={here.tenant}", f"--working-directory={here.folder}"]
    argv += [f"--setenv={name}={value}" for name, value in here.environment.items()]
    node.tell(shlex.join([*argv, "--property=LimitNOFILE=65536", "--", *here.command(words)]))
    node.tell(shlex.join(["bash", "-c", _WAIT]))


def stop(node: Node) -> None:
    node.tell(f"systemctl kill --signal=KILL {UNIT}; systemctl stop {UNIT}; systemctl reset-failed {UNIT} || true")
