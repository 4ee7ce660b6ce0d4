# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several processes for one application."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

# What a worker does is its argument; every line says which process speaks.
PROGRAM = """\
import os, signal, sys
from hostel_launch import workers
def tell(word): os.write(1, f"{{word}} {{os.getpid()}}\\n".encode())
workers.PAUSE = 0.05
def work(ready):
    {work}
    tell("works")
    ready()
    signal.sigwait([signal.SIGUSR1])
    sys.exit(4)
raise SystemExit(workers.run(int(sys.argv[1]), work, lambda: tell("ready")))
"""


class Running:
    def __init__(self, lib, count, work="signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])"):
        code = PROGRAM.format(work=work)
        asked = [sys.executable, "-c", code, str(count)]
        self.process = subprocess.Popen(
            asked,
            cwd=lib,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(lib)},
        )

    def hears(self):
        word, pid = self.process.stdout.readline().split()
        return word, int(pid)

    def ends(self):
        _rest, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@pytest.fixture
def start(lib):
    started = []

    def start(*given):
        started.append(Running(lib, *given))
        return started[-1]

    yield start
    for one in started:
        # Not kill: its workers would stay.
        one.process.terminate()
        one.process.communicate(timeout=20)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_worker_is_the_process_itself(start):
    running = start(1)
    assert running.hears() == ("works", running.process.pid)
    assert running.hears() == ("ready", running.process.pid)


def test_the_others_start_when_the_first_is_ready(start):
    running = start(3)
    said = [running.hears() for _time in range(4)]
    assert [word for word, _pid in said] == ["works", "ready", "works", "works"]
    assert said[1][1] == running.process.pid
    assert len({pid for _word, pid in said}) == 4
    running.process.terminate()
    assert running.ends() == (0, "")
    assert not any(alive(pid) for _word, pid in said)


@pytest.mark.parametrize(("signum", "told"), [(signal.SIGKILL, "by signal 9"), (signal.SIGUSR1, "with code 4")])
def test_one_that_dies_is_replaced(start, signum, told):
    running = start(2)
    said = [running.hears() for _time in range(3)]
    os.kill(said[2][1], signum)
    word, pid = running.hears()
    assert word == "works"
    assert pid not in {one for _word, one in said}
    running.process.terminate()
    code, errors = running.ends()
    assert code == 0
    assert f"worker {said[2][1]} " in errors
    assert told in errors


def test_one_that_cannot_start_says_so_once_and_ends_all(start):
    running = start(3, "raise RuntimeError('no such table')")
    code, errors = running.ends()
    assert code == 1
    assert errors.count("RuntimeError: no such table") == 1


def test_one_that_is_killed_while_it_starts_ends_all(start):
    assert start(2, "os.kill(os.getpid(), signal.SIGKILL)").ends()[0] == 1


def test_the_exit_code_of_the_first_is_the_end_of_all(start):
    assert start(2, "sys.exit(3)").ends()[0] == 3


def test_while_one_serves_the_others_are_tried_again(start, tmp_path):
    """The first one starts; the next two fail; then it works again."""
    log = tmp_path / "log"
    work = (
        f"signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1]); file = open({str(log)!r}, 'a+'); "
        "file.write('x'); file.flush(); (1 < file.tell() < 4) and sys.exit(3)"
    )
    running = start(2, work)
    assert [running.hears()[0] for _time in range(3)] == ["works", "ready", "works"]
    running.process.terminate()
    code, errors = running.ends()
    assert code == 0
    assert errors.count("ended by itself with code 3") == 2
