# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node itself: a Debian server that has come up whole."""

from __future__ import annotations

from testinfra.host import Host


def test_systemd_is_up(host: Host) -> None:
    assert host.check_output("systemctl is-system-running") == "running"


def test_no_unit_has_failed(host: Host) -> None:
    assert host.check_output("systemctl list-units --failed --no-legend --plain") == ""
