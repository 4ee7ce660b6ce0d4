# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root's own files: read, written and removed only where nobody but root can alter the way to them.

The walk follows systemd's chase(): one component at a time by directory descriptors, never following a name
blindly. Every folder on the way must belong to root and be writable by root alone (a sticky one is refused too);
then a symbolic link found in it is root's as well and may be followed.
"""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import pwd
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator
from functools import cache

from .._errors import NodeError
from .._spec.resources import File, Folder, Link, Resource, is_there
from .run import run

TEMPORARY = ".hostel-tmp-"
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MAX_LINKS = 40


def read(path: str) -> Resource | None:
    """Return what lies at ``path``, None where nothing (or no parent folder) is.

    Raises NodeError for a parent that is not root's alone and for devices, sockets and pipes.
    """
    with _parent(path, make=False) as folder:
        return None if folder is None else _read_at(folder, os.path.basename(path), path)


def read_all(paths: Iterable[str]) -> dict[str, Resource]:
    """Read many paths, each parent folder walked to once; absent ones are left out."""
    by_folder: dict[str, list[str]] = {}
    for path in paths:
        by_folder.setdefault(os.path.dirname(path), []).append(path)
    found: dict[str, Resource] = {}
    for members in by_folder.values():
        with _parent(members[0], make=False) as folder:
            if folder is None:
                continue
            for path in members:
                resource = _read_at(folder, os.path.basename(path), path)
                if resource is not None:
                    found[path] = resource
    return found


def names(folder: str) -> list[str]:
    """Return the sorted names in a folder of root's, without leftovers of interrupted writes; [] if absent."""
    with _parent(os.path.join(folder, "x"), make=False) as fd:
        return [] if fd is None else sorted(n for n in os.listdir(fd) if not n.startswith(TEMPORARY))


def holds(resource: Resource, found: Resource | None) -> bool:
    """Tell whether ``found`` (from ``read``) is what ``resource`` asks for."""
    if type(resource) is not type(found):
        return False
    if isinstance(resource, Link) or isinstance(found, Link) or found is None:
        return is_there(resource, found)
    if isinstance(resource, File) and isinstance(found, File) and resource.content != found.content:
        return False
    return resource.mode == found.mode and _ids(resource) == _ids(found)


def write(resource: Resource, *, durable: bool = True) -> None:
    """Put a resource into place in one atomic step: the old one or the new one is there, nothing between.

    Missing parent folders are made, root:root 0755. ``durable`` waits for the disk.
    A folder that is there already keeps its content and gets its owner and mode set.
    Raises NodeError, also when a folder lies where a file or link is wanted or the other way round.
    """
    if isinstance(resource, Link) and resource.turned and is_there(resource, read(resource.path)):
        return
    with _parent(resource.path, make=True) as folder:
        if folder is None:
            raise NodeError(f"{resource.path}: its parent folder vanished while it was written")
        name = os.path.basename(resource.path)
        try:
            if isinstance(resource, Folder):
                _write_folder(folder, name, resource)
            else:
                _write_entry(folder, name, resource, durable)
        except OSError as error:
            raise NodeError(f"{resource.path}: cannot be written: {error.strerror or error}") from error


def remove(path: str) -> None:
    """Remove a file, a link or a whole tree; nothing there is fine.

    A tree is renamed first, so that an interrupted removal leaves nothing that looks whole. What tenants put into
    the tree cannot lead the removal outside of it: it goes by directory descriptors.
    """
    with _parent(path, make=False) as folder:
        if folder is None:
            return
        name = os.path.basename(path)
        try:
            info = os.lstat(name, dir_fd=folder)
        except FileNotFoundError:
            return
        if not stat.S_ISDIR(info.st_mode):
            os.unlink(name, dir_fd=folder)
            return
        doomed = _temporary_name()
        os.rename(name, doomed, src_dir_fd=folder, dst_dir_fd=folder)
    _remove_tree(os.path.join(os.path.dirname(path), doomed))


def remove_with_folders(path: str, below: str) -> None:
    """Remove ``path``, and the folders up to ``below`` that this leaves empty, which a server would take for pages."""
    remove(path)
    folder = os.path.dirname(path)
    while folder.startswith(f"{below}/") and not names(folder):
        remove(folder)
        folder = os.path.dirname(folder)


def sweep(folder: str) -> list[str]:
    """Remove what interrupted writes and removals left in a folder of root's; return the removed paths.

    Only for a caller that holds the lock under which that folder is written.
    """
    with _parent(os.path.join(folder, "x"), make=False) as fd:
        left = [] if fd is None else [n for n in os.listdir(fd) if n.startswith(TEMPORARY)]
    paths = [os.path.join(folder, name) for name in left]
    for path in paths:
        if os.path.isdir(path) and not os.path.islink(path):
            _remove_tree(path)
        else:
            os.unlink(path)
    return paths


def forget_names() -> None:
    """Drop the remembered account names, after accounts were made or removed."""
    _user_name.cache_clear()
    _group_name.cache_clear()
    _user_id.cache_clear()
    _group_id.cache_clear()


@contextlib.contextmanager
def _parent(path: str, make: bool) -> Iterator[int | None]:
    """Give a descriptor of the folder that ``path`` lies in; None if it is absent and not to be made."""
    if not os.path.isabs(path) or os.path.normpath(path) != path or path == "/":
        raise NodeError(f"{path}: not an absolute path in its shortest form")
    fd = _walk(os.path.dirname(path), make)
    try:
        yield fd
    finally:
        if fd is not None:
            os.close(fd)


