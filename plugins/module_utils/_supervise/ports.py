# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A port for each running unit whose program can listen on nothing else, kept from all other accounts by nftables.

    ports.py load            put up the guard, with every port that is taken
    ports.py take UNIT UID   choose a port for UNIT, which only UID (and root) may serve and connect to
    ports.py give UNIT       UNIT has ended

Run by root: at boot, before a unit's start (ExecStartPre=+) and after its end (ExecStopPost=+). What is taken lies in
STATE, a file a unit, which is the unit's EnvironmentFile= too; a boot empties it.

Nothing static could do this: a release is started beside the one before it, and a port that is always the same could
be waited for by a stranger.

Starting this is a part of every start, so it imports little.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import socket
import sys
from collections.abc import Iterator

STATE = "/run/hostel-ports"
RULES = "/etc/hostel/guard.nft"
NFT = "/usr/sbin/nft"
# Above the kernel's range for connections of its own choice (net.ipv4.ip_local_port_range); guard.nft has it too.
FIRST, LAST = 61000, 65535

_TAKEN = re.compile(r"# uid (\d+)\nHOSTEL_PORT=(\d+)\n")


def main(argv: list[str]) -> None:
    words = argv[1:]
    os.makedirs(STATE, mode=0o700, exist_ok=True)
    with locked():
        if words == ["load"]:
            load()
        elif len(words) == 3 and words[0] == "take":
            give(words[1])
            take(words[1], int(words[2]))
        elif len(words) == 2 and words[0] == "give":
            give(words[1])
            explain(words[1], os.environ)
        else:
            raise SystemExit(__doc__)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """One at a time: two units that start together choose different ports."""
    with open(f"{STATE}/.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def taken() -> dict[str, tuple[int, int]]:
    """Uid and port by unit."""
    return {unit: pair for unit in os.listdir(STATE) if not unit.startswith(".") and (pair := read(unit)) is not None}


def read(unit: str) -> tuple[int, int] | None:
    try:
        with open(f"{STATE}/{unit}", encoding="ascii") as file:
            found = _TAKEN.fullmatch(file.read())
    except FileNotFoundError:
        return None
    return (int(found[1]), int(found[2])) if found else None


def load() -> None:
    """Put up the guard; what an earlier one let through stays so, in one step."""
    elements = "".join(f"add element inet hostel owners {{ {uid} . {port} }}\n" for uid, port in taken().values())
    with open(RULES, encoding="utf-8") as rules:
        write(".rules", rules.read() + elements)
    if not nft("--file", f"{STATE}/.rules"):
        raise SystemExit(f"hostel: the guard of ports can't be put up ({RULES}); see what nft says above")


def take(unit: str, uid: int) -> None:
    port = free_port({port for _uid, port in taken().values()})
    write(unit, f"# uid {uid}\nHOSTEL_PORT={port}\n")
    if not nft(f"add element inet hostel owners {{ {uid} . {port} }}"):
        # Somebody has emptied the node's rules.
        load()


def give(unit: str) -> None:
    pair = read(unit)
    if pair is None:
        return
    os.unlink(f"{STATE}/{unit}")
    uid, port = pair
    if not nft(f"delete element inet hostel owners {{ {uid} . {port} }}"):
        load()


def free_port(used: set[int]) -> int:
    """A port that nobody has, from a place on that chance decides, so that nobody can lie in wait for it."""
    count = LAST - FIRST + 1
    start = int.from_bytes(os.urandom(8), "big")
    for step in range(count):
        port = FIRST + (start + step) % count
        if port not in used and is_free(port):
            return port
    raise SystemExit(
        f"hostel: no TCP port from {FIRST} to {LAST} is free; see whose they are: ss -tlnpe 'sport >= :{FIRST}'"
    )


def is_free(port: int) -> bool:
    """Whether the port could be listened on at every address of the node."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(("", port))
        except OSError as error:
            # A node may do without IPv6.
            if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                return False
    return True


def write(name: str, text: str) -> None:
    with open(os.open(f"{STATE}/.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(f"{STATE}/.new", f"{STATE}/{name}")


def nft(*arguments: str) -> bool:
    """Whether nft did it; it says itself why not."""
    _pid, status = os.waitpid(os.posix_spawn(NFT, [NFT, *arguments], {}), 0)
    return status == 0


def explain(unit: str, environment: os._Environ[str]) -> None:
    """Say what systemd's own words leave open: a program that ends, or goes into the background, before it listens."""
    if environment.get("SERVICE_RESULT") == "protocol":
        sys.stderr.write(
            f"hostel: {unit}: the command ended before it listened on $PORT or $SOCKET; it has to stay in the "
            "foreground\n"
        )


if __name__ == "__main__":
    main(sys.argv)
