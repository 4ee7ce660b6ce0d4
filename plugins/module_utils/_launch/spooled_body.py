# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request's body where nobody reads the answer before the body has been taken, as in mod_wsgi's daemon mode.

The Apache beside the daemon hands the whole body over first. An application that answers at length before it has read
all of it (an echo, a refusal with a long page) would wait for Apache, and Apache for it, until both give up. nginx in
front of uWSGI hands over no more of a body once it has the head of the answer, and forgets that head if the connection
ends with the body half read. So what the application has not read by then is put into a file, and it reads on there.
"""

from __future__ import annotations

from .pep3333 import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from .wsgi import App, Environ

# Bytes of an answer that the socket between the two takes though nobody reads; Linux gives it more.
ROOM = 32768
PIECE = 65536
# On the disk; what lies in /tmp may be in memory.
PLACE = "/var/tmp"  # noqa: S108 - the unit has one of its own


class Spooled:
    """An application that may answer before it has read.

    room: of how many bytes of an answer the other side has taken note while it still hands over the body; 0: of none,
    and even an answer without a body must wait.
    """

    def __init__(self, app: App, room: int = ROOM) -> None:
        self.app = app
        self.room = room

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH", "") in ("", "0") and "HTTP_TRANSFER_ENCODING" not in environ:
            return self.app(environ, start_response)
        body = environ["wsgi.input"] = Body(environ["wsgi.input"], self.room)

        def start(*arguments: Any) -> Callable[[bytes], None]:
            write = start_response(*arguments)

            def written(piece: bytes) -> None:
                body.make_room(piece)
                write(piece)

            return written

        result = self.app(environ, start)
        if isinstance(result, (list, tuple)):
            # mod_wsgi knows the length of an answer that is a list of one.
            for piece in (*result, b""):
                body.make_room(piece)
            return result
        return Answer(result, body)


class Body:
    """``wsgi.input`` (PEP 3333)."""

    def __init__(self, stream: Any, room: int) -> None:
        self._stream = stream
        self._room: int | None = room

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read(size)
        return data

    def readline(self, size: int = -1) -> bytes:
        line: bytes = self._stream.readline(size)
        return line

    def readlines(self, hint: int = -1) -> list[bytes]:
        lines: list[bytes] = self._stream.readlines(hint)
        return lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def make_room(self, piece: bytes) -> None:
        """See to it that an answer's next piece finds somebody who reads it."""
        if self._room is None:
            return
        if len(piece) < self._room:
            self._room -= len(piece)
            return
        self._room = None
        first = self._stream.read(PIECE)
        if first:
            # Few applications do this, and each would wait for it when it starts.
            import shutil  # noqa: PLC0415
            import tempfile  # noqa: PLC0415

            kept = tempfile.TemporaryFile(dir=PLACE)  # noqa: SIM115 - closed with the request
            kept.write(first)
            shutil.copyfileobj(self._stream, kept, PIECE)
            kept.seek(0)
            self._stream = kept


class Answer:
    """What an application returned, with room made for each piece."""

    def __init__(self, pieces: Iterable[bytes], body: Body) -> None:
        self._pieces = pieces
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._body.make_room(piece)
            yield piece
        self._body.make_room(b"")

    def close(self) -> None:
        close(self._pieces)
