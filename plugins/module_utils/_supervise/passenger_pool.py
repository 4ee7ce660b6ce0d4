# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passenger's processes, asked of Passenger itself: which there are, how one is let go, how a release is started.

Passenger has one idle time for the whole server; with that turned off, the sleeper gives each app its own by this.
"""

from __future__ import annotations

import base64
import contextlib
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


class Unexpected(Exception):
    """Passenger's core runs, and answers with an error."""


@dataclass(frozen=True)
class Process:
    """sessions: requests that it is answering; last_used: seconds of the epoch."""

    pid: int
    sessions: int
    last_used: float


@dataclass(frozen=True)
class Group:
    """name: of a release ("blog@0123456789ab"); core: the folder of the Passenger that has it.

    processes: without those that are detached. starting: how many more are on their way.
    """

    name: str
    core: str
    processes: tuple[Process, ...]
    starting: int = 0


def groups() -> list[Group] | None:
    """All groups; None where no Passenger runs. Raises Unexpected."""
    for core in glob.glob(f"{REGISTRY}/passenger.*"):
        try:
            status, said = _ask(core, "GET", "/pool.xml")
        except OSError:
            # Left by one that was killed.
            continue
        if status != 200:
            raise Unexpected(f"Passenger: /pool.xml was answered with {status}: {said[:200]}")
        # Passenger's own words, told to root alone.
        return [_group(core, one) for one in xml.fromstring(said).iterfind("./supergroups/supergroup/group")]  # noqa: S314
    return None


def let_go(group: Group, timeout: float | None, now: float) -> None:
    """Detach the processes that have had nothing to do for ``timeout`` seconds; each ends by itself."""
    for process in group.processes:
        if timeout is not None and not process.sessions and now - process.last_used >= timeout:
            detach(group.core, process.pid)


def detach(core: str, pid: int) -> None:
    """Have a process finish what it is doing, and end. Those of a Passenger that has ended have done so already."""
    with contextlib.suppress(OSError):
        _ask(core, "POST", "/pool/detach_process.json", json.dumps({"pid": pid}))


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


def _group(core: str, found: xml.Element) -> Group:
    return Group(
        name=found.findtext("name", ""),
        core=core,
        processes=tuple(map(_process, found.iterfind("./processes/process"))),
        starting=int(found.findtext("processes_being_spawned", "0")),
    )


def _process(found: xml.Element) -> Process:
    return Process(
        pid=int(found.findtext("pid", "0")),
        sessions=int(found.findtext("sessions", "0")),
        last_used=int(found.findtext("last_used", "0")) / 1e6,
    )


def _ask(core: str, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    with open(f"{core}/full_admin_password.txt", encoding="ascii") as file:
        token = base64.b64encode(f"admin:{file.read().strip()}".encode()).decode()
    connection = http.client.HTTPConnection("localhost")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(_PATIENCE)
        stream.connect(f"{core}/agents.s/core_api")
        connection.sock = stream
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
