# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ASGI: a uvicorn of its own for each app, on a socket that systemd holds."""

from __future__ import annotations

from .._spec.layout import ROUTES
from .._spec.release import Release
from .._spec.resources import Link
from .._spec.route import Mount, Route
from .model import Resources
from .programs import command, serving
from .service import Service, slice_of, units, wants


class Uvicorn:
    """Interface, requirements and resources: see Server in model.py."""

    name = "uvicorn"
    interfaces = frozenset({"asgi"})
    # Plain uvicorn answers WebSockets only when one of two libraries is there.
    requirements = ("uvicorn", "websockets")
    route_kind = "socket"

    def resources(self, release: Release) -> Resources:
        service = _service(release)
        return Resources(
            settings=(*serving(self.name), *units(service)),
            live=(Link(f"{ROUTES}/{release.app.name}", release.socket), *wants(service.unit, service.always)),
            sockets=(service.socket_unit,),
            services=(service.service_unit,),
            mounts=(),
            route=Route(self.route_kind, release.socket),
            groups=(),
        )


def _service(release: Release) -> Service:
    app = release.app
    return Service(
        unit=f"hostel-{release.tag}",
        description=f"app {app.name} of {app.tenant}, release {release.id}",
        log=f"hostel-{app.name}",
        user=app.tenant,
        group=app.tenant,
        slice=slice_of(release.uid),
        folder=release.folder,
        argv=command(f"{release.venv}/bin/python", "uvicorn", entrypoint=release.entrypoint),
        environment_file=release.environment_file,
        socket=release.socket,
        start_timeout=app.health.timeout,
        stop_timeout=app.timeouts.stop,
        always=app.idle_timeout is None,
        writable=(release.data, f"-/home/{app.tenant}"),
        mounts=tuple(Mount(f"{release.data}/{path}", f"{release.folder}/{path}") for path in release.folders),
    )


UVICORN = Uvicorn()
