# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories of one node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from rig.node import Node

# By suite: the Python that Debian has, which all apps run on.
PYTHON = {"bookworm": "3.11", "trixie": "3.13"}


def write(
    path: Path, node: Node, tenants: Sequence[Mapping[str, object]], apps: Sequence[Mapping[str, object]]
) -> None:
    """What the node hosts."""
    variables = {
        "hostel_python_versions": [{"version": PYTHON[node.suite], "source": "system"}],
        "hostel_tenants": tenants,
        "hostel_apps": apps,
    }
    _write(path, {"hosts": {node.name: node.connection}, "vars": variables})


def write_bare(path: Path, node: Node) -> None:
    """The node alone."""
    _write(path, {"hosts": {node.name: node.connection}})


def _write(path: Path, group: Mapping[str, object]) -> None:
    path.write_text(yaml.safe_dump({"hostel": group}, sort_keys=False), encoding="utf-8")
