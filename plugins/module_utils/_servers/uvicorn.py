# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ASGI: a uvicorn of its own for each app, on a socket that systemd holds."""

from __future__ import annotations

import inspect

from .._launch import asgi
from .._spec.layout import PROGRAMS, ROUTES
from .._spec.release import Release
from .._spec.resources import File, Link
from .._spec.route import Mount, Route
from .model import Resources
from .service import Service, slice_of, units, wants

LAUNCHER = f"{PROGRAMS}/serve_asgi.py"


def launcher() -> File:
    """The program that every ASGI service runs."""
    return File(LAUNCHER, inspect.getsource(asgi).encode())


def launch(python: str, entrypoint: str, stop_timeout: float, idle_timeout: float | None) -> tuple[str, ...]:
    """The command line of one application; timeouts in seconds."""
    idle = () if idle_timeout is None else (f"--idle-timeout={idle_timeout:g}",)
    return (python, LAUNCHER, f"--entrypoint={entrypoint}", f"--stop-timeout={stop_timeout:g}", *idle)


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
            settings=(launcher(), *units(service)),
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
        argv=launch(f"{release.venv}/bin/python", release.entrypoint, app.timeouts.stop, app.idle_timeout),
        environment_file=release.environment_file,
        socket=release.socket,
        start_timeout=app.health.timeout,
        stop_timeout=app.timeouts.stop,
        always=app.idle_timeout is None,
        writable=(release.data, f"-/home/{app.tenant}"),
        mounts=tuple(Mount(f"{release.data}/{path}", f"{release.folder}/{path}") for path in release.folders),
    )


UVICORN = Uvicorn()
