# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host and the path prefix that an app is mounted at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Url:
    """host: lower-case ASCII host name; prefix: "" for the root, else "/blog" (no slash at the end)."""

    host: str
    prefix: str = ""

    def __str__(self) -> str:
        return self.host + self.prefix
