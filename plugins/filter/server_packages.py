# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Debian packages a node needs for the servers of its apps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.hostel.python.plugins.module_utils._spec.servers import SERVERS


def server_packages(apps: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the packages that every node has no use for, but these apps have."""
    asked = {app.get("server") for app in apps if app.get("state") != "absent"}
    return sorted({package for name, kind in SERVERS.items() if name in asked for package in kind.packages})


class FilterModule:
    """Filters of the roles."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"server_packages": server_packages}
