# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an app keeps across its releases: ``data/``, and its places in a release.

A kept folder is ``data/<path>``; the release holds an empty folder there, over which it is mounted for whatever runs.
A kept file is ``data/.files/<path>``, in folders of the tenant's so that the app may put its journals beside it; the
release and ``data/<path>`` hold links to it. What ``data/`` has once is never overwritten.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from .._errors import NodeError
from .._spec.app import App
from .._spec.layout import app_home
from .._spec.release import Release
from .._spec.resources import Folder
from . import files, tree

FILES = ".files"

# While hooks run, a tenant may write into the folders that hold its kept things, but not exchange those.
_STICKY = 0o1770


@dataclass(frozen=True)
class Kept:
    """One thing that is kept. path: inside the app, without a slash at the end; folder: or else a file."""

    path: str
    folder: bool


@dataclass(frozen=True)
class Seeding:
    """What fetching a source has to know. persist: paths that may be files; absent_files: paths that are, should the
    source not hold them."""

    files_folder: str
    persist: tuple[str, ...]
    absent_files: tuple[str, ...]


def data_folder(app: App) -> str:
    """Where an app's kept things are."""
    return f"{app_home(app.tenant, app.name)}/data"


def prepare(app: App, account: pwd.struct_passwd) -> Seeding:
    """Make ``data/`` as far as it is missing, and say what a source may seed."""
    data = data_folder(app)
    files.write(Folder(data, 0o751, "root", str(account.pw_gid)))
    may, absent = [], []
    for path in app.persist:
        known = _known(data, path.strip("/"))
        if known is True or (known is None and path.endswith("/")):
            continue
        may.append(path)
        if known is False or not _folder_by_name(path):
            absent.append(path)
    if may:
        files.write(Folder(f"{data}/{FILES}", 0o700, str(account.pw_uid), str(account.pw_gid)))
    return Seeding(f"{data}/{FILES}", tuple(may), tuple(absent))


def pin(app: App, folder: str, account: pwd.struct_passwd, seeded: frozenset[str]) -> tuple[Kept, ...]:
    """Put every kept thing in its place in ``data/`` and in the fetched release ``folder``.

    seeded: those that are files in the source (``sources.fetch`` says so). A folder that the source holds moves to
    ``data/`` if that has none yet, else it goes. Raises NodeError where a path leads through a link, or where ``data/``
    has a file and the source a folder, or the other way round.
    """
    if not app.persist:
        return ()
    with contextlib.ExitStack() as stack:
        data = stack.enter_context(tree.opened(tree.open_root(data_folder(app))))
        release = stack.enter_context(tree.opened(tree.open_folder(folder, account.pw_uid)))
        pins = _Pins(app, account, data, release)
        try:
            return tuple(pins.place(path.strip("/"), path in seeded, path.endswith("/")) for path in app.persist)
        finally:
            pins.give_back()


def mounts(release: Release) -> list[tuple[str, str]]:
    """(source, target) of the bind mount of every kept folder of a release."""
    return [(f"{release.data}/{path}", f"{release.folder}/{path}") for path in release.folders]


