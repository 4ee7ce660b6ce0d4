# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What apps should have on a node against what they have: one change an app at the most. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .._servers.environment import environment_file
from .._servers.model import Resources
from .._servers.registry import SERVERS
from .._spec.app import App
from .._spec.layout import UNITS
from .._spec.release import Release
from .._spec.resources import Link, Resource, is_there
from .._spec.route import Mount
from .._spec.shared_wsgi import Seat
from .changes import DEPLOY, REMOVE, REPAIR, START, STOP, TIDY, Change, file_diff, joined
from .identity import release_id
from .record import record_file


@dataclass(frozen=True)
class Live:
    """What an app has on the node: the release that ``current`` names, and its record."""

    release: Release
    record: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Observed:
    """What was read of a node, for the planning of apps.

    files: what lies at every path that a live release wants; active: units that run or listen;
    mounts: in Apache's namespace; strays: ids of releases, by app, that are not live and yet have units or are staged;
    outdated: paths, by app, at which the servers still look for something of it, and nobody wants that any more;
    groups: of Passenger's processes; enabled: units that a boot starts; seats: releases that have a daemon of the pool.
    """

    live: Mapping[str, Live]
    files: Mapping[str, Resource]
    active: frozenset[str]
    mounts: frozenset[Mount]
    groups: frozenset[str]
    enabled: frozenset[str]
    strays: Mapping[str, tuple[str, ...]]
    outdated: Mapping[str, tuple[str, ...]]
    seats: frozenset[Seat] = frozenset()

    def left(self, app: str) -> tuple[str, ...]:
        """All that is left of an app's earlier releases and URLs."""
        return (*self.strays.get(app, ()), *self.outdated.get(app, ()))


def wanted_resources(release: Release) -> Resources:
    """All that ``release`` needs on the node, its environment included; a stopped one needs no boot to start it."""
    resources = SERVERS[release.server].resources(release)
    stopped = release.app.state == "stopped"
    live = [one for one in resources.live if not (stopped and one.path.startswith(f"{UNITS}/"))]
    return replace(
        resources,
        settings=(environment_file(release), *resources.settings),
        live=(current_link(release), *live),
    )


def to_run(release: Release, resources: Resources) -> tuple[str, ...]:
    """The units that have to be active while an app is started: what may sleep only listens."""
    return resources.sockets if release.app.idle_timeout is not None else resources.sockets + resources.services


def current_link(release: Release) -> Link:
    """Which release is live. It is the first thing to be switched: what a killed run left behind it is drift."""
    return Link(f"{release.home}/current", f"releases/{release.id}")


def plan_apps(apps: Iterable[App], raw: Mapping[str, Mapping[str, Any]], observed: Observed) -> list[Change]:
    """One change an app at the most, in the apps' order. raw: their items in the inventory."""
    listed = list(apps)
    found = [_plan_app(app, raw.get(app.name, {}), observed) for app in listed]
    others = sorted({*observed.strays, *observed.outdated} - {app.name for app in listed})
    found += [_plan_tidy(name, observed) for name in others]
    return [change for change in found if change is not None]


def drifted(live: Live, raw: Mapping[str, Any], observed: Observed) -> list[Resource]:
    """The files of a live release that are not what they should be; its record last."""
    resources = wanted_resources(live.release)
    record = record_file(live.release, raw, live.record["why"])
    wanted = (*resources.settings, *resources.live, record)
    return [one for one in wanted if not is_there(one, observed.files.get(one.path))]


def settings_text(app: App, identity: str) -> str:
    """A release's settings for the eyes of an operator, without the values of the environment.

    Not even a digest of them: what is short enough can be guessed from it.
    """
    lines = [
        f"release: {identity}",
        f"python: {app.python}",
        f"server: {app.server}",
        f"source: {app.source.kind} {app.source.where} {app.source.version or app.source.digest or ''}".rstrip(),
        f"requirements: {', '.join(app.requirements) or app.requirements_file or 'by convention'}",
        *(f"env: {key}=(secret)" for key, _value in sorted(app.env)),
        *(f"persist: {path}" for path in app.persist),
        *(f"before_live: {' '.join(hook.argv)}" for hook in app.before_live),
    ]
    return "\n".join(lines) + "\n"


def _plan_app(app: App, raw: Mapping[str, Any], observed: Observed) -> Change | None:
    live = observed.live.get(app.name)
    if app.state == "absent":
        if live is None:
            return None
        return Change("app", app.name, REMOVE, "state: absent", before=f"release: {live.release.id}\n")
    wanted = release_id(app)
    if live is None or live.release.id != wanted:
        before = f"release: {live.release.id}\n" if live else ""
        reason = "something of it changed" if live else "new"
        return Change("app", app.name, DEPLOY, reason, before, settings_text(app, wanted))
    return _plan_live(app, live, raw, observed)


def _plan_live(app: App, live: Live, raw: Mapping[str, Any], observed: Observed) -> Change | None:
    resources = wanted_resources(live.release)
    active = [unit for unit in (*resources.sockets, *resources.services) if unit in observed.active]
    active += [group for group in resources.groups if group in observed.groups]
    active += [f"{seat.release} in a daemon" for seat in resources.seats if seat in observed.seats]
    missing = [unit for unit in to_run(live.release, resources) if unit not in active]
    missing += [mount.target for mount in resources.mounts if mount not in observed.mounts]
    missing += [f"a daemon for {seat.release}" for seat in resources.seats if seat not in observed.seats]
    missing = [] if app.state == "stopped" else missing
    drift = drifted(live, raw, observed)
    if drift:
        sides = [file_diff(one, observed.files.get(one.path)) for one in drift]
        sides += [(f"{name}: not there\n", f"{name}: there\n") for name in missing]
        reason = ", ".join([*(one.path for one in drift), *missing])
        return Change("app", app.name, REPAIR, reason, **joined(sides))
    if app.state == "stopped":
        enabled = observed.enabled.intersection(resources.sockets + resources.services)
        active += [f"{unit} at the next boot" for unit in sorted(enabled)]
        return Change("app", app.name, STOP, f"state: stopped, but active: {', '.join(active)}") if active else None
    if missing:
        return Change("app", app.name, START, f"not there: {', '.join(missing)}")
    return _plan_tidy(app.name, observed)


def _plan_tidy(app: str, observed: Observed) -> Change | None:
    left = observed.left(app)
    return Change("app", app, TIDY, f"not wanted any more: {', '.join(left)}") if left else None
