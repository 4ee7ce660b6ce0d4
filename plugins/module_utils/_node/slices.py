# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant may use, told to systemd: a drop-in of its slice user-<uid>.slice.

Everything that a tenant runs is in this slice: its apps, hooks and builds, and its logins and cron jobs too, for
logind puts them there. systemd loads a slice when something starts in it and forgets it afterwards; an idle tenant
costs one small file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from .._spec.layout import MANAGED, TENANTS, UNITS
from .._spec.limits import Limits
from .._spec.resources import File
from . import files
from .run import run

_ACCOUNTING = ("CPUAccounting=yes", "MemoryAccounting=yes", "TasksAccounting=yes", "IOAccounting=yes")
# Where "systemctl set-property --runtime" puts what it was told.
_RUNTIME = "/run/systemd/system.control"


def slice_name(uid: int) -> str:
    """Return the unit's name."""
    return f"user-{uid}.slice"


def dropin_path(uid: int) -> str:
    """Return where the limits of this uid lie."""
    return f"{UNITS}/{slice_name(uid)}.d/50-hostel.conf"


def dropin(uid: int, limits: Limits) -> File:
    """Return the drop-in, systemd.resource-control(5), that holds ``limits``. Pure.

    A memory limit allows no swap on top: a tenant that swaps slows down everybody. Where ``tasks`` is not given, the
    distribution's share for each user stays, a third of what the node can have.
    io_read, io_write: systemd finds the disk behind the named folder by itself.
    """
    lines = [MANAGED, "[Slice]", *_ACCOUNTING]
    if limits.memory is not None:
        lines += [f"MemoryMax={limits.memory}", "MemorySwapMax=0"]
    if limits.cpu is not None:
        lines.append(f"CPUQuota={limits.cpu}%")
    if limits.tasks is not None:
        lines.append(f"TasksMax={limits.tasks}")
    if limits.io_read is not None:
        lines.append(f"IOReadBandwidthMax={TENANTS} {limits.io_read}")
    if limits.io_write is not None:
        lines.append(f"IOWriteBandwidthMax={TENANTS} {limits.io_write}")
    return File(dropin_path(uid), ("\n".join(lines) + "\n").encode())


def apply(dropins: Iterable[File]) -> None:
    """Write changed drop-ins. Slices in which something runs get their new limits at once.

    A slice that is not loaded needs no word to systemd: it reads the file when something starts in it.
    """
    changed = list(dropins)
    for one in changed:
        files.write(one, durable=False)
    loaded = _loaded() if changed else set()
    running = sorted({os.path.basename(os.path.dirname(one.path))[: -len(".d")] for one in changed} & loaded)
    if running:
        run(["systemctl", "daemon-reload"], what="telling systemd the changed limits")
    for unit in running:
        # systemd 257 reads new limits at a reload, but writes them into cgroups only when a property of the same
        # controller is set. These say nothing new; each stands for its controller.
        run(["systemctl", "set-property", "--runtime", unit, *_ACCOUNTING], what=f"{unit}: applying changed limits")


def remove(uid: int) -> None:
    """End everything in the slice and take its limits away."""
    run(["systemctl", "stop", slice_name(uid)], what=f"ending everything in {slice_name(uid)}", timeout=180)
    files.remove(os.path.dirname(dropin_path(uid)))
    files.remove(f"{_RUNTIME}/{slice_name(uid)}.d")


def blind_spots(limits: Limits) -> list[str]:
    """Say which of the limits cannot hold on this node, and why."""
    if limits.io_read is None and limits.io_write is None:
        return []
    folder = TENANTS if os.path.isdir(TENANTS) else "/srv"
    # Major 0: overlay, tmpfs, network filesystems, btrfs over several disks.
    if os.major(os.stat(folder).st_dev) == 0:
        return [
            f"io_read and io_write cannot hold here: the filesystem of {folder} has no disk of its own (an overlay?)"
        ]
    return []


def _loaded() -> set[str]:
    listed = run(
        ["systemctl", "list-units", "--all", "--plain", "--no-legend", "--no-pager", "--full", "user-*.slice"],
        what="asking systemd for the tenants' slices",
    )
    return {line.split()[0] for line in listed.stdout.splitlines() if line.strip()}
