# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release is: its identity, its environment, its record. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ._errors import SpecError
from ._spec.app import App
from ._spec.release import Release
from ._spec.resources import File
from ._syntax import environment

# Raised when this collection makes a release differently from before, so that every app gets a new one.
RELEASE_FORMAT = 2

# What the front or the proof needs, and the processes of a release do not.
_NOT_OF_A_RELEASE = frozenset(
    {"urls", "state", "route", "rewrite", "body_limit", "idle_timeout", "health", "timeouts", "static", "source"}
)


def source_identity(app: App) -> str:
    """What tells one state of the source from another.

    Errors: a source that only the node can identify (git, in_place) must have been resolved to a digest or commit.
    """
    source = app.source
    if source.kind == "package":
        return source.where
    known = source.digest or source.checksum or (source.where if source.kind == "archive" else None)
    if known is None:
        raise SpecError(f"app {app.name}: source.{source.kind}: {source.where!r} has not been looked at yet")
    return known


def release_id(app: App) -> str:
    """12 hex digits that change whenever a process of the app would have to be another one."""
    wanted: dict[str, Any] = {
        name: value for name, value in dataclasses.asdict(app).items() if name not in _NOT_OF_A_RELEASE
    }
    wanted["format"] = RELEASE_FORMAT
    wanted["source"] = [app.source.kind, source_identity(app)]
    wanted["static"] = sorted(folder.path for folder in app.static)
    wanted["stop"] = app.timeouts.stop
    wanted["start"] = app.health.timeout
    wanted["always"] = app.idle_timeout is None
    canonical = json.dumps(wanted, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def environment_file(release: Release) -> File:
    """The environment of everything that runs for this release: server, hooks, byte-compiler.

    The operator's own values come last, so they win.
    """
    app = release.app
    pairs = {
        "HOME": f"/home/{app.tenant}",
        "LANG": "C.UTF-8",
        "LOGNAME": app.tenant,
        "PATH": f"{release.venv}/bin:/usr/local/bin:/usr/bin:/bin",
        "PYTHONUNBUFFERED": "1",
        "USER": app.tenant,
        "VIRTUAL_ENV": release.venv,
    }
    pairs.update(app.env)
    return File(
        release.environment_file,
        environment.render(sorted(pairs.items())),
        mode=0o640,
        group=app.tenant,
        secret=True,
    )


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
