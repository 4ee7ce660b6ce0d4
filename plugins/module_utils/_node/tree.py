# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root's work in a tree that a tenant filled, and may still be altering.

Two ideas make it safe. Every step goes from one open folder to the next, never following a symbolic link and never
crossing to another owner or file system (as chase() of systemd does it). And a folder is *frozen* before its entries
are touched: it becomes root's with mode 0700, so that nobody can exchange an entry between looking at it and changing
it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .._errors import NodeError

OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a pipe must not wait for its other end.
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

# Bounds of a release. Deeper or larger trees are mistakes or attacks.
MAX_DEPTH = 100
MAX_ENTRIES = 500_000
MAX_COPY = 2 << 30

FILE, PROGRAM, FOLDER = 0o640, 0o750, 0o750
PUBLIC_FILE, PUBLIC_FOLDER, WAY_TO_PUBLIC = 0o644, 0o755, 0o751

_ACLS = ("system.posix_acl_access", "system.posix_acl_default")


@contextlib.contextmanager
def opened(fd: int) -> Iterator[int]:
    """Close a descriptor at the end of a ``with``."""
    try:
        yield fd
    finally:
        os.close(fd)


def open_root(path: str) -> int:
    """Open a folder that only root controls, and every folder on the way to it too.

    Raises NodeError where one belongs to somebody else, is writable by others, or is a symbolic link.
    """
    fd = os.open("/", OPEN_FOLDER)
    done = ""
    for name in path.strip("/").split("/"):
        done += "/" + name
        with opened(fd):
            fd = _open(fd, name, done, OPEN_FOLDER)
        info = os.fstat(fd)
        if info.st_uid != 0 or info.st_mode & 0o022:
            os.close(fd)
            raise NodeError(
                f"{done}: belongs to uid {info.st_uid} with mode {stat.S_IMODE(info.st_mode):04o}; it must be root's "
                "and writable by root alone (chown root, chmod go-w)"
            )
    return fd


def open_folder(path: str, uid: int) -> int:
    """Open a folder of a tenant's that lies in one of root's."""
    parent, name = os.path.split(path)
    with opened(open_root(parent)) as fd:
        return open_beneath(fd, name, frozenset((0, uid)), directory=True)


def open_beneath(folder: int, path: str, owners: frozenset[int], *, directory: bool = False) -> int:
    """Open ``path`` below an open folder for reading, following no symbolic link.

    owners: the uids that each folder on the way, and what lies at its end, may belong to. Without ``directory`` the end
    must be a regular file. Raises FileNotFoundError where nothing is, NodeError for all that is not as it should be.
    """
    names = [name for name in path.split("/") if name]
    if not names or any(name in (".", "..") for name in names):
        raise NodeError(f"{path!r}: must be a relative path without '.' and '..'")
    device = os.fstat(folder).st_dev
    fd = os.dup(folder)
    for index, name in enumerate(names):
        here = "/".join(names[: index + 1])
        last = index == len(names) - 1
        with opened(fd):
            fd = _open(fd, name, here, _OPEN_FILE if last and not directory else OPEN_FOLDER)
        info = os.fstat(fd)
        wrong = _unlike(info, owners, device if stat.S_ISDIR(info.st_mode) else info.st_dev)
        if not wrong and last and not directory:
            wrong = _not_readable(info, owners)
        if wrong:
            os.close(fd)
            raise NodeError(f"{here}: {wrong}")
    return fd


def read_beneath(folder: int, path: str, owners: frozenset[int], limit: int) -> bytes | None:
    """The content of a regular file below an open folder; None where there is none.

    A symbolic link, another owner's file, or one of more than ``limit`` bytes is a NodeError.
    """
    try:
        fd = open_beneath(folder, path, owners)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with opened(fd):
        content = bytearray()
        while len(content) <= limit:
            piece = os.read(fd, limit + 1 - len(content))
            if not piece:
                return bytes(content)
            content += piece
    raise NodeError(f"{path}: is larger than {limit} bytes")


def freeze(fd: int, uid: int) -> os.stat_result:
    """Take an open folder of ``uid``'s (or root's) for root alone. From here on its entries stay as they are."""
    info = os.fstat(fd)
    if info.st_uid not in (0, uid):
        raise NodeError(f"a folder belongs to uid {info.st_uid}, not to the tenant (uid {uid})")
    os.fchown(fd, 0, 0)
    _drop_acls(fd)
    os.fchmod(fd, 0o700)
    return info


