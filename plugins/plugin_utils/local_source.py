# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders beside the inventory: named by their content, packed once, the same bytes on every controller."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterable, Iterator

from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError

# What version control and tools leave behind is not part of an app.
LEFT_OUT = frozenset(
    {".git", ".hg", ".svn", "__pycache__", ".venv", ".tox", ".mypy_cache", ".pytest_cache", ".DS_Store"}
)


def entries(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every file, folder and link below ``folder``, as (relative name, lstat), in an order that is always the same."""
    pending = [""]
    while pending:
        relative = pending.pop()
        names = sorted(os.listdir(os.path.join(folder, relative)), reverse=True)
        for name in reversed(names):
            if name in LEFT_OUT or name.endswith(".pyc"):
                continue
            path = os.path.join(relative, name)
            found = os.lstat(os.path.join(folder, path))
            yield path, found
            if stat.S_ISDIR(found.st_mode):
                pending.append(path)


def read_as_inventory(folders: Iterable[str], inventories: Iterable[str]) -> list[str]:
    """Those of ``folders`` that lie in one of ``inventories``, as they were given with -i: of a folder among these
    Ansible runs what is executable and reads the rest, whoever wrote it."""
    read = [f"{os.path.realpath(path)}/" for path in inventories if os.path.isdir(path)]
    return sorted(folder for folder in folders if f"{os.path.realpath(folder)}/".startswith(tuple(read)))


def digest(folder: str) -> str:
    """``sha256:<hex>`` of names, contents, link targets and executable bits; owners and times do not count."""
    total = hashlib.sha256()
    for path, found in entries(folder):
        total.update(f"{_letter(path, found)}{path}\0".encode("utf-8", "surrogateescape"))
        total.update(_content_digest(os.path.join(folder, path), found))
    return f"sha256:{total.hexdigest()}"


def pack(folder: str) -> bytes:
    """A tar archive of ``folder``. The times of change go with it: of them nginx makes the ETags of static files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, found in entries(folder):
            member = tarfile.TarInfo(path)
            member.mtime = int(found.st_mtime)
            member.mode = 0o755 if stat.S_ISDIR(found.st_mode) or found.st_mode & 0o100 else 0o644
            if stat.S_ISDIR(found.st_mode):
                member.type = tarfile.DIRTYPE
                archive.addfile(member)
            elif stat.S_ISLNK(found.st_mode):
                member.type = tarfile.SYMTYPE
                member.linkname = os.readlink(os.path.join(folder, path))
                archive.addfile(member)
            else:
                with open(os.path.join(folder, path), "rb") as handle:
                    content = handle.read()
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _letter(path: str, found: os.stat_result) -> str:
    if stat.S_ISDIR(found.st_mode):
        return "d"
    if stat.S_ISLNK(found.st_mode):
        return "l"
    if stat.S_ISREG(found.st_mode):
        return "x" if found.st_mode & 0o100 else "f"
    raise SpecError(f"source.local: {path!r} is neither a file, a folder nor a link; take it out of the folder")


def _content_digest(path: str, found: os.stat_result) -> bytes:
    if stat.S_ISLNK(found.st_mode):
        return hashlib.sha256(os.fsencode(os.readlink(path))).digest()
    if not stat.S_ISREG(found.st_mode):
        return b""
    content = hashlib.sha256()
    with open(path, "rb") as handle:
        for block in iter(lambda: handle.read(1 << 20), b""):
            content.update(block)
    return content.digest()
