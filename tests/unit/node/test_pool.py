# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order a daemon of the pool is given up."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._node import pool

TAG, OTHER = "shop@0123456789ab", "blog@0123456789ab"


@pytest.fixture
def done(monkeypatch):
    """What was done, in order; two releases have a daemon."""
    done = []
    monkeypatch.setattr(pool.site_map, "read", lambda _path: {TAG: "1001-a", OTHER: "1002-b"})
    monkeypatch.setattr(pool.site_map, "write", lambda _path, pairs: done.append(("map", dict(pairs))))
    monkeypatch.setattr(pool.time, "sleep", lambda _seconds: done.append(("pause",)))
    monkeypatch.setattr(pool, "_asked_to_end", lambda daemon, uid: done.append(("end", daemon, uid)) or (None, ""))
    return done


def test_requests_on_their_way_arrive_before_a_daemon_is_given_up(done):
    pool.leave([TAG], 30, wait=False)
    assert done == [("pause",), ("map", {OTHER: "1002-b"}), ("end", "1001-a", 1001)]


def test_nobody_waits_for_a_release_that_has_no_daemon(done):
    pool.leave(["mail@0123456789ab"], 30)
    assert done == []
