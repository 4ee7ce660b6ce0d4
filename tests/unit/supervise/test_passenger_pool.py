# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Passenger's core is asked, which is played by the tests."""

from __future__ import annotations

import base64
import re
import socket
import threading

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import NodeError
from ansible_collections.hostel.python.plugins.module_utils._node import passenger
from ansible_collections.hostel.python.plugins.module_utils._supervise import passenger_pool

POOL = """\
<?xml version="1.0" encoding="iso8859-1" ?>
<info version="3"><group_count>2</group_count><supergroups>
<supergroup><name>a</name><group default="true"><name>blog@1</name>
<processes_being_spawned>1</processes_being_spawned>
<processes><process><pid>7</pid><sessions>2</sessions><last_used>1700000000500000</last_used></process></processes>
<detached_processes><process><pid>8</pid></process></detached_processes></group></supergroup>
<supergroup><name>b</name><group default="true"><name>shop@2</name><processes></processes></group></supergroup>
</supergroups></info>
"""


def _request(connection):
    """A whole request: its head and its body may come one after the other."""
    said = b""
    while not (head := re.match(rb".*?\r\n\r\n", said, re.DOTALL)):
        said += connection.recv(65536)
    length = re.search(rb"\r\nContent-Length: ([0-9]+)\r\n", head[0])
    while len(said) < head.end() + (int(length[1]) if length else 0):
        said += connection.recv(65536)
    return said.decode()


@pytest.fixture
def core(tmp_path, monkeypatch):
    """Answers one request after the other with what is put into ``answers``; what it was asked."""
    monkeypatch.setattr(passenger_pool, "REGISTRY", str(tmp_path))
    # Left by one that was killed: nobody listens.
    for name in ("passenger.dead", "passenger.live"):
        (tmp_path / name / "agents.s").mkdir(parents=True)
        (tmp_path / name / "full_admin_password.txt").write_text("secret\n")
    socket.socket(socket.AF_UNIX).bind(str(tmp_path / "passenger.dead/agents.s/core_api"))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "passenger.live/agents.s/core_api"))
    listener.listen()
    answers, asked = [], []

    def serve():
        while answers:
            connection, _address = listener.accept()
            with connection:
                asked.append(_request(connection))
                status, body = answers.pop(0)
                connection.sendall(f"HTTP/1.1 {status} X\r\nConnection: close\r\n\r\n{body}".encode())

    def answering(*given):
        answers.extend(given)
        threading.Thread(target=serve, daemon=True).start()
        return asked

    yield answering
    listener.close()


def test_its_groups_and_their_processes(core, tmp_path):
    asked = core((200, POOL))
    live = str(tmp_path / "passenger.live")
    assert passenger_pool.groups() == [
        passenger_pool.Group("blog@1", live, (passenger_pool.Process(7, 2, 1700000000.5),), starting=1),
        passenger_pool.Group("shop@2", live, ()),
    ]
    assert asked[0].startswith("GET /pool.xml HTTP/1.1\r\n")
    assert f"Authorization: Basic {base64.b64encode(b'admin:secret').decode()}\r\n" in asked[0]


def test_only_groups_with_processes_run(core):
    core((200, POOL))
    assert passenger.processes() == {"blog@1": [7]}


def test_where_none_runs(core, tmp_path):
    (tmp_path / "passenger.live/agents.s/core_api").unlink()
    assert passenger_pool.groups() is None
    assert passenger.processes() == {}
    passenger_pool.detach(str(tmp_path / "passenger.live"), 7)


def test_an_error_is_not_taken_for_nothing(core):
    core((401, "no"), (401, "no"))
    with pytest.raises(passenger_pool.Unexpected, match=r"/pool\.xml was answered with 401: no"):
        passenger_pool.groups()
    with pytest.raises(NodeError, match="401"):
        passenger.processes()


def test_what_rests_too_long_is_let_go(core, tmp_path):
    live = str(tmp_path / "passenger.live")
    asked = core((200, "{}"))
    at_work, resting = passenger_pool.Process(7, 1, 0.0), passenger_pool.Process(8, 0, 0.0)
    passenger_pool.let_go(passenger_pool.Group("blog@1", live, (at_work, resting)), 5.0, now=5.0)
    (said,) = asked
    assert said.startswith("POST /pool/detach_process.json ")
    assert said.endswith('{"pid": 8}')


@pytest.mark.parametrize(("timeout", "now"), [(None, 1e9), (5.0, 4.9)])
def test_others_are_left(monkeypatch, timeout, now):
    monkeypatch.setattr(passenger_pool, "detach", lambda *_given: pytest.fail("let go"))
    group = passenger_pool.Group("blog@1", "core", (passenger_pool.Process(8, 0, 0.0),))
    passenger_pool.let_go(group, timeout, now)
