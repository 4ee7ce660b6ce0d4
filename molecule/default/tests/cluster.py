# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenario's nodes as their users reach them: requests at the public port, plays by the operator."""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from testinfra import get_host
from testinfra.host import Host

SCENARIO = Path(__file__).parents[1]
PORTS = {"mol12": 18112, "mol13": 18113}
NODES = tuple(PORTS)
TENANTS = {"wsgi": "alice", "asgi": "bob"}
KINDS = tuple(TENANTS)

Play = subprocess.CompletedProcess


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
    timeout: float = 60,
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


def host(node: str) -> Host:
    """A node's inside, for tests that are about all nodes at once."""
    return get_host(f"podman://{node}")


def on_all(command: str) -> dict[str, str]:
    """The output of a shell command on every node; it has to end well."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(NODES, pool.map(lambda node: host(node).check_output(command), NODES)))


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The lines that ``on_all`` gave only before (``-``) or only after (``+``)."""
    found = []
    for node in NODES:
        lines = difflib.ndiff(before[node].splitlines(), after[node].splitlines())
        found += [f"{node} {line}" for line in lines if line.startswith(("-", "+"))]
    return found


def put(node: str, path: str, content: bytes) -> None:
    """Write a file on a node."""
    subprocess.run(["podman", "exec", "-i", node, "sh", "-c", 'cat > "$1"', "sh", path], input=content, check=True)


@contextlib.contextmanager
def _command(arguments: tuple[str, ...], playbook: str, variables: Mapping[str, Any]) -> Iterator[list[str]]:
    inventory = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(variables, file)
        file.flush()
        yield ["ansible-playbook", "--inventory", str(inventory), "-e", f"@{file.name}", *arguments, playbook]


def _environment() -> dict[str, str]:
    return {**os.environ, "MOLECULE_SCENARIO_DIRECTORY": str(SCENARIO), "ANSIBLE_FORCE_COLOR": "0"}


def play(*arguments: str, playbook: str = "hostel.python.apps", **variables: Any) -> Play[str]:
    """Run a playbook over both nodes as an operator does; the caller looks at how it ended."""
    with _command(arguments, playbook, variables) as command:
        return subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())


@contextlib.contextmanager
def playing(**variables: Any) -> Iterator[subprocess.Popen[str]]:
    """The same play in the background; it has ended when the ``with`` does."""
    with _command((), "hostel.python.apps", variables) as command:
        run = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
        )
        try:
            yield run
            run.communicate()
        finally:
            if run.poll() is None:
                run.send_signal(signal.SIGTERM)
                run.communicate()


def changed(run: Play[str]) -> set[str]:
    """The nodes of which a play that went well changed anything."""
    assert run.returncode == 0, run.stdout + run.stderr
    recap = re.findall(r"^(\S+) +: ok=\d+ +changed=(\d+)", run.stdout, flags=re.MULTILINE)
    assert {node for node, _count in recap} == set(NODES), run.stdout
    return {node for node, count in recap if count != "0"}


def settled(**variables: Any) -> None:
    """A play changes nothing any more."""
    run = play("--diff", **variables)
    assert changed(run) == set(), run.stdout


@contextlib.contextmanager
def sources(tmp_path: Path) -> Iterator[Path]:
    """A copy of the apps' sources to be edited; plays use it with ``hostel_source_root``. Afterwards the nodes are as
    before."""
    copy = tmp_path / "apps"
    shutil.copytree(SCENARIO / "apps", copy)
    try:
        yield copy
    finally:
        restored = play()
    assert changed(restored) == set(NODES)


@dataclass
class Load:
    """Requests one after the other, in several threads a node and app, for as long as the ``with`` lasts."""

    threads: int = 2
    versions: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def __enter__(self) -> Load:  # noqa: PYI034 - Self is newer than the oldest Python here
        self._stop = threading.Event()
        self.versions = {(node, kind): [] for node in NODES for kind in KINDS}
        self._workers = [
            threading.Thread(target=self._work, args=(number, *place))
            for place in self.versions
            for number in range(self.threads)
        ]
        for worker in self._workers:
            worker.start()
        time.sleep(1)
        return self

    def __exit__(self, *_exception: object) -> None:
        time.sleep(1)
        self._stop.set()
        for worker in self._workers:
            worker.join()

    @property
    def seen(self) -> list[set[str]]:
        """For each node and app, the versions that answered."""
        return [set(versions) for versions in self.versions.values()]

    @property
    def last(self) -> set[str]:
        return {versions[-1] for versions in self.versions.values()}

    def _work(self, number: int, node: str, kind: str) -> None:
        """Every second thread posts: what is not repeated by a proxy must not be lost either."""
        body = b"x" * 1000 if number % 2 else None
        while not self._stop.is_set():
            try:
                answer = ask(node, f"{kind}.test/", method="POST" if body else "GET", body=body)
                if answer.status == 200:
                    self.versions[node, kind].append(answer.told["version"])
                else:
                    self.failures.append(f"{node} {kind}: {answer.status} {answer.body[:200]!r}")
            except (OSError, HTTPException) as error:
                self.failures.append(f"{node} {kind}: {error!r}")
            time.sleep(0.02)
