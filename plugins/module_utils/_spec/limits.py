# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant may use."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import Fields
from .sizes import percent, size
from .values import whole

# Less memory than this starts no Python; fewer tasks than this no login shell, let alone a server with threads.
LEAST_MEMORY = 16 * 1024**2
LEAST_TASKS = 5
LEAST_DISK = 1024**2
LEAST_RATE = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """Limits of one tenant; None means unlimited.

    memory, disk: bytes; cpu: percent of one core; tasks: count; io_read, io_write: bytes per second;
    connections: concurrent requests at the front server.
    """

    memory: int | None = None
    cpu: int | None = None
    tasks: int | None = None
    io_read: int | None = None
    io_write: int | None = None
    connections: int | None = None
    disk: int | None = None


def parse_limits(fields: Fields | None) -> Limits:
    """The section ``limits`` of a tenant; what is left out or null is unlimited."""
    if fields is None:
        return Limits()
    limits = Limits(
        memory=fields.get("memory", size(LEAST_MEMORY), None),
        cpu=fields.get("cpu", percent, None),
        tasks=fields.get("tasks", whole(LEAST_TASKS, 4_000_000), None),
        io_read=fields.get("io_read", size(LEAST_RATE), None),
        io_write=fields.get("io_write", size(LEAST_RATE), None),
        connections=fields.get("connections", whole(1, 65535), None),
        disk=fields.get("disk", size(LEAST_DISK), None),
    )
    fields.done()
    return limits
