# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One column on one node: requests through the node's public port, marks, and a look inside."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import shlex
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

from rig.exchange import Answer, exchange

PORTS = {"srv12": 18122, "srv13": 18123}
NODES = tuple(PORTS)
# How long anything may take on a machine that is busy with the other columns.
PATIENCE = 60.0
_numbers = itertools.count()


class Inside:
    """A root shell on a node, one for all: starting one takes longer than most of what is asked of it."""

    def __init__(self, node: str) -> None:
        self.lock = threading.Lock()
        command = ["podman", "exec", "-i", node, "sh"]
        self.shell = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def run(self, command: str) -> str:
        """The output of a command that may end badly."""
        assert self.shell.stdin
        assert self.shell.stdout
        end = f"--{next(_numbers)}--"
        lines = []
        with self.lock:
            self.shell.stdin.write(f"({command}\n) </dev/null 2>&1; echo; echo {end}\n")
            for line in self.shell.stdout:
                if line == f"{end}\n":
                    break
                lines.append(line)
        return "".join(lines)[:-1]


_insides: dict[str, Inside] = {}
_making = threading.Lock()


def inside(node: str) -> Inside:
    with _making:
        if node not in _insides:
            _insides[node] = Inside(node)
        return _insides[node]


def until(condition: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """The first true value; an error if there is none in time."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@dataclass(frozen=True)
class Site:
    """The app of a column, or (``nap``) the one that falls asleep."""

    node: str
    column: str
    interface: str
    mode: str
    nap: bool = False

    @property
    def app(self) -> str:
        return f"nap-{self.column}" if self.nap else self.column

    @property
    def tenant(self) -> str:
        return f"nap-{self.column}" if self.nap else f"p-{self.column}"

    @property
    def host(self) -> str:
        return f"{self.app}.test"

    @property
    def sleeper(self) -> Site:
        return dataclasses.replace(self, nap=True)

    @property
    def uid(self) -> int:
        return int(self.run(f"id -u {self.tenant}"))

    def run(self, command: str) -> str:
        """A command on the node, as root."""
        return inside(self.node).run(command)

    # Requests.

    def connect(self, timeout: float = PATIENCE) -> socket.socket:
        return socket.create_connection(("127.0.0.1", PORTS[self.node]), timeout=timeout)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str | bytes] | None = None,
        host: str | None = None,
    ) -> Answer:
        """An ordinary request; ``path`` without its first slash, encoded."""
        port, host = PORTS[self.node], host or self.host
        return exchange(port, host, path, method=method, body=body, headers=headers, timeout=PATIENCE)

    @contextlib.contextmanager
    def sent(self, head: str, body: bytes = b"") -> Iterator[socket.socket]:
        """The bytes of a request, on a connection to go on with. ``head``: its lines, without Host."""
        lines = [*head.splitlines()[:1], f"Host: {self.host}", *head.splitlines()[1:], "", ""]
        with contextlib.closing(self.connect()) as wire:
            wire.sendall("\r\n".join(lines).encode() + body)
            yield wire

    def raw(self, head: str, body: bytes = b"", method: str = "GET") -> Answer:
        """A request of which each byte counts."""
        with self.sent(head, body) as wire:
            return received(wire, method)

    # Marks, see process.py of the probe apps.

    @property
    def marks(self) -> str:
        if self.mode == "embedded":
            return f"/srv/probe-marks/{self.app}"
        return f"/srv/hostel/{self.tenant}/{self.app}/data/marks"

    def token(self) -> str:
        """A name for marks that nobody else uses."""
        return f"{os.getpid()}-{next(_numbers)}"

    def make_mark(self, name: str) -> None:
        self.run(f"touch {shlex.quote(f'{self.marks}/{name}')}")

    def read_mark(self, name: str) -> list[str]:
        """Its lines; none if it is not there."""
        return self.run(f"cat {shlex.quote(f'{self.marks}/{name}')} 2>/dev/null").splitlines()

    def has_mark(self, name: str) -> bool:
        return self.run(f"test -e {shlex.quote(f'{self.marks}/{name}')} && echo yes").strip() == "yes"

    def await_mark(self, name: str, patience: float = PATIENCE) -> None:
        until(lambda: self.has_mark(name), patience)


def received(wire: socket.socket, method: str = "GET") -> Answer:
    """The next answer on a connection."""
    response = HTTPResponse(wire, method=method)
    response.begin()
    try:
        return Answer(response.status, response.headers, response.read())
    finally:
        response.close()
