# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pool of spare daemons: filled to its size."""

from __future__ import annotations

from typing import Any

from .._errors import SpecError
from .._node import pool

MOST = 500
MOST_THREADS = 256


def converge(size: int, threads: int, *, refill: bool, check_mode: bool) -> dict[str, Any]:
    """Fill the pool unless in check mode: the module's result. refill: also where there are daemons already."""
    if not 0 <= size <= MOST:
        raise SpecError(f"size: {size} must lie between 0 and {MOST}")
    if not 1 <= threads <= MOST_THREADS:
        raise SpecError(f"threads: {threads} must lie between 1 and {MOST_THREADS}")
    added, removed = pool.refill(size, threads, again=refill, check_mode=check_mode)
    spare = len(pool.spare()) + (len(added) if check_mode else 0)
    return {"changed": bool(added or removed), "added": added, "removed": removed, "spare": spare}