class _Pins:
    """The placing of one release's kept things. ``frozen``: the folders in the release that lead to them, by path."""

    def __init__(self, app: App, account: pwd.struct_passwd, data: int, release: int) -> None:
        self.app, self.account, self.data, self.release = app, account, data, release
        tree.freeze(release, account.pw_uid)
        self.frozen: list[tuple[str, ...]] = [()]

    def place(self, path: str, seeded: bool, folder_asked: bool) -> Kept:
        parts = tuple(part for part in path.split("/") if part)
        with self._parent(parts[:-1]) as place:
            there = _kind(place, parts[-1])
            if there not in ("", "file", "folder"):
                raise self._wrong(path, f"is a {there} in the source; name what it leads to, or take it out")
            folder = _known(data_folder(self.app), path)
            if folder is None:
                folder = not seeded and (there == "folder" or folder_asked or _folder_by_name(path))
            if folder and (seeded or there == "file"):
                raise self._wrong(path, "is a file in the source, but data/ has a folder there or a slash asks for one")
            if not folder and there == "folder":
                raise self._wrong(path, "is a folder in the source, but data/ has a file there")
            if folder and ("'" in path or '"' in path):
                # systemd 255 and newer hand a mount's paths to their executor with quotes, and without escaping them.
                raise self._wrong(path, "holds a quotation mark, which systemd cannot mount; rename the folder")
            if folder:
                self._place_folder(place, parts)
            else:
                self._place_file(place, parts)
        return Kept(path, folder)

    def give_back(self) -> None:
        """Let the tenant write into the frozen folders again, for the hooks."""
        for parts in sorted(set(self.frozen), key=len, reverse=True):
            with self._walk(self.release, parts) as fd:
                os.fchown(fd, 0, self.account.pw_gid)
                os.fchmod(fd, _STICKY)

    def _place_folder(self, place: int, parts: tuple[str, ...]) -> None:
        name, uid, gid = parts[-1], self.account.pw_uid, self.account.pw_gid
        with self._data_parent(parts[:-1]) as home:
            if _kind(home, name) == "folder":
                tree.remove(place, name)
            elif _kind(place, name) == "folder":
                os.rename(name, name, src_dir_fd=place, dst_dir_fd=home)
            else:
                os.mkdir(name, 0o700, dir_fd=home)
            with tree.opened(os.open(name, tree.OPEN_FOLDER, dir_fd=home)) as fd:
                if os.fstat(fd).st_uid not in (0, uid):
                    raise self._wrong("/".join(parts), "lies in data/, but does not belong to the tenant; chown it")
                os.fchown(fd, uid, gid)
                os.fchmod(fd, 0o755 if self._is_public(parts) else 0o750)
        os.mkdir(name, 0o700, dir_fd=place)
        os.chown(name, 0, gid, dir_fd=place, follow_symlinks=False)
        os.chmod(name, tree.FOLDER, dir_fd=place)

    def _place_file(self, place: int, parts: tuple[str, ...]) -> None:
        name, path = parts[-1], "/".join(parts)
        tree.remove(place, name)
        os.symlink(f"{data_folder(self.app)}/{FILES}/{path}", name, dir_fd=place)
        with self._data_parent(parts[:-1]) as home:
            if not _kind(home, name):
                os.symlink("../" * (len(parts) - 1) + f"{FILES}/{path}", name, dir_fd=home)

    def _is_public(self, parts: tuple[str, ...]) -> bool:
        """Whether the front server reads in a kept folder: a static path lies in it, or it lies in one."""
        for static in self.app.static:
            public = PurePosixPath(static.path).parts
            shorter = min(len(public), len(parts))
            if public[:shorter] == parts[:shorter]:
                return True
        return False

    @contextlib.contextmanager
    def _parent(self, parts: tuple[str, ...]) -> Iterator[int]:
        """The frozen folder of the release that something kept lies in; made where it is missing."""
        fd = os.dup(self.release)
        for index, name in enumerate(parts):
            with tree.opened(fd):
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=fd)
                if _kind(fd, name) != "folder":
                    way = "/".join(parts[: index + 1])
                    raise self._wrong("/".join(parts), f"leads through {way!r}, which is not a folder in the source")
                fd = os.open(name, tree.OPEN_FOLDER, dir_fd=fd)
            with self._closing_on_error(fd):
                tree.freeze(fd, self.account.pw_uid)
            self.frozen.append(parts[: index + 1])
        with tree.opened(fd):
            yield fd

    @contextlib.contextmanager
    def _data_parent(self, parts: tuple[str, ...]) -> Iterator[int]:
        """The folder of root's below data/ that something kept lies in; made where it is missing."""
        with self._walk(self.data, parts, make=True) as fd:
            if os.fstat(fd).st_uid != 0:
                raise self._wrong("/".join(parts), "is kept as a whole already; name either it or what is in it")
            yield fd

    @contextlib.contextmanager
    def _walk(self, start: int, parts: tuple[str, ...], make: bool = False) -> Iterator[int]:
        fd = os.dup(start)
        for name in parts:
            with tree.opened(fd):
                if make and not _kind(fd, name):
                    os.mkdir(name, 0o700, dir_fd=fd)
                    os.chmod(name, tree.WAY_TO_PUBLIC, dir_fd=fd)
                fd = os.open(name, tree.OPEN_FOLDER, dir_fd=fd)
        with tree.opened(fd):
            yield fd

    @staticmethod
    @contextlib.contextmanager
    def _closing_on_error(fd: int) -> Iterator[None]:
        try:
            yield
        except BaseException:
            os.close(fd)
            raise

    def _wrong(self, path: str, what: str) -> NodeError:
        return NodeError(f"app {self.app.name}: persist: {path!r} {what}")


def _known(data: str, path: str) -> bool | None:
    """What ``data/`` holds for a kept path: True a folder, False a file, None nothing yet.

    By name, as only root can alter the way there.
    """
    try:
        return stat.S_ISDIR(os.lstat(f"{data}/{path}").st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _folder_by_name(path: str) -> bool:
    return path.endswith("/") or not PurePosixPath(path).suffix


def _kind(folder: int, name: str) -> str:
    """"" for nothing, or folder, file, symbolic link, or special file."""
    try:
        mode = os.lstat(name, dir_fd=folder).st_mode
    except FileNotFoundError:
        return ""
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISLNK(mode):
        return "symbolic link"
    return "file" if stat.S_ISREG(mode) else "special file"
