# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mod_wsgi's mode daemon: processes of the app's own, in an Apache of its own, with Debian's module."""

from __future__ import annotations

from .._spec.release import Release
from .own_apache import program
from .upstream import Program, SocketServer

_MODULE = "/usr/lib/apache2/modules/mod_wsgi.so"


class Daemon(SocketServer):
    """What mod_wsgi is in its mode daemon."""

    name = "mod_wsgi"

    def program(self, release: Release) -> Program:
        return program(release, _MODULE)


DAEMON = Daemon()
