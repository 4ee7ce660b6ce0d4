# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies on the node for an app, so that the same can be started by hand."""

from __future__ import annotations

from dataclasses import dataclass

from rig.node import Node


@dataclass(frozen=True)
class Installed:
    """tenant: the account; unit: the service of the live release; folder: its code; venv: its virtual environment."""

    tenant: str
    unit: str
    folder: str
    venv: str

    @property
    def environment(self) -> dict[str, str]:
        """What a person has who activated the venv."""
        return {"PATH": f"{self.venv}/bin:/usr/bin:/bin", "HOME": f"/home/{self.tenant}", "VIRTUAL_ENV": self.venv}

    def command(self, words: list[str]) -> list[str]:
        """A command line whose program lies in the venv."""
        return [f"{self.venv}/bin/{words[0]}", *words[1:]]


def installed(node: Node, app: str, tenant: str) -> Installed:
    """Of an app that runs on a socket of its own."""
    told = node.tell(
        f"unit=$(basename $(readlink /var/lib/hostel/routes/{app})).service; echo $unit;"
        f"readlink -f /srv/hostel/{tenant}/{app}/current;"
        "grep -om1 '/var/lib/hostel/venvs/[^/]*' /etc/systemd/system/$unit"
    )
    unit, folder, venv = told.split()
    return Installed(tenant, unit, folder, venv)
