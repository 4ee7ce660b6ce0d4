# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What gunicorn is told, and when its threads are no more waited for. Stands in for a gunicorn of a venv."""

from __future__ import annotations

import os
import socket
from types import SimpleNamespace

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import gunicorn

OPTIONS = {"interface": "wsgi", "entrypoint": "a:b", "start-timeout": "30"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, {"workers": 1, "threads": gunicorn.THREADS, "timeout": gunicorn.HEARTBEAT}),
        ({"workers": "3", "threads": "9"}, {"workers": 3, "threads": 9}),
        ({"interface": "asgi"}, {"threads": 1}),
        ({"start-timeout": "99.5"}, {"timeout": 100}),
    ],
)
def test_settings(more, told):
    settings = gunicorn.settings({**OPTIONS, **more}, "x.Chosen")
    assert {name: settings[name] for name in told} == told


def test_only_settings_that_this_gunicorn_has_are_set():
    class Config:
        settings = {"keepalive": None}

        def __init__(self):
            self.was_set = {}

        def set(self, name, value):
            self.was_set[name] = value

    application = gunicorn.Served()
    application.cfg = Config()
    application.settings = {"keepalive": 75, "control_socket_disable": True}
    application.load_config()
    assert application.cfg.was_set == {"keepalive": 75}


def test_an_application_that_cannot_be_loaded_ends_the_parent_too(tmp_path, monkeypatch, capsys):
    (tmp_path / "hostel_bad_app.py").write_text("raise LookupError('no such table')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    application = gunicorn.Served()
    application.entrypoint = "hostel_bad_app:app"
    with pytest.raises(SystemExit) as raised:
        application.load()
    assert raised.value.code == gunicorn.BOOT_FAILED
    lines = capsys.readouterr().err.splitlines()
    assert "hostel_bad_app.py" in lines[1]
    assert lines[-1] == "LookupError: no such table"


class Connection:
    """Stands for gunicorn's of one client."""

    def __init__(self, sock):
        self.sock = sock


class Base:
    """Stands for gunicorn's thread worker."""

    def __init__(self):
        self.cfg = SimpleNamespace(threads=2)
        self.log = SimpleNamespace(error=lambda *_: None)
        self.signs = 0

    def notify(self):
        self.signs += 1

    def handle_request(self, req, conn):
        return req(conn)


@pytest.fixture
def worker(monkeypatch):
    ends = []
    monkeypatch.setattr(os, "_exit", ends.append)
    kind = type("Worker", (gunicorn.Threaded, Base), {"ready": staticmethod(lambda: ends.append("ready"))})
    worker = kind()
    worker.ends = ends
    worker.notify()
    return worker


def test_a_worker_is_ready_at_its_first_sign_of_life(worker):
    worker.notify()
    assert worker.ends == ["ready"]
    assert worker.signs == 2


@pytest.mark.parametrize(
    ("served", "left", "replaced"),
    [(2, 2, True), (2, 1, False), (1, 1, False), (0, 0, False)],
)
def test_it_is_replaced_when_nobody_waits_for_any_of_its_threads(worker, served, left, replaced):
    pairs = [socket.socketpair() for _time in range(served)]
    for ours, theirs in pairs:
        worker.served[Connection(ours)] = None
        theirs.sendall(b"a body that the app has not read")
    for _ours, theirs in pairs[:left]:
        theirs.close()
    for _time in range(gunicorn.DESERTED):
        assert 1 not in worker.ends
        worker.notify()
    assert (1 in worker.ends) == replaced
    for ours, theirs in pairs:
        ours.close()
        theirs.close()


def test_a_moment_in_which_somebody_waits_counts(worker):
    worker.served = {Connection(SimpleNamespace(fileno=lambda: -1)): None for _time in range(2)}
    for _time in range(gunicorn.DESERTED - 1):
        worker.notify()
    (first, *_others) = worker.served
    worker.served.pop(first)
    worker.notify()
    worker.served[first] = None
    for _time in range(gunicorn.DESERTED - 1):
        worker.notify()
    assert worker.ends == ["ready"]


def test_what_is_served_is_known_until_it_is_answered(worker):
    conn = Connection(None)
    assert worker.handle_request(lambda given: given in worker.served, conn) is True
    with pytest.raises(ZeroDivisionError):
        worker.handle_request(lambda _: 1 / 0, conn)
    assert worker.served == {}
