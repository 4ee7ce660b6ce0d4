# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on the demo's nodes: asked of the nodes, not of the inventory."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from browser import CheckError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Node:
    """One of the demo's nodes; its ports are published on the loopback address."""

    name: str
    http_port: int
    ssh_port: int

    def asked(self) -> dict[str, Any]:
        """The answer of on_node.py."""
        with (ROOT / "demo/on_node.py").open("rb") as program:
            ran = subprocess.run(
                [ROOT / "nodes/ssh", str(self.ssh_port), "python3 -"],
                stdin=program, capture_output=True, timeout=60, check=False,
            )
        if ran.returncode:
            raise CheckError(f"{self.name} does not tell what it serves: {ran.stderr.decode(errors='replace')[-2000:]}")
        answer: dict[str, Any] = json.loads(ran.stdout)
        return answer


def nodes() -> list[Node]:
    """Both nodes; the Makefile says on which ports."""
    return [
        Node(
            f"node{number}",
            int(os.environ.get(f"HOSTEL_NODE{number}_HTTP_PORT", 8080 + number)),
            int(os.environ.get(f"HOSTEL_NODE{number}_SSH_PORT", 2280 + number)),
        )
        for number in (1, 2)
    ]
