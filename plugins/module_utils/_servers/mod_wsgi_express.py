# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WSGI on mod_wsgi with any Python: the module that the package mod_wsgi builds for exactly that interpreter.

What its command mod_wsgi-express writes is a configuration for a server that stands alone: with a port, log files,
static files, a reverse proxy's headers to be believed or not, a reloader. All that is the front's here, so that the
module runs in the same Apache as mod_wsgi's mode daemon.
"""

from __future__ import annotations

from .._spec.release import Release
from .own_apache import program
from .upstream import Program, SocketServer


class ModWsgiExpress(SocketServer):
    """Requirements, route and resources: see Server in model.py."""

    name = "mod_wsgi_express"
    requirements = ("mod_wsgi",)

    def program(self, release: Release) -> Program:
        # Its name holds the version and the processor: mod_wsgi-py314.cpython-314-x86_64-linux-gnu.so.
        return program(release, f"{release.venv}/lib/python*/site-packages/mod_wsgi/server/mod_wsgi-py*.so")


MOD_WSGI_EXPRESS = ModWsgiExpress()