def listing(folder: int, depth: int, limit: int) -> dict[str, int]:
    """Sizes of the regular files at most ``depth`` folders below an open one, by path; the first ``limit`` met.

    Nothing is opened but folders. Symbolic links, and folders that cannot be opened as such, are left out.
    """
    found: dict[str, int] = {}
    _list(folder, "", depth, limit, found)
    return found


def _list(folder: int, prefix: str, depth: int, limit: int, found: dict[str, int]) -> None:
    for name in sorted(os.listdir(folder)):
        if len(found) >= limit:
            return
        try:
            info = os.lstat(name, dir_fd=folder)
            if stat.S_ISREG(info.st_mode):
                found[prefix + name] = info.st_size
            elif stat.S_ISDIR(info.st_mode) and depth > 0:
                with opened(os.open(name, OPEN_FOLDER, dir_fd=folder)) as fd:
                    _list(fd, f"{prefix}{name}/", depth - 1, limit, found)
        except (FileNotFoundError, NotADirectoryError):
            # Its tenant changed it since; what it is now does not matter to a list of names.
            continue


@dataclass(frozen=True)
class Sealed:
    """What sealing saw: how many regular files, and their size in bytes."""

    files: int
    size: int


def seal(fd: int, uid: int, gid: int, public: Sequence[str], where: str) -> Sealed:
    """Make a whole tree root's and read-only for its tenant.

    Folders become root:gid 0750, files 0640 or, if their owner may execute them, 0750; set-id bits and ACLs go.
    public: paths inside the tree that the front server reads (0755 and 0644, the way to them 0751).
    Symbolic links stay the tenant's, so that a front server that compares owners refuses those to anything else.
    where: the tree's path, for messages. Raises NodeError for devices, pipes, sockets, files of other owners and trees
    beyond the bounds.
    """
    return _Seal(uid, gid, [tuple(p for p in path.split("/") if p) for path in public], where).run(fd)


class _Seal:
    def __init__(self, uid: int, gid: int, public: list[tuple[str, ...]], where: str) -> None:
        self.uid, self.gid, self.public, self.where = uid, gid, public, where
        self.entries = self.files = self.size = 0

    def run(self, fd: int) -> Sealed:
        self.device = os.fstat(fd).st_dev
        self.folder(fd, ())
        return Sealed(self.files, self.size)

    def fail(self, path: tuple[str, ...], wrong: str) -> NodeError:
        return NodeError(f"{self.where}/{printable('/'.join(path))}: {wrong}")

    def is_public(self, path: tuple[str, ...]) -> bool:
        return any(path[: len(p)] == p for p in self.public)

    def folder(self, fd: int, path: tuple[str, ...]) -> None:
        if len(path) > MAX_DEPTH:
            raise self.fail(path, f"lies deeper than {MAX_DEPTH} folders")
        wrong = _unlike(os.fstat(fd), frozenset((0, self.uid)), self.device)
        if wrong:
            raise self.fail(path, wrong)
        freeze(fd, self.uid)
        for name in os.listdir(fd):
            self.entry(fd, name, (*path, name))
        os.fchown(fd, 0, self.gid)
        os.fchmod(fd, self.folder_mode(path))

    def folder_mode(self, path: tuple[str, ...]) -> int:
        if self.is_public(path):
            return PUBLIC_FOLDER
        return WAY_TO_PUBLIC if any(p[: len(path)] == path for p in self.public) else FOLDER

    def entry(self, folder: int, name: str, path: tuple[str, ...]) -> None:
        self.entries += 1
        if self.entries > MAX_ENTRIES:
            raise self.fail((), f"holds more than {MAX_ENTRIES} files")
        info = os.lstat(name, dir_fd=folder)
        # Not the device: an overlay file system shows its files' own.
        wrong = _unlike(info, frozenset((0, self.uid)), info.st_dev)
        if wrong:
            raise self.fail(path, wrong)
        if stat.S_ISLNK(info.st_mode):
            return
        if stat.S_ISDIR(info.st_mode):
            with opened(os.open(name, OPEN_FOLDER, dir_fd=folder)) as fd:
                self.folder(fd, path)
            return
        if not stat.S_ISREG(info.st_mode):
            raise self.fail(path, "is a device, a pipe or a socket; a release holds files, folders and links only")
        if info.st_nlink > 1:
            self.unshare(folder, name, info, path)
        self.files += 1
        self.size += info.st_size
        # By name, but in a frozen folder: it is still the file that was looked at.
        os.chown(name, 0, self.gid, dir_fd=folder, follow_symlinks=False)
        _drop_acls(f"/proc/self/fd/{folder}/{name}")
        os.chmod(name, self.file_mode(info, path), dir_fd=folder)

    def file_mode(self, info: os.stat_result, path: tuple[str, ...]) -> int:
        program = info.st_mode & stat.S_IXUSR
        if self.is_public(path):
            return PUBLIC_FOLDER if program else PUBLIC_FILE
        return PROGRAM if program else FILE

    def unshare(self, folder: int, name: str, info: os.stat_result, path: tuple[str, ...]) -> None:
        """Give the release a file of its own where its tenant has another hard link to it (a package cache, say): that
        one must stay the tenant's, and must not alter with the release."""
        if info.st_uid != self.uid:
            raise self.fail(path, "is a hard link to a file that is not the tenant's")
        if info.st_size > MAX_COPY:
            raise self.fail(path, f"is a hard link to a file of more than {MAX_COPY} bytes")
        temporary = secrets.token_hex(16)
        with opened(os.open(name, _OPEN_FILE, dir_fd=folder)) as source:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            with opened(os.open(temporary, flags, 0o600, dir_fd=folder)) as target:
                left = info.st_size
                while left:
                    piece = os.read(source, min(left, 1 << 20))
                    if not piece:
                        break
                    left -= len(piece)
                    while piece:
                        piece = piece[os.write(target, piece) :]
                # Python compares a source's time with what its compiled file remembers.
                os.utime(target, ns=(info.st_atime_ns, info.st_mtime_ns))
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def remove(parent: int, name: str) -> None:
    """Remove an entry of a folder that only root may write to, with everything below it; nothing there is fine.

    Works without recursion, however deep a tenant nests folders: each folder found is moved to the top first. That also
    refuses (EBUSY) what something is mounted on, before anything in it is touched.
    """
    try:
        os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        return
    except IsADirectoryError:
        with opened(os.open(name, OPEN_FOLDER, dir_fd=parent)) as top:
            os.fchown(top, 0, 0)
            os.fchmod(top, 0o700)
            pending = _sweep(top, top)
            while pending:
                inner = pending.pop()
                with opened(os.open(inner, OPEN_FOLDER, dir_fd=top)) as fd:
                    os.fchown(fd, 0, 0)
                    os.fchmod(fd, 0o700)
                    pending += _sweep(fd, top)
                os.rmdir(inner, dir_fd=top)
        os.rmdir(name, dir_fd=parent)