def _walk(path: str, make: bool) -> int | None:
    fd = os.open("/", _OPEN_FOLDER)
    try:
        todo = _components(path)
        done: list[str] = []
        links = 0
        while todo:
            name = todo.pop()
            if name == "..":
                fd, done = _step(fd, ".."), done[:-1]
                continue
            try:
                following = _step(fd, name)
            except FileNotFoundError:
                if not make:
                    os.close(fd)
                    return None
                _make_folder(fd, name)
                following = _step(fd, name)
            except OSError as error:
                if error.errno not in (errno.ELOOP, errno.ENOTDIR):
                    raise
                links += 1
                target = _link_target(fd, name, "/" + "/".join([*done, name]), links)
                todo += _components(target)
                if target.startswith("/"):
                    fd, done = _step(fd, "/"), []
                continue
            fd = following
            done.append(name)
            _require_roots(fd, "/" + "/".join(done))
    except OSError as error:
        os.close(fd)
        raise NodeError(f"{path}: {error.strerror or error}") from error
    except NodeError:
        os.close(fd)
        raise
    return fd


def _step(fd: int, name: str) -> int:
    """Open a folder from the one before and close that; on failure that stays open."""
    following = os.open(name, _OPEN_FOLDER, dir_fd=fd)
    os.close(fd)
    return following


def _components(path: str) -> list[str]:
    """Return the names in ``path``, the first one last."""
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]


def _make_folder(fd: int, name: str) -> None:
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o755, dir_fd=fd)
        # The caller's umask may have taken bits away.
        os.chmod(name, 0o755, dir_fd=fd)  # noqa: S103


def _link_target(fd: int, name: str, where: str, links: int) -> str:
    try:
        target = os.readlink(name, dir_fd=fd)
    except OSError as error:
        raise NodeError(f"{where}: is not a folder") from error
    if links > _MAX_LINKS:
        raise NodeError(f"{where}: too many symbolic links on the way")
    return target


def _require_roots(fd: int, where: str) -> None:
    info = os.fstat(fd)
    if info.st_uid != 0 or info.st_mode & 0o022:
        raise NodeError(
            f"{where}: belongs to uid {info.st_uid} with mode {stat.S_IMODE(info.st_mode):04o}; root writes only below "
            "folders that belong to root and that nobody else may write to (chown root, chmod go-w)"
        )


def _read_at(folder: int, name: str, path: str) -> Resource | None:
    try:
        # O_NONBLOCK: opening a pipe must not wait for its other end.
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return Link(path, os.readlink(name, dir_fd=folder))
        raise NodeError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        info = os.fstat(fd)
        mode, owner, group = stat.S_IMODE(info.st_mode), _owner(info.st_uid), _group(info.st_gid)
        if stat.S_ISDIR(info.st_mode):
            return Folder(path, mode, owner, group)
        if not stat.S_ISREG(info.st_mode):
            raise NodeError(f"{path}: is neither a file nor a folder nor a link; remove it")
        content = bytearray()
        while True:
            piece = os.read(fd, 1 << 20)
            if not piece:
                return File(path, bytes(content), mode, owner, group)
            content += piece
    finally:
        os.close(fd)


def _write_folder(parent: int, name: str, folder: Folder) -> None:
    uid, gid = _ids(folder)
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=parent)
    try:
        fd = os.open(name, _OPEN_FOLDER, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise NodeError(
                f"{folder.path}: a folder is wanted, but something else lies there; move it away"
            ) from error
        raise
    try:
        os.fchown(fd, uid, gid)
        os.fchmod(fd, folder.mode)
    finally:
        os.close(fd)


def _write_entry(folder: int, name: str, resource: File | Link, durable: bool) -> None:
    temporary = _temporary_name()
    try:
        if isinstance(resource, Link):
            os.symlink(resource.target, temporary, dir_fd=folder)
        else:
            _write_content(folder, temporary, resource, durable)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except IsADirectoryError as error:
        _unlink(folder, temporary)
        raise NodeError(f"{resource.path}: a folder lies where a file or a link is wanted; move it away") from error
    except BaseException:
        _unlink(folder, temporary)
        raise
    if durable:
        os.fsync(folder)


def _write_content(folder: int, temporary: str, file: File, durable: bool) -> None:
    uid, gid = _ids(file)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        os.fchown(fd, uid, gid)
        # After fchown, which clears the set-id bits.
        os.fchmod(fd, file.mode)
        left = memoryview(file.content)
        while left:
            left = left[os.write(fd, left) :]
        if durable:
            os.fsync(fd)
    finally:
        os.close(fd)


def _unlink(folder: int, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def _remove_tree(path: str) -> None:
    try:
        shutil.rmtree(path)
    except RecursionError:
        # A tenant may nest folders deeper than Python recurses; rm walks without recursion.
        run(["rm", "-rf", "--one-file-system", "--", path], what=f"{path}: removing")
    except OSError as error:
        raise NodeError(f"{path}: cannot be removed: {error.strerror or error}") from error


def _temporary_name() -> str:
    return TEMPORARY + secrets.token_hex(8)


def _ids(resource: File | Folder) -> tuple[int, int]:
    try:
        return _user_id(resource.owner), _group_id(resource.group)
    except KeyError as error:
        raise NodeError(
            f"{resource.path}: wants the owner {resource.owner}:{resource.group}, who is not on this node"
        ) from error


@cache
def _user_id(name: str) -> int:
    return int(name) if name.isdigit() else pwd.getpwnam(name).pw_uid


@cache
def _group_id(name: str) -> int:
    return int(name) if name.isdigit() else grp.getgrnam(name).gr_gid


@cache
def _user_name(uid: int) -> str:
    return pwd.getpwuid(uid).pw_name


@cache
def _group_name(gid: int) -> str:
    return grp.getgrgid(gid).gr_name


def _owner(uid: int) -> str:
    try:
        return _user_name(uid)
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return _group_name(gid)
    except KeyError:
        return str(gid)
