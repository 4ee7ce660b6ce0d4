# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is adopted into a tenant's slice, tried with this very process; systemd is played."""

from __future__ import annotations

import os
import socket
import subprocess

import pytest
from ansible_collections.hostel.python.plugins.module_utils._supervise import adopt

ME = os.getuid()
MINE = range(ME, ME + 1)


@pytest.fixture
def scopes(monkeypatch):
    """The processes that systemd was asked to move; it has done so at once."""
    moved = []
    monkeypatch.setattr(adopt, "in_slice", lambda pid, _uid: pid in moved)
    monkeypatch.setattr(adopt, "start_scope", lambda pid, _uid: moved.append(pid))
    return moved


def asked(uids):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        adopt.answer(theirs, uids)
        return ours.recv(1000)


def test_one_that_is_moved_is_told_so(scopes):
    assert asked(MINE) == adopt.ADOPTED
    assert scopes == [os.getpid()]


def test_one_that_is_there_is_not_moved_again(scopes, monkeypatch):
    monkeypatch.setattr(adopt, "in_slice", lambda _pid, _uid: True)
    assert asked(MINE) == adopt.ADOPTED
    assert scopes == []


def test_who_is_no_tenant_is_refused(scopes):
    assert asked(range(ME + 1, ME + 5)).startswith(b"refused: uid ")
    assert scopes == []


def test_who_has_become_another_since_is_refused(scopes):
    with pytest.raises(adopt.Refused, match="changed its user"):
        adopt.adopt(os.getpid(), ME + 1, range(ME + 1, ME + 2))
    assert scopes == []


def test_who_is_gone_is_refused(scopes):
    gone = subprocess.Popen(["true"])
    gone.wait()
    with pytest.raises(adopt.Refused, match="the process is gone"):
        adopt.adopt(gone.pid, ME, MINE)
    assert scopes == []


def test_who_ended_while_it_was_moved_is_refused(scopes, monkeypatch):
    with subprocess.Popen(["sleep", "60"]) as leaving:

        def start_scope(pid, _uid):
            scopes.append(pid)
            leaving.kill()
            leaving.wait()

        monkeypatch.setattr(adopt, "start_scope", start_scope)
        with pytest.raises(adopt.Refused, match="ended while"):
            adopt.adopt(leaving.pid, ME, MINE)
