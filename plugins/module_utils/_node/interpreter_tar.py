# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpreters as archives: unpacked by root under strict rules, packed so that the same tree gives the same bytes."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import lzma
import os
import posixpath
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from typing import IO, Any

from .._errors import NodeError

TOP = "python"
SUFFIXES = (".tar.gz", ".tar.xz", ".tar.zst")
_ZSTD = b"\x28\xb5\x2f\xfd"
_MOST_BYTES = 4 << 30
_MOST_MEMBERS = 200_000


def unpack(stream: IO[bytes], into: str, what: str) -> None:
    """Unpack a tar archive (plain, gz, bz2, xz) into an empty folder of root's.

    Refused are names that lead out of the folder, links to the outside, and anything that is no file, folder or link.
    Owner is root, nobody else may write, set-id bits are dropped. Raises NodeError.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r|*") as archive:
            _Unpacking(into, what).run(archive)
    except (tarfile.TarError, EOFError, lzma.LZMAError, OSError) as error:
        raise NodeError(f"{what}: cannot be unpacked: {error}") from error


@contextlib.contextmanager
def opened(path: str, what: str) -> Iterator[IO[bytes]]:
    """Open an archive for ``unpack``; a zstd one is decompressed by the program zstd."""
    if not needs_zstd(path):
        with open(path, "rb") as file:
            yield file
        return
    with open(path, "rb") as file:
        with subprocess.Popen(["zstd", "-dcq"], stdin=file, stdout=subprocess.PIPE) as process:
            if process.stdout is None:
                raise NodeError(f"{what}: zstd has no output")
            yield process.stdout
            # What lies behind the end of the tar; zstd would fail for a closed pipe.
            while process.stdout.read(1 << 20):
                continue
        if process.returncode:
            raise NodeError(f"{what}: zstd ended with code {process.returncode}: the archive is damaged")


def needs_zstd(path: str) -> bool:
    """Tell whether an archive to read, or one to write by its name, takes the program zstd."""
    if not os.path.exists(path):
        return path.endswith(".zst")
    with open(path, "rb") as file:
        return file.read(4) == _ZSTD


def find_prefix(folder: str, what: str) -> str:
    """Return the folder in an unpacked tree that is the interpreter's: the topmost with bin/python3 in it."""
    level = [folder]
    for _depth in range(4):
        for one in level:
            if os.path.lexists(f"{one}/bin/python3"):
                return one
        level = [
            entry.path
            for one in level
            for entry in sorted(os.scandir(one), key=lambda entry: entry.name)
            if entry.is_dir(follow_symlinks=False)
        ]
    raise NodeError(f"{what}: holds no bin/python3; it has to be an installed Python, as a folder")


def pack(folder: str, path: str) -> None:
    """Write a folder as an archive; the name's ending chooses the compression. The same tree gives the same bytes."""
    temporary = f"{path}.part"
    with open(temporary, "wb") as file:
        with _compressed(file, path) as out, tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
            for name in _listing(folder):
                _add(archive, f"{folder}/{name}" if name else folder, f"{TOP}/{name}" if name else TOP)
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, path)


def digest(path: str) -> str:
    """Return the sha256 of a file, in hex."""
    total = hashlib.sha256()
    with open(path, "rb") as file:
        while True:
            piece = file.read(1 << 20)
            if not piece:
                return total.hexdigest()
            total.update(piece)


