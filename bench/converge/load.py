# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Visitors who go on asking while something else happens, and remember every request that failed."""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import workload

# Four visitors at this pace leave the cores to what is measured.
VISITORS = 4
PAUSE = 0.05


@dataclass
class Load:
    """Asks for the apps 1 to ``apps`` in turn, as long as the block lasts."""

    port: int
    apps: int
    requests: int = 0
    slowest: float = 0.0
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._visitors = [threading.Thread(target=self._visit, args=(first,)) for first in range(VISITORS)]

    def __enter__(self) -> Self:
        for visitor in self._visitors:
            visitor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        for visitor in self._visitors:
            visitor.join()

    def _visit(self, first: int) -> None:
        number = first
        while not self._end.wait(PAUSE):
            number = number % self.apps + 1
            started = time.monotonic()
            failure = ask(self.port, number)
            seconds = time.monotonic() - started
            number += VISITORS - 1
            with self._lock:
                self.requests += 1
                self.slowest = max(self.slowest, seconds)
                if failure:
                    self.failures.append(failure)


def ask(port: int, number: int) -> str:
    """What is wrong with the app's answer; empty if it is right."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/", headers={"Host": workload.host(number)})
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        return f"{workload.name(number)}: {error!r}"
    finally:
        connection.close()
    if response.status != 200 or body != workload.name(number).encode():
        return f"{workload.name(number)}: {response.status} {body[:80]!r}"
    return ""
