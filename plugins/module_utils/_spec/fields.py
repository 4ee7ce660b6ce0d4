# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading one mapping of the inventory key by key, so that no key is forgotten and none is unknown."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Callable, TypeVar

from .problems import Problems, Wrong, kind_of, shown

T = TypeVar("T")


class Fields:
    """One mapping. What is read is known; ``done`` reports the keys that nobody read.

    A key whose value is null counts as left out. A wrong value is reported and replaced by the fallback, so that
    reading goes on and finds the next mistake; whoever parses raises at the end.
    """

    def __init__(self, raw: Mapping[object, object], subject: str, problems: Problems, path: str = "") -> None:
        self.subject = subject
        self.problems = problems
        self._raw = raw
        self._path = path
        self._known: list[str] = []

    def wrong(self, key: str, text: str) -> None:
        """Report something about a key; "" for the mapping itself."""
        self.problems.add(self.subject, (self._path + key).rstrip("."), text)

    def has(self, key: str) -> bool:
        return self._raw.get(key) is not None

    def raw(self, key: str) -> object:
        """The value as it is; the key is known from now on."""
        if key not in self._known:
            self._known.append(key)
        return self._raw.get(key)

    def items(self) -> list[tuple[object, object]]:
        """All keys and values, for a mapping whose keys are the operator's own."""
        return list(self._raw.items())

    def get(self, key: str, read: Callable[[object], T], fallback: T, *, secret: bool = False) -> T:
        """The value as ``read`` understands it; the fallback if it is left out or wrong."""
        value = self.raw(key)
        if value is None:
            return fallback
        try:
            return read(value)
        except Wrong as wrong:
            self.wrong(key, str(wrong) if secret else f"{shown(value)}: {wrong}")
            return fallback

    def need(self, key: str, read: Callable[[object], T], fallback: T) -> T:
        """The same for a key that must be given."""
        if self.raw(key) is None:
            self.wrong(key, f"is missing; {allowed(read)}")
            return fallback
        return self.get(key, read, fallback)

    def each(self, key: str, read: Callable[[object], T]) -> tuple[T, ...]:
        """A list, each of its items as ``read`` understands it."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, (list, tuple)):
            self.wrong(key, f"{shown(value)}: must be a list")
            return ()
        result = []
        for index, item in enumerate(value):
            try:
                result.append(read(item))
            except Wrong as wrong:
                self.wrong(f"{key}[{index}]", f"{shown(item)}: {wrong}")
        return tuple(result)

    def section(self, key: str) -> Fields | None:
        """A mapping inside this one; None if it is left out or no mapping."""
        value = self.raw(key)
        if value is None:
            return None
        return self._inside(key, value)

    def sections(self, key: str) -> list[Fields]:
        """A list of mappings."""
        value = self.raw(key)
        if value is None:
            return []
        if not isinstance(value, (list, tuple)):
            self.wrong(key, f"must be a list of mappings, not {kind_of(value)}")
            return []
        found = (self._inside(f"{key}[{index}]", item) for index, item in enumerate(value))
        return [fields for fields in found if fields is not None]

    def _inside(self, key: str, value: object) -> Fields | None:
        if not isinstance(value, Mapping):
            self.wrong(key, f"must be a mapping, not {kind_of(value)}")
            return None
        return Fields(value, self.subject, self.problems, f"{self._path}{key}.")

    def done(self) -> None:
        """Report the unknown keys. Their values stay untold: a misspelt ``env`` is still secret."""
        for key in self._raw:
            if key in self._known:
                continue
            name = str(key)
            # "environment" is nearer to "requirements" than to "env" by its letters alone.
            near = [known for known in self._known if name.lower().startswith(known)]
            near += difflib.get_close_matches(name.lower(), self._known, 1, 0.6)
            hint = f"did you mean {near[0]!r}?" if near else f"allowed are {', '.join(self._known)}"
            self.problems.add(self.subject, f"{self._path}{shown(name)[1:-1]}", f"unknown key; {hint}")


def allowed(read: Callable[[object], object]) -> str:
    """What a reader takes, in its own words: those it refuses nothing with."""
    try:
        read(None)
    except Wrong as wrong:
        return str(wrong)
    return "give it a value"


def subject(raw: object, noun: str, where: str, key: str = "name") -> str:
    """How messages call one tenant, app or version: by its ``key`` where that is usable, else by its place."""
    name = raw.get(key) if isinstance(raw, Mapping) else None
    return f"{noun} {shown(name)}" if isinstance(name, str) and name.strip() else where


def item(raw: object, noun: str, where: str, problems: Problems, key: str = "name") -> Fields | None:
    """The fields of one tenant, app or version; None, and reported, if it is no mapping."""
    if not isinstance(raw, Mapping):
        problems.add(where, "", f"must be a mapping with the keys of {noun}, not {kind_of(raw)}")
        return None
    return Fields(raw, subject(raw, noun, where, key), problems)
