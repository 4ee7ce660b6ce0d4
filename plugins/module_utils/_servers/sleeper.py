# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one daemon of a node that ends the processes of apps that nobody asks for (_supervise/sleeper.py). Pure."""

from __future__ import annotations

import inspect

from .._spec.layout import MANAGED, PROGRAMS, UNITS
from .._spec.resources import File, Link, Resource
from .._supervise import passenger_errors, passenger_pool, sleeper, turn
from .service import TURN

UNIT = "hostel-sleeper.service"
_PROGRAM = f"{PROGRAMS}/sleeper.py"

# It imports from its own folder, which is root's, and from nowhere else that an environment could name.
_UNIT = f"""{MANAGED}
[Unit]
Description=Ends the processes of apps that nobody asks for
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/python3 -E -s -S {_PROGRAM}
Restart=always
RestartSec=1
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX AF_NETLINK
ProtectSystem=strict
ReadWritePaths=/run /tmp
ProtectHome=yes
MemoryMax=128M
"""


def resources() -> tuple[Resource, ...]:
    """Its program, its unit, and the link by which a boot starts it."""
    return (
        File(TURN, inspect.getsource(turn).encode()),
        File(f"{PROGRAMS}/passenger_errors.py", inspect.getsource(passenger_errors).encode()),
        File(f"{PROGRAMS}/passenger_pool.py", inspect.getsource(passenger_pool).encode()),
        File(_PROGRAM, inspect.getsource(sleeper).encode()),
        File(f"{UNITS}/{UNIT}", _UNIT.encode()),
        Link(f"{UNITS}/multi-user.target.wants/{UNIT}", f"{UNITS}/{UNIT}"),
    )
