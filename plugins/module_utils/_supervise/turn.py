# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets no request meet a service that is ending. ExecStop= of every service, run by root:

    turn.py SECONDS GATE SIDE SIDE

A service has two listening sockets, its sides, both held by systemd. Its gate, a link of root's, names the side that
the front connects to and that the running service accepts from. Whoever stops the service, for whatever reason, turns
the gate first: what connects from then on waits at the other side, where systemd finds it once the service has ended,
and starts it again. So a stop loses no request, whatever the server is and however it ends.

Starting this is a part of every stop, so it imports little.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import time

# Seconds. What was connecting when the gate turned has connected by then.
SETTLED = 0.02
LOOK_EVERY = 0.05

# linux/netlink.h, linux/sock_diag.h, linux/unix_diag.h
_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY, _DUMP = 20, 0x301
_ERROR, _DONE = 2, 3
_STATES = 1 << 1 | 1 << 10  # TCP_ESTABLISHED, TCP_LISTEN
_LISTENING = 10
_SHOW_FILE_AND_QUEUE = 0x02 | 0x10
_FILE, _QUEUE = 1, 4


def connections() -> set[tuple[int, int]]:
    """Device and inode of the socket file of every open connection on this node.

    One that has not been accepted is no socket of its own yet, but a number in its listener's queue.
    """
    found: set[tuple[int, int]] = set()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG) as channel:
        every = (0xFFFFFFFF, 0xFFFFFFFF)
        request = struct.pack("=BBHIIIII", socket.AF_UNIX, 0, 0, _STATES, 0, _SHOW_FILE_AND_QUEUE, *every)
        channel.send(struct.pack("=IHHII", 16 + len(request), _SOCK_DIAG_BY_FAMILY, _DUMP, 1, 0) + request)
        while True:
            answer = channel.recv(1 << 18)
            offset = 0
            while offset + 16 <= len(answer):
                length, kind = struct.unpack_from("=IH", answer, offset)
                if kind == _DONE:
                    return found
                if kind == _ERROR:
                    code = -struct.unpack_from("=i", answer, offset + 16)[0]
                    raise OSError(code, f"the kernel lists no unix sockets (unix_diag): {os.strerror(code)}")
                file, waiting = _file_and_queue(answer[offset + 32 : offset + length])
                # struct unix_diag_msg: family, type, state.
                if file and (waiting or answer[offset + 18] != _LISTENING):
                    found.add(file)
                offset += (length + 3) & ~3


def _file_and_queue(attributes: bytes) -> tuple[tuple[int, int] | None, int]:
    file, waiting, offset = None, 0, 0
    while offset + 4 <= len(attributes):
        length, kind = struct.unpack_from("=HH", attributes, offset)
        if kind == _FILE:
            inode, device = struct.unpack_from("=II", attributes, offset + 4)
            file = device, inode
        elif kind == _QUEUE:
            (waiting,) = struct.unpack_from("=I", attributes, offset + 4)
        offset += max((length + 3) & ~3, 4)
    return file, waiting


def file_of(info: os.stat_result) -> tuple[int, int]:
    """The same for a file that was looked at: device in the kernel's own form, inode cut to 32 bits."""
    return os.major(info.st_dev) << 20 | os.minor(info.st_dev), info.st_ino & 0xFFFFFFFF


def turn(patience: float, gate: str, *sides: str) -> None:
    """Lead new connections to the other side, and wait until this one has none, for ``patience`` seconds at most.

    A release that is no longer live may have lost its gate already; then nothing connects to either side any more.
    """
    try:
        used = os.readlink(gate)
    except FileNotFoundError:
        leaving = sides
    else:
        leaving = (used,)
        _lead(gate, next(side for side in sides if side != used))
    deadline = time.monotonic() + patience
    time.sleep(SETTLED)
    mine = {file_of(os.stat(side)) for side in leaving if os.path.exists(side)}
    while mine & connections() and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY)


def _lead(gate: str, side: str) -> None:
    fresh = f"{gate}.turning"
    if os.path.lexists(fresh):
        os.unlink(fresh)
    os.symlink(side, fresh)
    os.replace(fresh, gate)


if __name__ == "__main__":
    turn(float(sys.argv[1]), *sys.argv[2:])
