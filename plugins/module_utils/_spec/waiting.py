# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long and how much the servers wait for: the proof of a release, a request, an upload, an idle app."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .fields import Fields
from .problems import Wrong
from .sizes import duration, size
from .values import text, whole

_HOUR = 3600.0
_DAY = 24 * _HOUR
# What may stand in the first line of a request; the prober sends it as it is.
_TARGET = re.compile(r"/[!-\"$-~]*", re.ASCII)
_status = whole(100, 599)

UNLIMITED = 0
# An app that nobody asks for so many seconds sleeps, unless it says otherwise.
IDLE_TIMEOUT: float | None = 300.0


@dataclass(frozen=True)
class Health:
    """path: below the mount; status: inclusive range; timeout: seconds for the whole proof of a release."""

    path: str = "/"
    status: tuple[int, int] = (200, 399)
    timeout: float = 30.0


@dataclass(frozen=True)
class Timeouts:
    """Seconds. connect, read, send: of the front server to the app (read also bounds a silent WebSocket);
    stop: what a process gets to finish its requests."""

    connect: float = 10.0
    read: float = 60.0
    send: float = 60.0
    stop: float = 30.0


def parse_health(fields: Fields | None) -> Health:
    """The section ``health`` of an app."""
    if fields is None:
        return Health()
    health = Health(
        path=fields.get("path", _target, Health.path),
        status=fields.get("status", _statuses, Health.status),
        timeout=fields.get("timeout", duration(1, _HOUR), Health.timeout),
    )
    fields.done()
    return health


def parse_timeouts(fields: Fields | None) -> Timeouts:
    """The section ``timeouts`` of an app."""
    if fields is None:
        return Timeouts()
    timeouts = Timeouts(
        # nginx: "this timeout cannot usually exceed 75 seconds" (proxy_connect_timeout).
        connect=fields.get("connect", duration(1, 75), Timeouts.connect),
        read=fields.get("read", duration(1, _DAY), Timeouts.read),
        send=fields.get("send", duration(1, _DAY), Timeouts.send),
        stop=fields.get("stop", duration(1, 900), Timeouts.stop),
    )
    fields.done()
    return timeouts


def body_limit(value: object) -> int:
    """Bytes of a request's body, or UNLIMITED."""
    if value == "unlimited":
        return UNLIMITED
    try:
        return size(1024)(value)
    except Wrong as wrong:
        raise Wrong(f"{wrong}, or unlimited") from None


def idle_timeout(value: object) -> float | None:
    """Seconds without a request, or None for never."""
    if value == "never":
        return None
    try:
        return duration(1, 30 * _DAY)(value)
    except Wrong as wrong:
        raise Wrong(f"{wrong}, or never") from None


def _target(value: object) -> str:
    path = text(value)
    if not _TARGET.fullmatch(path):
        raise Wrong("must be a path below the app's URL, like /health?full=1: ASCII, encoded, no fragment")
    return path


def _statuses(value: object) -> tuple[int, int]:
    """One status, or the first and the last that are well."""
    if isinstance(value, (list, tuple)):
        if len(value) != 2:
            raise Wrong("must be one status, or two: the first and the last that are well, like [200, 399]")
        first, last = _status(value[0]), _status(value[1])
    else:
        first = last = _status(value)
    if first > last:
        raise Wrong("the first status must not be greater than the last")
    return first, last
