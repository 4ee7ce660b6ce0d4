# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a program that listens on a port or a socket of its own, and a bridge to it from the inherited socket.

    bridge.py APP SECONDS told|untold PROGRAM [ARGUMENT...]

Runs under the tenant's uid, in the system's Python, which reads nothing of the tenant's (-I -S). This process becomes
the program, so that systemd sees it end. What is left of us waits until the program answers, for SECONDS at most, tells
systemd that the service is ready, and becomes systemd-socket-proxyd. No interpreter stays behind. A program that is
"told" has PORT, HOST and SOCKET in its environment and in its arguments; any other HOSTEL_PORT and HOSTEL_SOCKET alone.

Starting this is a part of every start, so it imports little.

From systemd: descriptor 3, the listening socket; HOSTEL_PORT (see ports.py); RUNTIME_DIRECTORY; NOTIFY_SOCKET.
"""

from __future__ import annotations

import os
import re
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from typing import NoReturn

LISTENING_FD = 3  # sd_listen_fds(3)
PROXY = "/usr/lib/systemd/systemd-socket-proxyd"
# The front's limits of connections, a tenant's and a node's, come first.
CONNECTIONS = 4096
# Seconds.
LOOK_EVERY = 0.02
TAKEN_WITHIN = 0.5
NO_PROGRAM = 127  # as a shell ends when it finds no such program

_WORD = re.compile(r"\$(?:(PORT|HOST|SOCKET)(?![A-Za-z0-9_])|\{(PORT|HOST|SOCKET)\})")
_SHELL = ("/bin/sh", "-c")


def main(argv: Sequence[str]) -> NoReturn:
    app, patience, telling, *command = argv[1:]
    port = int(os.environ["HOSTEL_PORT"])
    path = f"{os.environ['RUNTIME_DIRECTORY']}/app.sock"
    if os.fork() == 0:
        # The program shall not find a child that it did not start, so the bridge is nobody's.
        if os.fork() == 0:
            be_bridge(app, port, path, float(patience))
        os._exit(0)
    os.wait()
    environment = environment_of(os.environ, port, path)
    if telling == "told":
        environment = {"HOST": "127.0.0.1", **environment, "PORT": str(port), "SOCKET": path}
        command = told(command, environment)
    be_program(app, command, environment)


def be_program(app: str, command: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Go on as the program, which knows nothing of systemd's socket."""
    os.close(LISTENING_FD)
    try:
        os.execvpe(command[0], command, environment)
    except OSError as error:
        sys.stderr.write(f"hostel: app {app}: command: {refusal(command[0], error)}\n")
        os._exit(NO_PROGRAM)


def environment_of(inherited: Mapping[str, str], port: int, path: str) -> dict[str, str]:
    """What the program gets of our own environment: all but systemd's words to us."""
    ours = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID", "NOTIFY_SOCKET")
    environment = {key: value for key, value in inherited.items() if key not in ours}
    return {**environment, "HOSTEL_PORT": str(port), "HOSTEL_SOCKET": path}


def told(command: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """The argument list with $PORT, $HOST and $SOCKET filled in. A string for the shell is left to the shell."""
    if tuple(command[:2]) == _SHELL:
        return list(command)
    return [_WORD.sub(lambda found: environment[found[1] or found[2]], word) for word in command]


def refusal(program: str, error: OSError) -> str:
    """Why ``program`` was not started, and what to do."""
    if isinstance(error, FileNotFoundError):
        where = "in the app's folder" if "/" in program else "in the venv or the system; is it among the requirements?"
        return f"no program {program!r} {where}"
    return f"{program!r}: {error.strerror}"


def be_bridge(app: str, port: int, path: str, patience: float) -> NoReturn:
    """Wait for the program, and go on as the proxy towards it."""
    deadline = time.monotonic() + patience
    while (target := where_it_listens(port, path)) is None:
        if time.monotonic() > deadline:
            sys.stderr.write(
                f"hostel: app {app}: command: does not answer on 127.0.0.1:{port} after {patience:g} s, nor on "
                f"{path}; have it listen on $PORT or $SOCKET, or raise health.timeout\n"
            )
            os._exit(1)
        time.sleep(LOOK_EVERY)
    notify("READY=1")
    environment = {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    os.execve(PROXY, [PROXY, f"--connections-max={CONNECTIONS}", target], environment)


def where_it_listens(port: int, path: str) -> str | None:
    """Where a connection reaches the program, as the proxy is told; None if it does not answer yet."""
    if answers(socket.AF_UNIX, path):
        return path
    if answers(socket.AF_INET, ("127.0.0.1", port)):
        return f"127.0.0.1:{port}"
    if answers(socket.AF_INET6, ("::1", port)):
        # The proxy takes all before the last colon for the host, and knows no brackets.
        return f"::1:{port}"
    return None


def answers(family: int, address: str | tuple[str, int]) -> bool:
    """Whether a connection is taken there: a server hangs up when its client does.

    That it listens is not enough. Sanic's main process does before its workers are there, which then put sockets of
    their own in the place of the first; who had connected to that one would wait for ever.
    """
    try:
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(TAKEN_WITHIN)
            connection.connect(address)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)
    except OSError:
        return False
    return True


def notify(words: str) -> None:
    """Tell systemd; sd_notify(3)."""
    address = os.environ["NOTIFY_SOCKET"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        connection.connect("\0" + address[1:] if address.startswith("@") else address)
        connection.sendall(words.encode())


if __name__ == "__main__":
    main(sys.argv)
