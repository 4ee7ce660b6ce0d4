# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant may use."""

from __future__ import annotations

from dataclasses import dataclass


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
