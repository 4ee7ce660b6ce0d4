# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that only one process, and in it one thread, does at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from .._spec.layout import STATE

# Two runs on one node take turns.
LOCK = f"{STATE}/lock"


@contextmanager
def held(path: str) -> Iterator[None]:
    """Wait for the lock file at ``path``, a place of root's whose folder exists, and hold it.

    flock(2) goes with the open file, so that it holds between threads too, and a killed process lets go of it.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
