# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that go on while something happens, and what they were answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Generic, TypeVar

from rig.exchange import Answer

# By method and body.
Ask = Callable[[str, "bytes | None"], Answer]
Place = TypeVar("Place", bound=Hashable)


@dataclass
class Record:
    """What the requests at one place were answered: the versions of the probe app, and what was no good answer."""

    versions: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class Load(Generic[Place]):
    """Requests one after the other, in several threads a place, for as long as the ``with`` lasts."""

    def __init__(self, places: Mapping[Place, Ask], *, threads: int, pause: float, around: float) -> None:
        """pause: seconds between two requests of a thread; around: seconds before and after what happens."""
        self.records = {place: Record() for place in places}
        self._pause = pause
        self._around = around
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(self.records[place], ask, bool(number % 2)))
            for place, ask in places.items()
            for number in range(threads)
        ]

    def __enter__(self) -> Load[Place]:
        for thread in self._threads:
            thread.start()
        time.sleep(self._around)
        return self

    def __exit__(self, *_exception: object) -> None:
        time.sleep(self._around)
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def failures(self) -> list[str]:
        """All, with the places."""
        return [f"{place}: {failure}" for place, record in self.records.items() for failure in record.failures]

    @property
    def seen(self) -> list[set[str]]:
        """For each place, the versions that answered."""
        return [set(record.versions) for record in self.records.values()]

    @property
    def last(self) -> set[str]:
        """The versions that answered last."""
        return {record.versions[-1] for record in self.records.values()}

    def _work(self, record: Record, ask: Ask, post: bool) -> None:
        """Every second thread posts: what is not repeated by a proxy must not be lost either."""
        method, body = ("POST", b"x" * 1000) if post else ("GET", None)
        while not self._stop.wait(self._pause):
            try:
                answer = ask(method, body)
                if answer.status == 200:
                    record.versions.append(answer.told["version"])
                else:
                    record.failures.append(f"{answer.status} {answer.body[:200]!r}")
            # The latter two: a good status, and no answer of the app's.
            except (OSError, HTTPException, ValueError, KeyError) as error:
                record.failures.append(repr(error))
