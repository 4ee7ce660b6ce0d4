# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd and a service say to each other: sd_listen_fds(3) and sd_notify(3)."""

from __future__ import annotations

import os
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

FIRST_SOCKET = 3  # SD_LISTEN_FDS_START


def inherited_socket(environ: MutableMapping[str, str]) -> int:
    """The descriptor of the one socket that systemd passed to this very process.

    What says so is not left in ``environ`` for the processes that this one starts.
    """
    pid = environ.pop("LISTEN_PID", "")
    count = environ.pop("LISTEN_FDS", "")
    environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or count != "1":
        raise SystemExit(
            f"hostel: systemd must pass exactly one socket to process {os.getpid()} "
            f"(LISTEN_PID={pid!r}, LISTEN_FDS={count!r}): start the .socket unit, which starts this"
        )
    os.set_inheritable(FIRST_SOCKET, False)
    return FIRST_SOCKET


def notifier(environ: MutableMapping[str, str]) -> Callable[[str], None]:
    """How to tell systemd something, like ``READY=1``; silent where nobody listens."""
    address = environ.pop("NOTIFY_SOCKET", "")
    if address.startswith("@"):
        address = "\0" + address[1:]

    def notify(state: str) -> None:
        if address:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.connect(address)
                channel.sendall(state.encode())

    return notify
