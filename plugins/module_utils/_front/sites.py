# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apps and their routes → nginx's files: an upstream an app, a server block a host. Pure.

Hosts of one app each that are answered alike, but for the app's name, share a server block: one of its own takes 32 KB
of nginx's memory, a line in a map some hundred bytes.

The static configuration of a node (roles/node) brings what these files use: the variables ``$hostel_*``, the zone
``hostel_tenants``, the upstreams of the node's Apaches, what apps are told by uwsgi and FastCGI, and two snippets: the
``listen`` lines, and Apache's key.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from .._spec.app import App
from .._spec.layout import MANAGED, NGINX, ROUTES, app_home
from .._spec.resources import File
from .._spec.route import Route
from .._spec.static import StaticFolder
from .._spec.url import Url
from .._syntax import nginx
from . import locations

# Idle connections that each worker keeps to each app, and for how long: always shorter than the app's own keep-alive,
# so that nginx is the one that closes and no request meets a closing connection. One more costs 152 bytes an app; too
# few, and a busy app is connected to anew for many requests: with 8, gunicorn's ASGI worker served 64 clients a quarter
# slower than with 64.
KEPT = 32
KEPT_SECONDS = 1
# And for how long it goes on using one: so soon is an app that is to end rid of the busiest.
USED_SECONDS = 1

# Of so many lengths are the names of upstreams; see upstream_name.
LENGTHS = 64
# The variable that holds the upstream's name where several apps share a server block.
UPSTREAM = "$hostel_upstream"

SERVER_BLOCKS = f"{NGINX}/sites"
UPSTREAMS = f"{NGINX}/upstreams"
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


def render(apps: Iterable[Served], apart: Collection[str] = ()) -> dict[str, File]:
    """All of nginx's files for these apps, by path. apart: hosts that get a file of their own in any case."""
    served = sorted(apps, key=lambda one: one.app.name)
    files = [
        upstream(one.app.name, one.route)
        for one in served
        if one.running and one.route and one.route.kind == "socket"
    ]
    hosts: dict[str, list[tuple[Url, Served]]] = {}
    for one in served:
        for url in one.app.urls:
            hosts.setdefault(url.host, []).append((url, one))
    alike: dict[tuple[str, ...], list[tuple[str, App]]] = {}
    for host, mounts in sorted(hosts.items()):
        if host in apart or not _plain(mounts):
            files.append(site(host, mounts))
        else:
            one = mounts[0][1]
            alike.setdefault((*_limit(one), *_answer(one, UPSTREAM)), []).append((host, one.app))
    files += [shared_site(answer, named) for answer, named in alike.items()]
    return {file.path: file for file in files}


def _plain(mounts: Sequence[tuple[Url, Served]]) -> bool:
    """Whether a host is one app's, from the root on, and nothing but the app answers there."""
    (url, one), *others = mounts
    return not (others or url.prefix or (one.running and one.app.static))


def upstream(app: str, route: Route) -> File:
    """The app's upstream: a link in root's folder that always leads to the socket of the live release.

    Only HTTP has connections that are kept for the next request.
    """
    lines = [f"server {nginx.literal(f'unix:{ROUTES}/{app}')};"]
    if route.kept and route.protocol == "http":
        lines += [
            f"keepalive {KEPT};",
            f"keepalive_timeout {nginx.duration(KEPT_SECONDS)};",
            f"keepalive_time {nginx.duration(USED_SECONDS)};",
        ]
    return _file(f"{UPSTREAMS}/{app}.conf", locations.block(f"upstream {upstream_name(app)}", lines))


def upstream_name(app: str) -> str:
    """What the app's upstream is called: no other app's, nor one of the node's own, is called so.

    Where a variable names it, nginx looks through all upstreams, one by one, and compares lengths first
    (ngx_http_upstream_init_request). A thousand names of one length cost a request 47 us, of many lengths 3.
    """
    return f"hostel_{app}_" + "_" * (zlib.crc32(app.encode()) % LENGTHS)


def site(host: str, mounts: Iterable[tuple[Url, Served]]) -> File:
    """The server block of one host, with every app that is mounted on it."""
    mounted = sorted(mounts, key=lambda pair: pair[0].prefix)
    taken = {f"{url.prefix}/" for url, _one in mounted}
    body = _head([host])
    for url, one in mounted:
        body += ["", f"# app {one.app.name}", *_mount(url, one, taken)]
    if "/" not in taken:
        body += ["", *locations.block("location /", ["return 404;"])]
    return _file(f"{SERVER_BLOCKS}/{host}.conf", locations.block("server", body))


