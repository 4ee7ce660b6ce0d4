# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenario's nodes as their users reach them: requests at the public port, plays by the operator."""

from __future__ import annotations

import contextlib
import difflib
import functools
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rig import plays
from rig.exchange import Answer, exchange
from rig.load import Load
from rig.plays import Play
from testinfra import get_host
from testinfra.host import Host

SCENARIO = Path(__file__).parents[1]
PORTS = {"mol12": 18112, "mol13": 18113}
NODES = tuple(PORTS)
TENANTS = {"wsgi": "alice", "asgi": "bob"}
KINDS = tuple(TENANTS)


def ask(node: str, url: str, **more: Any) -> Answer:
    """Ask a node for ``host/path`` at its public port; ``more`` as ``exchange`` has it."""
    host, _slash, path = url.partition("/")
    return exchange(PORTS[node], host, path, **more)


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


# Over both nodes, as an operator does.
play = functools.partial(plays.play, SCENARIO)
playing = functools.partial(plays.playing, SCENARIO)


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


def load(threads: int = 2) -> Load[str]:
    """Both apps on both nodes are asked for as long as the ``with`` lasts. threads: at each."""
    places = {f"{node} {kind}": functools.partial(_visit, node, kind) for node in NODES for kind in KINDS}
    return Load(places, threads=threads, pause=0.02, around=1)


def _visit(node: str, kind: str, method: str, body: bytes | None) -> Answer:
    return ask(node, f"{kind}.test/", method=method, body=body)
