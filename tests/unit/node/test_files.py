# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root's own files: nothing goes through a path that others can alter, and nothing is ever half there."""

from __future__ import annotations

import os

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import NodeError
from ansible_collections.hostel.python.plugins.module_utils._node import files
from ansible_collections.hostel.python.plugins.module_utils._spec.resources import File, Folder, Link

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="root's files can only be made by root")


@pytest.fixture
def base(tmp_path, monkeypatch):
    """A folder that counts as well guarded, though /tmp above it is everybody's."""
    guard = files._require_roots

    def only_below(fd, where):
        if where.startswith(f"{tmp_path}/"):
            guard(fd, where)

    monkeypatch.setattr(files, "_require_roots", only_below)
    return str(tmp_path)


def test_what_is_written_is_read_again(base):
    wanted = File(f"{base}/a/b", b"content", 0o640, "root", "www-data")
    files.write(wanted)
    assert files.read(wanted.path) == wanted
    assert files.holds(wanted, files.read(wanted.path))
    assert os.stat(f"{base}/a").st_mode & 0o7777 == 0o755
    assert os.listdir(f"{base}/a") == ["b"]


@pytest.mark.parametrize(
    "other",
    [
        File("{}/f", b"other"),
        File("{}/f", b"content", 0o600),
        File("{}/f", b"content", owner="1"),
        Link("{}/f", "content"),
        Folder("{}/f"),
    ],
)
def test_every_difference_is_seen(base, other):
    found = File(f"{base}/f", b"content")
    files.write(found)
    other = type(other)(**{**vars(other), "path": found.path})
    assert not files.holds(other, files.read(found.path))


def test_numbers_mean_the_same_as_names(base):
    files.write(File(f"{base}/f", b"", 0o644, "0", "33"))
    assert files.holds(File(f"{base}/f", b"", 0o644, "root", "www-data"), files.read(f"{base}/f"))


def test_a_link_takes_the_place_of_a_file_in_one_step(base):
    files.write(File(f"{base}/f", b""))
    files.write(Link(f"{base}/f", "releases/1"))
    assert files.read(f"{base}/f") == Link(f"{base}/f", "releases/1")


def test_a_folder_is_never_replaced_by_a_file(base):
    files.write(Folder(f"{base}/d"))
    with pytest.raises(NodeError, match="a folder lies where a file"):
        files.write(File(f"{base}/d", b""))
    assert os.listdir(base) == ["d"]


def test_a_file_is_never_replaced_by_a_folder(base):
    files.write(File(f"{base}/f", b""))
    with pytest.raises(NodeError, match="something else lies there"):
        files.write(Folder(f"{base}/f"))


def test_many_are_read_and_absent_ones_left_out(base):
    for name in "abc":
        files.write(File(f"{base}/{name}/f", name.encode()))
    found = files.read_all([f"{base}/{name}/f" for name in "abcd"])
    assert sorted(found) == [f"{base}/{name}/f" for name in "abc"]


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(base, mode):
    files.write(Folder(f"{base}/open"))
    os.chmod(f"{base}/open", mode)
    for action in (
        lambda: files.write(File(f"{base}/open/sub/f", b"")),
        lambda: files.read(f"{base}/open/f"),
        lambda: files.remove(f"{base}/open/f"),
    ):
        with pytest.raises(NodeError, match="root writes only below"):
            action()


def test_a_folder_of_a_tenant_is_refused_and_a_link_in_it_is_not_followed(base):
    files.write(Folder(f"{base}/etc"))
    files.write(Folder(f"{base}/home"))
    os.symlink(f"{base}/etc", f"{base}/home/link")
    os.chown(f"{base}/home", 20001, 20001)
    with pytest.raises(NodeError, match="belongs to uid 20001"):
        files.write(File(f"{base}/home/link/passwd", b""))
    assert os.listdir(f"{base}/etc") == []


def test_links_of_root_are_followed_step_by_step(base):
    files.write(Folder(f"{base}/disk/srv"))
    files.write(Link(f"{base}/one", "disk"))
    files.write(Link(f"{base}/disk/two", "../one/srv"))
    files.write(File(f"{base}/one/two/f", b"here"))
    assert files.read(f"{base}/disk/srv/f") == File(f"{base}/disk/srv/f", b"here")


def test_links_in_a_circle_end(base):
    files.write(Link(f"{base}/a", "b"))
    files.write(Link(f"{base}/b", "a"))
    with pytest.raises(NodeError, match="too many symbolic links"):
        files.read(f"{base}/a/f")


def test_a_pipe_is_refused_and_does_not_block(base):
    os.mkfifo(f"{base}/pipe")
    with pytest.raises(NodeError, match="neither a file nor a folder nor a link"):
        files.read(f"{base}/pipe")


@pytest.mark.parametrize("path", ["relative", "/a/../b", "/a//b", "/", "/a/"])
def test_a_path_has_one_form(path):
    with pytest.raises(NodeError, match="shortest form"):
        files.read(path)


def test_a_tree_is_removed_and_links_in_it_lead_nowhere(base):
    files.write(File(f"{base}/kept/f", b""))
    files.write(File(f"{base}/tree/deep/f", b""))
    os.symlink(f"{base}/kept", f"{base}/tree/link")
    files.remove(f"{base}/tree")
    files.remove(f"{base}/never/was")
    assert os.listdir(base) == ["kept"]
    assert os.listdir(f"{base}/kept") == ["f"]


def test_a_tree_deeper_than_python_recurses_is_removed(base):
    files.write(Folder(f"{base}/tree"))
    fd = os.open(f"{base}/tree", os.O_RDONLY)
    for _depth in range(1500):
        os.mkdir("d", dir_fd=fd)
        deeper = os.open("d", os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = deeper
    os.close(fd)
    files.remove(f"{base}/tree")
    assert os.listdir(base) == []


def test_what_interrupted_writes_left_is_hidden_and_swept(base):
    files.write(File(f"{base}/kept", b""))
    for name in ("1", "2/deep"):
        os.makedirs(f"{base}/{files.TEMPORARY}{name}")
    assert files.names(base) == ["kept"]
    assert len(files.sweep(base)) == 2
    assert os.listdir(base) == ["kept"]


def test_an_unknown_owner_is_named(base):
    with pytest.raises(NodeError, match="nobody-here"):
        files.write(File(f"{base}/f", b"", owner="nobody-here"))
    assert os.listdir(base) == []