def shared_site(answer: Sequence[str], named: Sequence[tuple[str, App]]) -> File:
    """The server block of all hosts with this answer, and the maps that tell it whose the host is.

    It is named by what it answers, with a sign that no host has, so that adding a host adds lines to one file.
    """
    name = hashlib.sha256("\n".join(answer).encode()).hexdigest()[:12]
    app, tenant, upstream = (f"$hostel_{what}_{name}" for what in ("app", "tenant", "upstream"))
    apps, tenants, upstreams = [], [], []
    for host, one in named:
        # A backslash in front: a host's name is never taken for one of map's own words.
        key = nginx.literal(f"\\{host}")
        apps += [f"# app {one.name}", f"{key} {nginx.string(one.name)};"]
        tenants.append(f"{key} {nginx.string(one.tenant)};")
        upstreams.append(f"{key} {nginx.string(upstream_name(one.name))};")
    leads = any(UPSTREAM in line for line in answer)
    marks = [*([f"set {UPSTREAM} {upstream};"] if leads else []), *_marks(app, tenant, nginx.string(""))]
    location = locations.below("", [*marks, *answer])
    lines = [
        *locations.block(f"map $host {app}", apps),
        *locations.block(f"map $host {tenant}", tenants),
        *(locations.block(f"map $host {upstream}", upstreams) if leads else []),
        *locations.block("server", [*_head([host for host, _one in named]), "", *location]),
    ]
    return _file(f"{SERVER_BLOCKS}/_shared-{name}.conf", lines)


def _head(hosts: Iterable[str]) -> list[str]:
    names = [f"server_name {nginx.literal(host)};" for host in hosts]
    return [_include("listen"), *names, *locations.proxying(), *_headers(upgrade=True)]


def _mount(url: Url, one: Served, taken: set[str]) -> list[str]:
    words = (one.app.name, one.app.tenant, url.prefix)
    marks = [*_marks(*(nginx.string(word) for word in words)), *_limit(one)]
    lines = locations.below(url.prefix, [*marks, *_answer(one, upstream_name(one.app.name))])
    if one.running:
        for folder in one.app.static:
            # Where another app is mounted there, that one has the path.
            if url.prefix + folder.url not in taken:
                source, trusted = _folder(one.app, folder)
                lines += locations.files(url.prefix + folder.url, source, trusted, marks)
    return lines


def _answer(one: Served, named: str) -> list[str]:
    """How a request for the app is answered. named: its upstream, or the variable that holds its name."""
    if not one.running or one.route is None:
        return ["return 503;"]
    protocol = one.route.protocol
    waiting = locations.waiting(one.app.timeouts, one.app.body_limit, protocol)
    streaming = locations.unbuffered(protocol) if one.route.streams else []
    if one.route.kind == "apache":
        # Headers of a location replace those of its server block, so all are here again, and the key beside them.
        told = [*_headers(upgrade=one.route.streams), _include("apache")]
        return [*waiting, *streaming, *told, locations.passing(protocol, one.route.upstream)]
    return [*waiting, *streaming, locations.passing(protocol, named)]


def _marks(app: str, tenant: str, prefix: str) -> list[str]:
    """Whose request it is, in nginx's expressions: for the log, the limit and the header with the mount."""
    return [
        f"set $hostel_app {app};",
        f"set $hostel_tenant {tenant};",
        f"set $hostel_prefix {prefix};",
    ]


def _limit(one: Served) -> list[str]:
    return [] if one.connections is None else [f"limit_conn hostel_tenants {one.connections};"]


def limits_in(site: bytes) -> dict[str, int]:
    """The limit of connections of each tenant, as ``site`` or ``shared_site`` wrote it."""
    found = re.findall(
        rb'set \$hostel_tenant (?:"([^"]+)"|\$\w+);\n[^\n]*\n *limit_conn hostel_tenants ([0-9]+);', site
    )
    limits: dict[str, int] = {}
    for tenant, limit in found:
        limits.update({name.decode(): int(limit) for name in ([tenant] if tenant else _tenants_in(site))})
    return limits


def _tenants_in(shared: bytes) -> list[bytes]:
    """The tenants in the map of a shared server block."""
    values = re.search(rb"^map \$host \$hostel_tenant_\w+ \{\n(.*?)^\}", shared, re.DOTALL | re.MULTILINE)
    return re.findall(rb' "([^"]+)";\n', values[1]) if values else []


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
