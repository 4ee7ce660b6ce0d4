# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From Passenger's hands into the tenant's room: the first thing that runs in a process of a Passenger app.

Runs under the tenant's uid, but is root's code in the system's Python, which reads nothing of the tenant's (-I -S).
It is adopted into the tenant's slice or ends; only then it becomes the tenant's Python.

Usage: enter_slice.py JOURNAL_NAME ENVIRONMENT_FILE PROGRAM [ARGUMENT...]
"""

from __future__ import annotations

import os
import re
import socket
import sys

ADOPTION = "/run/hostel-adopt.sock"
JOURNAL = "/run/systemd/journal/stdout"
PATIENCE = 60.0
INFO = 6

_ASSIGNMENT = re.compile(r'^([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"$', re.DOTALL | re.MULTILINE)


def main(argv: list[str]) -> None:
    journal, environment_file, *command = argv[1:]
    refusal = be_adopted()
    if refusal is not None:
        raise SystemExit(f"hostel: {journal} is not started outside of its tenant's limits: {refusal}")
    with open(environment_file, encoding="utf-8", errors="surrogateescape") as lines:
        environment = {**passengers_own(os.environ), **parse(lines.read())}
    environment["HOSTEL_PASSENGER_PIPE"] = str(keep_output())
    write_to_journal(journal)
    os.umask(0o022)
    os.execve(command[0], command, environment)


def be_adopted() -> str | None:
    """Wait until this process is in its tenant's slice; None, or why it is not."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(ADOPTION)
            reply = b"".join(iter(lambda: connection.recv(4096), b""))
    except OSError as error:
        return f"{ADOPTION}: {error}"
    if reply == b"adopted\n":
        return None
    return reply.decode("utf-8", "replace").strip() or f"{ADOPTION}: no answer (journalctl -u hostel-adopt)"


def parse(text: str) -> dict[str, str]:
    """Read an environment file as a shell and systemd read it (see _syntax/environment.py, which writes it)."""
    return {key: re.sub(r"\\([\"\\`$])", r"\1", value) for key, value in _ASSIGNMENT.findall(text)}


def passengers_own(environment: os._Environ[str]) -> dict[str, str]:
    """What the loader needs to talk with Passenger; the rest of Apache's environment is not the tenant's."""
    return {key: value for key, value in environment.items() if key.startswith("PASSENGER_") or key == "IN_PASSENGER"}


def keep_output() -> int:
    """Hold on to the pipe that was our output: while it starts a process Passenger takes its closing for the end."""
    pipe = os.dup(1)
    os.set_inheritable(pipe, True)
    return pipe


def write_to_journal(name: str) -> None:
    """Make output and errors go to the journal under ``name``, as systemd does it for a service, without a process.

    Where there is no journal, both stay where Passenger reads them.
    """
    stream = journal_stream(name)
    if stream is not None:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)


def journal_stream(name: str) -> socket.socket | None:
    """Where lines for the journal are written to; None where there is no journal.

    The stream protocol: systemd, src/libsystemd/sd-journal/journal-send.c, sd_journal_stream_fd().
    """
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        stream.connect(JOURNAL)
        stream.shutdown(socket.SHUT_RD)
        stream.sendall(f"{name}\n\n{INFO}\n1\n0\n0\n0\n".encode())
    except OSError as error:
        sys.stderr.write(f"hostel: {JOURNAL}: {error}\n")
        return None
    return stream


if __name__ == "__main__":
    main(sys.argv)
