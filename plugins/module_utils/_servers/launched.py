# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers of the app's own venv, which serve.py starts: what differs between them is a name and an option or two."""

from __future__ import annotations

from .._spec.release import Release
from .._spec.servers import SERVERS
from .programs import command, serving
from .upstream import Program, SocketServer


class LaunchedServer(SocketServer):
    """launcher: what serve.py calls it; more: further lines of [Service]."""

    more: tuple[str, ...] = ()

    @property
    def launcher(self) -> str:
        return self.name

    def options(self, _release: Release) -> dict[str, str | float | None]:
        """What its launcher is told beyond what all are, or instead of it."""
        return {}

    def program(self, release: Release) -> Program:
        told = {
            "entrypoint": release.entrypoint,
            "interface": release.interface if len(SERVERS[self.name].interfaces) > 1 else None,
            "workers": release.app.workers,
            "threads": release.app.threads,
            **self.options(release),
        }
        argv = command(f"{release.venv}/bin/python", self.launcher, **told)
        return Program(argv, files=serving(self.launcher), more=self.more)
