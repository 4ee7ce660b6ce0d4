# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The release folders of an app: begun, filled by the tenant, sealed, and at last removed.

A release is made where it will stay, as hooks may write its path into files. Beside it lies ``.unfinished-<id>``, made
before and removed after: whatever a killed run leaves does not look finished.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
from dataclasses import dataclass

from .._spec.app import App
from .._spec.layout import app_home
from .._spec.release import Release
from .._spec.resources import File, Folder, Link
from .._spec.shared_wsgi import EMBEDDED, EMBEDDED_ACCOUNT
from . import files, jobs, persist, sources, tree

_ID = re.compile(r"[0-9a-f]{12}")
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Prepared:
    """A release that holds its code, not yet sealed. kept: what persist means in it; reader: to look at its files."""

    folder: str
    kept: tuple[persist.Kept, ...]
    reader: sources.Reader


def prepare(app: App, identity: str, account: pwd.struct_passwd, archive: str | None) -> Prepared:
    """Make the folder of a release and fetch its source into it, afresh if a run was interrupted.

    archive: the shipped tar of a ``local`` source. After this come hooks and ``seal``.
    """
    folder = _begin(app, identity, account)
    seeding = persist.prepare(app, account)
    seeded = sources.fetch(
        app,
        account,
        folder,
        archive,
        files_folder=seeding.files_folder,
        persist=seeding.persist,
        absent_files=seeding.absent_files,
    )
    kept = persist.pin(app, folder, account, seeded)
    return Prepared(folder, kept, sources.Reader(folder, account.pw_uid))


def seal(release: Release) -> tree.Sealed:
    """Make a release root's and read-only, and finished."""
    parent, name = os.path.split(release.folder)
    public = [static.path for static in release.app.static]
    with tree.opened(tree.open_folder(release.folder, release.uid)) as fd:
        sealed = tree.seal(fd, release.uid, _readers(release), public, f"app {release.app.name}: {release.folder}")
    files.remove(_marker(parent, name))
    return sealed


def _readers(release: Release) -> int:
    """The group that reads the code: that of the account which runs it."""
    return grp.getgrnam(EMBEDDED_ACCOUNT).gr_gid if release.app.mode == EMBEDDED else release.gid


def finished(app: App) -> list[str]:
    """The ids of all finished releases of an app, the one sealed last first."""
    folder = _folder(app)
    names = files.names(folder)
    unfinished = {name[len(_UNFINISHED) :] for name in names if name.startswith(_UNFINISHED)}
    found = [name for name in names if _ID.fullmatch(name) and name not in unfinished]
    # The time of a change of the folder itself; unlike that of its content, a tenant cannot set it.
    return sorted(found, key=lambda name: os.lstat(f"{folder}/{name}").st_ctime_ns, reverse=True)


def current(app: App) -> str | None:
    """The id of the live release."""
    link = files.read(f"{app_home(app.tenant, app.name)}/current")
    return os.path.basename(link.target) if isinstance(link, Link) else None


def superseded(app: App, keep: int) -> list[str]:
    """Releases to remove so that ``keep`` remain: never the live one, the oldest first; and whatever is unfinished."""
    live = current(app)
    old = [name for name in finished(app) if name != live]
    return old[max(keep - 1, 0) :] + _unfinished(app)


def remove(app: App, identity: str) -> None:
    """Remove a release's folder, finished or not; nothing there is fine."""
    folder = _folder(app)
    if not os.path.isdir(f"{folder}/{identity}"):
        files.remove(_marker(folder, identity))
        return
    _mark(folder, identity)
    with tree.opened(tree.open_root(folder)) as fd:
        tree.remove(fd, identity)
    files.remove(_marker(folder, identity))


def remove_app(app: str, tenant: str, purge: bool = False) -> None:
    """Remove all releases of an app, and with ``purge`` what it kept in ``data/`` too."""
    home = app_home(tenant, app)
    if not os.path.isdir(home):
        return
    jobs.stop(app)
    files.remove(f"{home}/current")
    with tree.opened(tree.open_root(home)) as fd:
        tree.remove(fd, "releases")
        if purge:
            tree.remove(fd, "data")
        left = os.listdir(fd)
    if not left:
        os.rmdir(home)


def _begin(app: App, identity: str, account: pwd.struct_passwd) -> str:
    """Make the empty folder of a release, which is the tenant's, with all that leads to it."""
    home, parent, gid = app_home(app.tenant, app.name), _folder(app), str(account.pw_gid)
    files.write(Folder(home, 0o751, "root", gid))
    files.write(Folder(parent, 0o751, "root", gid))
    if _unfinished(app):
        # A killed run may have left its job running in there.
        jobs.stop(app.name)
    remove(app, identity)
    _mark(parent, identity)
    files.write(Folder(f"{parent}/{identity}", 0o700, str(account.pw_uid), gid))
    return f"{parent}/{identity}"


def _unfinished(app: App) -> list[str]:
    names = [name[len(_UNFINISHED) :] for name in files.names(_folder(app)) if name.startswith(_UNFINISHED)]
    return [name for name in names if _ID.fullmatch(name)]


def _folder(app: App) -> str:
    return f"{app_home(app.tenant, app.name)}/releases"


def _mark(folder: str, identity: str) -> None:
    # No need to wait for the disk: it gets the marker with or before what is made in the same folder after it.
    files.write(File(_marker(folder, identity), b"", 0o600), durable=False)


def _marker(folder: str, identity: str) -> str:
    return f"{folder}/{_UNFINISHED}{identity}"
