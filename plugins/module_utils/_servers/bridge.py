# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that can't take a listening socket over: they get a port, or the path of a socket, and a bridge to it.

Pure. Before each start root takes a free port for the unit (_supervise/ports.py), which the guard keeps from other
accounts. The program's own process is the service's; beside it runs systemd-socket-proxyd, which takes the connections
of the inherited socket and carries them there.
"""

from __future__ import annotations

import inspect

from .._spec.layout import PROGRAMS
from .._spec.release import Release
from .._spec.resources import File
from .._supervise import bridge, ports
from .._syntax import systemd
from .upstream import Program

BRIDGE = f"{PROGRAMS}/bridge.py"
PYTHON = ("/usr/bin/python3", "-I", "-S")
_PORTS = f"{PROGRAMS}/ports.py"  # brought by the role node, whose guard needs it too

# The part of the unit's start timeout after which the bridge says what it waits for, for systemd says nothing of that.
_LAST_WORDS = 0.9


def bridged(release: Release, argv: tuple[str, ...], *, told: bool = False, files: tuple[File, ...] = ()) -> Program:
    """``argv`` behind the release's socket; ready as soon as it listens.

    Environment of ``argv``: HOSTEL_PORT, the port of 127.0.0.1 (or ::1) to listen on, and HOSTEL_SOCKET, the path of
    a unix socket that it may listen on instead. told: they are also PORT, HOST and SOCKET, and these three are put in
    for $PORT, ${PORT} and so on in ``argv``, except where a shell does it.
    """
    unit = release.unit
    patience = release.app.health.timeout * _LAST_WORDS
    return Program(
        argv=(*PYTHON, BRIDGE, release.app.name, f"{patience:g}", "told" if told else "untold", *argv),
        files=(File(BRIDGE, inspect.getsource(bridge).encode()), *files),
        more=(
            f"EnvironmentFile=-{systemd.value(f'{ports.STATE}/{unit}')}",
            f"ExecStartPre=+{systemd.command((*PYTHON, _PORTS, 'take', unit, str(release.uid)))}",
            f"ExecStopPost=+{systemd.command((*PYTHON, _PORTS, 'give', unit))}",
        ),
    )
