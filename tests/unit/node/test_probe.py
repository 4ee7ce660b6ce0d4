# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator is shown of a log that all apps of Passenger share."""

from __future__ import annotations

from ansible_collections.hostel.python.plugins.module_utils._node import probe
from ansible_collections.hostel.python.tests.unit.releases import BLOG, altered

RELEASE = altered(BLOG)
LOG = f"""\
App 71 output: Traceback (most recent call last):
App 71 output: RuntimeError: cannot connect to postgresql://leo:secret@db/x
[ E 2026-11-22 02:22:08.9019 25/Tq age/Cor/App.cpp:221 ]: Could not spawn process for application /srv/hostel/x: \
The app did not start: RuntimeError: secret
  Error ID: ae291562
  secret of the neighbour
[ N 2026-11-22 02:22:09.7871 25/Tc age/Cor/CoreMain.cpp:1146 ]: Checking connections of process 6315, {RELEASE.tag}
[ E 2026-11-22 02:22:10.0684 25/Tr age/Cor/App.cpp:221 ]: Could not spawn process for application {RELEASE.folder}: \
The app did not start: out of luck
  Error ID: 55c9dd21
[Sun Nov 22 02:22:11.000000 2026] [core:error] [pid 9] secret of the server
"""


def test_only_what_is_about_the_release_is_shown():
    shown = probe.about(RELEASE, LOG)
    assert [line.split("]:")[0][:5] for line in shown] == ["[ N 2", "[ E 2", "  Err"]
    assert "out of luck" in shown[1] and shown[2] == "  Error ID: 55c9dd21"


def test_nothing_of_a_neighbours():
    assert "secret" not in "".join(probe.about(RELEASE, LOG))
    assert probe.about(RELEASE, LOG.replace(RELEASE.tag, "other@1").replace(RELEASE.folder, "/srv/hostel/x")) == []
