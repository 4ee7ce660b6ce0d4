# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenario's nodes as their users reach them: requests at the public port, plays by the operator."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

SCENARIO = Path(__file__).parents[1]
PORTS = {"mol12": 18112, "mol13": 18113}


@dataclass(frozen=True)
class Answer:
    """What came back. ``told``: the JSON of the probe apps."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        assert self.status == 200, (self.status, self.body[:500])
        return dict(json.loads(self.body))


def ask(
    node: str,
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 30,
) -> Answer:
    """Ask a node for ``host/path`` at its public port."""
    host, _slash, path = url.partition("/")
    connection = HTTPConnection("127.0.0.1", PORTS[node], timeout=timeout)
    try:
        connection.request(method, f"/{path}", body, {"Host": host, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


def play(*arguments: str, node: str | None = None, playbook: str = "hostel.python.apps") -> subprocess.CompletedProcess[str]:
    """Run a playbook as an operator does; the caller looks at how it ended."""
    inventory = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
    limit = ["--limit", node] if node else []
    return subprocess.run(
        ["ansible-playbook", "--inventory", str(inventory), *limit, *arguments, playbook],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MOLECULE_SCENARIO_DIRECTORY": str(SCENARIO)},
    )


def changed(run: subprocess.CompletedProcess[str]) -> bool:
    """Whether a play that went well changed anything."""
    assert run.returncode == 0, run.stdout + run.stderr
    return "changed=0" not in run.stdout


@contextmanager
def sources(tmp_path: Path) -> Iterator[Path]:
    """A copy of the apps' sources to be edited; plays use it with ``-e hostel_source_root=…``."""
    copy = tmp_path / "apps"
    shutil.copytree(SCENARIO / "apps", copy)
    yield copy


@dataclass
class Load:
    """Requests one after the other, in several threads, for as long as the ``with`` lasts."""

    node: str
    url: str
    threads: int = 4
    versions: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __enter__(self) -> Load:
        self._stop = threading.Event()
        self._workers = [threading.Thread(target=self._work, args=(number,)) for number in range(self.threads)]
        for worker in self._workers:
            worker.start()
        time.sleep(0.5)
        return self

    def __exit__(self, *_exception: object) -> None:
        time.sleep(1)
        self._stop.set()
        for worker in self._workers:
            worker.join()

    def _work(self, number: int) -> None:
        """Every second thread posts: what is not repeated by a proxy must not be lost either."""
        body = b"x" * 1000 if number % 2 else None
        while not self._stop.is_set():
            try:
                answer = ask(self.node, self.url, method="POST" if body else "GET", body=body)
                if answer.status == 200:
                    self.versions.append(answer.told["version"])
                else:
                    self.failures.append(f"{answer.status} {answer.body[:200]!r}")
            except (OSError, HTTPException, socket.timeout) as error:
                self.failures.append(repr(error))
            time.sleep(0.01)
