# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpreters as archives: strict on the way in, the same bytes on the way out."""

from __future__ import annotations

import io
import os
import tarfile

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import NodeError
from ansible_collections.hostel.python.plugins.module_utils._node import interpreter_tar
from hypothesis import given
from hypothesis import strategies as st


def archive(*members):
    """Members are (name, type, link target or content)."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, kind, rest in members:
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.mtime = kind, 0o6777, 1_700_000_000
            if kind == tarfile.REGTYPE:
                info.size = len(rest)
                tar.addfile(info, io.BytesIO(rest))
            else:
                info.linkname = rest
                tar.addfile(info)
    stream.seek(0)
    return stream


FILE, LINK, HARD, FOLDER = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([("/etc/passwd", FILE, b"")], "leads out"),
        ([("../x", FILE, b"")], "leads out"),
        ([("a/../../x", FILE, b"")], "leads out"),
        ([("a/b", LINK, "../../x")], "leads out"),
        ([("a", LINK, "/etc")], "outside of the archive"),
        ([("a", HARD, "/etc/passwd")], "leads out"),
        ([("a", HARD, "b")], "no file before it"),
        ([("d", LINK, "."), ("d/x", FILE, b"")], "a folder and something else"),
        ([("a", FILE, b""), ("a/b", FILE, b"")], "a folder and something else"),
        ([("a", FILE, b""), ("a", FILE, b"")], "in it twice"),
        ([("a", LINK, "b"), ("a", FILE, b"")], "in it twice"),
        ([("a", tarfile.CHRTYPE, "")], "a device or a pipe"),
        ([("a", tarfile.FIFOTYPE, "")], "a device or a pipe"),
    ],
)
def test_what_could_reach_out_is_refused(tmp_path, members, words):
    (tmp_path / "in").mkdir()
    with pytest.raises(NodeError, match=words):
        interpreter_tar.unpack(archive(*members), str(tmp_path / "in"), "python 3.14")
    assert os.listdir(tmp_path) == ["in"]


def test_modes_are_root_s_choice(tmp_path):
    members = [
        ("bin", FOLDER, ""),
        ("bin/python3", FILE, b"x"),
        ("bin/python", LINK, "python3"),
        ("same", HARD, "bin/python3"),
    ]
    interpreter_tar.unpack(archive(*members), str(tmp_path), "python 3.14")
    assert (tmp_path / "bin").stat().st_mode & 0o7777 == 0o755
    assert (tmp_path / "bin/python3").stat().st_mode & 0o7777 == 0o755
    assert (tmp_path / "bin/python3").stat().st_mtime == 1_700_000_000
    assert os.readlink(tmp_path / "bin/python") == "python3"
    assert (tmp_path / "same").samefile(tmp_path / "bin/python3")


NAMES = st.lists(st.sampled_from(["a", "b", "..", ".", "", "/", "c d"]), min_size=1, max_size=5).map("/".join)
MEMBERS = st.lists(st.tuples(NAMES, st.sampled_from([FILE, LINK, HARD, FOLDER]), NAMES), max_size=8)


@given(MEMBERS)
def test_nothing_is_ever_made_outside(tmp_path_factory, members):
    base = tmp_path_factory.mktemp("outside")
    into = base / "deep/in"
    into.mkdir(parents=True)
    made = [(name, kind, rest.encode() if kind == FILE else rest) for name, kind, rest in members]
    try:
        interpreter_tar.unpack(archive(*made), str(into), "python 3.14")
    except NodeError as error:
        assert error.lines[0].startswith("python 3.14: ")
    assert os.listdir(base) == ["deep"]
    assert os.listdir(base / "deep") == ["in"]


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.xz"])
def test_the_same_tree_gives_the_same_bytes(tmp_path, suffix):
    for name, order in (("one", "ab"), ("two", "ba")):
        for file in order:
            path = tmp_path / name / "lib" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file)
            os.utime(path, (5, 5))
        (tmp_path / name / "bin").mkdir()
        (tmp_path / name / "bin/python3").symlink_to("../lib/a")
        interpreter_tar.pack(str(tmp_path / name), str(tmp_path / f"{name}{suffix}"))
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()
    into = tmp_path / "again"
    into.mkdir()
    with interpreter_tar.opened(str(tmp_path / f"one{suffix}"), "python 3.14") as stream:
        interpreter_tar.unpack(stream, str(into), "python 3.14")
    prefix = interpreter_tar.find_prefix(str(into), "python 3.14")
    assert prefix == str(into / "python")
    assert (into / "python/lib/b").read_text() == "b"


def test_the_interpreter_is_found_where_others_put_it(tmp_path):
    (tmp_path / "python/install/bin").mkdir(parents=True)
    (tmp_path / "python/install/bin/python3").write_text("")
    assert interpreter_tar.find_prefix(str(tmp_path), "x") == str(tmp_path / "python/install")


def test_an_archive_without_an_interpreter_is_told(tmp_path):
    (tmp_path / "src").mkdir()
    with pytest.raises(NodeError, match="holds no bin/python3"):
        interpreter_tar.find_prefix(str(tmp_path), "python 3.14")


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\x1f\x8bbroken"])
def test_a_damaged_archive_is_told(tmp_path, content):
    path = tmp_path / "a.tar.gz"
    path.write_bytes(content)
    (tmp_path / "in").mkdir()
    with interpreter_tar.opened(str(path), "it") as stream, pytest.raises(NodeError, match="it: cannot be unpacked"):
        interpreter_tar.unpack(stream, str(tmp_path / "in"), "it")
