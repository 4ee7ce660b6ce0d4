# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WSGI by FastCGI: nginx's fastcgi_pass, and uWSGI as the adapter, whose processes come and go with demand.

Of the adapters for Python uWSGI is the one that is kept up: flup and its forks had their last release years ago,
flipflop has none for today's Pythons, and mod_fcgid would have one Apache start everybody's processes. uWSGI's own
parent process ("cheaper") is what mod_fcgid's process manager is: one process at first, one more while all are busy, up
to ``workers``, and one less after a while when they are not.
"""

from __future__ import annotations

from .._spec.release import Release
from .programs import command, serving
from .upstream import Program, SocketServer
from .uwsgi import ENDED

# The most processes where the app does not say.
WORKERS = 4
LEAST = 1


class FastCgi(SocketServer):
    """Interface, requirements and resources: see Server in model.py."""

    name = "fastcgi"
    interfaces = frozenset({"wsgi"})
    requirements = ("pyuwsgi",)
    protocol = "fastcgi"

    def program(self, release: Release) -> Program:
        app = release.app
        argv = command(
            f"{release.venv}/bin/python",
            "uwsgi",
            protocol=self.protocol,
            entrypoint=release.entrypoint,
            workers=app.workers or WORKERS,
            least=LEAST,
            threads=app.threads,
        )
        return Program(argv, files=serving("uwsgi"), more=(ENDED,))


FASTCGI = FastCgi()
