# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scenario's tests share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from testinfra.host import Host

# What is here, and what all scenarios share.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]


@pytest.fixture
def node(host: Host) -> str:
    """The name of the node that a test is about."""
    return str(host.backend.get_hostname())
