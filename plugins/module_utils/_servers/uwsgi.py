# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WSGI: an uWSGI of its own for each app, which nginx asks by uWSGI's protocol, on a socket that systemd holds."""

from __future__ import annotations

from .._spec.release import Release
from .launched import LaunchedServer

# What uWSGI ends with when it is told to and has no parent process (UWSGI_END_CODE).
ENDED = "SuccessExitStatus=30"


class Uwsgi(LaunchedServer):
    """Requirements, route and resources: see Server in model.py."""

    name = "uwsgi"
    # uWSGI, built for every Python; the package uwsgi has to be compiled.
    requirements = ("pyuwsgi",)
    protocol = "uwsgi"
    more = (ENDED,)

    @property
    def launcher(self) -> str:
        return "uwsgi"

    def options(self, _release: Release) -> dict[str, str | float | None]:
        return {"protocol": self.protocol}


UWSGI = Uwsgi()
