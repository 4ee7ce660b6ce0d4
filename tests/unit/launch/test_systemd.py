# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service takes from systemd and tells it."""

from __future__ import annotations

import os
import socket

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import systemd


def test_takes_the_socket_that_was_meant_for_it(monkeypatch):
    kept = []
    monkeypatch.setattr(os, "set_inheritable", lambda *given: kept.append(given))
    environ = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "x", "OTHER": "1"}
    assert systemd.inherited_socket(environ) == 3
    assert environ == {"OTHER": "1"}
    assert kept == [(3, False)]


@pytest.mark.parametrize("environ", [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_FDS": "2"}])
def test_refuses_sockets_that_were_meant_for_others(environ):
    with pytest.raises(SystemExit, match="exactly one socket"):
        systemd.inherited_socket(environ)


@pytest.mark.parametrize("abstract", [False, True])
def test_tells_who_listens(tmp_path, abstract):
    address = f"hostel-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + address if abstract else address)
        environ = {"NOTIFY_SOCKET": "@" + address if abstract else address}
        systemd.notifier(environ)("READY=1")
        assert listening.recv(100) == b"READY=1"
    assert environ == {}


def test_says_nothing_where_nobody_listens():
    systemd.notifier({})("READY=1")
