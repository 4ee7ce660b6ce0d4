# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every server says about a release: the files, links, units and mounts it needs, and the way to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .._spec.app import App
from .._spec.release import Release
from .._spec.resources import File, Folder, Link
from .._spec.route import Mount, Route
from .._spec.shared_wsgi import Seat


@dataclass(frozen=True)
class Resources:
    """Everything that one release needs on the node beside its code and its venv.

    settings: written while staging, before anything of the release is started.
    live: written at the switch, in this order; each one is an atomic rename.
    sockets: units to start when staging; services: units to start before the proof, which block until they are ready.
    mounts: in Apache's mount namespace (units bind theirs themselves); groups: of Passenger's processes;
    seats: daemons of the pool that it needs.
    """

    settings: tuple[File | Folder | Link, ...]
    live: tuple[File | Link, ...]
    sockets: tuple[str, ...]
    services: tuple[str, ...]
    mounts: tuple[Mount, ...]
    route: Route
    groups: tuple[str, ...]
    seats: tuple[Seat, ...] = ()


class Server(Protocol):
    """A program that runs apps. Pure: it describes, the converge does.

    requirements: what its venv must hold beside the app's own. Which interfaces it speaks and which keys it takes is
    said in _spec/servers.py, for the inventory is parsed before there is a release.
    """

    @property
    def name(self) -> str: ...

    @property
    def requirements(self) -> tuple[str, ...]: ...

    def route(self, app: App, /) -> Route:
        """How requests get to any release of ``app``."""

    def resources(self, release: Release) -> Resources:
        """What ``release`` needs on the node."""
