# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is hosted: many tiny apps of some tenants, as an inventory with a folder of code for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

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
    """An inventory of one node. folder: where it and the code lie; connection: Ansible's variables for the node."""

    folder: Path
    node: str
    connection: dict[str, object]

    @property
    def inventory(self) -> Path:
        return self.folder / "hosts.yml"

    def write(self, apps: int) -> None:
        """As many apps as this, each with its folder."""
        numbers = range(1, apps + 1)
        for number in numbers:
            self._write_code(number)
        variables = {
            "hostel_python_versions": [{"version": "3.11", "source": "system"}],
            "hostel_tenants": [
                {"name": f"tenant{number:02}", "limits": LIMITS} for number in range(1, _tenant(apps) + 1)
            ],
            "hostel_apps": [_app(number) for number in numbers],
        }
        group = {"hosts": {self.node: dict(self.connection)}, "vars": variables}
        self.inventory.write_text(yaml.safe_dump({"hostel": group}, sort_keys=False), encoding="utf-8")

    def write_ping(self) -> Path:
        """An inventory of the node alone, and a playbook with a single ping."""
        hosts = self.folder / "ping-hosts.yml"
        hosts.write_text(yaml.safe_dump({"hostel": {"hosts": {self.node: dict(self.connection)}}}), encoding="utf-8")
        ping = {"name": "Ping", "ansible.builtin.ping": {}}
        play = {"name": "Ping", "hosts": "hostel", "gather_facts": False, "tasks": [ping]}
        (self.folder / "ping.yml").write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
        return hosts

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


def _app(number: int) -> dict[str, Any]:
    return {
        "name": name(number),
        "tenant": f"tenant{_tenant(number):02}",
        "urls": [host(number)],
        "python": "3.11",
        "server": "uvicorn",
        "source": {"local": _folder(number)},
        "entrypoint": "main:app",
        "env": {"APP_NAME": name(number)},
    }
