# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has once, for all apps: static files by groups, each with its daemon's check and reload."""

from __future__ import annotations

import glob
import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .._errors import NodeError
from .._spec.layout import STATE
from .._spec.resources import File, Folder, Link, Resource
from . import files
from .run import run

# A marker per group lies here from before its first change until its daemon has taken the last one up.
UNSETTLED = f"{STATE}/unsettled"

_PLACE = re.compile(r"@(?:(front_key)|memory_mib/(\d+))@")


@dataclass(frozen=True)
class Group:
    """Static files of one daemon. check, apply: argument lists; absent: shell patterns; units: enabled and active."""

    name: str
    resources: tuple[Resource, ...] = ()
    absent: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    apply: tuple[tuple[str, ...], ...] = ()
    units: tuple[str, ...] = ()


@dataclass
class Result:
    """changed: paths and units, in order; diff: in Ansible's form."""

    changed: list[str] = field(default_factory=list)
    diff: list[dict[str, str]] = field(default_factory=list)


def missing_packages(wanted: Iterable[str]) -> list[str]:
    """The packages that dpkg does not know as installed, without starting a process."""
    installed = set()
    name = ""
    try:
        with open("/var/lib/dpkg/status", encoding="utf-8", errors="replace") as status:
            for line in status:
                if line.startswith("Package: "):
                    name = line[len("Package: ") :].strip()
                elif line.startswith("Status: ") and line.split()[-1] == "installed":
                    installed.add(name)
    except OSError as error:
        raise NodeError(f"/var/lib/dpkg/status: {error.strerror}; nodes are Debian 12 or 13") from error
    return sorted(set(wanted) - installed)


def codename() -> str:
    """The distribution's name for its release; "" where it has none."""
    with open("/etc/os-release", encoding="utf-8") as lines:
        pairs = dict(line.strip().split("=", 1) for line in lines if "=" in line)
    return pairs.get("VERSION_CODENAME", "").strip('"')


def values(secret: str, make: bool) -> dict[str, str]:
    """What the places in static files stand for on this node. The secret is made when it is missing and ``make``."""
    found = files.read(secret)
    key = found.content.decode().strip() if isinstance(found, File) else ""
    if not re.fullmatch(r"[0-9a-f]{64}", key):
        key = secrets.token_hex(32)
        if make:
            files.write(File(secret, f"{key}\n".encode(), mode=0o600, secret=True))
    elif isinstance(found, File) and (found.mode, found.owner) != (0o600, "root") and make:
        files.write(File(secret, found.content, mode=0o600, secret=True))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // (1 << 20)
    return {"front_key": key, "memory_mib": str(memory)}


def fill(text: str, known: Mapping[str, str]) -> str:
    """Put this node's values into the places of a static file."""
    return _PLACE.sub(
        lambda place: known["front_key"] if place[1] else str(max(1, int(known["memory_mib"]) // int(place[2]))), text
    )


def converge(groups: Sequence[Group], check_mode: bool) -> Result:
    """Make every group so, one after the other.

    Errors: NodeError from the group whose check failed, with what was there before put back; later groups are left.
    """
    result = Result()
    paths = [one.path for group in groups for one in group.resources]
    found = files.read_all([*paths, *(f"{UNSETTLED}/{group.name}" for group in groups)])
    active = _states([unit for group in groups for unit in group.units]) if any(group.units for group in groups) else {}
    for group in groups:
        _converge_group(group, found, active, check_mode, result)
    return result


def _converge_group(
    group: Group, found: Mapping[str, Resource], active: Mapping[str, bool], check_mode: bool, result: Result
) -> None:
    wrong = [one for one in group.resources if not files.holds(one, found.get(one.path))]
    doomed = [path for pattern in group.absent for path in sorted(glob.glob(pattern)) if os.path.lexists(path)]
    marker = File(f"{UNSETTLED}/{group.name}", b"")
    resting = [unit for unit in group.units if not active.get(unit)]
    result.diff.extend(_diff(found.get(one.path), one) for one in wrong)
    result.diff.extend(
        {"before": f"{path}\n", "after": "", "before_header": path, "after_header": path} for path in doomed
    )
    result.changed.extend([*(one.path for one in wrong), *doomed, *resting])
    if marker.path in found and not wrong and not doomed:
        result.changed.append(marker.path)
    if check_mode:
        return
    if wrong or doomed or marker.path in found:
        _change(group, wrong, doomed, found, marker)
    if resting:
        run(["systemctl", "enable", "--now", *resting], what=f"starting {', '.join(resting)}")


def _change(
    group: Group, wrong: Sequence[Resource], doomed: Sequence[str], found: Mapping[str, Resource], marker: File
) -> None:
    before = {one.path: found.get(one.path) for one in wrong}
    before.update({path: files.read(path) for path in doomed})
    files.write(marker)
    for one in wrong:
        files.write(one, durable=False)
    for path in doomed:
        files.remove(path)
    try:
        if group.check:
            run(group.check, what=f"{group.name}: the new static configuration was refused, the old one is back")
    except NodeError:
        _put_back(before)
        if marker.path not in found:
            files.remove(marker.path)
        raise
    for command in group.apply:
        run(command, what=f"{group.name}: taking up the new static configuration")
    files.remove(marker.path)


def _put_back(before: Mapping[str, Resource | None]) -> None:
    for path, resource in before.items():
        if resource is None:
            if not os.path.isdir(path):
                files.remove(path)
        else:
            files.write(resource)


def _states(units: Sequence[str]) -> dict[str, bool]:
    """Which units are both enabled and active, by one process."""
    ran = run(
        ["systemctl", "show", "--property=Id,ActiveState,UnitFileState", *units], what="reading the state of units"
    )
    states = {}
    for block in ran.stdout.strip().split("\n\n"):
        pairs = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        enabled = pairs.get("UnitFileState") in ("enabled", "static", "alias")
        states[pairs.get("Id", "")] = enabled and pairs.get("ActiveState") == "active"
    return states


def _diff(found: Resource | None, wanted: Resource) -> dict[str, str]:
    secret = isinstance(wanted, File) and wanted.secret
    return {
        "before_header": wanted.path,
        "after_header": wanted.path,
        "before": _shown(found, secret),
        "after": _shown(wanted, secret),
    }


def _shown(resource: Resource | None, secret: bool) -> str:
    if resource is None:
        return ""
    if isinstance(resource, Link):
        return f"-> {resource.target}\n"
    head = f"{resource.owner}:{resource.group} {resource.mode:04o}\n"
    if isinstance(resource, Folder):
        return head
    return head + ("(a secret)\n" if secret else resource.content.decode("utf-8", "replace"))
