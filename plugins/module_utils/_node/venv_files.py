# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking over what another account installed: its tree becomes root's own, with files shared by content.

How a venv comes to be root-owned and yet hard-linked to one cache:

* uv works in a folder of the account that runs it (``hostel-cache``, or the tenant that builds), linked to uv's own
  cache. Nothing of that is ever part of a finished venv: an inode that the account owns could be altered by it later,
  and a changed owner of a shared inode would take it away from uv's cache (``fs.protected_hardlinks``).
* Root then walks that folder by descriptors (``O_NOFOLLOW``, one component at a time), reads each regular file once,
  and links the file of the same content from its own store, or makes a new inode with that content. So every inode of
  a venv was made by root, was never open to anybody else for writing, and has the content its name in the store says.
* The store is the one cache that all venvs are hard links of. It lies in a folder that only root enters. A file in it
  with a single link is used by no venv.

A file that changes while it is read changes only what its own account gets: the digest is of the bytes written.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from .._errors import NodeError
from .._spec.layout import VENV_FILES
from .._spec.resources import Folder
from . import files

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a pipe must not wait for its other end.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE = 1 << 20
_SEALED = 0o555

# Bounds against a tenant's build that would fill root's disk; the largest known sets (CUDA) have 8 GiB in 30,000 files.
MAX_BYTES = 32 << 30
MAX_ENTRIES = 500_000
MAX_DEPTH = 60

# uv's own marks, of no use in a finished venv.
_LEFT_OUT = frozenset({".gitignore", "CACHEDIR.TAG", ".lock"})


@dataclass
class Taken:
    """What a walk has taken over so far.

    sources: every .py file, as (path inside the tree, sha256 of it). fresh: files that the store doesn't have yet, as
    (path of the new file, its name in the store).
    """

    entries: int = 0
    size: int = 0
    sources: list[tuple[str, str]] = field(default_factory=list)
    fresh: list[tuple[str, str]] = field(default_factory=list)


