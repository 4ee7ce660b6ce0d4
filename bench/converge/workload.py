# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is hosted: many tiny apps of some tenants, as an inventory with a folder of code for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rig import inventory
from rig.node import Node

# Every app answers with its own name; what it requires besides its server differs.
CODE = '''\
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({{"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}})
        await send({{"type": "http.response.body", "body": b"{name}"}})
'''
REQUIREMENTS = (
    ("starlette",),
    ("fastapi",),
    ("starlette", "jinja2", "python-multipart"),
    ("django",),
    ("fastapi", "sqlalchemy", "aiosqlite"),
)
APPS_A_TENANT = 5
LIMITS = {"memory": "512M", "cpu": "100%", "tasks": 100}


@dataclass(frozen=True)
class Workload:
    """An inventory of one node. folder: where it and the code lie."""

    folder: Path
    node: Node

    @property
    def inventory(self) -> Path:
        return self.folder / "hosts.yml"

    def write(self, apps: int) -> None:
        """As many apps as this, each with its folder."""
        numbers = range(1, apps + 1)
        for number in numbers:
            self._write_code(number)
        tenants = [{"name": f"tenant{number:02}", "limits": LIMITS} for number in range(1, _tenant(apps) + 1)]
        listed = [_app(number, inventory.PYTHON[self.node.suite]) for number in numbers]
        inventory.write(self.inventory, self.node, tenants, listed)

    def _write_code(self, number: int) -> None:
        folder = self.folder / _folder(number)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "main.py").write_text(CODE.format(name=name(number)), encoding="utf-8")
        lines = ("uvicorn", *REQUIREMENTS[number % len(REQUIREMENTS)])
        (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def name(number: int) -> str:
    return f"app{number:03}"


def host(number: int) -> str:
    return f"{name(number)}.localhost"


def _tenant(number: int) -> int:
    return (number - 1) // APPS_A_TENANT + 1


def _folder(number: int) -> str:
    return f"apps/{name(number)}"


def _app(number: int, python: str) -> dict[str, Any]:
    return {
        "name": name(number),
        "tenant": f"tenant{_tenant(number):02}",
        "urls": [host(number)],
        "python": python,
        "server": "uvicorn",
        "source": {"local": _folder(number)},
        "entrypoint": "main:app",
        "env": {"APP_NAME": name(number)},
    }
