# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One application behind a front server, outside of a hosting's lists."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .fields import Fields, item
from .names import app_name
from .paths import absolute
from .problems import Problems, Wrong
from .sizes import duration
from .static import StaticFolder, static_url
from .url import Url, host, url
from .values import boolean, choice, text, whole
from .waiting import Timeouts, body_limit, parse_timeouts

BACKENDS = {"nginx": "/etc/nginx", "apache": "/etc/apache2"}
CONF_DIRS = {"nginx": "/etc/nginx/conf.d", "apache": "/etc/apache2/sites-enabled"}
# The kernel takes 108 bytes of a unix socket's path, with a NUL at the end.
SOCKET_LONGEST = 107
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\s]+):([0-9]{1,5})", re.ASCII)
# What both servers take as the path of a socket without any quoting: Apache takes "|" and "%" for its own.
_SOCKET = re.compile(r"[A-Za-z0-9._/@+:-]+", re.ASCII)
_port = whole(1, 65535)


@dataclass(frozen=True)
class ReverseProxy:
    """upstream: "unix:/path" or "host:port"; static: folders with absolute paths; keepalive: seconds that an idle
    connection to the app is kept; body_limit: bytes, 0 for any, None for the server's default."""

    name: str
    urls: tuple[Url, ...] = ()
    upstream: str = ""
    backend: str = "nginx"
    port: int = 80
    websocket: bool = True
    buffering: bool = False
    static: tuple[StaticFolder, ...] = ()
    timeouts: Timeouts = field(default_factory=Timeouts)
    keepalive: float = 4.0
    body_limit: int | None = None
    conf_dir: str = ""
    state: str = "present"

    @property
    def root(self) -> str:
        """The folder of the front server's whole configuration."""
        return BACKENDS[self.backend]


def parse_reverse_proxy(raw: object, problems: Problems, where: str = "proxy") -> ReverseProxy | None:
    """The module's arguments; None if they are no mapping. What is wrong goes to ``problems``."""
    fields = item(raw, "proxy", where, problems)
    if fields is None:
        return None
    name = fields.need("name", app_name, "")
    backend = fields.get("backend", choice(*BACKENDS), "nginx")
    state = fields.get("state", choice("present", "absent"), "present")
    conf_dir = fields.get("conf_dir", absolute, CONF_DIRS[backend])
    if not conf_dir.startswith(BACKENDS[backend] + "/"):
        fields.wrong("conf_dir", f"{conf_dir!r}: must lie in {BACKENDS[backend]}, where the server's checker looks")
    if state == "absent":
        return ReverseProxy(name, backend=backend, conf_dir=conf_dir, state=state)
    urls = fields.each("urls", url)
    if not urls:
        fields.wrong("urls", "is missing; give at least one host or host/prefix")
    proxy = ReverseProxy(
        name=name,
        urls=urls,
        upstream=fields.need("upstream", upstream, ""),
        backend=backend,
        port=fields.get("port", _port, 80),
        websocket=fields.get("websocket", boolean, True),
        buffering=fields.get("buffering", boolean, False),
        static=_static(fields.sections("static")),
        timeouts=parse_timeouts(fields.section("timeouts")),
        keepalive=fields.get("keepalive", duration(0.1, 3600), 4.0),
        body_limit=fields.get("body_limit", body_limit, None),
        conf_dir=conf_dir,
        state=state,
    )
    fields.done()
    return proxy


def upstream(value: object) -> str:
    """``unix:/path`` or ``host:port``."""
    given = text(value)
    if given.startswith("unix:"):
        path = absolute(given[len("unix:") :])
        if not _SOCKET.fullmatch(path) or len(path) > SOCKET_LONGEST:
            raise Wrong(f"the socket's path may have letters, digits and . _ / @ + : -, {SOCKET_LONGEST} at the most")
        return f"unix:{path}"
    found = _ADDRESS.fullmatch(given)
    if not found:
        raise Wrong("must be unix:/path/of/the.sock or host:port, like 127.0.0.1:8000")
    name = found[1] if found[1].startswith("[") else host(found[1])
    return f"{name}:{_port(found[2])}"


def _static(items: list[Fields]) -> tuple[StaticFolder, ...]:
    folders = []
    for fields in items:
        folders.append(StaticFolder(fields.need("url", static_url, "/x/"), fields.need("path", _folder, "/x")))
        fields.done()
    return tuple(folders)


def _folder(value: object) -> str:
    path = absolute(value)
    if "$" in path:
        raise Wrong("must not hold a $, which the front servers replace")
    return path
