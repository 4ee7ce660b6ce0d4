# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking over a tree that another account may alter: only plain files come through, shared by content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import NodeError
from ansible_collections.hostel.python.plugins.module_utils._node import venv_files
from ansible_collections.hostel.python.plugins.module_utils._node.venv_files import FileStore, Taken, seal

PYTHON = "/opt/hostel/python/3.13/bin/python3"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder of the account, with a venv in it."""
    for folder in ("out/venv/bin", "out/venv/lib/python3.13/site-packages/pkg/__pycache__", "store"):
        (tmp_path / folder).mkdir(parents=True)
    venv = tmp_path / "out/venv"
    (venv / "bin/python").symlink_to("/usr/bin/evil")
    (venv / "bin/python3").symlink_to("python")
    (venv / "lib64").symlink_to("lib")
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    package = venv / "lib/python3.13/site-packages/pkg"
    (package / "__init__.py").write_text("")
    (package / "code.py").write_text("print(1)\n")
    (package / "__pycache__/code.cpython-313.pyc").write_text("forged")
    return tmp_path / "out"


def take(out: Path, name: str = "tree") -> tuple[Path, Taken]:
    store = FileStore(str(out.parent / "store"))
    tree = out.parent / name
    taken = store.take_tree(str(out), "venv", str(tree), PYTHON, "app blog")
    store.keep(taken)
    return tree, taken


def test_links_are_ours_and_byte_code_is_left_out(out: Path) -> None:
    tree, taken = take(out)
    assert os.readlink(tree / "bin/python") == PYTHON
    assert os.readlink(tree / "bin/python3") == "python"
    assert os.readlink(tree / "lib64") == "lib"
    assert not (tree / "lib/python3.13/site-packages/pkg/__pycache__").exists()
    assert sorted(os.path.basename(path) for path, _digest in taken.sources) == ["__init__.py", "code.py"]


def test_no_inode_is_shared_with_the_account(out: Path) -> None:
    tree, _taken = take(out)
    inside = "lib/python3.13/site-packages/pkg/code.py"
    assert (tree / inside).stat().st_ino != (out / "venv" / inside).stat().st_ino
    (out / "venv" / inside).write_text("altered")
    assert (tree / inside).read_text() == "print(1)\n"


def test_the_second_tree_is_hard_links(out: Path) -> None:
    first, _taken = take(out)
    second, taken = take(out, "second")
    inside = "lib/python3.13/site-packages/pkg/code.py"
    assert (first / inside).stat().st_ino == (second / inside).stat().st_ino
    assert taken.fresh == []


def test_modes_keep_nothing_but_the_executable_bit(out: Path) -> None:
    script = out / "venv/bin/tool"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o6777)
    tree, _taken = take(out)
    seal(str(tree))
    assert (tree / "bin/tool").stat().st_mode & 0o7777 == 0o555
    assert (tree / "pyvenv.cfg").stat().st_mode & 0o7777 == 0o444
    assert (tree / "bin").stat().st_mode & 0o7777 == 0o555


def test_the_same_content_with_and_without_the_bit_are_two_files(out: Path) -> None:
    (out / "venv/bin/plain").write_text("same\n")
    (out / "venv/bin/tool").write_text("same\n")
    (out / "venv/bin/tool").chmod(0o755)
    tree, _taken = take(out)
    assert (tree / "bin/plain").stat().st_mode & 0o777 == 0o444
    assert (tree / "bin/tool").stat().st_mode & 0o777 == 0o555


@pytest.mark.parametrize(("place", "target"), [("lib/evil", "/etc/shadow"), ("lib64/x", "y"), ("evil", "../../etc")])
def test_other_links_are_refused(out: Path, place: str, target: str) -> None:
    (out / "venv" / place).symlink_to(target)
    with pytest.raises(NodeError, match=r"app blog: .* symbolic link"):
        take(out)


def test_pipes_are_refused_without_waiting_for_them(out: Path) -> None:
    os.mkfifo(out / "venv/pipe")
    with pytest.raises(NodeError, match="neither a file nor a folder"):
        take(out)


def test_a_link_in_place_of_the_tree_is_not_followed(out: Path) -> None:
    (out / "venv").rename(out / "elsewhere")
    (out / "venv").symlink_to("elsewhere")
    with pytest.raises(OSError, match="venv"):
        take(out)


def test_bounds(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venv_files, "MAX_BYTES", 10)
    with pytest.raises(NodeError, match="larger than"):
        take(out)


def test_collecting_keeps_what_is_used(out: Path) -> None:
    tree, _taken = take(out)
    store = FileStore(str(out.parent / "store"))
    assert store.collect() == 0
    (tree / "pyvenv.cfg").unlink()
    assert store.collect() > 0
    assert sum(len(names) for _folder, _folders, names in os.walk(store.folder)) == 1
