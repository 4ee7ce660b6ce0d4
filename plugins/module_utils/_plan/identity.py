# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tells one release of an app from another. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

from .._errors import SpecError
from .._spec.app import App

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
