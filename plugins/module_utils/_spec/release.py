# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One immutable version of an app, with everything that was found out about it."""

from __future__ import annotations

from dataclasses import dataclass

from .app import App
from .layout import APPS, SOCKETS, app_home
from .route import Mount


@dataclass(frozen=True)
class Release:
    """id: 12 hex digits; uid, gid: the tenant's; entrypoint: "module:callable", "module:factory()", "path.py:callable"
    or, of a plain CGI script, its path; "" where a command serves; command: its argument list, as given or as found,
    with $PORT where its port belongs; venv: path of the virtual environment; python: version of the interpreter in it;
    folders: those of ``app.persist`` that are folders, relative, without a slash at the end; the others are files."""

    app: App
    id: str
    uid: int
    gid: int
    server: str
    interface: str
    entrypoint: str
    venv: str
    python: str
    folders: tuple[str, ...] = ()
    command: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """Names the release in units, Passenger groups and the proof's header: ``blog@0123456789ab``."""
        return f"{self.app.name}@{self.id}"

    @property
    def home(self) -> str:
        """The app's folder, with its releases and its data."""
        return app_home(self.app.tenant, self.app.name)

    @property
    def folder(self) -> str:
        """The code; working directory of the app."""
        return f"{self.home}/releases/{self.id}"

    @property
    def data(self) -> str:
        return f"{self.home}/data"

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """The kept folders, over the empty ones in the code."""
        return tuple(Mount(f"{self.data}/{path}", f"{self.folder}/{path}") for path in self.folders)

    @property
    def settings(self) -> str:
        """Root's own folder beside the code: environment, wrapper, record."""
        return f"{APPS}/{self.app.name}/{self.id}"

    @property
    def environment_file(self) -> str:
        return f"{self.settings}/environment"

    @property
    def unit(self) -> str:
        """What its units are called, without their suffix."""
        return f"hostel-{self.tag}"

    @property
    def sides(self) -> tuple[str, str]:
        """The two sockets of its service; the gate says which is in use."""
        return f"{SOCKETS}/{self.app.name}/{self.id}.a.sock", f"{SOCKETS}/{self.app.name}/{self.id}.b.sock"
