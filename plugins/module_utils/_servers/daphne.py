# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ASGI: a Daphne of its own for each app, on a socket that systemd holds."""

from __future__ import annotations

from .._spec.release import Release
from .programs import command, serving
from .upstream import Program, SocketServer


class Daphne(SocketServer):
    """Interface, requirements and resources: see Server in model.py."""

    name = "daphne"
    interfaces = frozenset({"asgi"})
    # The oldest that it was tried with.
    requirements = ("daphne>=4",)

    def program(self, release: Release) -> Program:
        app = release.app
        argv = command(
            f"{release.venv}/bin/python",
            self.name,
            entrypoint=release.entrypoint,
            workers=app.workers,
        )
        return Program(argv, files=serving(self.name))


DAPHNE = Daphne()
