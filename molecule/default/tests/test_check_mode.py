# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode on nodes that are as they should be."""

from __future__ import annotations

from cluster import changed, play


def test_nothing_more_is_foreseen() -> None:
    run = play("--check", "--diff", playbook="hostel.python.site")
    assert changed(run) == set(), run.stdout
