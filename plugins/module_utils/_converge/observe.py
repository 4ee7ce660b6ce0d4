# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on the node: a fixed number of batched reads, no process for what is already right."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._errors import NodeError
from .._node import files, mounts, passenger, pool, units
from .._plan.apps import Live, Observed, wanted_resources
from .._plan.identity import release_id
from .._plan.record import from_record
from .._servers.service import BOOT_TARGETS
from .._spec.app import App
from .._spec.hosting import parse_recorded_app
from .._spec.layout import APPS, GATES, IDLE, PASSENGER_APPS, ROUTES, SITES, STAGING, UNITS, app_home
from .._spec.resources import File, Link, Resource
from .._spec.shared_wsgi import SITE_ENTRIES

# A release in the name of a staging folder or of one of Passenger's groups, and in that of a unit.
_TAG = re.compile(r"(?P<app>[a-z][a-z0-9-]*)@(?P<id>[0-9a-f]{12})")
_UNIT = re.compile(rf"hostel-{_TAG.pattern}(?:\.socket|\.service)?")

# A release, or an app's route, in what a .htaccess says.
_NAMED = re.compile(rf"\b{_TAG.pattern}\b|{re.escape(ROUTES)}/(?P<routed>[a-z][a-z0-9-]*)")


def records() -> dict[str, list[dict[str, Any]]]:
    """Every release that the node knows settings of, by app."""
    return {app: _records_of(app) for app in files.names(APPS)}


def observe(live: Mapping[str, Live]) -> Observed:
    """Read what the live releases of a node have and should have."""
    resources = [wanted_resources(one.release) for one in live.values()]
    paths = {one.path for each in resources for one in (*each.settings, *each.live)}
    for one in live.values():
        paths.add(f"{one.release.settings}/release.json")
    mounted = mounts.observe() if any(each.mounts for each in resources) else frozenset()
    groups = frozenset(passenger.processes())
    seats = pool.seats()
    others = frozenset(files.names(PASSENGER_APPS)) - frozenset(files.names(APPS))
    return Observed(
        live=live,
        files=files.read_all(sorted(paths)),
        active=frozenset(units.active("hostel-*")) if live else frozenset(),
        mounts=frozenset(mounted),
        groups=groups,
        enabled=frozenset(name for target in BOOT_TARGETS for name in files.names(f"{UNITS}/{target}.wants")),
        strays=_without(others, _strays(live, [*groups, *(seat.release for seat in seats)])),
        outdated=_without(others, _outdated({one.path for each in resources for one in each.live})),
        seats=seats,
    )


def live_releases() -> dict[str, Live]:
    """The live release of every app on the node that has one, with the app as it was asked for then."""
    candidates = {
        app: [(record, parse_recorded_app(record["app"])) for record in found] for app, found in records().items()
    }
    links = {f"{app_home(app.tenant, app.name)}/current" for found in candidates.values() for _record, app in found}
    current = files.read_all(sorted(links))
    live: dict[str, Live] = {}
    for name, found in candidates.items():
        for record, app in found:
            if _names(current.get(f"{app_home(app.tenant, app.name)}/current"), record["id"]):
                live[name] = Live(from_record(app, record), record)
    return live


def as_wanted(live: Mapping[str, Live], apps: Iterable[App]) -> dict[str, Live]:
    """The same, where a release is just the wanted one with the app as wanted now: its URLs may be new. Pure."""
    wanted = {app.name: app for app in apps if app.state != "absent" and app.name in live}
    matching = {name: app for name, app in wanted.items() if release_id(app) == live[name].release.id}
    return {
        name: Live(from_record(matching[name], one.record), one.record) if name in matching else one
        for name, one in live.items()
    }


def _without(others: frozenset[str], found: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What belongs to the converge, and not to ``others``, which single modules made."""
    return {app: names for app, names in found.items() if app not in others}


def _strays(live: Mapping[str, Live], groups: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    units_of = (name for folder in (UNITS, GATES, IDLE) for name in files.names(folder))
    matches = [*(_UNIT.fullmatch(name) for name in units_of), *map(_TAG.fullmatch, (*files.names(STAGING), *groups))]
    for match in matches:
        if match and not (match["app"] in live and live[match["app"]].release.id == match["id"]):
            found.setdefault(match["app"], set()).add(match["id"])
    return {app: tuple(sorted(ids)) for app, ids in found.items()}


def _outdated(wanted: set[str]) -> dict[str, tuple[str, ...]]:
    """What lies where the servers look, names a release of some app, and is in no live release's ``wanted``."""
    placed = {f"{folder}/{name}" for folder in (ROUTES, SITE_ENTRIES) for name in files.names(folder)}
    placed |= {f"{folder}/.htaccess" for folder, _folders, names in os.walk(SITES) if ".htaccess" in names}
    found: dict[str, set[str]] = {}
    for path, resource in files.read_all(sorted(placed - wanted)).items():
        app = _app_of(resource)
        if app:
            found.setdefault(app, set()).add(path)
    return {app: tuple(sorted(paths)) for app, paths in found.items()}


def _app_of(resource: Resource) -> str | None:
    """The app that a route or a .htaccess of ours leads to."""
    if isinstance(resource, Link):
        match = _UNIT.fullmatch(os.path.basename(resource.target))
        return match["app"] if match else None
    match = _NAMED.search(resource.content.decode("utf-8", "replace")) if isinstance(resource, File) else None
    return (match["app"] or match["routed"]) if match else None


def _names(link: Resource | None, identity: str) -> bool:
    return isinstance(link, Link) and link.target == f"releases/{identity}"


def _records_of(app: str) -> list[dict[str, Any]]:
    paths = [f"{APPS}/{app}/{identity}/release.json" for identity in files.names(f"{APPS}/{app}")]
    return [_record(found) for found in files.read_all(sorted(paths)).values() if isinstance(found, File)]


def _record(file: File) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(file.content)
    except ValueError as error:
        raise NodeError(f"{file.path}: was altered: {error}; remove it, then run again") from error
    return record
