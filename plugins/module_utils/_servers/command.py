# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any program that answers HTTP where it is told to: Sanic, aiohttp, Tornado, Streamlit, and what a tenant wrote.

It is told by PORT, HOST and SOCKET, in its environment and in the words of its argument list (see bridge.py). nginx
hands it requests as they came, with the mount in the path and in X-Forwarded-Prefix.
"""

from __future__ import annotations

from .._spec.release import Release
from .bridge import bridged
from .upstream import Program, SocketServer


class Command(SocketServer):
    """Requirements, route and resources: see Server in model.py."""

    name = "command"
    # The program is the app's own, and so is what it needs.
    requirements = ()
    # Nobody knows; stock uvicorn, for one, does not if an application raises after its answer, as Starlette does after
    # each 500. The POST that meets such a close is lost, for nginx sends it once; here each request has a connection.
    keeps_connections = False

    def program(self, release: Release) -> Program:
        return bridged(release, release.command, told=True)


COMMAND = Command()
