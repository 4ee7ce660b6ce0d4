# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx → Apache → the socket of a service: a .htaccess a mount, for apps that want Apache's rewrite rules in front.

Pure. mod_rewrite hands a request to mod_proxy by the flag P, the one way that a .htaccess has; its target names the
socket as ProxyPass does (mod_proxy, "Unix Domain Sockets"). Apache is not reloaded for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from .._spec.layout import GATES, MANAGED, ROUTES, SITES, STAGING
from .._spec.release import Release
from .._spec.resources import File
from .._spec.rewrite import Rewrite
from .._syntax import apache

_WEBSOCKET = [apache.directive("RewriteCond", "%{HTTP:Upgrade}", "^websocket$", "[NC]")]
# A request that one of the rules has changed comes here a second time.
_REWRITTEN = apache.directive("RewriteCond", "%{ENV:REDIRECT_STATUS}", ".")
# Apache decodes a path and encodes it anew, which loses encoded slashes; so the path is taken from the request's line.
_AS_SENT = apache.directive("RewriteCond", "%{THE_REQUEST}", "^[^ ]+ (/[^ ?]*)")
# mod_proxy_http would read 16 KB of a body before it connects (its documentation, "Environment Variables").
_STREAM = "E=proxy-prefetch-nonblocking:1"
_PROXY = f"[P,{_STREAM}]"
_PROXY_AS_IT_IS = f"[P,NE,{_STREAM}]"


def staged(release: Release) -> tuple[File, ...]:
    """Where the release is proven, under the public host name."""
    prefixes = sorted({url.prefix for url in release.app.urls})
    return tuple(
        _htaccess(f"{STAGING}/{release.tag}{prefix}", release, prefix, f"{GATES}/{release.unit}") for prefix in prefixes
    )


def live(release: Release) -> tuple[File, ...]:
    """Where the public finds it: by the app's route, so that these files are the same for every release."""
    return tuple(
        _htaccess(f"{SITES}/{url.host}{url.prefix}", release, url.prefix, f"{ROUTES}/{release.app.name}")
        for url in release.app.urls
    )


def rules(rewrites: Iterable[Rewrite], prefix: str) -> list[str]:
    """The operator's own rules, which see paths below the mount."""
    lines = [apache.directive("RewriteEngine", "on"), apache.directive("RewriteBase", f"{prefix}/")]
    for one in rewrites:
        flags = (f"[{','.join(one.flags)}]",) if one.flags else ()
        lines.append(apache.directive("RewriteRule", one.pattern, one.target, *flags))
    return lines


def _htaccess(folder: str, release: Release, prefix: str, socket: str) -> File:
    """Every directive is always there: what one left out would be taken from the app mounted above."""
    lines = [
        apache.directive("PassengerEnabled", "off"),
        # mod_remoteip has taken the header away; mod_proxy is told not to make it up.
        apache.directive("RequestHeader", "set", "X-Forwarded-For", "expr=%{REMOTE_ADDR}"),
        *rules(release.app.rewrite, prefix),
    ]
    for scheme, condition in (("ws", _WEBSOCKET), ("http", [])):
        target = f"unix:{socket}|{scheme}://localhost"
        if release.app.rewrite:
            lines += [*condition, _REWRITTEN, apache.directive("RewriteRule", "^", f"{target}%{{REQUEST_URI}}", _PROXY)]
        lines += [*condition, _AS_SENT, apache.directive("RewriteRule", "^", f"{target}%1", _PROXY_AS_IT_IS)]
    return File(f"{folder}/.htaccess", ("\n".join([MANAGED, *lines]) + "\n").encode())
