# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app's errors, as they end in the operator's log."""

from __future__ import annotations

import dataclasses

from ansible_collections.hostel.python.plugins.module_utils._converge.complaint import complaint
from ansible_collections.hostel.python.tests.unit.releases import BLOG

APP = dataclasses.replace(
    BLOG.app, env=(("URL", "postgres://alice:hunter2@db"), ("KEY", "hunter2"), ("CERT", "-----x\nline-2"), ("ON", "1"))
)


def test_the_first_line_names_the_app_once():
    assert complaint(APP, ["hook failed", "its words"]) == ["app blog: hook failed", "    its words"]
    assert complaint(APP, ["app blog: health: 500"]) == ["app blog: health: 500"]


def test_no_value_of_the_environment_is_told():
    said = complaint(APP, ["exit 1", "no postgres://alice:hunter2@db", "hunter2, line-2 and -----x", "1 error"])
    assert said[1:] == ["    no $URL", "    $KEY, $CERT and $CERT", "    1 error"]
