# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps requests from meeting a service that ends, tried with real sockets of this machine's kernel."""

from __future__ import annotations

import os
import socket
import threading
import time

import pytest
from ansible_collections.hostel.python.plugins.module_utils._supervise import sleeper, turn


def listen(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(8)
    return listener


def connect(path):
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    return client


@pytest.fixture(name="sides")
def _sides(tmp_path):
    paths = [str(tmp_path / name) for name in ("1.a.sock", "1.b.sock")]
    listeners = [listen(path) for path in paths]
    gate = tmp_path / "gate"
    gate.symlink_to(paths[0])
    yield str(gate), paths, listeners
    for listener in listeners:
        listener.close()


def test_open_connections_are_known_by_their_socket(sides):
    _gate, (first, second), _listeners = sides
    with connect(first):
        found = turn.connections()
        assert turn.file_of(os.stat(first)) in found
        assert turn.file_of(os.stat(second)) not in found


def test_a_turned_gate_leads_to_the_other_side_and_back(sides):
    gate, (first, second), _listeners = sides
    turn.turn(1, gate, first, second)
    assert os.readlink(gate) == second
    turn.turn(1, gate, first, second)
    assert os.readlink(gate) == first


def test_it_waits_for_the_last_connection(sides):
    gate, (first, second), (listener, _other) = sides
    client = connect(gate)
    accepted, _address = listener.accept()

    def leave():
        accepted.close()
        client.close()

    timer = threading.Timer(0.4, leave)
    began = time.monotonic()
    timer.start()
    turn.turn(10, gate, first, second)
    assert 0.4 <= time.monotonic() - began < 5


def test_it_does_not_wait_for_ever(sides):
    gate, (first, second), _listeners = sides
    with connect(first):
        began = time.monotonic()
        turn.turn(0.3, gate, first, second)
        assert time.monotonic() - began >= 0.3


def test_a_release_without_a_gate_is_waited_for_all_the_same(sides):
    gate, (first, second), _listeners = sides
    os.unlink(gate)
    with connect(second):
        began = time.monotonic()
        turn.turn(0.3, gate, first, second)
        assert time.monotonic() - began >= 0.3
    assert not os.path.lexists(gate)


def test_a_connection_is_noticed_once(sides):
    _gate, (first, _second), _listeners = sides
    assert not sleeper.asked(first, os.stat(first))
    time.sleep(0.02)
    connect(first).close()
    assert sleeper.asked(first, os.stat(first))
    assert not sleeper.asked(first, os.stat(first))
    time.sleep(0.02)
    connect(first).close()
    assert sleeper.asked(first, os.stat(first))


@pytest.fixture(name="node")
def _node(tmp_path, monkeypatch, sides):
    gate, _paths, _listeners = sides
    monkeypatch.setattr(sleeper.passenger_pool, "REGISTRY", str(tmp_path))
    for name in ("GATES", "IDLE", "AWAKE"):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.setattr(sleeper, name, str(folder))
    os.symlink(os.readlink(gate), tmp_path / "GATES" / "hostel-blog@1")
    (tmp_path / "IDLE" / "hostel-blog@1").write_text("5\n")
    (tmp_path / "AWAKE" / "hostel-blog@1").mkdir()
    stopped = []
    monkeypatch.setattr(sleeper, "put_to_sleep", lambda units: stopped.extend(units) or [])
    return tmp_path, stopped


def test_what_nobody_asks_for_is_stopped_after_its_time(node):
    _folder, stopped = node
    watch = sleeper.Watch()
    assert watch.look(100)
    watch.look(104.9)
    assert stopped == []
    watch.look(105)
    assert stopped == ["hostel-blog@1"]


def test_an_open_connection_keeps_it_awake(node, sides):
    _folder, stopped = node
    watch = sleeper.Watch()
    watch.look(100)
    client = connect(sides[1][0])
    accepted, _address = sides[2][0].accept()
    watch.look(101)
    # Nobody has connected since.
    watch.look(110)
    accepted.close()
    client.close()
    watch.look(114)
    assert stopped == []
    watch.look(116)
    assert stopped == ["hostel-blog@1"]


def test_a_connection_that_is_over_has_kept_it_awake(node, sides):
    _folder, stopped = node
    watch = sleeper.Watch()
    watch.look(100)
    time.sleep(0.02)
    client = connect(sides[1][0])
    accepted, _address = sides[2][0].accept()
    accepted.close()
    client.close()
    watch.look(104)
    watch.look(108)
    assert stopped == []
    watch.look(109)
    assert stopped == ["hostel-blog@1"]


def test_one_that_was_only_starting_gets_its_whole_time(node, monkeypatch):
    asked = []
    monkeypatch.setattr(sleeper, "put_to_sleep", lambda units: asked.append(units) or units)
    watch = sleeper.Watch()
    for now in (100, 105, 109, 110):
        watch.look(now)
    assert [units for units in asked if units] == [["hostel-blog@1"], ["hostel-blog@1"]]


def test_only_what_has_started_is_stopped(tmp_path, monkeypatch):
    (tmp_path / "systemctl").write_text(
        f"#!/bin/sh\necho \"$*\" >>{tmp_path}/asked\n[ $1 = stop ] || printf 'active\\nactivating\\ndeactivating\\n'\n"
    )
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert sleeper.put_to_sleep(["a", "b", "c"]) == ["b"]
    assert (tmp_path / "asked").read_text().splitlines()[1:] == ["stop --no-block -- a.service"]


FAILING = """\
#!/bin/sh
echo "$*" >>{folder}/asked
[ $1 != show ] || printf 'NRestarts={restarts}\\nActiveState={state}\\n\\nNRestarts=0\\nActiveState=activating\\n'
"""


@pytest.mark.parametrize(
    ("restarts", "state", "given_up"), [(3, "activating", ["a"]), (3, "active", []), (0, "activating", [])]
)
def test_what_is_started_again_after_it_failed(tmp_path, monkeypatch, restarts, state, given_up):
    (tmp_path / "systemctl").write_text(FAILING.format(folder=tmp_path, restarts=restarts, state=state))
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert sleeper.failing(["a", "b"]) == given_up
    assert (tmp_path / "asked").read_text() == "show --property=ActiveState,NRestarts -- a.service b.service\n"


def test_one_that_fails_is_given_up_when_nobody_has_come_for_its_time(node, sides, monkeypatch):
    """Though it is away between two starts, and somebody has been waiting in its queue for long."""
    folder, _stopped = node
    asked, given_up = [], []
    monkeypatch.setattr(sleeper, "failing", lambda units: asked.append(units) or units)
    monkeypatch.setattr(sleeper.subprocess, "Popen", lambda argv: given_up.append(argv[-1]))
    monkeypatch.setattr(sleeper, "FAILING_EVERY", 1)
    watch = sleeper.Watch()
    time.sleep(0.02)
    client = connect(sides[1][0])
    watch.look(100)
    (folder / "AWAKE" / "hostel-blog@1").rmdir()
    watch.look(102)
    (folder / "AWAKE" / "hostel-blog@1").mkdir()
    watch.look(104)
    assert given_up == []
    watch.look(105)
    assert given_up == ["hostel-blog@1"]
    client.close()
    (folder / "AWAKE" / "hostel-blog@1").rmdir()
    watch.look(120)
    assert asked[-1] == []


def test_never_is_never(node):
    folder, stopped = node
    (folder / "IDLE" / "hostel-blog@1").write_text("never\n")
    watch = sleeper.Watch()
    watch.look(100)
    watch.look(1e9)
    assert stopped == []


@pytest.mark.parametrize("fault", [sleeper.passenger_pool.Unexpected("401"), ConnectionRefusedError("the front")])
def test_services_sleep_though_passenger_is_out_of_order(node, monkeypatch, capsys, fault):
    def groups():
        raise fault

    monkeypatch.setattr(sleeper.passenger_pool, "groups", groups)
    watch = sleeper.Watch()
    watch.look(100)
    watch.look(105)
    assert node[1] == ["hostel-blog@1"]
    assert str(fault) in capsys.readouterr().err


def test_nothing_is_done_where_nothing_runs(node):
    folder, _stopped = node
    (folder / "AWAKE" / "hostel-blog@1").rmdir()
    assert not sleeper.Watch().look(100)


def test_passengers_processes_rest_by_their_own_apps_time_and_kept_ones_are_started(node, monkeypatch):
    folder, _stopped = node
    (folder / "IDLE" / "hostel-shop@2").write_text("never shop.test/x/\n")
    (folder / "IDLE" / "hostel-there@4").write_text("never there.test/\n")
    now = time.time()
    resting = sleeper.passenger_pool.Process(7, 0, now - 6)
    busy = sleeper.passenger_pool.Process(8, 1, now - 6)
    fresh = sleeper.passenger_pool.Process(9, 0, now)
    groups = [
        sleeper.passenger_pool.Group("blog@1", "core", (resting, busy, fresh)),
        sleeper.passenger_pool.Group("other@3", "core", (resting,)),
        sleeper.passenger_pool.Group("there@4", "core", (resting,)),
    ]
    asked, started = [], []
    monkeypatch.setattr(sleeper.passenger_pool, "groups", lambda: groups)
    monkeypatch.setattr(sleeper.passenger_pool, "_ask", lambda _core, _method, _path, body: asked.append(body))
    monkeypatch.setattr(sleeper.passenger_pool, "start", lambda tag, where: started.append((tag, where)))
    sleeper.Watch().look(100)
    assert asked == ['{"pid": 7}']
    assert started == [("shop@2", "shop.test/x/")]
