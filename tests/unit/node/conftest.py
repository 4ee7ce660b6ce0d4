# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands for a node's state."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._node import accounts


@pytest.fixture
def node(monkeypatch):
    """A node's account databases, to be filled by a test."""
    tables = {"passwd": [], "group": {}, "record": {}}
    monkeypatch.setattr(accounts, "_passwd", lambda: tables["passwd"])
    monkeypatch.setattr(accounts, "_groups", lambda: tables["group"])
    monkeypatch.setattr(accounts, "_record", lambda: tables["record"])
    return tables
