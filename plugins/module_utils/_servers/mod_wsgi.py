# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WSGI on Apache's mod_wsgi as Debian has it, which is built for the distribution's Python alone, in several modes."""

from __future__ import annotations

from .._spec.app import App
from .._spec.release import Release
from .._spec.route import Route
from .._spec.servers import SERVERS
from .mod_wsgi_daemon import DAEMON
from .model import Resources, Server
from .shared_wsgi import SHARED_WSGI

_MODES: dict[str, Server] = {"daemon": DAEMON, "embedded": SHARED_WSGI, "pool": SHARED_WSGI}


class ModWsgi:
    """Requirements, route and resources: see Server in model.py."""

    name = "mod_wsgi"
    requirements: tuple[str, ...] = ()

    def route(self, app: App) -> Route:
        return _mode(app).route(app)

    def resources(self, release: Release) -> Resources:
        return _mode(release.app).resources(release)


def _mode(app: App) -> Server:
    return _MODES[app.mode or SERVERS["mod_wsgi"].modes[0]]


MOD_WSGI = ModWsgi()
