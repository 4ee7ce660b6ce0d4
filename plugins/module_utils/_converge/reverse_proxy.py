# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One reverse proxy: compare, have the server's own checker look at it, install."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any

from .._front import proxy as front
from .._node import apache, files, nginx
from .._plan.changes import file_diff, joined
from .._spec.resources import File
from .._spec.reverse_proxy import ReverseProxy

_PROGRAMS = {"nginx": "nginx", "apache": "apache2ctl"}


def converge(proxy: ReverseProxy, check_mode: bool) -> dict[str, Any]:
    """Make the front server's files as asked for, have them checked and taken. Returns the module's result.

    Raises NodeError with the server's own words when it refuses them; then everything is as it was.
    """
    wanted = {file.path: file for file in front.render(proxy)}
    leaving = _leaving(proxy, wanted)
    found = files.read_all([*wanted, *leaving])
    changed = [file for file in wanted.values() if not files.holds(file, found.get(file.path))]
    different = _check(proxy, changed, leaving) if check_mode else _install(proxy, changed, leaving)
    sides = [file_diff(file, found.get(file.path)) for file in changed]
    sides += [file_diff(None, found[path]) for path in leaving if path in found]
    public = {"urls": [str(url) for url in proxy.urls]} if proxy.state == "present" else {}
    return {"changed": different, "diff": joined(sides), **public}


def _leaving(proxy: ReverseProxy, wanted: dict[str, File]) -> list[str]:
    """What this proxy had and has no more."""
    leaving: list[str] = []
    for site in files.names(front.folder(proxy)):
        place = f"{front.folder(proxy)}/{site}"
        names = files.names(place)
        own = [f"{place}/{name}" for name in names if front.is_locations(proxy, name)]
        gone = [path for path in own if path not in wanted]
        if gone and len(own) == len(names) and not any(path.startswith(f"{place}/") for path in wanted):
            # Nobody else is on this host and port.
            leaving += [front.host_path(proxy, site), *own, place]
        else:
            leaving += gone
    if proxy.state == "absent":
        leaving.append(front.upstream_path(proxy))
    return [path for path in leaving if files.read(path) is not None]


def _install(proxy: ReverseProxy, changed: Sequence[File], leaving: Sequence[str]) -> bool:
    if proxy.backend == "nginx":
        return nginx.install(changed, leaving, folder=proxy.root)
    return apache.install(changed, leaving)


def _check(proxy: ReverseProxy, changed: Sequence[File], leaving: Sequence[str]) -> bool:
    is_nginx = proxy.backend == "nginx"
    # Where there is no server yet, an earlier task would have installed it, were this not check mode.
    if (changed or leaving) and shutil.which(_PROGRAMS[proxy.backend]):
        if is_nginx:
            nginx.check(changed, leaving, folder=proxy.root)
        else:
            apache.check(changed, leaving)
    return bool(changed or leaving) or (nginx.pending() if is_nginx else apache.pending())
