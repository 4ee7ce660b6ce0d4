# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every bench does around its measuring: the options that all have, what it says meanwhile, and its end."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rig.bars import Bar, report
from rig.inventory import PYTHON
from rig.node import ROOT, Node
from rig.playbook import Ansible

STATE = ROOT / ".cache/bench"
# The collection as it lies in this checkout.
OURS = Ansible("hostel", ROOT / "ansible.cfg")


def say(message: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {message}", flush=True)


def add_suite(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--suite", default="trixie", choices=tuple(PYTHON), help="(default: %(default)s)")


def parse(parser: argparse.ArgumentParser, name: str) -> argparse.Namespace:
    """The command line, by a bench's own options and those that all have. name: the bench's."""
    parser.add_argument("--keep", action="store_true", help="leave what was measured running")
    parser.add_argument("--json", type=Path, default=STATE / f"{name}.json", help="where (default: %(default)s)")
    return parser.parse_args()


def folder(node: Node) -> Path:
    """For all that is written to measure a node."""
    path = STATE / node.name
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def removed(nodes: Iterable[Node], keep: bool) -> Iterator[None]:
    """However the block ends, the nodes are removed then, unless they are to be kept."""
    try:
        yield
    finally:
        if not keep:
            for node in nodes:
                node.remove()


def finish(path: Path, results: Mapping[str, object], judged: list[Bar], table: str) -> int:
    """Print the table, write the results; what the program ends with."""
    print(table)
    ended = report(path, results, judged)
    say(f"written: {path}")
    return ended
