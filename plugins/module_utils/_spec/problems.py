# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gathering everything that is wrong before anything is touched."""

from __future__ import annotations

import re
from typing import Callable, TypeVar

from .._errors import SpecError

T = TypeVar("T")

_PASSWORD = re.compile(r"(?<=://)[^/@\s]+@")
_LONGEST = 60


class Wrong(ValueError):
    """A value is not allowed; the text says what is, and completes the sentence "x: key: value ...: "."""


class Problems:
    """The errors found so far, each one complete line."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, subject: str, key: str, text: str) -> None:
        """subject: the tenant, app or version; key: the way to the value inside it, "" for the item itself."""
        line = f"{subject}: {key}: {text}" if key else f"{subject}: {text}"
        if line not in self.lines:
            self.lines.append(line)

    def raise_any(self) -> None:
        """SpecError with all of them, if there are any."""
        if self.lines:
            raise SpecError(*self.lines)


def alone(parse: Callable[[object, Problems, str], T | None], raw: object, where: str) -> T:
    """Parse one noun by itself, for the modules that take one: SpecError with all its errors."""
    problems = Problems()
    result = parse(raw, problems, where)
    problems.raise_any()
    if result is None:
        raise SpecError(f"{where}: nothing was given")
    return result


def shown(value: object) -> str:
    """A value for an error message: short, on one line, without what may be secret in it."""
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"the number {value!r}"
    if isinstance(value, str):
        text = _PASSWORD.sub("***@", str(value))
        return repr(text) if len(text) <= _LONGEST else f"{text[:_LONGEST]!r}… ({len(text)} characters)"
    return kind_of(value)


def kind_of(value: object) -> str:
    """The type of a value in the operator's words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return f"a value of type {type(value).__name__}"
