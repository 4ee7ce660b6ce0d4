# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has, for whoever asks."""

from __future__ import annotations

from typing import Any

from .._node import accounts, interpreter_stamp, interpreters, slices, units
from .._plan.apps import Live
from .observe import live_releases


def read_node() -> dict[str, Any]:
    """Python versions, tenants and live apps, each by name, in plain types."""
    active = sorted(units.active("hostel-*"))
    return {
        "python_versions": {
            version: {"path": path, "version": _full(version)}
            for version, path in interpreters.observe().items()
        },
        "tenants": {
            name: {"uid": account.uid, "home": account.home, "slice": slices.slice_name(account.uid)}
            for name, account in accounts.observe().items()
        },
        "apps": {name: _app(live, active) for name, live in live_releases().items()},
    }


def _app(live: Live, active: list[str]) -> dict[str, Any]:
    release = live.release
    return {
        "tenant": release.app.tenant,
        "release": release.id,
        "urls": [str(url) for url in release.app.urls],
        "server": release.server,
        "interface": release.interface,
        "entrypoint": release.entrypoint,
        "python": release.python,
        "venv": release.venv,
        "found": live.record["why"],
        "folder": release.folder,
        "data": release.data,
        "active": [unit for unit in active if unit.startswith(f"hostel-{release.tag}.")],
    }


def _full(version: str) -> str | None:
    stamp = interpreter_stamp.read(interpreter_stamp.folder(version))
    return stamp.full if stamp else None
