# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which interpreter answers which declaration, and who compiles it for whom."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.action.python_version import best_artifact
from ansible_collections.hostel.python.plugins.filter.build_hosts import build_hosts
from ansible_collections.hostel.python.plugins.module_utils._node import interpreter_build, interpreter_uv
from ansible_collections.hostel.python.plugins.module_utils._node.interpreter_check import matches
from ansible_collections.hostel.python.plugins.module_utils._node.interpreter_stamp import Stamp, identity
from ansible_collections.hostel.python.plugins.module_utils._spec.problems import Problems
from ansible_collections.hostel.python.plugins.module_utils._spec.python import PythonVersion, parse_python

BUILD = PythonVersion("3.14", "build", tarball="/a.tar.xz", checksum="sha256:" + "0" * 64)


@pytest.mark.parametrize(
    ("declared", "full", "same"),
    [
        ("3.14", "3.14.7", True),
        ("3.14.7", "3.14.7", True),
        ("3.14.7", "3.14.70", False),
        ("3.1", "3.14.7", False),
        ("3.15", "3.15.0rc1", True),
        ("3.15.0", "3.15.0rc1", False),
        ("3.15.0rc1", "3.15.0rc1", True),
    ],
)
def test_a_version_stands_for_all_of_its_own(declared, full, same):
    assert matches(declared, full) is same


def test_where_it_is_fetched_from_does_not_make_another_interpreter():
    assert identity(BUILD) == identity(PythonVersion("3.14", "build", tarball="/b.tar.xz", checksum=BUILD.checksum))
    assert identity(BUILD) == identity(PythonVersion("3.14", "build", checksum=BUILD.checksum, pack="/p.tar.xz"))


@pytest.mark.parametrize(
    "change",
    [{"flags": ("--enable-shared",)}, {"optimize": True}, {"checksum": "sha256:" + "1" * 64}, {"version": "3.13"}],
)
def test_what_it_is_made_of_does(change):
    assert identity(BUILD) != identity(PythonVersion(**{**vars(BUILD), **change}))


def test_a_packed_build_answers_the_build_and_the_archive():
    packed = PythonVersion("3.14", "archive", archive="/p.tar.xz", checksum="sha256:" + "2" * 64)
    stamp = Stamp("3.14.7", identity(packed), identity(BUILD))
    assert stamp.answers(BUILD)
    assert stamp.answers(packed)
    assert not stamp.answers(PythonVersion("3.14", "uv"))


def test_declared_flags_come_last():
    arguments = interpreter_build.configure(PythonVersion("3.14", "build", flags=("--prefix=/x", "CFLAGS=-O1")))
    assert arguments[0] == "--prefix=/opt/hostel/python/3.14"
    assert arguments[-2:] == ["--prefix=/x", "CFLAGS=-O1"]
    assert "--enable-optimizations" not in arguments
    assert "--enable-optimizations" in interpreter_build.configure(PythonVersion("3.14", "build", optimize=True))


def test_uv_is_told_where_to_look():
    argv = interpreter_uv.command(PythonVersion("3.12", "uv", mirror="/mnt/builds", downloads="/mnt/list.json"), "/w")
    assert argv[argv.index("--mirror") + 1] == "file:///mnt/builds"
    assert argv[argv.index("--python-downloads-json-url") + 1] == "/mnt/list.json"
    assert argv[-1] == "3.12"


def answer(libc, *present, machine="x86_64"):
    return {"answer": {"platform": {"libc": libc, "machine": machine}, "builds": [{"present": one} for one in present]}}


def test_nobody_compiles_what_all_have():
    assert build_hosts(["a", "b"], {"a": answer("2.36", True), "b": answer("2.41", True)}, "answer") == []


def test_the_oldest_node_compiles():
    nodes = {"a": answer("2.41", False), "b": answer("2.36", False), "c": answer("2.36", False)}
    assert build_hosts(list(nodes), nodes, "answer") == ["b"]
    assert build_hosts(list(nodes), nodes, "answer", "c") == ["c"]


def test_of_equal_nodes_the_one_that_only_has_to_pack_does():
    nodes = {"a": answer("2.36", False), "b": answer("2.36", True)}
    assert build_hosts(list(nodes), nodes, "answer") == ["b"]


def test_each_kind_of_processor_has_its_own():
    nodes = {"a": answer("2.41", False), "b": answer("2.41", False, machine="aarch64"), "c": {}}
    assert sorted(build_hosts(list(nodes), nodes, "answer")) == ["a", "b"]


def test_a_packed_build_is_used_where_it_can_be_loaded(tmp_path):
    for libc in ("2.9", "2.36", "2.41"):
        (tmp_path / f"python-3.14-0-x86_64-glibc{libc}.tar.zst").write_text("")
    (tmp_path / "python-3.14-0-aarch64-glibc2.36.tar.zst").write_text("")
    (tmp_path / "python-3.14-0-x86_64-glibc2.36.tar.zst.part").write_text("")
    name = "python-3.14-0-x86_64"
    assert best_artifact(str(tmp_path), name, "2.36") == str(tmp_path / f"{name}-glibc2.36.tar.zst")
    assert best_artifact(str(tmp_path), name, "2.42") == str(tmp_path / f"{name}-glibc2.41.tar.zst")
    assert best_artifact(str(tmp_path), name, "2.5") is None
    assert best_artifact(str(tmp_path), "python-3.13-0-x86_64", "2.42") is None


@pytest.mark.parametrize(
    ("tarball", "allowed"),
    [
        ("mirror:pool/main/p/python3.14/python3.14_3.14.7.orig.tar.xz", True),
        ("https://mirror.example.org/a.tar.xz", True),
        ("/root/a.tar.xz", True),
        ("mirror:../../etc/passwd", False),
        ("mirror:/pool/a.tar.xz", False),
        ("mirror:", False),
        ("pool/a.tar.xz", False),
    ],
)
def test_a_tarball_lies_on_a_mirror_behind_a_url_or_on_the_node(tarball, allowed):
    problems = Problems()
    raw = {"version": "3.14", "source": "build", "tarball": tarball, "checksum": BUILD.checksum}
    parse_python(raw, problems)
    assert bool(problems.lines) is not allowed
