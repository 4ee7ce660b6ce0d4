# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk limits: the filesystem's own quotas, quotactl(2), read and set without starting a program.

A tenant's files are those of its group: what it writes, and the sealed releases too, which belong to root. So the
group's quota is the one to set, and the user's only where group quotas are off.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass

from .._errors import NodeError
from .._spec.layout import TENANTS

# linux/quota.h
_Q_GETQUOTA, _Q_SETQUOTA = 0x800007, 0x800008
_USER, _GROUP = 0, 1
_BLOCK_LIMITS = 1
_BLOCK = 1024
_OFF = {errno.ESRCH, errno.ENOSYS, errno.ENOTBLK, errno.ENODEV, errno.EINVAL, errno.ENOENT, errno.EOPNOTSUPP}


class _Quota(ctypes.Structure):
    """struct if_dqblk of linux/quota.h."""

    _fields_ = [
        ("hard", ctypes.c_uint64),
        ("soft", ctypes.c_uint64),
        ("used", ctypes.c_uint64),
        ("files_hard", ctypes.c_uint64),
        ("files_soft", ctypes.c_uint64),
        ("files_used", ctypes.c_uint64),
        ("grace", ctypes.c_uint64),
        ("files_grace", ctypes.c_uint64),
        ("valid", ctypes.c_uint32),
    ]


@dataclass(frozen=True)
class Quotas:
    """The filesystem below /srv/hostel, as far as quotas go. kind: user, group, or None where they are off."""

    device: str
    kind: int | None


def find() -> Quotas:
    """Look whether the filesystem of the tenants keeps quotas."""
    device = _device(TENANTS if os.path.isdir(TENANTS) else "/srv")
    for kind in (_GROUP, _USER):
        if device is not None and _call(_Q_GETQUOTA, kind, device, 0, _Quota()) == 0:
            return Quotas(device, kind)
    return Quotas(device or "", None)


def wrong(quotas: Quotas, wanted: Mapping[int, int | None]) -> dict[int, int | None]:
    """Return those of ``wanted`` (bytes by uid, None for no limit) that the filesystem does not hold yet."""
    if quotas.kind is None:
        return {}
    return {uid: limit for uid, limit in wanted.items() if _limit(quotas, uid) != _blocks(limit)}


def apply(quotas: Quotas, wanted: Mapping[int, int | None]) -> None:
    """Set limits. Raises NodeError."""
    if quotas.kind is None:
        return
    for uid, limit in wanted.items():
        quota = _Quota(hard=_blocks(limit), soft=0, valid=_BLOCK_LIMITS)
        code = _call(_Q_SETQUOTA, quotas.kind, quotas.device, uid, quota)
        if code:
            raise NodeError(f"uid {uid}: disk: setting the quota on {quotas.device}: {os.strerror(code)}")


def blind_spot() -> str:
    """Say why a disk limit cannot hold on this node."""
    return (
        f"disk cannot hold here: the filesystem of {TENANTS} keeps no quotas; mount it with grpquota (ext4, xfs) and "
        "run again"
    )


def _limit(quotas: Quotas, uid: int) -> int:
    quota = _Quota()
    code = _call(_Q_GETQUOTA, quotas.kind or 0, quotas.device, uid, quota)
    if code in (0, errno.ESRCH, errno.ENOENT):
        return int(quota.hard)
    raise NodeError(f"uid {uid}: disk: reading the quota on {quotas.device}: {os.strerror(code)}")


def _blocks(limit: int | None) -> int:
    """0 means no limit."""
    return 0 if limit is None else -(-limit // _BLOCK)


def _call(command: int, kind: int, device: str, uid: int, quota: _Quota) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.quotactl(ctypes.c_int((command << 8) | kind), device.encode(), uid, ctypes.byref(quota)) == 0:
        return 0
    code = ctypes.get_errno()
    if code in _OFF or command == _Q_SETQUOTA:
        return code
    raise NodeError(f"quotas of {device}: {os.strerror(code)}")


def _device(path: str) -> str | None:
    """Return the block device that ``path`` lies on, proc_pid_mountinfo(5); None where it is no device."""
    number = os.stat(path).st_dev
    wanted = f"{os.major(number)}:{os.minor(number)}"
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            fields = line.split()
            if fields[2] == wanted:
                source = fields[fields.index("-") + 2]
                return source if source.startswith("/") else None
    return None
