# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mod_wsgi in an Apache that apps share: what a release of mode embedded or pool needs.

Pure. Neither Apache is reloaded for an app. Each request is led by two maps that Apache looks up as files: from the
site to the release, which is changed at the switch, and, for a pool, from the release to one of the two daemons of its
account, so that a new release is proven in the one that is not live.
"""

from __future__ import annotations

import dataclasses
import json

from .._launch import shared_wsgi
from .._spec.app import App
from .._spec.layout import MANAGED
from .._spec.release import Release
from .._spec.resources import File
from .._spec.route import Route
from .._spec.shared_wsgi import EMBEDDED, EMBEDDED_ACCOUNT, POOL, SITE_ENTRIES, Seat
from .environment import environment_file
from .model import Resources
from .programs import serving


class SharedWsgi:
    """Requirements, route and resources: see Server in model.py."""

    name = "mod_wsgi"
    requirements: tuple[str, ...] = ()

    def route(self, app: App) -> Route:
        return Route("apache", upstream=f"hostel_{app.mode}")

    def resources(self, release: Release) -> Resources:
        embedded = release.app.mode == EMBEDDED
        return Resources(
            settings=(
                *serving(),
                settings(release),
                *([embedded_environment(release)] if embedded else []),
            ),
            live=(entry(release),),
            sockets=(),
            services=(),
            mounts=release.mounts,
            route=self.route(release.app),
            groups=(),
            seats=() if embedded else (Seat(release.tag, release.uid),),
        )


def settings(release: Release) -> File:
    """What _launch/shared_wsgi.py has to know of a release."""
    app = release.app
    told = {
        "managed": MANAGED[2:],
        "tag": release.tag,
        "mode": app.mode,
        "log": f"hostel-{app.name}",
        "folder": release.folder,
        "venv": release.venv,
        "entrypoint": release.entrypoint,
        "environment": _embedded_path(release) if app.mode == EMBEDDED else release.environment_file,
        "idle_timeout": app.idle_timeout if app.mode == POOL else None,
        "stopped": app.state == "stopped",
    }
    return File(f"{release.settings}/{shared_wsgi.SETTINGS}", (json.dumps(told, indent=1) + "\n").encode())


def embedded_environment(release: Release) -> File:
    """The environment for the account of the Apache that runs the app, which is in no tenant's group."""
    return dataclasses.replace(environment_file(release), path=_embedded_path(release), group=EMBEDDED_ACCOUNT)


def entry(release: Release) -> File:
    """The app's lines of the map of sites: ``host/prefix app@release``."""
    lines = [f"{url} {release.tag}" for url in sorted(release.app.urls, key=str)]
    return File(f"{SITE_ENTRIES}/{release.app.name}", ("\n".join([MANAGED, *lines]) + "\n").encode())


def _embedded_path(release: Release) -> str:
    return f"{release.settings}/environment.embedded"


SHARED_WSGI = SharedWsgi()
