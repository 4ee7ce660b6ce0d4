# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every server owes a WSGI application, for those that do not pay all of it: https://peps.python.org/pep-3333/"""

from __future__ import annotations

import io

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

PIECE = 65536


def check_start(exc_info: Any, *, called: bool, sent: bool) -> None:
    """Whether start_response() may be called with ``exc_info``: called before, and its head sent to the client.

    Raises what the application hands over where that comes too late, and AssertionError for a second call without it.
    """
    if exc_info is not None and sent:
        raise exc_info[1].with_traceback(exc_info[2])
    if exc_info is None and called:
        raise AssertionError("start_response() was called twice without exc_info")


def close(result: Any) -> None:
    """End what an application returned, if it wants that; the server does so however the answer has ended."""
    end = getattr(result, "close", None)
    if end is not None:
        end()


class Input(io.RawIOBase):
    """``wsgi.input`` to be buffered: so many bytes of what ``read`` gives, or all until it gives none (None)."""

    def __init__(self, read: Callable[[int], bytes], length: int | None) -> None:
        self._read = read
        self._left = length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        room = len(buffer) if self._left is None else min(len(buffer), self._left)
        piece = bytes(self._read(room)) if room else b""
        if room and not piece and self._left:
            raise ConnectionResetError("the client went away in the middle of its request")
        if self._left is not None:
            self._left -= len(piece)
        buffer[: len(piece)] = piece
        return len(piece)


class FileWrapper:
    """``wsgi.file_wrapper``: a file in pieces."""

    def __init__(self, file: Any, size: int = PIECE) -> None:
        self._file = file
        self._size = size
        if hasattr(file, "close"):
            self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self._file.read(self._size), b"")
