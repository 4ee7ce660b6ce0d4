# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
import sys

import pytest
from ansible_collections.hostel.python.plugins.module_utils._node import program_bytecode, workbench
from ansible_collections.hostel.python.plugins.module_utils._spec.resources import File


@pytest.fixture
def compiled(tmp_path, monkeypatch):
    """A module with byte code, and how to import it with everything that Python says about that."""
    source = tmp_path / "module.py"
    source.write_text("VALUE = 1\n")

    def write(file: File, durable: bool) -> None:
        path = tmp_path / file.path
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(file.content)

    monkeypatch.setattr(workbench, "account", lambda: None)
    monkeypatch.setattr(program_bytecode.files, "write", write)
    program_bytecode.compile_programs(sys.executable, (str(source),))

    def imported() -> str:
        argv = [sys.executable, "-B", "-v", "-c", "import module; print(module.VALUE)"]
        ran = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True)
        return ran.stdout + ran.stderr

    return source, imported


def test_python_uses_it(compiled):
    source, imported = compiled
    (target,) = source.parent.glob("__pycache__/*.pyc")
    assert f"# code object from '{target}'" in imported()


def test_python_uses_the_source_where_that_has_changed_since(compiled):
    source, imported = compiled
    source.write_text("VALUE = 2\n")
    assert imported().startswith("2\n")


def test_without_modules_nothing_is_started():
    program_bytecode.compile_programs("/nonexistent", ())
