# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WSGI and ASGI: a gunicorn of its own for each app, on a socket that systemd holds."""

from __future__ import annotations

from .._spec.release import Release
from .launched import LaunchedServer


class Gunicorn(LaunchedServer):
    """Requirements, route and resources: see Server in model.py."""

    name = "gunicorn"
    # Those before take a worker's class by its name alone.
    requirements = ("gunicorn>=23",)

    def options(self, release: Release) -> dict[str, str | float | None]:
        return {"start_timeout": release.app.health.timeout}


GUNICORN = Gunicorn()
