# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare node of the benchmark, and what can be seen on it from outside."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = ROOT / ".cache/nodes/id_ed25519"
# Of its nginx, within its own network.
PROXY_PORT = 80

# Apache says this line at its start and after every reload; nginx replaces its workers.
_OBSERVE = """
printf 'apache %s %s\\n' "$(systemctl show -P MainPID apache2)" \
    "$(cat /var/log/apache2/error.log* 2>/dev/null | grep -ac 'resuming normal operations')"
printf 'nginx %s\\n' "$(pgrep -P "$(systemctl show -P MainPID nginx)" | sort -n | tr '\\n' ' ')"
"""


@dataclass(frozen=True)
class Seen:
    """apache: its main process and how often it read its configuration; nginx: its workers, new after each reload."""

    apache: str
    nginx: str


@dataclass(frozen=True)
class Node:
    """One container with a systemd of its own; ports of the loopback address."""

    name: str
    http_port: int
    ssh_port: int
    suite: str = "bookworm"

    def start(self) -> None:
        self.remove()
        _run(ROOT / "nodes/up", self.name, self.suite, str(self.http_port), str(self.ssh_port))

    def boot(self) -> None:
        """Start it anew, as after a power cut, and wait until it is up."""
        _run("podman", "stop", "--time", "30", self.name)
        _run(ROOT / "nodes/up", self.name, self.suite, str(self.http_port), str(self.ssh_port))

    def tell(self, script: str) -> str:
        """What a shell script of root's says there."""
        return _run("podman", "exec", self.name, "sh", "-c", script)

    def python(self, program: Path, *arguments: str, given: object = None) -> Any:
        """What a program says there, run by root: JSON in, JSON out."""
        argv = ["podman", "exec", "-i", self.name, "python3", "-c", program.read_text(encoding="utf-8"), *arguments]
        ran = subprocess.run(argv, input=json.dumps(given), stdout=subprocess.PIPE, text=True, check=False)
        if ran.returncode:
            raise SystemExit(f"{program.name} on {self.name} ended with {ran.returncode}")
        return json.loads(ran.stdout)

    @property
    def pid(self) -> int:
        """Of its systemd, seen from outside: whose network a program may be put into."""
        return int(_run("podman", "container", "inspect", "--format", "{{.State.Pid}}", self.name))

    def remove(self) -> None:
        _run(ROOT / "nodes/down", self.name)

    def seen(self) -> Seen:
        apache, nginx = _run(ROOT / "nodes/ssh", str(self.ssh_port), _OBSERVE).splitlines()
        return Seen(apache, nginx)

    @property
    def connection(self) -> dict[str, object]:
        """Ansible's variables."""
        return {
            "ansible_host": "127.0.0.1",
            "ansible_port": self.ssh_port,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(KEY),
            "ansible_ssh_common_args": "-o IdentitiesOnly=yes -o StrictHostKeyChecking=no"
            " -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
            "ansible_python_interpreter": "/usr/bin/python3",
        }


def _run(*argv: Path | str) -> str:
    ran = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{' '.join(map(str, argv))[:200]} ended with {ran.returncode}")
    return ran.stdout
