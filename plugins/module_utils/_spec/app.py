# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Python web application of one tenant."""

from __future__ import annotations

from dataclasses import dataclass, field

from .source import Source
from .url import Url


@dataclass(frozen=True)
class StaticFolder:
    """url: below the mount, with slashes at both ends ("/static/"); path: inside the app's folder."""

    url: str
    path: str


@dataclass(frozen=True)
class Health:
    """path: below the mount; status: inclusive range; timeout: seconds for the whole proof of a release."""

    path: str = "/"
    status: tuple[int, int] = (200, 399)
    timeout: float = 30.0


@dataclass(frozen=True)
class Timeouts:
    """Seconds. connect, read, send: of the front server to the app (read also bounds a silent WebSocket);
    stop: what a process gets to finish its requests."""

    connect: float = 10.0
    read: float = 60.0
    send: float = 60.0
    stop: float = 30.0


@dataclass(frozen=True)
class Hook:
    """argv: an argument list; a string of the inventory arrives as ("/bin/sh", "-c", string)."""

    argv: tuple[str, ...]


@dataclass(frozen=True)
class App:
    """One app as wanted. Values are validated; what is None is found by convention once the source is there."""

    name: str
    tenant: str
    urls: tuple[Url, ...]
    python: str
    source: Source
    server: str = "auto"
    interface: str | None = None
    entrypoint: str | None = None
    requirements: tuple[str, ...] = ()
    requirements_file: str | None = None
    build: bool = False
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    static: tuple[StaticFolder, ...] = ()
    persist: tuple[str, ...] = ()
    before_live: tuple[Hook, ...] = ()
    health: Health = field(default_factory=Health)
    timeouts: Timeouts = field(default_factory=Timeouts)
    body_limit: int | None = None
    idle_timeout: float | None = None
    state: str = "started"
