# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports between the rooms of module_utils go the way that docs/architecture.md says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"
ROOMS = PLUGINS / "module_utils"

# Which rooms each room may import, beside itself and _errors.
BELOW = {
    "_spec": {"_syntax"},
    "_syntax": {"_spec"},
    "_launch": set(),
    "_supervise": set(),
    "_discover": {"_spec", "_syntax"},
    "_servers": {"_spec", "_syntax", "_launch", "_supervise"},
    "_front": {"_spec", "_syntax"},
    "_plan": {"_spec", "_syntax", "_servers", "_front"},
    "_node": {"_spec", "_syntax", "_supervise"},
    "_converge": {"_spec", "_syntax", "_discover", "_servers", "_front", "_plan", "_node"},
}
# What touches the machine; no pure room knows of it.
MACHINE = {"ctypes", "fcntl", "grp", "io", "os", "pathlib", "pwd", "shutil", "socket", "subprocess", "tempfile"}
PURE = {"_spec", "_syntax", "_discover", "_servers", "_front", "_plan"}


def imported(path: Path) -> set[str]:
    """What a file of a room imports: ``_room.module`` for what is the collection's, dotted names for the rest."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = {0: "", 1: path.parent.name, 2: ""}[node.level]
            module = ".".join(filter(None, (start, node.module)))
            found |= {f"{module}.{alias.name}".lstrip(".") for alias in node.names}
    return found


def rooms_of(names: set[str]) -> set[str]:
    return {match[0] for match in (re.match(r"_[a-z]+(?=\.|$)", name) for name in names) if match}


@pytest.mark.parametrize("room", sorted(BELOW))
def test_a_room_imports_only_what_lies_below_it(room):
    files = sorted((ROOMS / room).glob("*.py"))
    assert len(files) > 1
    for file in files:
        assert rooms_of(imported(file)) <= {room, "_errors"} | BELOW[room], file


def test_every_file_is_in_a_room():
    assert {path.name for path in ROOMS.iterdir() if path.name != "__pycache__"} == {*BELOW, "_errors.py"}


@pytest.mark.parametrize("room", sorted(PURE))
def test_what_is_pure_touches_no_machine(room):
    for file in (ROOMS / room).glob("*.py"):
        assert not {name.partition(".")[0] for name in imported(file)} & MACHINE, file


def test_the_machine_knows_no_server():
    for file in (ROOMS / "_node").glob("*.py"):
        assert not {name for name in imported(file) if name.startswith("_spec.servers.")}, file
