# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a request gets to an app, and what its processes see in its folder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """How a request gets from nginx to the app.

    kind: "socket", by the app's own upstream, or "apache"; protocol: what is spoken there ("http", "uwsgi", "fastcgi");
    streams: bodies go through as they come, and WebSockets too; upstream: which Apache; kept: a connection may carry
    another request after this one.
    """

    kind: str
    protocol: str = "http"
    streams: bool = True
    upstream: str = "hostel_apache"
    kept: bool = True


@dataclass(frozen=True)
class Mount:
    """A bind mount of the folder ``source`` over the empty folder ``target``; both are absolute paths."""

    source: str
    target: str
