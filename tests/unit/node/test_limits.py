# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant's limits and gate, as systemd and the kernel take them."""

from __future__ import annotations

import errno
import os

import pytest
from ansible_collections.hostel.python.plugins.module_utils._node import homes, quotas, slices
from ansible_collections.hostel.python.plugins.module_utils._spec.limits import Limits


def settings(limits):
    lines = slices.dropin(20001, limits).content.decode().splitlines()
    assert lines[0].startswith("# Managed by hostel.python")
    assert lines[1] == "[Slice]"
    return dict(line.split("=", 1) for line in lines[2:])


def test_every_limit_has_its_setting():
    found = settings(Limits(memory=512 << 20, cpu=150, tasks=100, io_read=1 << 20, io_write=2 << 20, disk=1 << 30))
    assert {key: value for key, value in found.items() if not key.endswith("Accounting")} == {
        "MemoryMax": "536870912",
        "MemorySwapMax": "0",
        "CPUQuota": "150%",
        "TasksMax": "100",
        "IOReadBandwidthMax": "/srv/hostel 1048576",
        "IOWriteBandwidthMax": "/srv/hostel 2097152",
    }


def test_what_is_not_limited_is_only_counted():
    assert set(settings(Limits())) == {"CPUAccounting", "MemoryAccounting", "TasksAccounting", "IOAccounting"}


def test_the_dropin_belongs_to_the_slice_of_the_uid():
    assert slices.dropin(20001, Limits()).path == "/etc/systemd/system/user-20001.slice.d/50-hostel.conf"


def test_the_gate_lets_the_front_pass_and_nobody_else(tmp_path):
    gate = tmp_path / "alice"
    gate.mkdir()
    try:
        os.setxattr(gate, homes.ACL_NAME, homes.gate_acl(33))
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            pytest.skip("the filesystem of the tests has no access lists")
        raise
    # The kernel checked it, and gives back the very same bytes: so drift is a comparison.
    assert os.getxattr(gate, homes.ACL_NAME) == homes.gate_acl(33)
    assert gate.stat().st_mode & 0o7777 == 0o750


@pytest.mark.parametrize(("limit", "blocks"), [(None, 0), (1, 1), (1024, 1), (1025, 2), (2 << 30, 2 << 20)])
def test_a_disk_limit_is_rounded_up_to_blocks(limit, blocks):
    assert quotas._blocks(limit) == blocks
