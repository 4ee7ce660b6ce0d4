# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A source that lies in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.hostel.python.plugins.module_utils._errors import NodeError


@dataclass(frozen=True)
class Files:
    """A source as a mapping; what is None cannot be read."""

    files: Mapping[str, str | None]

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(self.files)

    def text(self, path: str) -> str | None:
        if path in self.files and self.files[path] is None:
            raise NodeError(f"{path}: is larger than 1048576 bytes")
        return self.files.get(path)