class _Unpacking:
    """One archive on its way into one folder. Every parent is a folder that this made itself, never a link."""

    def __init__(self, into: str, what: str) -> None:
        self.into = into
        self.what = what
        self.folders = {""}
        self.files: set[str] = set()
        self.bytes = 0

    def run(self, archive: tarfile.TarFile) -> None:
        for count, member in enumerate(archive):
            if count > _MOST_MEMBERS:
                raise NodeError(f"{self.what}: holds more than {_MOST_MEMBERS} files")
            name = self.inside(member.name, member.name)
            if member.isdir():
                self.folder(name)
                continue
            if name in self.folders or os.path.lexists(self.path(name)):
                raise NodeError(f"{self.what}: {member.name!r} is in it twice")
            self.folder(posixpath.dirname(name))
            self.entry(archive, member, name)

    def entry(self, archive: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> None:
        if member.issym():
            if member.linkname.startswith("/"):
                raise NodeError(
                    f"{self.what}: {member.name!r} is a link to {member.linkname!r}, outside of the archive"
                )
            self.inside(posixpath.join(posixpath.dirname(name), member.linkname), member.name)
            os.symlink(member.linkname, self.path(name))
        elif member.islnk():
            target = self.inside(member.linkname, member.name)
            if target not in self.files:
                raise NodeError(f"{self.what}: {member.name!r} is a hard link to {target!r}, no file before it")
            os.link(self.path(target), self.path(name), follow_symlinks=False)
            self.files.add(name)
        elif member.isreg():
            self.file(archive, member, name)
            self.files.add(name)
        else:
            raise NodeError(f"{self.what}: {member.name!r} is a device or a pipe; files, folders and links are allowed")

    def folder(self, name: str) -> None:
        if name in self.folders:
            return
        self.folder(posixpath.dirname(name))
        try:
            os.mkdir(self.path(name), 0o755)
        except FileExistsError as error:
            raise NodeError(f"{self.what}: {name!r} is a folder and something else") from error
        os.chmod(self.path(name), 0o755)  # noqa: S103
        self.folders.add(name)

    def file(self, archive: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> None:
        self.bytes += member.size
        if self.bytes > _MOST_BYTES:
            raise NodeError(f"{self.what}: unpacks to more than {_MOST_BYTES} bytes")
        content = archive.extractfile(member)
        if content is None:
            raise NodeError(f"{self.what}: {member.name!r} has no content")
        mode = 0o755 if member.mode & 0o111 else 0o644
        fd = os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(fd, "wb") as file:
            shutil.copyfileobj(content, file, 1 << 20)
            os.fchmod(fd, mode)
        # Byte-compiled files are valid for a source of just this time.
        os.utime(self.path(name), (int(member.mtime), int(member.mtime)))

    def inside(self, name: str, member: str) -> str:
        """Return the plain form of a name; raise NodeError for one that leads out."""
        plain = posixpath.normpath(name)
        if plain.startswith(("/", "../")) or plain == ".." or "\0" in plain:
            raise NodeError(f"{self.what}: {member!r} leads out of the archive")
        return "" if plain == "." else plain

    def path(self, name: str) -> str:
        return os.path.join(self.into, name)


def _listing(folder: str) -> Iterator[str]:
    """Yield all names below a folder in a fixed order, a folder before what is in it."""
    yield ""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        relative = os.path.relpath(parent, folder)
        for name in sorted(folders + names):
            yield name if relative == "." else f"{relative}/{name}"


def _add(archive: tarfile.TarFile, path: str, name: str) -> None:
    info = os.lstat(path)
    member = tarfile.TarInfo(name)
    member.mtime = int(info.st_mtime)
    if os.path.islink(path):
        member.type, member.linkname, member.mode = tarfile.SYMTYPE, os.readlink(path), 0o777
        member.mtime = 0
        archive.addfile(member)
    elif os.path.isdir(path):
        member.type, member.mode, member.mtime = tarfile.DIRTYPE, 0o755, 0
        archive.addfile(member)
    else:
        member.size, member.mode = info.st_size, 0o755 if info.st_mode & 0o111 else 0o644
        with open(path, "rb") as content:
            archive.addfile(member, content)


@contextlib.contextmanager
def _compressed(file: IO[bytes], path: str) -> Iterator[Any]:
    if path.endswith(".gz"):
        with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as out:
            yield out
    elif path.endswith(".xz"):
        with lzma.open(file, "wb", preset=2) as packed:
            yield packed
    else:
        # One worker: its output does not depend on the number of cores.
        with subprocess.Popen(["zstd", "-cq", "-9", "-T1"], stdin=subprocess.PIPE, stdout=file) as process:
            yield process.stdin
            if process.stdin is not None:
                process.stdin.close()
        if process.returncode:
            raise NodeError(f"{path}: zstd ended with code {process.returncode}")
