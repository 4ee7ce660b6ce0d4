# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which apps the front leads to, and what of nginx's files has to change for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .._front.sites import SERVER_BLOCKS, UPSTREAMS, Served, limits_in, render
from .._servers.choice import REALTIME, by_itself
from .._servers.registry import SERVERS
from .._spec.app import App
from .._spec.hosting import Hosting
from .._spec.resources import File, Resource
from .._spec.route import Route
from .apps import Live, wanted_resources
from .changes import Change, file_diff
from .identity import release_id


@dataclass(frozen=True)
class Front:
    """nginx's files as wanted, and the hosts of which only the deploy can tell how they will look."""

    files: Mapping[str, File]
    unsure: frozenset[str]


def front(hosting: Hosting, live: Mapping[str, Live], found: Mapping[str, Resource]) -> Front:
    """The front of what is live now.

    A live release that is not the wanted one (its successor failed) is led to as it was asked for then; so is an app
    that is in no list. found: nginx's files as they are.
    """
    limits = _limits(hosting, found)
    wanted = {app.name: app for app in hosting.apps}
    served = [
        Served(one.release.app, _route(one), limits.get(one.release.app.tenant))
        for name, one in live.items()
        if name not in wanted or wanted[name].state != "absent"
    ]
    # A path that an app could not be put on yet must not fall to the app above it.
    served += [
        Served(app, None, limits.get(app.tenant))
        for app in hosting.apps
        if app.name not in live and app.state != "absent"
    ]
    return Front(render(served), frozenset())


def expected(hosting: Hosting, live: Mapping[str, Live], found: Mapping[str, Resource]) -> Front:
    """The front as it will be when all that is to be deployed has been."""
    limits = _limits(hosting, found)
    listed = {app.name for app in hosting.apps}
    served = [
        Served(one.release.app, _route(one), limits.get(one.release.app.tenant))
        for name, one in live.items()
        if name not in listed
    ]
    unsure: set[str] = set()
    for app in hosting.apps:
        if app.state == "absent":
            continue
        route = _expected_route(app, live.get(app.name))
        if route is None:
            unsure.update(url.host for url in app.urls)
        served.append(Served(app, route or Route("socket"), limits.get(app.tenant)))
    return Front(render(served, apart=unsure), frozenset(unsure))


def plan_front(wanted: Front, found: Mapping[str, Resource]) -> list[Change]:
    """One change for each of nginx's files that differs."""
    changes = []
    for path in sorted({*wanted.files, *found}):
        if wanted.files.get(path) == found.get(path):
            continue
        before, after = file_diff(wanted.files.get(path), found.get(path))
        name = path.rpartition("/")[2][: -len(".conf")]
        if name in wanted.unsure:
            after = "(depends on what is found in the source)\n"
        action = "remove" if path not in wanted.files else "write"
        kind = "site" if path.startswith(f"{SERVER_BLOCKS}/") else "upstream"
        changes.append(Change(kind, name, action, path, before, after))
    return changes


def ours(found: Mapping[str, Resource], apps: Iterable[str]) -> dict[str, Resource]:
    """Those of nginx's files that lead to apps; others in the same folders belong to whoever put them there."""
    known = {f"{UPSTREAMS}/{app}.conf" for app in apps}
    return {
        path: resource
        for path, resource in found.items()
        if path in known or (isinstance(resource, File) and b"\n    # app " in resource.content)
    }


def _limits(hosting: Hosting, found: Mapping[str, Resource]) -> dict[str, int | None]:
    """Connections by tenant; for one that is in no list, what it has now."""
    limits: dict[str, int | None] = {}
    for resource in found.values():
        if isinstance(resource, File):
            limits.update(limits_in(resource.content))
    limits.update({tenant.name: tenant.limits.connections for tenant in hosting.tenants})
    return limits


def _route(live: Live) -> Route:
    return wanted_resources(live.release).route


def _expected_route(app: App, live: Live | None) -> Route | None:
    if live is not None and (live.release.id == release_id(app) or app.server in ("auto", live.release.server)):
        return _route(live)
    if app.server != "auto":
        server = app.server
    elif app.interface is not None:
        server = by_itself(app, app.interface, ())
        if server != by_itself(app, app.interface, REALTIME):
            # The requirements decide, which may lie in the source.
            return None
    else:
        return None
    return SERVERS[server].route(app)
