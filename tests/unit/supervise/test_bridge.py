# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bridge from an inherited socket to a program that listens by itself."""

from __future__ import annotations

import inspect
import json
import os
import socket
import subprocess
import sys
import threading

import pytest
from ansible_collections.hostel.python.plugins.module_utils._supervise import bridge

ENVIRONMENT = {"PORT": "61234", "HOST": "127.0.0.1", "SOCKET": "/run/x/app.sock"}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("$PORT", "61234"),
        ("--bind=$HOST:${PORT}", "--bind=127.0.0.1:61234"),
        ("unix:$SOCKET", "unix:/run/x/app.sock"),
        ("$PORTS ${PORT $port $HOME $$", "$PORTS ${PORT $port $HOME $$"),
    ],
)
def test_words_that_say_where_are_filled_in_and_no_others(word, meant):
    assert bridge.told(["serve", word], ENVIRONMENT) == ["serve", meant]


def test_a_string_is_left_to_the_shell():
    command = ["/bin/sh", "-c", "serve '$PORT' $PORT"]
    assert bridge.told(command, ENVIRONMENT) == command


def test_the_program_knows_nothing_of_systemds_socket():
    inherited = {"LISTEN_FDS": "1", "LISTEN_PID": "7", "NOTIFY_SOCKET": "/run/notify", "VALUE": "ü $PORT"}
    assert bridge.environment_of(inherited, 61234, "/run/x/app.sock") == {
        "VALUE": "ü $PORT",
        "HOSTEL_PORT": "61234",
        "HOSTEL_SOCKET": "/run/x/app.sock",
    }


def listening(address, *, serving):
    """A listening socket; ``serving``: somebody takes one connection and hangs up when its client does."""
    families = {"/": socket.AF_UNIX, "1": socket.AF_INET, ":": socket.AF_INET6}
    first = address if isinstance(address, str) else address[0]
    listener = socket.socket(families[first[0]], socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen()

    def serve():
        connection, _address = listener.accept()
        connection.recv(1)
        connection.close()

    if serving:
        threading.Thread(target=serve, daemon=True).start()
    return listener


def test_nobody_there(tmp_path):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert bridge.where_it_listens(bound.getsockname()[1], str(tmp_path / "app.sock")) is None


@pytest.mark.parametrize("serving", [True, False])
def test_listening_alone_is_not_answering(tmp_path, monkeypatch, serving):
    monkeypatch.setattr(bridge, "TAKEN_WITHIN", 5 if serving else 0.05)
    path = str(tmp_path / "app.sock")
    with listening(path, serving=serving):
        assert bridge.where_it_listens(1, path) == (path if serving else None)
    with listening(("127.0.0.1", 0), serving=serving) as listener:
        port = listener.getsockname()[1]
        assert bridge.where_it_listens(port, "/nowhere") == (f"127.0.0.1:{port}" if serving else None)


def test_one_that_listens_by_ipv6_alone():
    with listening(("::1", 0), serving=True) as listener:
        port = listener.getsockname()[1]
        assert bridge.where_it_listens(port, "/nowhere") == f"::1:{port}"


PROGRAM = """\
import json, os, socket, sys
paths = ["/proc/self/fd/" + name for name in os.listdir("/proc/self/fd")]
descriptors = [os.readlink(path) for path in paths if os.path.lexists(path)]
json.dump([sys.argv[1:], dict(os.environ), descriptors], open("program.json", "w"))
if sys.argv[1] == "deaf":
    import time
    time.sleep(60)
listener = socket.create_server((os.environ["HOST"], int(os.environ["PORT"])))
while True:
    connection, _address = listener.accept()
    connection.recv(1)
    connection.close()
"""
PROXY = """\
#!/bin/sh
echo "$LISTEN_FDS $([ "$LISTEN_PID" = $$ ] && readlink /proc/$$/fd/3) ${NOTIFY_SOCKET-none} $*" >proxy.txt
mv proxy.txt proxied.txt
"""
# Runs a program with a socket as descriptor 3, as systemd does.
AS_SYSTEMD = """\
import os, sys
os.set_inheritable(int(sys.argv[1]), False)
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@pytest.fixture
def start(tmp_path):
    """Start a command behind the bridge, in an empty folder; the process, and where it would tell systemd."""
    (tmp_path / "proxy").write_text(PROXY)
    (tmp_path / "proxy").chmod(0o755)
    (tmp_path / "program.py").write_text(PROGRAM)
    own = inspect.getsource(bridge).replace(repr(bridge.PROXY)[1:-1], str(tmp_path / "proxy"))
    (tmp_path / "bridge.py").write_text(own)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    inherited = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    inherited.bind(str(tmp_path / "inherited"))
    inherited.listen()
    notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notified.bind(str(tmp_path / "notify"))
    notified.settimeout(20)
    environ = {
        "PATH": os.environ["PATH"],
        "HOSTEL_PORT": str(port),
        "RUNTIME_DIRECTORY": str(tmp_path),
        "NOTIFY_SOCKET": str(tmp_path / "notify"),
    }
    processes = []

    def start(*command, patience="20"):
        fd = inherited.fileno()
        words = [sys.executable, "-c", AS_SYSTEMD, str(fd), "bridge.py", "blog", patience, "told", *command]
        process = subprocess.Popen(
            words, cwd=tmp_path, env=environ, pass_fds=[fd], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        return process, notified, port

    yield start
    for process in processes:
        process.kill()
        process.communicate()
    inherited.close()
    notified.close()


def test_the_process_becomes_the_program_and_a_stranger_the_proxy(start, tmp_path):
    process, notified, port = start(sys.executable, "program.py", "here", "$PORT")
    assert notified.recv(100) == b"READY=1"
    arguments, environ, descriptors = json.loads((tmp_path / "program.json").read_text())
    assert arguments == ["here", str(port)]
    assert (environ["PORT"], environ["HOST"], environ["SOCKET"]) == (str(port), "127.0.0.1", f"{tmp_path}/app.sock")
    assert not [one for one in descriptors if one.startswith("socket:")]
    with open(f"/proc/{process.pid}/cmdline") as line:
        assert "program.py" in line.read()
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as children:
        assert children.read() == ""
    while not (tmp_path / "proxied.txt").exists():
        assert process.poll() is None
    fds, third, notify, *words = (tmp_path / "proxied.txt").read_text().split()
    assert (fds, third[:7], notify) == ("1", "socket:", "none")
    assert words == ["--connections-max=4096", f"127.0.0.1:{port}"]


def test_one_that_never_listens_is_told_of(start):
    process, _notified, port = start(sys.executable, "program.py", "deaf", patience="0.2")
    assert process.stderr.readline().startswith(
        f"hostel: app blog: command: does not answer on 127.0.0.1:{port} after 0.2 s, nor on "
    )
    assert process.poll() is None


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("no-such-thing", "no program 'no-such-thing' in the venv or the system; is it among the requirements?"),
        ("./run", "no program './run' in the app's folder"),
        ("./bridge.py", "'./bridge.py': Permission denied"),
    ],
)
def test_one_that_is_not_there_is_named(start, program, said):
    process, _notified, _port = start(program, patience="0")
    assert process.wait(20) == bridge.NO_PROGRAM
    assert f"hostel: app blog: command: {said}\n" in process.stderr.read()
