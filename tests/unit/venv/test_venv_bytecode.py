# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Byte code is made without running anything of what it is made for."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.hostel.python.plugins.module_utils._node.run import Ran
from ansible_collections.hostel.python.plugins.module_utils._node.venv_builder import Builder
from ansible_collections.hostel.python.plugins.module_utils._node.venv_bytecode import add_bytecode
from ansible_collections.hostel.python.plugins.module_utils._node.venv_files import FileStore

SITE = f"lib/python3.{sys.version_info.minor}/site-packages"


class _Here(Builder):
    """Runs what it is told to as whoever runs the tests."""

    def run(self, argv: Sequence[str], doing: str, cwd: str, stdin: bytes | None = None) -> Ran:
        done = subprocess.run(list(argv), input=stdin, cwd=cwd, capture_output=True, check=False)
        assert done.returncode == 0, (doing, done.stderr)
        return Ran(tuple(argv), done.returncode, done.stdout.decode(), done.stderr.decode())


def _venv(top: Path, files: dict[str, str]) -> Path:
    venv = top / "out/venv"
    site = venv / SITE
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python").symlink_to(sys.executable)
    (venv / "pyvenv.cfg").write_text(f"home = {os.path.dirname(os.path.realpath(sys.executable))}\n")
    for name, content in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(content)
    return venv


def _made(top: Path, name: str = "tree") -> Path:
    account = pwd.getpwuid(os.getuid())
    builder = _Here(account, "", str(top / "cache"), {}, str(top), "app blog")
    store = FileStore(str(top / "store"))
    for folder in ("store", name + "-bytecode"):
        (top / folder).mkdir(exist_ok=True)
    tree = top / name
    taken = store.take_tree(str(top / "out"), "venv", str(tree), sys.executable, "app blog")
    output = str(top / (name + "-bytecode"))
    add_bytecode(store, taken, builder, sys.executable, str(top / "out/venv"), output, str(tree))
    store.keep(taken)
    return tree


def test_nothing_of_a_package_runs(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    evil = f"import os; open({str(marker)!r}, 'a').close()\n"
    names = ["evil.pth", "sitecustomize.py", "usercustomize.py", "py_compile.py", "json/__init__.py", "evil.py"]
    _venv(tmp_path, dict.fromkeys(names, evil))
    tree = _made(tmp_path)
    assert not marker.exists()
    assert (tree / SITE / "__pycache__" / f"evil.{sys.implementation.cache_tag}.pyc").exists()
    # The trap works: starting the venv's interpreter is what springs it.
    subprocess.run([tree / "bin/python", "-c", ""], check=True)
    assert marker.exists()


def test_byte_code_is_used_whatever_the_times_and_paths_are(tmp_path: Path) -> None:
    _venv(tmp_path, {"mod.py": "def where():\n    return where.__code__.co_filename\n"})
    tree = _made(tmp_path)
    source = tree / SITE / "mod.py"
    os.utime(source, (1, 1))
    code = "import mod; print(mod.__cached__); print(mod.where())"
    ran = subprocess.run([tree / "bin/python", "-B", "-v", "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == [
        str(tree / SITE / "__pycache__" / f"mod.{sys.implementation.cache_tag}.pyc"),
        str(source),
    ]
    assert f"code object from '{source}'" not in ran.stderr


def test_a_file_that_does_not_compile_is_no_error(tmp_path: Path) -> None:
    _venv(tmp_path, {"template.py": "{{ name }} = \n", "nul.py": "x = '\0'\n", "fine.py": "x = 1\n"})
    tree = _made(tmp_path)
    assert os.listdir(tree / SITE / "__pycache__") == [f"fine.{sys.implementation.cache_tag}.pyc"]


def test_later_venvs_link_it(tmp_path: Path) -> None:
    _venv(tmp_path, {"mod.py": "x = 1\n"})
    inside = f"{SITE}/__pycache__/mod.{sys.implementation.cache_tag}.pyc"
    first, second = _made(tmp_path), _made(tmp_path, "second")
    assert (first / inside).stat().st_ino == (second / inside).stat().st_ino
    assert os.listdir(tmp_path / "second-bytecode") == []
