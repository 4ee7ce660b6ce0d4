# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the next run has to know of a release, as it is kept on the node. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._spec.app import App
from .._spec.release import Release
from .._spec.resources import File
from .identity import source_identity


def record_file(release: Release, raw: Mapping[str, Any], why: str) -> File:
    """What the next run has to know of this release: what was found out, and the app as it was asked for.

    raw: the inventory's item; its env is left out, for the record is no secret.
    """
    record = {
        "id": release.id,
        "source": source_identity(release.app),
        "uid": release.uid,
        "gid": release.gid,
        "server": release.server,
        "interface": release.interface,
        "entrypoint": release.entrypoint,
        "venv": release.venv,
        "python": release.python,
        "folders": list(release.folders),
        "command": list(release.command),
        "workers": release.app.workers,
        "threads": release.app.threads,
        "why": why,
        "app": {key: value for key, value in raw.items() if key != "env"},
    }
    return File(f"{release.settings}/release.json", (json.dumps(record, indent=1, sort_keys=True) + "\n").encode())


def from_record(app: App, record: Mapping[str, Any]) -> Release:
    """The release that ``record`` describes, for ``app``: what its source's author asked for is in the record alone."""
    return Release(
        app=replace(app, workers=record.get("workers", app.workers), threads=record.get("threads", app.threads)),
        id=record["id"],
        uid=record["uid"],
        gid=record["gid"],
        server=record["server"],
        interface=record["interface"],
        entrypoint=record["entrypoint"],
        venv=record["venv"],
        python=record["python"],
        folders=tuple(record["folders"]),
        command=tuple(record.get("command", ())),
    )