class FileStore:
    """Root's store of files by content, and the trees made of them."""

    def __init__(self, folder: str = VENV_FILES) -> None:
        self.folder = folder

    def prepare(self) -> None:
        files.write(Folder(self.folder, 0o700), durable=False)

    def take_tree(self, source: str, inside: str, target: str, python: str, what: str) -> Taken:
        """Copy the tree ``inside`` the folder ``source`` to ``target``, which must not exist.

        source: root's path of a folder that the account may write to; ``inside``: one name in it.
        python: the only absolute target that a link (``bin/python``) may have.
        Raises NodeError for anything that a virtual environment doesn't consist of.
        """
        taken = Taken()
        os.mkdir(target, 0o755)
        with opened(source) as outer, opened(inside, outer) as tree, opened(target) as made:
            self._take_folder(tree, made, target, "", python, what, taken)
        return taken

    def take_file(self, folder: int, name: str, target: str, stored: str, taken: Taken) -> None:
        """Copy one regular file of a folder that is not root's; ``stored`` will be its name in the store."""
        with _regular(folder, name, name) as fd:
            self._make(fd, target, 0o444)
        taken.fresh.append((target, stored))

    def link(self, stored: str, target: str) -> bool:
        """Link a file of the store to ``target``; False if the store has none that can take another link."""
        try:
            os.link(self._path(stored), target, follow_symlinks=False)
        except FileNotFoundError:
            return False
        except OSError as error:
            if error.errno != errno.EMLINK:
                raise
            return False
        return True

    def keep(self, taken: Taken) -> None:
        """Put new files into the store. Call it once they are on the disk: a name in the store is a promise."""
        for stored, path in {stored: path for path, stored in taken.fresh}.items():
            name = self._path(stored)
            os.makedirs(os.path.dirname(name), mode=0o700, exist_ok=True)
            # One that is there already was made meanwhile, or has all the links it can have: replace it either way.
            with suppress(FileNotFoundError):
                os.unlink(name)
            with suppress(FileExistsError):
                os.link(path, name, follow_symlinks=False)

    def collect(self) -> int:
        """Remove the files that no venv uses; return how many bytes that were."""
        freed = 0
        for folder, _folders, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(folder, name)
                info = os.lstat(path)
                if info.st_nlink == 1:
                    os.unlink(path)
                    freed += info.st_blocks * 512
        return freed

    def _path(self, stored: str) -> str:
        return f"{self.folder}/{stored[:2]}/{stored[2:]}"

    def _take_folder(
        self, source: int, made: int, path: str, inside: str, python: str, what: str, taken: Taken
    ) -> None:
        if inside.count("/") > MAX_DEPTH:
            raise NodeError(f"{what}: the venv has folders more than {MAX_DEPTH} deep: {inside[:80]}…")
        with os.scandir(source) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            name = entry.name
            where = f"{inside}/{name}" if inside else name
            taken.entries += 1
            if taken.entries > MAX_ENTRIES:
                raise NodeError(f"{what}: the venv has more than {MAX_ENTRIES} files; install less into it")
            if entry.is_symlink():
                _take_link(source, made, where, python, what)
            elif entry.is_dir(follow_symlinks=False):
                if name == "__pycache__":
                    continue  # Byte code comes from our own compiler run alone.
                os.mkdir(name, 0o755, dir_fd=made)
                with opened(name, source) as inner, opened(name, made) as target:
                    self._take_folder(inner, target, f"{path}/{name}", where, python, what, taken)
            elif where not in _LEFT_OUT:
                self._take_regular(source, name, f"{path}/{name}", where, what, taken)

    def _take_regular(self, source: int, name: str, target: str, where: str, what: str, taken: Taken) -> None:
        with _regular(source, name, f"{what}: {where}") as fd:
            info = os.fstat(fd)
            taken.size += info.st_size
            if taken.size > MAX_BYTES:
                raise NodeError(f"{what}: the venv is larger than {MAX_BYTES >> 30} GiB; install less into it")
            # Only the executable bit is taken over: no set-id bit, no capability, no foreign owner.
            mode = 0o555 if info.st_mode & 0o111 else 0o444
            digest = _digest(fd, info.st_size)
            stored = f"{digest}{'x' if mode == 0o555 else ''}"
            # Empty files take no space, and there are more of them than one file can have links.
            if info.st_size == 0 or not self.link(stored, target):
                os.lseek(fd, 0, os.SEEK_SET)
                digest = self._make(fd, target, mode)
                if info.st_size:
                    taken.fresh.append((target, f"{digest}{'x' if mode == 0o555 else ''}"))
            if name.endswith(".py"):
                taken.sources.append((where, digest))

    def _make(self, source: int, target: str, mode: int) -> str:
        """Write a new file with what is in ``source``; return the digest of what was written."""
        fd = os.open(target, _MAKE, 0o600)
        digest = hashlib.sha256()
        try:
            left = os.fstat(source).st_size
            while left > 0:
                piece = os.read(source, min(_PIECE, left))
                if not piece:
                    break
                left -= len(piece)
                digest.update(piece)
                rest = memoryview(piece)
                while rest:
                    rest = rest[os.write(fd, rest):]
            os.fchmod(fd, mode)
        finally:
            os.close(fd)
        return digest.hexdigest()


def seal(tree: str) -> None:
    """Make all folders of a tree of root's read-only."""
    for folder, _folders, _names in os.walk(tree):
        os.chmod(folder, _SEALED)


@contextmanager
def opened(path: str, folder: int | None = None) -> Iterator[int]:
    """Open a folder that is no link, inside another if given."""
    fd = os.open(path, _FOLDER, dir_fd=folder)
    try:
        yield fd
    finally:
        os.close(fd)


@contextmanager
def _regular(folder: int, name: str, where: str) -> Iterator[int]:
    fd = os.open(name, _READ, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise NodeError(f"{where}: is neither a file nor a folder; a package must not bring such a thing")
        yield fd
    finally:
        os.close(fd)


def _take_link(source: int, made: int, where: str, python: str, what: str) -> None:
    """Make the links that a virtual environment has; their targets are ours, not what the account wrote."""
    name = os.path.basename(where)
    target = os.readlink(name, dir_fd=source)
    if where == "lib64" and target == "lib":
        os.symlink("lib", name, dir_fd=made)
    elif where == "bin/python":
        os.symlink(python, name, dir_fd=made)
    elif os.path.dirname(where) == "bin" and name.startswith(("python", "pypy")):
        os.symlink("python", name, dir_fd=made)
    else:
        raise NodeError(f"{what}: {where}: a package brings a symbolic link (to {target}); a venv must not have one")


def _digest(fd: int, size: int) -> str:
    digest = hashlib.sha256()
    left = size
    while left > 0:
        piece = os.read(fd, min(_PIECE, left))
        if not piece:
            break
        left -= len(piece)
        digest.update(piece)
    return digest.hexdigest()
