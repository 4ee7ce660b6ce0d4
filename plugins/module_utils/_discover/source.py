# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a source as discovery sees them: what can't be read is not there."""

from __future__ import annotations

from .._errors import HostelError
from .module import Modules, Reader, root_of

# Bytes that are read of one source. What people upload has less in the files that matter here.
_MOST = 32 << 20


class Source:
    """A reader that passes over links and huge files. paths: in the reader's order."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._left = _MOST
        self.paths = tuple(reader.paths)
        self.present = frozenset(self.paths)
        self.folders = frozenset(
            path[:end] for path in self.paths for end, character in enumerate(path) if character == "/"
        )
        self.modules = Modules(self)

    def text(self, path: str) -> str | None:
        """The content of a text file; None where there is none that can be read."""
        if path not in self.present:
            # What the listing left out, being bounded, may be there all the same.
            return self._read(path) if "/" in path else None
        return self._read(path)

    def holds(self, module: str, root: str = "") -> bool:
        """Whether ``import module`` would find something of this source in the folder ``root``."""
        base = f"{root}/{module}" if root else module
        return f"{base}.py" in self.present or base in self.folders

    def root(self, path: str) -> str:
        """The folder from which a file is imported; "" for the top."""
        return root_of(path, self.present)

    def _read(self, path: str) -> str | None:
        try:
            text = self._reader.text(path) if self._left > 0 else None
        except HostelError:
            return None
        self._left -= len(text or "")
        return text
