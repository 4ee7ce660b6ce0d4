# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers of plain values: each takes what the inventory holds and gives the value, or says what is allowed."""

from __future__ import annotations

import re
from typing import Callable

from .problems import Wrong

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
CHECKSUM = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


def text(value: object) -> str:
    """A string that is not empty and has no control characters. Numbers and booleans are refused: YAML has already
    changed what was written (3.10 became 3.1, no became false)."""
    if isinstance(value, bool):
        raise Wrong("must be a string; YAML reads yes, no, on, off, true and false as booleans: put it in quotes")
    if isinstance(value, (int, float)):
        raise Wrong("must be a string; put it in quotes (YAML reads 3.10 as the number 3.1)")
    if not isinstance(value, str):
        raise Wrong("must be a string")
    if not value.strip():
        raise Wrong("must not be empty")
    printable(value)
    return str(value)


def printable(value: str) -> str:
    """A string without control characters (NUL, newline, tab…) and broken Unicode."""
    control = _CONTROL.search(value)
    if control:
        raise Wrong(f"must not hold control characters (here U+{ord(control.group()):04X})")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Wrong("must be valid Unicode text") from None
    return value


def boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise Wrong("must be true or false")


def choice(*names: str) -> Callable[[object], str]:
    """A reader that takes one of these names."""

    def read(value: object) -> str:
        if isinstance(value, str) and value in names:
            return str(value)
        raise Wrong(f"must be one of {', '.join(names)}")

    return read


def whole(least: int, most: int) -> Callable[[object], int]:
    """A reader of whole numbers, as a number or as digits in a string (what a template gives)."""

    def read(value: object) -> int:
        digits = isinstance(value, str) and _DIGITS.fullmatch(value)
        if digits or (isinstance(value, int) and not isinstance(value, bool)):
            number = int(value)  # type: ignore[call-overload]
            if least <= number <= most:
                return int(number)
        raise Wrong(f"must be a whole number from {least} to {most}")

    return read


def checksum(value: object) -> str:
    """sha256:<64 hex digits>, in lower case."""
    if isinstance(value, str) and CHECKSUM.fullmatch(value.lower()):
        return value.lower()
    raise Wrong("must be sha256:<64 hexadecimal digits>, as sha256sum FILE prints them")
