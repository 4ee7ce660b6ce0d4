# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passenger's processes, as the sleeper sees them: which rest, and which should run and do not.

Passenger has one idle time for the whole server; with that turned off, this gives each app its own.
"""

from __future__ import annotations

import base64
import glob
import http.client
import json
import socket
import xml.etree.ElementTree as xml
from dataclasses import dataclass

REGISTRY = "/run/hostel-passenger"
# Where nginx asks one release, whoever is live (roles/node, proofs.conf); root's alone.
FRONT = "/run/hostel-front/apache.sock"

_PATIENCE = 10.0
# Enough for the request to arrive; the answer is of no interest.
_SENT = 1.0


@dataclass(frozen=True)
class Process:
    """sessions: requests that it is answering; last_used: seconds of the epoch."""

    pid: int
    sessions: int
    last_used: float


@dataclass(frozen=True)
class Group:
    """name: of a release ("blog@0123456789ab"); core: the folder of the Passenger that has it."""

    name: str
    core: str
    processes: tuple[Process, ...]


def groups() -> list[Group] | None:
    """All groups; None where no Passenger runs."""
    for core in glob.glob(f"{REGISTRY}/passenger.*"):
        try:
            found = xml.fromstring(_ask(core, "GET", "/pool.xml"))  # noqa: S314 (its own words, told to root alone)
        except (ConnectionError, FileNotFoundError):
            # Left by one that was killed.
            continue
        return [
            Group(one.findtext("name", ""), core, tuple(map(_process, one.iterfind("./processes/process"))))
            for one in found.iterfind("./supergroups/supergroup/group")
        ]
    return None


def let_go(group: Group, timeout: float | None, now: float) -> None:
    """Detach the processes that have had nothing to do for ``timeout`` seconds; each ends by itself."""
    for process in group.processes:
        if timeout is not None and not process.sessions and now - process.last_used >= timeout:
            _ask(group.core, "POST", "/pool/detach_process.json", json.dumps({"pid": process.pid}))


def start(tag: str, where: str) -> None:
    """Have a release started by a request of ours. where: host and mount of one of its URLs."""
    host, _slash, prefix = where.partition("/")
    headers = {"Host": host, "X-Hostel-Release": tag, "X-Forwarded-Prefix": f"/{prefix}".rstrip("/")}
    connection = http.client.HTTPConnection("localhost")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(_SENT)
        stream.connect(FRONT)
        connection.sock = stream
        connection.request("GET", f"/{prefix}", headers=headers)


def _process(found: xml.Element) -> Process:
    return Process(
        pid=int(found.findtext("pid", "0")),
        sessions=int(found.findtext("sessions", "0")),
        last_used=int(found.findtext("last_used", "0")) / 1e6,
    )


def _ask(core: str, method: str, path: str, body: str | None = None) -> str:
    with open(f"{core}/full_admin_password.txt", encoding="ascii") as file:
        token = base64.b64encode(f"admin:{file.read().strip()}".encode()).decode()
    connection = http.client.HTTPConnection("localhost")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(_PATIENCE)
        stream.connect(f"{core}/agents.s/core_api")
        connection.sock = stream
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        connection.request(method, path, body, headers)
        return connection.getresponse().read().decode("utf-8", "replace")
