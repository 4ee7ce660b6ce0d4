# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request at a node's public port, and what came back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What came back. ``told``: the JSON of the probe apps."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        assert self.status == 200, (self.status, self.body[:500])
        return dict(json.loads(self.body))


def exchange(
    port: int,
    host: str,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str | bytes] | None = None,
    timeout: float = 60,
) -> Answer:
    """An ordinary request; ``path`` without its first slash, encoded."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, f"/{path}", body, {"Host": host, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()
