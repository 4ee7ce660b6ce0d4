# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One reverse proxy → files of nginx or Apache. Pure.

A host may belong to several proxies with different prefixes. So it has one server block, which includes what each of
them says about it from ``hostel-locations/<host>-<port>/``. The names of those files begin with a number that is lower
the longer the prefix is, for Apache takes the first of its rules that fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .._spec.layout import MANAGED
from .._spec.resources import File
from .._spec.reverse_proxy import ReverseProxy
from .._spec.static import StaticFolder
from .._spec.url import Url
from .._syntax import apache, nginx
from . import locations

# What a client may not say about itself.
_FORWARDED = (
    "Forwarded",
    "Proxy",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Prefix",
    "X-Forwarded-Server",
    "X-Real-IP",
)


def render(proxy: ReverseProxy) -> list[File]:
    """Its files, in an order in which each one finds what it uses."""
    if proxy.state == "absent":
        return []
    files = [_upstream(proxy)] if proxy.backend == "nginx" else []
    hosts = sorted({url.host for url in proxy.urls})
    for host in hosts:
        lengths = sorted({len(url.prefix) for url in proxy.urls if url.host == host})
        files += [_locations(proxy, host, length) for length in lengths]
    files += [_host(proxy, host) for host in hosts]
    return files


def folder(proxy: ReverseProxy) -> str:
    """Below it lies, host by host, what proxies say about hosts."""
    return f"{proxy.root}/hostel-locations"


def upstream_path(proxy: ReverseProxy) -> str:
    return f"{proxy.conf_dir}/hostel-proxy-{proxy.name}.conf"


def locations_path(proxy: ReverseProxy, site: str, length: int) -> str:
    return f"{folder(proxy)}/{site}/{999 - length:03}-{proxy.name}.conf"


def is_locations(proxy: ReverseProxy, name: str) -> bool:
    """Whether a file of that name holds locations of this proxy."""
    return re.fullmatch(rf"[0-9]{{3}}-{re.escape(proxy.name)}\.conf", name) is not None


def host_path(proxy: ReverseProxy, site: str) -> str:
    return f"{proxy.conf_dir}/hostel-host-{site}.conf"


def _host(proxy: ReverseProxy, host: str) -> File:
    site = f"{host}-{proxy.port}"
    included = f"{folder(proxy)}/{site}/*.conf"
    if proxy.backend == "apache":
        lines = [
            f"<VirtualHost *:{proxy.port}>",
            f"    {apache.directive('ServerName', host)}",
            "    ProxyPreserveHost On",
            "    AllowEncodedSlashes NoDecode",
            # mod_proxy adds the client's address and the host itself, but to what the client said of them.
            *(f"    {apache.directive('RequestHeader', 'unset', name)}" for name in _FORWARDED),
            "    RequestHeader set X-Forwarded-Proto expr=%{REQUEST_SCHEME}",
            f"    {apache.directive('Include', included)}",
            "</VirtualHost>",
        ]
    else:
        lines = locations.block(
            "server",
            [
                f"listen {proxy.port};",
                f"listen [::]:{proxy.port};",
                f"server_name {nginx.literal(host)};",
                "# Where nothing is mounted there is nothing.",
                "root /nonexistent;",
                "log_not_found off;",
                *locations.proxying(),
                f"include {nginx.literal(included)};",
            ],
        )
    return _file(host_path(proxy, site), lines)


def _locations(proxy: ReverseProxy, host: str, length: int) -> File:
    lines = [f"# proxy {proxy.name}"]
    for url in proxy.urls:
        if url.host == host and len(url.prefix) == length:
            lines += _apache_mount(proxy, url) if proxy.backend == "apache" else _nginx_mount(proxy, url)
    return _file(locations_path(proxy, f"{host}-{proxy.port}", length), lines)


def _upstream(proxy: ReverseProxy) -> File:
    kept = ["keepalive 16;", f"keepalive_timeout {nginx.duration(proxy.keepalive)};"]
    lines = locations.block(f"upstream {_name(proxy)}", [f"server {nginx.literal(proxy.upstream)};", *kept])
    asked, answered = f"${_name(proxy)}_upgrade", f"${_name(proxy)}_connection"
    lines += locations.block(f"map $http_upgrade {asked}", ['default "";', '"~*^websocket$" websocket;'])
    lines += locations.block(f"map {asked} {answered}", ["default upgrade;", '"" "";'])
    return _file(upstream_path(proxy), lines)


def _nginx_mount(proxy: ReverseProxy, url: Url) -> list[str]:
    words = ('""', '""')
    if proxy.websocket:
        words = (f"${_name(proxy)}_upgrade", f"${_name(proxy)}_connection")
    lines = locations.below(
        url.prefix,
        [
            *locations.waiting(proxy.timeouts, proxy.body_limit),
            *([] if proxy.buffering else locations.unbuffered()),
            *locations.headers("$http_host", "$scheme", nginx.string(url.prefix), *words),
            f"proxy_pass http://{_name(proxy)};",
        ],
    )
    for one in proxy.static:
        lines += locations.files(url.prefix + one.url, one.path, one.path)
    return lines


def _apache_mount(proxy: ReverseProxy, url: Url) -> list[str]:
    mount = f"{url.prefix}/"
    lines: list[str] = []
    for one in proxy.static:
        lines += _apache_folder(mount[:-1] + one.url, one)
    if url.prefix:
        alone = f"^{nginx.regex(url.prefix)}$"
        lines.append(apache.directive("ProxyPassMatch", alone, "!"))
        lines.append(apache.directive("RedirectMatch", "307", alone, mount))
    # The files with the longer prefixes come first, and what they have set stays.
    said = [apache.directive("RequestHeader", "setifempty", "X-Forwarded-Prefix", url.prefix)] if url.prefix else []
    limit = [] if proxy.body_limit is None else [f"LimitRequestBody {proxy.body_limit}"]
    lines += apache.location(mount, [*said, *limit])
    target = f"http://{proxy.upstream}{mount}"
    if proxy.upstream.startswith("unix:"):
        target = f"{proxy.upstream}|http://{_name(proxy)}{mount}"
    wait = proxy.timeouts
    options = [
        "nocanon",
        f"connectiontimeout={_whole(wait.connect)}",
        f"timeout={_whole(wait.read)}",
        f"ttl={_whole(proxy.keepalive)}",
        *([] if proxy.buffering else ["flushpackets=on"]),
        *(["upgrade=websocket"] if proxy.websocket else []),
    ]
    lines.append(apache.directive("ProxyPass", mount, target, *options))
    return lines


def _apache_folder(mount: str, one: StaticFolder) -> list[str]:
    return [
        apache.directive("ProxyPass", mount, "!"),
        apache.directive("Alias", mount, f"{one.path}/"),
        f"<Directory {apache.argument(one.path)}>",
        "    AllowOverride None",
        "    Options SymLinksIfOwnerMatch",
        "    Require method GET HEAD",
        "</Directory>",
        *apache.location(mount, ['<If "%{REQUEST_URI} =~ m#/\\.(?!well-known/)#">', "    Require all denied", "</If>"]),
    ]


def _whole(seconds: float) -> str:
    return str(max(1, round(seconds)))


def _name(proxy: ReverseProxy) -> str:
    return "hostel_proxy_" + proxy.name.replace("-", "_")


def _file(path: str, lines: Iterable[str]) -> File:
    return File(path, ("\n".join([MANAGED, *lines]) + "\n").encode())
