# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Granian's WSGI leaves undone of PEP 3333, and can be done for it: https://peps.python.org/pep-3333/

It takes status and headers before the first piece of the answer is made, which in an application that is a generator
is too early; its ``start_response`` gives no ``write`` and takes the headers' bytes for UTF-8; its input loses the ends
of lines, and takes a client that went away for the end of the body.

What cannot be done for it: the value of a request's header that is not ASCII is empty; header values of an answer must
be UTF-8; a chunked answer whose application raised ends as if it were complete; what is written by ``write`` is sent
when the application returns.
"""

from __future__ import annotations

import io
import itertools

from .entrypoint import load
from .pep3333 import Input, check_start, close
from .wsgi import Front

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from .wsgi import App, Environ

# Granian waits for as much as it is asked for: what an application reads is not to wait for more than that.
READ_AHEAD = 1024


class Repaired:
    """An application as Granian may call it."""

    def __init__(self, entrypoint: str, multiprocess: bool) -> None:
        self._app: App = Front(load(entrypoint))
        self._multiprocess = multiprocess

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH")
        # Of Granian's input this is the one method that can be relied on.
        body = Input(environ["wsgi.input"].read, int(length) if length else None)
        environ["wsgi.input"] = io.BufferedReader(body, READ_AHEAD)
        environ["wsgi.multiprocess"] = self._multiprocess
        if environ["SERVER_PROTOCOL"] == "HTTP/1":
            environ["SERVER_PROTOCOL"] = "HTTP/1.0"
        head = Head(start_response)
        return answer(head, self._app(environ, head))


class Head:
    """start_response for the application: status and headers, and what it writes instead of returning it."""

    def __init__(self, start_response: Callable[..., Any]) -> None:
        self._start_response = start_response
        self._known = False
        self.sent = False
        self.written: list[bytes] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        check_start(exc_info, called=self._known, sent=self.sent)
        self._known = True
        self._start_response(status, [(name, _as_sent(value)) for name, value in headers])
        return self.written.append

    def check(self) -> None:
        """Before the first piece of the answer."""
        if not self._known:
            raise AssertionError("the application returned before it called start_response()")
        self.sent = True


def _as_sent(value: str) -> str:
    """The string whose UTF-8, which Granian sends, is the latin-1 of ``value``, which PEP 3333 wants sent."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return value


def answer(head: Head, result: Iterable[bytes]) -> Iterable[bytes]:
    """What Granian is given once status and headers are certain."""
    if isinstance(result, list):
        head.check()
        return [*head.written, *result]
    pieces = iter(result)
    try:
        # The head waits for the first piece that is not empty.
        first = list(itertools.islice(filter(None, pieces), 1))
        head.check()
    except BaseException:
        close(result)
        raise
    return Pieces(itertools.chain(head.written, first, filter(None, pieces)), result)


class Pieces:
    """The rest of an answer, with the close() that Granian calls whether there is one or not."""

    def __init__(self, pieces: Iterator[bytes], result: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._result = result

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        close(self._result)
