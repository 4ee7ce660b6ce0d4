# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maps that Apache reads again when their time of change is another one."""

from __future__ import annotations

import os

import pytest
from ansible_collections.hostel.python.plugins.module_utils._node import files, site_map
from ansible_collections.hostel.python.plugins.module_utils._spec.layout import MANAGED


@pytest.fixture
def base(tmp_path, monkeypatch):
    """The maps' folder, which counts as well guarded, though /tmp above it is everybody's."""
    monkeypatch.setattr(files, "_require_roots", lambda _fd, _where: None)
    monkeypatch.setattr(site_map, "SITE_ENTRIES", str(tmp_path / "sites"))
    monkeypatch.setattr(site_map, "SITES_MAP", str(tmp_path / "sites.map"))
    return tmp_path


def test_what_is_written_is_read():
    pairs = {"www.example.org/shop": "shop@0123456789ab", "a.example.org": "a@0123456789ab"}
    assert site_map.parse(site_map.render(pairs)) == pairs
    assert site_map.render(pairs).splitlines()[0].decode() == MANAGED


@pytest.mark.skipif(os.getuid() != 0, reason="root's files can only be made by root")
def test_each_change_has_a_later_time_however_fast_they_come(base):
    path = str(base / "map")
    times = []
    for number in range(50):
        site_map.write(path, {"key": f"value{number}"})
        times.append(os.stat(path).st_mtime_ns)
    # Apache compares microseconds.
    assert len({time // 1000 for time in times}) == len(times)
    assert times == sorted(times)
    before = os.stat(path)
    site_map.write(path, {"key": "value49"})
    assert (os.stat(path).st_ino, os.stat(path).st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.skipif(os.getuid() != 0, reason="root's files can only be made by root")
def test_the_map_is_made_of_all_entries(base):
    assert not site_map.stale()
    (base / "sites").mkdir()
    (base / "sites" / "shop").write_text(f"{MANAGED}\nshop.example.org shop@0123456789ab\n")
    (base / "sites" / "news").write_text(f"{MANAGED}\nnews.example.org news@0123456789ab\n")
    assert site_map.stale()
    site_map.refresh()
    assert not site_map.stale()
    assert sorted(site_map.read(str(base / "sites.map"))) == ["news.example.org", "shop.example.org"]
    (base / "sites" / "shop").unlink()
    assert site_map.stale()
    site_map.refresh()
    assert sorted(site_map.read(str(base / "sites.map"))) == ["news.example.org"]


@pytest.mark.skipif(os.getuid() != 0, reason="root's files can only be made by root")
def test_a_map_that_nobody_needs_is_not_made(base):
    site_map.refresh()
    assert not os.path.exists(base / "sites.map")
    assert not site_map.stale()
