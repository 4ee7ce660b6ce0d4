# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The static equipment of a node, as the role declares it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .._node import equipment
from .._servers import sleeper
from .._spec.resources import File, Folder, Link

# Every node has it, so no playbook has to say so.
SLEEPER = equipment.Group(
    name="sleeper",
    resources=sleeper.resources(),
    apply=(("systemctl", "daemon-reload"), ("systemctl", "restart", sleeper.UNIT)),
    units=(sleeper.UNIT,),
)


def converge(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Compare, and change unless in check mode; ``params`` are those of the module node. Returns its result."""
    missing = equipment.missing_packages(params["packages"])
    done = equipment.Result()
    if not missing or check_mode:
        values = equipment.values(params["secret"], make=not check_mode)
        groups = [*(_group(item, values) for item in params["groups"]), SLEEPER]
        done = equipment.converge(groups, check_mode=check_mode)
    return {
        "changed": bool(done.changed),
        "missing_packages": missing,
        "missing_paths": [path for path in params["paths"] if not os.path.exists(path)],
        "codename": equipment.codename(),
        "changed_paths": done.changed,
        "diff": done.diff,
    }


def _file(item: dict[str, Any], values: dict[str, str]) -> File:
    content = equipment.fill(item["content"], values).encode()
    return File(item["path"], content, int(item["mode"], 8), group=item["group"], secret=item["secret"])


def _group(item: dict[str, Any], values: dict[str, str]) -> equipment.Group:
    return equipment.Group(
        name=item["name"],
        resources=(
            *(Folder(one["path"], int(one["mode"], 8), one["owner"], one["group"]) for one in item["folders"]),
            *(_file(one, values) for one in item["files"]),
            *(Link(path, target) for path, target in item["links"].items()),
        ),
        absent=tuple(item["absent"]),
        check=tuple(item["check"]),
        apply=tuple(tuple(command) for command in item["apply"]),
        units=tuple(item["units"]),
    )
