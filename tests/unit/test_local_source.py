# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A local source is named by its content alone."""

from __future__ import annotations

import functools
import io
import os
import tarfile

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.plugin_utils import local_source
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "app.py").write_text("application = None\n")
    (tmp_path / "static" / "größe.css").write_text("a {}\n")
    (tmp_path / ".hidden").write_text("kept\n")
    (tmp_path / "link").symlink_to("app.py")
    return tmp_path


def names(packed):
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return archive.getnames()


def test_hidden_files_and_links_are_shipped_and_what_tools_leave_is_not(folder):
    (folder / ".git").mkdir()
    (folder / "__pycache__").mkdir()
    (folder / "old.pyc").write_bytes(b"")
    assert sorted(names(local_source.pack(str(folder)))) == [".hidden", "app.py", "link", "static", "static/größe.css"]


def test_times_and_owners_do_not_count(folder):
    before = local_source.digest(str(folder))
    os.utime(folder / "app.py", (1, 1))
    (folder / "app.py").chmod(0o600)
    assert local_source.digest(str(folder)) == before


def test_times_are_shipped_all_the_same(folder):
    """nginx tells a browser by them that a static file has changed."""
    os.utime(folder / "app.py", (12345, 12345))
    with tarfile.open(fileobj=io.BytesIO(local_source.pack(str(folder)))) as archive:
        assert archive.getmember("app.py").mtime == 12345


@pytest.mark.parametrize(
    "alter",
    [
        lambda folder: (folder / "app.py").write_text("other\n"),
        lambda folder: (folder / "app.py").chmod(0o755),
        lambda folder: (folder / "app.py").rename(folder / "main.py"),
        lambda folder: (folder / "empty").mkdir(),
        lambda folder: ((folder / "link").unlink(), (folder / "link").symlink_to("static")),
    ],
    ids=["content", "executable bit", "name", "empty folder", "link target"],
)
def test_everything_else_counts(folder, alter):
    before = local_source.digest(str(folder))
    alter(folder)
    assert local_source.digest(str(folder)) != before


def test_what_is_neither_file_nor_folder_is_named(folder):
    os.mkfifo(folder / "pipe")
    with pytest.raises(SpecError, match="'pipe' is neither"):
        local_source.digest(str(folder))


@given(st.lists(st.tuples(st.text("ab/", min_size=1, max_size=4), st.binary(max_size=4)), max_size=4))
def test_what_is_unpacked_has_the_digest_of_what_was_packed(tmp_path_factory, entries):
    folder = tmp_path_factory.mktemp("source")
    entries = [(name.strip("/"), content) for name, content in entries if name.strip("/")]
    for name, content in entries:
        path = folder.joinpath(*name.split("/"))
        if path.exists() or any(parent.is_file() for parent in path.parents):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    other = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(fileobj=io.BytesIO(local_source.pack(str(folder)))) as archive:
        archive.extractall(other)  # Of our own making; Debian 12 has no filters yet.
    assert local_source.digest(str(other)) == local_source.digest(str(folder))


def test_folders_that_ansible_reads_as_inventory(tmp_path):
    for name in ("inventory/apps/blog", "inventory-2/shop"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "inventory/hosts.yml").touch()
    (tmp_path / "link").symlink_to("inventory/apps")
    folders = [str(tmp_path / name) for name in ("link/blog", "inventory/apps/blog", "inventory-2/shop")]
    read = functools.partial(local_source.read_as_inventory, folders)
    assert read([str(tmp_path / "inventory")]) == sorted(folders[:2])
    assert read([str(tmp_path / "inventory/hosts.yml"), "node1,node2,"]) == []
