# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes, shares and durations as people write them."""

from __future__ import annotations

import re
from typing import Callable

from .problems import Wrong

_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([KMGT]?)(?:i?B)?", re.ASCII | re.IGNORECASE)
_PERCENT = re.compile(r"([0-9]{1,7})\s*%?", re.ASCII)
_DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(ms|s|min|m|h|d|)", re.ASCII)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def written(count: int) -> str:
    """Bytes in the largest unit that keeps them whole: 16777216 is 16M."""
    for unit in "TGMK":
        power = 1024 ** _POWERS[unit]
        if count and count % power == 0:
            return f"{count // power}{unit}"
    return str(count)


def spoken(seconds: float) -> str:
    """Seconds in the largest unit that keeps them whole: 300 is 5m."""
    for unit in "dhm":
        if seconds >= _SECONDS[unit] and seconds % _SECONDS[unit] == 0:
            return f"{int(seconds // _SECONDS[unit])}{unit}"
    return f"{seconds:g}s"


def size(least: int, most: int = 1024**5) -> Callable[[object], int]:
    """A reader of sizes in bytes: 512M, 1.5G, 20M, or a number of bytes; K, M, G, T are powers of 1024."""

    def read(value: object) -> int:
        count = None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            count = int(value) if value == int(value) else None
        elif isinstance(value, str):
            found = _SIZE.fullmatch(value.strip())
            if found:
                count = int(float(found[1]) * 1024 ** _POWERS[found[2].upper()])
        if count is None or not least <= count <= most:
            raise Wrong(f"must be a size like 512M or 2G, from {written(least)} to {written(most)}")
        return count

    return read


def percent(value: object) -> int:
    """Percent of one core: 50%, 200%, or the number."""
    number = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = int(value)
    elif isinstance(value, str):
        found = _PERCENT.fullmatch(value.strip())
        number = int(found[1]) if found else None
    if number is None or not 1 <= number <= 100_000:
        raise Wrong("must be a percentage of one core like 50% or 200%, from 1% to 100000%")
    return number


def duration(least: float, most: float) -> Callable[[object], float]:
    """A reader of durations in seconds: 30s, 5m, 1h, 500ms, 2d, or a number of seconds."""

    def read(value: object) -> float:
        seconds = None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds = float(value)
        elif isinstance(value, str):
            found = _DURATION.fullmatch(value.strip())
            seconds = float(found[1]) * _SECONDS[found[2]] if found else None
        # "not <=" rather than ">": NaN compares false with everything.
        if seconds is None or not least <= seconds <= most:
            raise Wrong(f"must be a duration like 30s or 5m, from {spoken(least)} to {spoken(most)}")
        return seconds

    return read
