# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant's folders: the home, and the gate through which the front servers reach its apps.

The gate /srv/hostel/<tenant> is root:<tenant> 0750. An access list lets the front servers' account pass, but not
look around; with a trusted tenant also that of the Apache whose own processes run such tenants' apps.
"""

from __future__ import annotations

import errno
import os
import pwd
import stat
import struct
from collections.abc import Sequence

from .._errors import NodeError
from .._spec.layout import FRONT_GROUP, TENANTS
from .._spec.resources import Folder
from .._spec.shared_wsgi import EMBEDDED_ACCOUNT
from . import files
from .accounts import Account

# linux/posix_acl_xattr.h and linux/posix_acl.h: a version, then (tag, permissions, id) sorted by tag, little-endian.
ACL_NAME = "system.posix_acl_access"
_VERSION = 2
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY = 0xFFFFFFFF


def gate(name: str) -> str:
    """Return the path of a tenant's gate."""
    return f"{TENANTS}/{name}"


def gate_acl(*passing: int) -> bytes:
    """Return the access list u::rwx,u:<uid>:--x…,g::r-x,m::r-x,o::--- as the kernel takes it, acl(5)."""
    entries = (
        (_USER_OBJ, 7, _NOBODY),
        *((_USER, 1, uid) for uid in sorted(passing)),
        (_GROUP_OBJ, 5, _NOBODY),
        (_MASK, 5, _NOBODY),
        (_OTHER, 0, _NOBODY),
    )
    return struct.pack("<I", _VERSION) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def lacking(account: Account, passing: Sequence[int]) -> list[str]:
    """Say what of a tenant's folders is missing or was altered. passing: uids that the gate lets through.

    What the tenant does inside of its home, its mode included, is its own affair.
    """
    lacks = []
    try:
        if os.lstat(account.home).st_uid != account.uid:
            raise NodeError(
                f"tenant {account.name}: home: {account.home} belongs to somebody else (uid "
                f"{os.lstat(account.home).st_uid}); move it away or give it to {account.name}"
            )
    except FileNotFoundError:
        lacks.append(f"{account.home}: missing")
    path = gate(account.name)
    try:
        info = os.lstat(path)
    except FileNotFoundError:
        return [*lacks, f"{path}: missing"]
    if (info.st_uid, info.st_gid, stat.S_IFMT(info.st_mode)) != (0, account.gid, stat.S_IFDIR):
        lacks.append(f"{path}: owner")
    elif stat.S_IMODE(info.st_mode) != 0o750 or _acl(path) != gate_acl(*passing):
        lacks.append(f"{path}: permissions")
    return lacks


def ensure(account: Account, passing: Sequence[int]) -> None:
    """Make what is missing and repair what was altered. Raises NodeError."""
    if not os.path.lexists(account.home):
        files.write(Folder(account.home, 0o700, str(account.uid), str(account.gid)), durable=False)
    path = gate(account.name)
    files.write(Folder(path, 0o750, "root", str(account.gid)), durable=False)
    try:
        # Only root can put another thing at this path since it was looked at: files.write went through its parents.
        os.setxattr(path, ACL_NAME, gate_acl(*passing), follow_symlinks=False)
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            raise NodeError(
                f"{path}: the filesystem has no POSIX access lists, so the web servers cannot pass; mount it with acl, "
                "or choose another filesystem for /srv"
            ) from error
        raise NodeError(f"{path}: setting the access list: {error.strerror}") from error


def remove(account: Account) -> None:
    """Remove the home and all of the tenant's apps and data."""
    files.remove(account.home)
    files.remove(gate(account.name))


def passing(trusted: bool) -> tuple[int, ...]:
    """Return the uids of the servers' accounts that a tenant's gate lets through. Raises NodeError where there is none.

    trusted: the tenant's apps may run inside of an Apache that they share, where this node has one.
    """
    try:
        front = pwd.getpwnam(FRONT_GROUP).pw_uid
    except KeyError as error:
        raise NodeError(f"this node has no account {FRONT_GROUP}; apply the role hostel.python.node first") from error
    embedding = [entry.pw_uid for entry in pwd.getpwall() if entry.pw_name == EMBEDDED_ACCOUNT] if trusted else []
    return (front, *embedding)


def _acl(path: str) -> bytes | None:
    try:
        return os.getxattr(path, ACL_NAME, follow_symlinks=False)
    except OSError as error:
        if error.errno in (errno.ENODATA, errno.EOPNOTSUPP):
            return None
        raise NodeError(f"{path}: reading the access list: {error.strerror}") from error
