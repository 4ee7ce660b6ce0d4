# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WSGI on Passenger: a .htaccess a mount, a process group a release, a wrapper that leads into the tenant's slice.

Pure. Apache is never reloaded: a site is a folder of root's that its one wildcard host finds (roles/node). A release
has its own process group, so that it is started and proven beside the live one; going live is the renaming of
.htaccess.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from .._spec.app import App
from .._spec.layout import MANAGED, PROGRAMS, SITES, STAGING
from .._spec.release import Release
from .._spec.resources import File
from .._spec.rewrite import Rewrite
from .._spec.route import Route
from .._syntax import apache
from .model import Resources
from .programs import command, serving
from .proxied import rules
from .service import idle

_ENTER = f"{PROGRAMS}/enter_slice.py"


@dataclass(frozen=True)
class Application:
    """What Passenger has to know of an app.

    group: name of its processes' group; log: their name in the journal; folder: working directory and first of
    sys.path; python: of the venv; wrapper: path of the program that Passenger starts as Python; environment_file:
    KEY="value" lines; restart_folder: a touched restart.txt in it restarts the app; processes: kept even when idle;
    start_timeout: seconds.
    """

    group: str
    log: str
    user: str
    user_group: str
    folder: str
    python: str
    entrypoint: str
    wrapper: str
    environment_file: str
    restart_folder: str
    processes: int
    start_timeout: float


class Passenger:
    """Requirements, route and resources: see Server in model.py."""

    name = "passenger"
    requirements: tuple[str, ...] = ()

    def route(self, _app: App) -> Route:
        return Route("apache", streams=False)

    def resources(self, release: Release) -> Resources:
        app = application(release)
        prefixes = sorted({url.prefix for url in release.app.urls})
        first, rewrites, stopped = release.app.urls[0], release.app.rewrite, release.app.state == "stopped"
        staged = [htaccess(f"{STAGING}/{release.tag}{prefix}", app, prefix, rewrites) for prefix in prefixes]
        live = [htaccess(f"{SITES}/{url.host}{url.prefix}", app, url.prefix, rewrites) for url in release.app.urls]
        return Resources(
            settings=(
                *serving(self.name),
                refusal(app) if stopped else wrapper(app),
                idle(release.unit, release.app.idle_timeout, "" if stopped else f"{first.host}{first.prefix}/"),
                *staged,
            ),
            live=tuple(live),
            sockets=(),
            services=(),
            mounts=release.mounts,
            route=self.route(release.app),
            groups=(app.group,),
        )


def application(release: Release) -> Application:
    """A release as Passenger sees it."""
    app = release.app
    return Application(
        group=release.tag,
        log=f"hostel-{app.name}",
        user=app.tenant,
        user_group=app.tenant,
        folder=release.folder,
        python=f"{release.venv}/bin/python",
        entrypoint=release.entrypoint,
        wrapper=f"{release.settings}/python",
        environment_file=release.environment_file,
        restart_folder=release.settings,
        # A group that once wanted a process without requests would be started for ever, also when its release is gone.
        processes=0,
        start_timeout=app.health.timeout,
    )


def wrapper(app: Application) -> File:
    """What Passenger starts instead of Python: adoption into the tenant's slice, the app's environment, our loader.

    Passenger adds the path of its own loader, which is not used.
    """
    serve = command(app.python, "passenger", entrypoint=app.entrypoint)
    words = ["/usr/bin/python3", "-I", "-S", _ENTER, app.log, app.environment_file, *serve]
    text = f"#!/bin/sh\n{MANAGED}\nexec {' '.join(map(shlex.quote, words))}\n"
    return File(app.wrapper, text.encode(), mode=0o755)


def refusal(app: Application) -> File:
    """What Passenger starts in place of an app that is stopped, should it try to."""
    return File(app.wrapper, f"#!/bin/sh\n{MANAGED}\nexec logger -t {app.log} stopped\n".encode(), mode=0o755)


def directives(app: Application, prefix: str) -> list[str]:
    """Every directive is always there: what one left out would be taken from the app mounted above."""
    return [
        apache.directive("PassengerEnabled", "on"),
        apache.directive("PassengerAppGroupName", app.group),
        apache.directive("PassengerAppRoot", app.folder),
        apache.directive("PassengerAppType", "wsgi"),
        apache.directive("PassengerStartupFile", app.wrapper),
        apache.directive("PassengerPython", app.wrapper),
        apache.directive("PassengerUser", app.user),
        apache.directive("PassengerGroup", app.user_group),
        apache.directive("PassengerBaseURI", prefix or "/"),
        apache.directive("PassengerMinInstances", str(app.processes)),
        apache.directive("PassengerStartTimeout", str(max(1, round(app.start_timeout)))),
        apache.directive("PassengerRestartDir", app.restart_folder),
    ]


def htaccess(folder: str, app: Application, prefix: str, rewrites: tuple[Rewrite, ...] = ()) -> File:
    """The configuration of one mount. ``prefix`` is "" for the root."""
    rewriting = rules(rewrites, prefix) if rewrites else [apache.directive("RewriteEngine", "off")]
    return File(f"{folder}/.htaccess", ("\n".join([MANAGED, *directives(app, prefix), *rewriting]) + "\n").encode())


def snippet(app: Application, prefix: str) -> bytes:
    """The same for a virtual host that somebody keeps by hand: to be included in it."""
    return ("\n".join([MANAGED, *apache.location(prefix or "/", directives(app, prefix))]) + "\n").encode()


PASSENGER = Passenger()
