# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a release for its health page, through the real servers, before the public may."""

from __future__ import annotations

import http.client
import os
import re
import socket
import time
from dataclasses import dataclass

from .._errors import NodeError
from .._spec.app import App
from .._spec.layout import FRONT
from .._spec.release import Release
from .._spec.route import Route
from . import units
from .run import tail

APACHE_LOG = "/var/log/apache2/error.log"

# What a server that is still starting answers, the front server in its place among them.
_NOT_YET = (429, 502, 503, 504)
# Some applications fail the very first request and then never again.
_TRIES = 3
_PAUSE = 0.3
# Of the page, for the operator's eyes.
_BODY = 64 * 1024
_SHOWN = 12
# Of Apache's log: bytes at most, and lines for the operator's eyes.
_READ, _LOGGED = 1 << 20, 30
# Where a record begins: "[Sun Nov 22 …" of Apache, "[ E 2026-11-22 …" or "App 123 output: …" of Passenger.
_RECORD = re.compile(r"^(?=\[ ?[A-Z])|^(?=App [0-9]+ output:)", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """status: None where there was none, and ``body`` says why."""

    status: int | None
    body: str


class _Connection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def prove(release: Release, route: Route) -> None:
    """Ask for the health page until its status is as wanted, for ``health.timeout`` seconds at the most.

    The request goes the public's way, but to this release, over a listener that only root can reach. Raises NodeError
    with the last answer and what the app itself logged.
    """
    health = release.app.health
    first, last = health.status
    began = time.time()
    logged = _size(APACHE_LOG)
    deadline = time.monotonic() + health.timeout
    tries = 0
    while True:
        asked = time.time()
        answer = ask(release, route, max(deadline - time.monotonic(), 0.1))
        if answer.status is not None and first <= answer.status <= last:
            return
        tries += 0 if answer.status in (None, *_NOT_YET) else 1
        if tries >= _TRIES or time.monotonic() + _PAUSE >= deadline:
            own = _log(release, asked) or _log(release, began) or _before(release, route, logged)
            raise NodeError(*_complaint(release.app, answer), *(["the app's own log:", *own] if own else []))
        time.sleep(_PAUSE)


def ask(release: Release, route: Route, timeout: float) -> Answer:
    """One request for the health page of a release, at the first URL of its app."""
    url = release.app.urls[0]
    connection = _Connection(listener(route), timeout)
    try:
        connection.putrequest("GET", url.prefix + release.app.health.path, skip_host=True, skip_accept_encoding=True)
        for name, value in (
            ("Host", url.host),
            ("User-Agent", "hostel-proof"),
            ("Accept", "*/*"),
            ("X-Forwarded-Prefix", url.prefix),
            ("X-Hostel-Release", release.tag),
            ("Connection", "close"),
        ):
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return Answer(response.status, response.read(_BODY).decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException) as error:
        return Answer(None, "no answer in time" if isinstance(error, socket.timeout) else str(error) or repr(error))
    finally:
        connection.close()


def listener(route: Route) -> str:
    """The front's private socket for a route."""
    name = route.upstream[len("hostel_") :] if route.kind == "apache" else route.protocol
    return f"{FRONT}/{name}.sock"


def _complaint(app: App, answer: Answer) -> list[str]:
    first, last = app.health.status
    asked = f"app {app.name}: health: {str(app.urls[0]) + app.health.path!r}"
    if answer.status is None:
        return [f"{asked} was not answered within {app.health.timeout:g} s: {answer.body}"]
    wanted = str(first) if first == last else f"{first} to {last}"
    return [f"{asked} answered {answer.status}, wanted is {wanted}", *_beginning(answer.body)]


def _log(release: Release, since: float) -> list[str]:
    return units.journal_of(f"hostel-{release.app.name}", since)


def _before(release: Release, route: Route, logged: int) -> list[str]:
    """A service may have said all it had to say while it was started; Passenger speaks in Apache's log."""
    if route.kind == "apache":
        return about(release, _since(APACHE_LOG, logged))
    return units.journal(f"hostel-{release.tag}.service")


def _beginning(body: str) -> list[str]:
    lines = [line.rstrip() for line in body.splitlines() if line.strip()]
    return [line[:200] for line in lines[:_SHOWN]]


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def about(release: Release, log: str) -> list[str]:
    """What a log of Apache's says of one release: many apps are proven at the same time, and what a neighbour's app has
    said is nobody else's to read. What an app itself prints is in its journal; here lines of it, without a word whose
    they are, begin with "App"."""
    records = [one for one in _RECORD.split(log) if not one.startswith("App ")]
    return tail("".join(one for one in records if release.folder in one or release.tag in one), _LOGGED)


def _since(path: str, size: int) -> str:
    try:
        with open(path, "rb") as file:
            file.seek(size)
            return file.read(_READ).decode("utf-8", "replace")
    except OSError:
        return ""
