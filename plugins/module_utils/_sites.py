# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apps and their routes → nginx's files: an upstream an app, a server block a host. Pure.

The static configuration of a node (roles/node) brings what these files use: the variables ``$hostel_*``, the zone
``hostel_tenants``, the upstream ``hostel_apache``, what apps are told by uwsgi and FastCGI, and two snippets: the
``listen`` lines, and Apache's key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from . import _locations as locations
from ._spec.app import App
from ._spec.layout import MANAGED, NGINX, ROUTES, app_home
from ._spec.resources import File
from ._spec.route import Route
from ._spec.static import StaticFolder
from ._spec.url import Url
from ._syntax import nginx

# Idle connections that each worker keeps to each app, and for how long: always shorter than the app's own keep-alive,
# so that nginx is the one that closes and no request meets a closing connection.
KEPT = 16
KEPT_SECONDS = 1
# And for how long it goes on using one: so soon is an app that is to end rid of the busiest.
USED_SECONDS = 1

SNIPPETS = f"{NGINX}/snippets"


@dataclass(frozen=True)
class Served:
    """An app that the public may ask for.

    route: the way to its live release, None where it has none; connections: its tenant's limit of requests at a time.
    A stopped app, and one without a route, is answered with 503.
    """

    app: App
    route: Route | None
    connections: int | None = None

    @property
    def running(self) -> bool:
        return self.route is not None and self.app.state == "started"


def render(apps: Iterable[Served]) -> dict[str, File]:
    """All of nginx's files for these apps, by path."""
    served = sorted(apps, key=lambda one: one.app.name)
    files = [
        upstream(one.app.name, one.route.protocol)
        for one in served
        if one.running and one.route and one.route.kind == "socket"
    ]
    hosts: dict[str, list[tuple[Url, Served]]] = {}
    for one in served:
        for url in one.app.urls:
            hosts.setdefault(url.host, []).append((url, one))
    files += [site(host, mounts) for host, mounts in sorted(hosts.items())]
    return {file.path: file for file in files}


def upstream(app: str, protocol: str) -> File:
    """The app's upstream: a link in root's folder that always leads to the socket of the live release.

    Only HTTP has connections that are kept for the next request.
    """
    kept = [
        f"keepalive {KEPT};",
        f"keepalive_timeout {nginx.duration(KEPT_SECONDS)};",
        f"keepalive_time {nginx.duration(USED_SECONDS)};",
    ]
    server = f"server {nginx.literal(f'unix:{ROUTES}/{app}')};"
    lines = locations.block(f"upstream hostel_{app}", [server, *(kept if protocol == "http" else [])])
    return _file(f"{NGINX}/upstreams/{app}.conf", lines)


def site(host: str, mounts: Iterable[tuple[Url, Served]]) -> File:
    """The server block of one host, with every app that is mounted on it."""
    mounted = sorted(mounts, key=lambda pair: pair[0].prefix)
    taken = {f"{url.prefix}/" for url, _one in mounted}
    body = [
        _include("listen"),
        f"server_name {nginx.literal(host)};",
        *locations.proxying(),
        *_headers(upgrade=True),
    ]
    for url, one in mounted:
        body += ["", f"# app {one.app.name}", *_mount(url, one, taken)]
    if "/" not in taken:
        body += ["", *locations.block("location /", ["return 404;"])]
    return _file(f"{NGINX}/sites/{host}.conf", locations.block("server", body))


def _mount(url: Url, one: Served, taken: set[str]) -> list[str]:
    lines = locations.below(url.prefix, _way(url, one))
    if one.running:
        for folder in one.app.static:
            # Where another app is mounted there, that one has the path.
            if url.prefix + folder.url not in taken:
                source, trusted = _folder(one.app, folder)
                lines += locations.files(url.prefix + folder.url, source, trusted, _marks(url, one))
    return lines


def _way(url: Url, one: Served) -> list[str]:
    marks = _marks(url, one)
    if not one.running or one.route is None:
        return [*marks, "return 503;"]
    protocol = one.route.protocol
    waiting = locations.waiting(one.app.timeouts, one.app.body_limit, protocol)
    streaming = locations.unbuffered(protocol) if one.route.streams else []
    if one.route.kind == "apache":
        # Headers of a location replace those of its server block, so all are here again, and the key beside them.
        told = [*_headers(upgrade=one.route.streams), _include("apache")]
        return [*marks, *waiting, *streaming, *told, locations.passing(protocol, one.route.upstream)]
    return [*marks, *waiting, *streaming, locations.passing(protocol, f"hostel_{one.app.name}")]


def _marks(url: Url, one: Served) -> list[str]:
    """Whose request it is: for the log, the limit and the header with the mount."""
    lines = [
        f"set $hostel_app {nginx.string(one.app.name)};",
        f"set $hostel_tenant {nginx.string(one.app.tenant)};",
        f"set $hostel_prefix {nginx.string(url.prefix)};",
    ]
    if one.connections is not None:
        lines.append(f"limit_conn hostel_tenants {one.connections};")
    return lines


def limits_in(site: bytes) -> dict[str, int]:
    """The limit of connections of each tenant, as ``_marks`` wrote it into a site file."""
    found = re.findall(rb'set \$hostel_tenant "([^"]+)";\n[^\n]*\n *limit_conn hostel_tenants ([0-9]+);', site)
    return {tenant.decode(): int(limit) for tenant, limit in found}


def _headers(upgrade: bool) -> list[str]:
    words = ("$hostel_upgrade", "$hostel_connection") if upgrade else ('""', '""')
    return locations.headers("$hostel_host", "$hostel_proto", "$hostel_prefix", *words)


def _include(snippet: str) -> str:
    return f"include {nginx.literal(f'{SNIPPETS}/{snippet}.conf')};"


def _folder(app: App, folder: StaticFolder) -> tuple[str, str]:
    """Where a static folder lies, and how far the way there is root's own.

    What lies in a persisted folder is taken from data/: only the app's processes see it inside the release.
    """
    home = app_home(app.tenant, app.name)
    kept = any(f"{folder.path}/".startswith(name.rstrip("/") + "/") for name in app.persist)
    trusted = f"{home}/data" if kept else f"{home}/current"
    return f"{trusted}/{folder.path}", trusted


def _file(path: str, lines: Iterable[str]) -> File:
    return File(path, ("\n".join([MANAGED, *lines]) + "\n").encode())