def _sweep(folder: int, top: int) -> list[str]:
    """Unlink everything in a frozen folder but its folders; those move into ``top``, under the names returned."""
    moved = []
    for name in os.listdir(folder):
        if stat.S_ISDIR(os.lstat(name, dir_fd=folder).st_mode):
            moved.append(secrets.token_hex(16))
            try:
                os.rename(name, moved[-1], src_dir_fd=folder, dst_dir_fd=top)
            except OSError as error:
                raise NodeError(
                    f"{printable(name)}: cannot be removed: {error.strerror} (is something mounted there?)"
                ) from error
        else:
            os.unlink(name, dir_fd=folder)
    return moved


def printable(name: str) -> str:
    """A file name for a message, whatever bytes a tenant put into it."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)


def _open(folder: int, name: str, where: str, flags: int) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        link = error.errno in (errno.ELOOP, errno.ENOTDIR) and _is_link(folder, name)
        if isinstance(error, (FileNotFoundError, NotADirectoryError)) and not link:
            raise
        wrong = "is a symbolic link, which is not followed here" if link else f"cannot be opened: {error.strerror}"
        raise NodeError(f"{printable(where)}: {wrong}") from error


def _is_link(folder: int, name: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(name, dir_fd=folder).st_mode)
    except FileNotFoundError:
        return False


def _unlike(info: os.stat_result, owners: frozenset[int], device: int) -> str:
    """What is wrong with the owner or the file system of something met on a walk; "" if nothing."""
    if info.st_uid not in owners:
        return f"belongs to uid {info.st_uid}, not to the tenant; remove it"
    if info.st_dev != device:
        return "lies on another file system: something is mounted there; unmount it"
    return ""


def _not_readable(info: os.stat_result, owners: frozenset[int]) -> str:
    if not stat.S_ISREG(info.st_mode):
        return "is not a regular file"
    if info.st_uid == 0 and info.st_nlink > 1 and owners != {0}:
        # Where the kernel lets anybody link to any file (fs.protected_hardlinks=0), this may be one of root's secrets.
        return "is a hard link to a file of root's"
    return ""


def _drop_acls(target: int | str) -> None:
    """Take away what chown and chmod leave: access that a tenant granted to chosen accounts, itself included."""
    for name in _ACLS:
        try:
            os.removexattr(target, name)
        except OSError as error:
            if error.errno not in (errno.ENODATA, errno.EOPNOTSUPP):
                raise
