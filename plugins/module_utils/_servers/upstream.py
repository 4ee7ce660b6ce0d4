# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release needs whose server answers on a unix socket: its units, its gate, and the way there.

Pure. What differs between such servers is a Program; everything else is said here once.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._spec.app import App
from .._spec.layout import ROUTES
from .._spec.release import Release
from .._spec.resources import File, Link
from .._spec.route import Route
from . import proxied
from .model import Resources
from .service import Service, slice_of, wants
from .service import resources as unit_resources


@dataclass(frozen=True)
class Program:
    """What a server runs.

    argv: run as the tenant in the release's folder, with its environment and the listening socket as descriptor 3;
    files: what has to be there before it is started; notify: it tells systemd when it is ready; more: further lines of
    [Service], quoted by _syntax.systemd.
    """

    argv: tuple[str, ...]
    files: tuple[File, ...] = ()
    notify: bool = True
    more: tuple[str, ...] = ()


class SocketServer:
    """What all servers on a unix socket have in common; each says its name, its requirements and its program."""

    name: str
    requirements: tuple[str, ...] = ()
    protocol = "http"
    # Whether the server says so in its answer, and only there, when it is going to close a connection.
    keeps_connections = True

    def program(self, release: Release) -> Program:
        """What runs ``release``."""
        raise NotImplementedError

    def route(self, app: App) -> Route:
        return Route("apache") if app.route == "apache" else Route("socket", self.protocol, kept=self.keeps_connections)

    def resources(self, release: Release) -> Resources:
        program = self.program(release)
        service = _service(release, program)
        through_apache = release.app.route == "apache"
        return Resources(
            settings=(
                *program.files,
                *unit_resources(service),
                *(proxied.staged(release) if through_apache else ()),
            ),
            live=(
                Link(f"{ROUTES}/{release.app.name}", service.gate),
                *wants(service.unit, service.always),
                *(proxied.live(release) if through_apache else ()),
            ),
            sockets=(service.socket_unit,),
            services=(service.service_unit,),
            mounts=(),
            route=self.route(release.app),
            groups=(),
        )


def _service(release: Release, program: Program) -> Service:
    app = release.app
    return Service(
        unit=release.unit,
        description=f"app {app.name} of {app.tenant}, release {release.id}",
        log=f"hostel-{app.name}",
        user=app.tenant,
        group=app.tenant,
        slice=slice_of(release.uid),
        folder=release.folder,
        argv=program.argv,
        environment_file=release.environment_file,
        sides=release.sides,
        start_timeout=app.health.timeout,
        stop_timeout=app.timeouts.stop,
        idle_timeout=app.idle_timeout,
        writable=(release.data, f"-/home/{app.tenant}"),
        mounts=release.mounts,
        notify=program.notify,
        more=program.more,
    )
