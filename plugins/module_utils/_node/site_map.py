# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that mod_rewrite looks requests up in (RewriteMap, type txt): changed by a rename, without Apache."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

from .._spec.layout import MANAGED
from .._spec.resources import File
from .._spec.shared_wsgi import SITE_ENTRIES, SITES_MAP
from . import files

# Apps are deployed side by side, and all of them are in the same map.
_WRITING = threading.Lock()

# Apache reads a map again when its time of change is another one than before; the clock of a file system may stand
# still for some milliseconds.
_TICK = 1_000_000


def stale() -> bool:
    """Whether the map of sites is not what the apps' entries make: an earlier run was ended between the two."""
    found = files.read(SITES_MAP)
    content = found.content if isinstance(found, File) else b""
    wanted = render(_entries())
    return content != wanted and bool(content or _entries())


def refresh() -> None:
    """Make the map of sites of what the apps' entries say now."""
    with _WRITING:
        entries = _entries()
        if entries or os.path.exists(SITES_MAP):
            write(SITES_MAP, entries)


def read(path: str) -> dict[str, str]:
    """The values of a map by key; {} where it is missing."""
    found = files.read(path)
    return parse(found.content) if isinstance(found, File) else {}


def parse(content: bytes) -> dict[str, str]:
    """Lines of a key, a space and a value; what begins with "#" is none."""
    lines = content.decode("utf-8", "replace").splitlines()
    pairs = (line.split() for line in lines if not line.startswith("#"))
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def render(pairs: Mapping[str, str]) -> bytes:
    """The map that holds ``pairs``, whose words have no spaces."""
    return ("\n".join([MANAGED, *(f"{key} {value}" for key, value in sorted(pairs.items()))]) + "\n").encode()


def write(path: str, pairs: Mapping[str, str]) -> None:
    """Put a map into place, so that Apache sees the change with the next request."""
    found = files.read(path)
    wanted = File(path, render(pairs))
    if files.holds(wanted, found):
        return
    before = os.stat(path).st_mtime_ns if found is not None else 0
    files.write(wanted, durable=False)
    if os.stat(path).st_mtime_ns <= before + _TICK:
        os.utime(path, ns=(before + 2 * _TICK, before + 2 * _TICK))


def _entries() -> dict[str, str]:
    pairs: dict[str, str] = {}
    for found in files.read_all(f"{SITE_ENTRIES}/{name}" for name in files.names(SITE_ENTRIES)).values():
        if isinstance(found, File):
            pairs.update(parse(found.content))
    return pairs
