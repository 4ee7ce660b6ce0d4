# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer as PEP 3333 has it, for a server that takes it less exactly.

uWSGI sends the head when start_response() is called, fails where that is called again with what an exception was, and
ends the connection without a word when the application raises.
"""

from __future__ import annotations

from .entrypoint import report
from .pep3333 import check_start, close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from .wsgi import App, Environ

FAILED = "500 Internal Server Error"


class Exact:
    """An application whose head is sent with its first piece; what it raises before that is a 500, and in the log."""

    def __init__(self, app: App) -> None:
        self.app = app

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = Answer(start_response)
        try:
            pieces = self.app(environ, answer.start)
            if isinstance(pieces, (list, tuple)):
                answer.send_head()
                return pieces
        except Exception as error:  # noqa: BLE001 - whatever the application raises is its answer to this request
            return answer.fail(error)
        answer.pieces = pieces
        return answer


class Answer:
    """One answer: start_response(), write() and the iterable."""

    def __init__(self, start_response: Callable[..., Any]) -> None:
        self._start_response = start_response
        self._head: tuple[str, list[tuple[str, str]]] | None = None
        self._write: Callable[[bytes], Any] | None = None
        self.pieces: Iterable[bytes] = ()

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        check_start(exc_info, called=self._head is not None, sent=self._write is not None)
        self._head = (status, headers)
        return self.write

    def write(self, piece: bytes) -> None:
        self.send_head()(piece)

    def send_head(self) -> Callable[[bytes], Any]:
        """Hand the head to the server, once; gives its write()."""
        if self._write is None:
            if self._head is None:
                raise AssertionError("the application answered before it called start_response()")
            self._write = self._start_response(*self._head)
        return self._write

    def fail(self, error: Exception) -> list[bytes]:
        """The answer to what was raised; where one has begun it breaks off."""
        if self._write is not None:
            raise error
        report(type(error), error, error.__traceback__)
        self._head = (FAILED, [("Content-Type", "text/plain")])
        self.send_head()
        return [f"{FAILED}\n".encode()]

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self.pieces:
                if piece:
                    self.send_head()
                yield piece
            self.send_head()
        except Exception as error:  # noqa: BLE001 - as above
            yield from self.fail(error)

    def close(self) -> None:
        close(self.pieces)
