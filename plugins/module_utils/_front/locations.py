# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of nginx's server blocks: headers to the app, locations, redirects, waiting. Pure.

The hosts of a node (``sites``) and a single reverse proxy (``proxy``) are made of the same parts. Every location is
exact or ``^~``, so that the longest prefix alone decides and no regular expression comes between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._spec.waiting import Timeouts
from .._syntax import nginx

# What nginx calls the module that speaks a protocol (Route.protocol).
MODULES = {"http": "proxy", "uwsgi": "uwsgi", "fastcgi": "fastcgi"}

# Names by which an app may be told lies about its client, its host or its mount.
_CLEARED = ("Forwarded", "Proxy", "X-Forwarded-Host", "X-Hostel-Release", "X-Real-IP")


def block(head: str, lines: Iterable[str]) -> list[str]:
    """``head { lines }``, indented."""
    return [f"{head} {{", *(f"    {line}" if line else "" for line in lines), "}"]


def headers(host: str, scheme: str, prefix: str, upgrade: str, connection: str) -> list[str]:
    """What the app is told about the request. The arguments are nginx's expressions, quoted already.

    X-Forwarded-For is overwritten, never appended to: what a client says of itself is not believed. Nothing is said
    twice (X-Real-IP, X-Forwarded-Host): to a server written in Python each header costs as much as 5 % of a request.
    """
    return [
        f"proxy_set_header Host {host};",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        f"proxy_set_header X-Forwarded-Proto {scheme};",
        f"proxy_set_header X-Forwarded-Prefix {prefix};",
        f"proxy_set_header Upgrade {upgrade};",
        f"proxy_set_header Connection {connection};",
        *(f'proxy_set_header {name} "";' for name in _CLEARED),
    ]


def proxying() -> list[str]:
    """How a whole server block talks to apps: kept-alive HTTP/1.1, redirects and answers left as they are."""
    return [
        "proxy_http_version 1.1;",
        "proxy_redirect off;",
        # An app must not have the front fetch another location in its name.
        "proxy_ignore_headers X-Accel-Redirect;",
        # The port that the public uses may be another than ours.
        "absolute_redirect off;",
    ]


def waiting(timeouts: Timeouts, body_limit: int | None, protocol: str = "http") -> list[str]:
    """Timeouts, and the greatest body in bytes (0: any; None: the node's default)."""
    module = MODULES[protocol]
    lines = [
        f"{module}_connect_timeout {nginx.duration(timeouts.connect)};",
        f"{module}_read_timeout {nginx.duration(timeouts.read)};",
        f"{module}_send_timeout {nginx.duration(timeouts.send)};",
    ]
    if body_limit is not None:
        lines.append(f"client_max_body_size {nginx.size(body_limit)};")
    return lines


def unbuffered(protocol: str = "http") -> list[str]:
    """What streams (server-sent events, long uploads) goes through as it comes.

    But a FastCGI app is told the length of a body before it reads it, and of a chunked one nginx only knows that once
    it has all of it. (To a uwsgi app nginx never sends a chunked one before.)
    """
    module = MODULES[protocol]
    uploads = [] if protocol == "fastcgi" else [f"{module}_request_buffering off;"]
    return [f"{module}_buffering off;", *uploads]


def passing(protocol: str, upstream: str) -> str:
    """The directive that hands a request on to an upstream of nginx."""
    scheme = "http://" if protocol == "http" else ""
    return f"{MODULES[protocol]}_pass {scheme}{upstream};"


def below(prefix: str, lines: Sequence[str]) -> list[str]:
    """Everything below a mount. ``/blog`` itself is sent to ``/blog/``, by 307: a POST stays a POST, and no browser
    remembers it after another app has moved there."""
    if not prefix:
        return block("location /", lines)
    target = nginx.string(f"{prefix}/")[:-1] + '$is_args$args"'
    return [
        *block(f"location = {nginx.location(prefix)}", [f"return 307 {target};"]),
        *block(f"location ^~ {nginx.location(prefix + '/')}", lines),
    ]


def files(url: str, folder: str, trusted: str, lines: Sequence[str] = ()) -> list[str]:
    """A folder served by nginx itself: reads only, no hidden files.

    url: with slashes at both ends; folder: absolute, no slash at the end; trusted: the part of it that is root's.
    Behind that a symbolic link is followed only to what its own owner owns.
    """
    return block(
        f"location ^~ {nginx.location(url)}",
        [
            *lines,
            f"alias {nginx.string(folder + '/')};",
            f"disable_symlinks if_not_owner {nginx.string('from=' + trusted)};",
            "if ($request_method !~ ^(GET|HEAD)$) { return 405; }",
            r'if ($uri ~ "/\.(?!well-known/)") { return 404; }',
        ],
    )
