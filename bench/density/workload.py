# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is hosted: many apps that do nothing, all alike, of many tenants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rig import inventory
from rig.node import Node

CODE = """\
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"here"})
"""
ENTRYPOINT = "main:app"
APPS_A_TENANT = 5


@dataclass(frozen=True)
class Workload:
    """An inventory of one node. folder: where it and the code lie."""

    folder: Path
    node: Node

    @property
    def inventory(self) -> Path:
        return self.folder / "hosts.yml"

    def write(self, tenants: int, apps: Iterable[int] = ()) -> None:
        """As many tenants as this, and these apps of theirs, by number."""
        code = self.folder / "apps/one"
        code.mkdir(parents=True, exist_ok=True)
        (code / "main.py").write_text(CODE, encoding="utf-8")
        listed = [
            {"name": f"tenant{at:03}", "limits": {"memory": "512M", "cpu": "100%", "tasks": 100}}
            for at in range(tenants)
        ]
        inventory.write(self.inventory, self.node, listed, [self._app(at) for at in apps])

    def _app(self, at: int) -> dict[str, object]:
        return {
            "name": name(at),
            "tenant": tenant(at),
            "urls": [host(at)],
            "python": inventory.PYTHON[self.node.suite],
            "server": "uvicorn",
            "source": {"local": "apps/one"},
            "entrypoint": ENTRYPOINT,
            "idle_timeout": "60s",
        }


def name(at: int) -> str:
    return f"app{at:04}"


def tenant(at: int) -> str:
    return f"tenant{at // APPS_A_TENANT:03}"


def host(at: int) -> str:
    return f"{name(at)}.localhost"
