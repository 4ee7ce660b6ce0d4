# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ASGI: a uvicorn of its own for each app, on a socket that systemd holds."""

from __future__ import annotations

from .._spec.release import Release
from .programs import command, serving
from .upstream import Program, SocketServer


class Uvicorn(SocketServer):
    """Interface, requirements and resources: see Server in model.py."""

    name = "uvicorn"
    interfaces = frozenset({"asgi"})
    # Plain uvicorn answers WebSockets only when one of two libraries is there.
    requirements = ("uvicorn>=0.15", "websockets")

    def program(self, release: Release) -> Program:
        python = f"{release.venv}/bin/python"
        argv = command(python, self.name, entrypoint=release.entrypoint, workers=release.app.workers)
        return Program(argv, files=serving(self.name))


UVICORN = Uvicorn()
