# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same pages by several frameworks, each under several servers: an inventory of one node."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rig import inventory
from rig.node import Node
from rig.servers import Column

CODE = Path(__file__).parent / "frameworks"
# By framework: what it can be called by.
FRAMEWORKS = {
    "bare": ("wsgi", "asgi"),
    "flask": ("wsgi",),
    "django": ("wsgi", "asgi"),
    "fastapi": ("asgi",),
}
# In every venv, so that the frameworks of one server share one.
REQUIREMENTS = [name for name in FRAMEWORKS if name != "bare"]


@dataclass(frozen=True)
class Case:
    """One framework under one server."""

    column: Column
    framework: str

    @property
    def name(self) -> str:
        return f"{self.column.name}-{self.framework}"

    @property
    def tenant(self) -> str:
        """Of all apps of this column alone."""
        return f"b-{self.column.name}"

    @property
    def host(self) -> str:
        return f"{self.name}.localhost"

    @property
    def entrypoint(self) -> str:
        interface = self.column.interface
        return f"main_{interface}:{interface}" if self.framework == "django" else f"main:{interface}"


def cases(columns: list[Column], frameworks: list[str]) -> list[Case]:
    """All that go together."""
    return [
        Case(column, framework)
        for framework in frameworks
        for column in columns
        if column.interface in FRAMEWORKS[framework]
    ]


def write_inventory(path: Path, node: Node, wanted: list[Case]) -> None:
    """The node, a tenant without limits for each column, and an app for each case."""
    tenants = [{"name": name} for name in sorted({case.tenant for case in wanted})]
    inventory.write(path, node, tenants, [_app(case, inventory.PYTHON[node.suite]) for case in wanted])


def _app(case: Case, python: str) -> dict[str, object]:
    keys = {
        "name": case.name,
        "tenant": case.tenant,
        "urls": [case.host],
        "python": python,
        "server": case.column.server,
        "interface": case.column.interface,
        "source": {"local": str(CODE / case.framework)},
        "entrypoint": case.entrypoint,
        "requirements": REQUIREMENTS,
        "health": {"timeout": "120s"},
        # Each falls asleep when it is told to, not before.
        "idle_timeout": "1h",
        **case.column.more,
    }
    return {key: value for key, value in keys.items() if value is not None}
