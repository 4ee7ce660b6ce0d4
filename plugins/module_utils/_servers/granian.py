# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ASGI and WSGI: a Granian of its own for each app, on a socket that systemd holds."""

from __future__ import annotations

from .._spec.release import Release
from .programs import command, serving
from .upstream import Program, SocketServer


class Granian(SocketServer):
    """Interface, requirements and resources: see Server in model.py."""

    name = "granian"
    interfaces = frozenset({"asgi", "wsgi"})
    # The oldest that it was tried with; 2.5 sends as fast as memory allows.
    requirements = ("granian>=2.8",)

    def program(self, release: Release) -> Program:
        app = release.app
        argv = command(
            f"{release.venv}/bin/python",
            self.name,
            entrypoint=release.entrypoint,
            interface=release.interface,
            workers=app.workers,
            threads=app.threads,
        )
        return Program(argv, files=serving(self.name))


GRANIAN = Granian()
