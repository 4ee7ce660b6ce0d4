# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the node, as root: how long until the first byte of an app that sleeps, and of the same server by hand.

    python3 stopwatch.py ROUNDS < jobs

jobs is JSON, a list of {name, host, at, sleep, folder, user, environment, command}: where the app is asked (a port of
the loopback address, or a path), and by which Host; a shell's words that put it to sleep; where, as whom, with what and
how its server is started by hand ({at} in a word: the socket it is to listen at), if it is. The answer: by name,
"asleep", "awake", "by_hand" in seconds, a value a round.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any

LOOK_EVERY = 0.001
PATIENCE = 60.0
SETTLED = 1.0
# Requests to the app that has just been woken; the last one counts.
WARMING = 3


def main() -> None:
    jobs = json.load(sys.stdin)
    found: dict[str, dict[str, list[float]]] = {job["name"]: {} for job in jobs}
    for at in range(int(sys.argv[1])):
        _put_to_sleep([job["sleep"] for job in jobs])
        for job in jobs:
            for what, seconds in _measure(job, hand_first=bool(at % 2)).items():
                found[job["name"]].setdefault(what, []).append(seconds)
    json.dump(found, sys.stdout)


def _put_to_sleep(words: list[str]) -> None:
    """All of them side by side."""
    shells = [subprocess.Popen(["sh", "-c", one], stdin=subprocess.DEVNULL) for one in dict.fromkeys(words)]
    for shell in shells:
        shell.wait()
    time.sleep(SETTLED)


def _measure(job: dict[str, Any], hand_first: bool) -> dict[str, float]:
    """One of each. Whichever comes second finds files and caches warm, so that they take turns at that."""
    times = {}
    hand = "command" in job
    if hand and hand_first:
        times["by_hand"] = _by_hand(job)
    times["asleep"] = _first_byte(job["at"], job["host"])
    times["awake"] = [_first_byte(job["at"], job["host"]) for _ in range(WARMING)][-1]
    if hand and not hand_first:
        times["by_hand"] = _by_hand(job)
    return times


def _first_byte(at: Any, host: str) -> float:
    """Seconds from the attempt to connect. at: a path, or a port of the loopback address."""
    began = time.monotonic()
    with _connected(at) as connection:
        _ask(connection, host)
        return time.monotonic() - began


def _by_hand(job: dict[str, Any]) -> float:
    """Seconds from the start of the process."""
    at = f"/tmp/by-hand-{job['name']}.sock"  # noqa: S108 (a node of our own)
    _remove(at)
    command = [word.replace("{at}", at) for word in job["command"]]
    began = time.monotonic()
    process = subprocess.Popen(
        command, cwd=job["folder"], user=job["user"], group=job["user"], extra_groups=[], env=job["environment"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        while True:
            try:
                with _connected(at) as connection:
                    _ask(connection, job["host"])
                    return time.monotonic() - began
            except (FileNotFoundError, ConnectionError, PermissionError):
                if process.poll() is not None or time.monotonic() - began > PATIENCE:
                    raise SystemExit(f"{job['name']}: by hand it does not answer: {' '.join(command)}") from None
                time.sleep(LOOK_EVERY)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _remove(at)


def _connected(at: Any) -> socket.socket:
    unix = isinstance(at, str)
    connection = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
    connection.settimeout(PATIENCE)
    try:
        connection.connect(at if unix else ("127.0.0.1", at))
    except BaseException:
        connection.close()
        raise
    return connection


def _ask(connection: socket.socket, host: str) -> None:
    """Back when the first byte of a good answer is there."""
    connection.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    head = connection.recv(16)
    if not head:
        raise ConnectionResetError
    if head[8:12] != b" 200":
        raise SystemExit(f"{host}: answers {head!r}")


def _remove(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


if __name__ == "__main__":
    main()
