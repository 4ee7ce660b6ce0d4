# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve one WSGI app to Passenger: what its own wsgi-loader.py does, for every Python from 3.9 on.

Passenger's loader of Debian 12 imports ``imp``, which Python 3.12 no longer has; both of Debian's know only a file with
a variable ``application``. The protocol is Passenger's SpawningKit (work dir with args.json and response/) and its
session protocol: a 4-byte length, NUL-separated CGI variables, then the body.

Environment: PASSENGER_SPAWN_WORK_DIR, and perhaps HOSTEL_PASSENGER_PIPE, the number of the descriptor at which
Passenger listens while we start (see enter_slice.py).
"""

from __future__ import annotations

import io
import json
import os
import select
import socket
import struct
import sys
import time
import traceback

from .entrypoint import load, own_part
from .pep3333 import PIECE, FileWrapper, Input, check_start, close
from .wsgi import path_of, split_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .wsgi import App

BACKLOG = 1000
DRAIN_SECONDS = 5
# What an app is told of a request. Passenger passes more: Apache's own variables, its password for us.
TOLD = ("HTTP_", "CONTENT_", "REQUEST_", "SERVER_", "REMOTE_", "PATH_INFO", "SCRIPT_NAME", "QUERY_STRING", "HTTPS")
# A request's variables; nginx in front passes far less.
MOST_VARIABLES = 4 << 20


def serve(options: Mapping[str, str]) -> int:
    """Serve ``entrypoint`` until Passenger wants no more of it."""
    # Not for the app, nor for what it starts.
    pipe = int(os.environ.pop("HOSTEL_PASSENGER_PIPE", "-1"))
    if pipe >= 0:
        os.set_inheritable(pipe, False)
    journey = Journey(os.environ.pop("PASSENGER_SPAWN_WORK_DIR"), pipe)
    journey.done("SUBPROCESS_EXEC_WRAPPER")
    with journey.step("SUBPROCESS_WRAPPER_PREPARATION"):
        spawning = journey.options()
    with journey.step("SUBPROCESS_APP_LOAD_OR_EXEC"):
        app = load(options["entrypoint"])
    with journey.step("SUBPROCESS_LISTEN"):
        listening, path = listen(spawning["socket_dir"], int(spawning.get("UNIX_PATH_MAX", 100)))
        journey.advertise(path)
    journey.finish()
    try:
        wait(listening)
        if pipe >= 0:
            os.close(pipe)
        answer_all(listening, app)
    finally:
        os.unlink(path)
    return 0


class Journey:
    """What Passenger is told on the way to a running app, by files in its work dir."""

    def __init__(self, work_dir: str, pipe: int) -> None:
        self._work_dir = work_dir
        self._pipe = pipe

    def options(self) -> dict[str, Any]:
        with open(f"{self._work_dir}/args.json", encoding="utf-8") as file:
            options: dict[str, Any] = json.load(file)
        return options

    def done(self, name: str) -> None:
        self._tell(f"steps/{name.lower()}/state", "STEP_PERFORMED")
        self._tell(f"steps/{name.lower()}/end_time", str(time.time()))

    def step(self, name: str) -> Step:
        return Step(self, name)

    def begin(self, name: str) -> None:
        self._tell(f"steps/{name.lower()}/state", "STEP_IN_PROGRESS")
        self._tell(f"steps/{name.lower()}/begin_time", str(time.time()))

    def failed(self, name: str, error: BaseException) -> None:
        """Show the app's traceback in its journal and in Passenger's log, and its last line in Passenger's report."""
        lines = "".join(traceback.format_exception(type(error), error, own_part(error.__traceback__)))
        sys.stderr.write(lines)
        sys.stderr.flush()
        if self._pipe >= 0:
            os.write(self._pipe, lines.encode("utf-8", "backslashreplace"))
        summary = "".join(traceback.format_exception_only(type(error), error)).strip()
        self._tell(f"steps/{name.lower()}/state", "STEP_ERRORED")
        self._tell(f"steps/{name.lower()}/end_time", str(time.time()))
        self._tell("error/summary", f"The app did not start: {summary}")

    def advertise(self, path: str) -> None:
        main_socket = {
            "name": "main",
            "address": f"unix:{path}",
            "protocol": "session",
            "concurrency": 1,
            "accept_http_requests": True,
        }
        self._tell("properties.json", json.dumps({"sockets": [main_socket]}))

    def finish(self) -> None:
        """Let requests come. Passenger reads this pipe and removes the work dir."""
        self._tell("finish", "1")

    def _tell(self, name: str, text: str) -> None:
        with open(f"{self._work_dir}/response/{name}", "w", encoding="utf-8", errors="replace") as file:
            file.write(text)


class Step:
    """One step of the journey, as a context: performed, or errored with the process's end."""

    def __init__(self, journey: Journey, name: str) -> None:
        self._journey = journey
        self._name = name

    def __enter__(self) -> None:
        self._journey.begin(self._name)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._journey.done(self._name)
            return
        self._journey.failed(self._name, error)
        raise SystemExit(1)


def listen(folder: str, longest: int) -> tuple[socket.socket, str]:
    """Listen at a new socket in Passenger's folder; only root and the tenant may connect (umask 022)."""
    path = f"{folder}/wsgi.{os.urandom(8).hex()}"[:longest]
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(path)
    listening.listen(BACKLOG)
    return listening, path


def answer_all(listening: socket.socket, app: App) -> None:
    """Answer one request after the other until Passenger closes our standard input."""
    while wait(listening):
        connection, _address = listening.accept()
        with connection:
            answer(connection, app)


def wait(listening: socket.socket) -> bool:
    """Wait for a request; False where Passenger wants us to end, and nothing waits any more."""
    waiting = select.poll()
    waiting.register(sys.stdin.fileno(), select.POLLIN | select.POLLHUP)
    waiting.register(listening.fileno(), select.POLLIN)
    return listening.fileno() in (fd for fd, _event in waiting.poll())


def answer(connection: socket.socket, app: App) -> None:
    """Answer one request; whatever goes wrong is in the journal, and the next request is answered."""
    try:
        variables = read_variables(connection)
        if variables is None:
            return
        if variables["REQUEST_METHOD"] == "ping":
            connection.sendall(b"pong")
            return
        Response(connection, variables).make(app)
        connection.shutdown(socket.SHUT_WR)
        drain(connection)
    except OSError as error:
        sys.stderr.write(f"hostel: the connection ended before the answer did: {error}\n")


def drain(connection: socket.socket) -> None:
    """Take what the app has left of the request's body: to close before would reset the connection, answer included.

    The front has the whole body before it asks us, so it does not take long; it ends when Passenger has the answer.
    """
    connection.settimeout(DRAIN_SECONDS)
    while connection.recv(PIECE):
        continue


def read_variables(connection: socket.socket) -> dict[str, str] | None:
    """Read the head of a request; None where the other end only looked whether we live."""
    head = read_exactly(connection, 4)
    if head is None:
        return None
    (size,) = struct.unpack(">I", head)
    if size > MOST_VARIABLES:
        raise OSError(f"a request's head of {size} bytes")
    block = read_exactly(connection, size)
    if block is None:
        return None
    words = block.decode("latin-1").split("\0")[:-1]
    return dict(zip(words[::2], words[1::2]))


def mount_and_path(variables: dict[str, str]) -> tuple[str, str]:
    """SCRIPT_NAME and PATH_INFO. Passenger leaves the path as the request line had it; WSGI wants it decoded.

    A mount that was written with escapes (/%62log/) Passenger does not know again; our front, whose word the variable
    hostel_front vouches for, has told it.
    """
    mount = variables["SCRIPT_NAME"]
    path = path_of(variables["PATH_INFO"])
    told = variables.get("HTTP_X_FORWARDED_PREFIX", "") if "hostel_front" in variables else ""
    return (mount, path) if mount else split_path(path, told)


def body_length(variables: dict[str, str]) -> int | None:
    """Of a request's body, in bytes; None where its end is known only when it comes. Without a body it is 0: Passenger
    does not close its side then, and who reads to the end would wait for ever."""
    length = variables.get("CONTENT_LENGTH")
    if length:
        return int(length)
    return None if variables.get("HTTP_TRANSFER_ENCODING") or variables.get("TRANSFER_ENCODING") else 0


def read_exactly(connection: socket.socket, size: int) -> bytes | None:
    pieces = bytearray()
    while len(pieces) < size:
        piece = connection.recv(size - len(pieces))
        if not piece:
            return None
        pieces += piece
    return bytes(pieces)


class Response:
    """One answer (PEP 3333)."""

    def __init__(self, connection: socket.socket, variables: dict[str, str]) -> None:
        self._connection = connection
        self._variables = variables
        self._head: bytes | None = None
        self._sent = False

    def make(self, app: App) -> None:
        try:
            pieces = app(self._environ(), self._start)
            try:
                for piece in pieces:
                    if piece:
                        self._write(piece)
                if not self._sent:
                    self._write(b"")
            finally:
                close(pieces)
        except OSError as error:
            if not getattr(error, "of_passenger", False):
                self._fail()
                return
            raise
        except Exception:  # noqa: BLE001 - whatever the app raises is its answer to this request
            self._fail()

    def _fail(self) -> None:
        """Log what the app raised; tell the client, if it was told nothing yet."""
        traceback.print_exc()
        if not self._sent:
            self._head = None
            self._start("500 Internal Server Error", [("Content-Type", "text/plain")])
            self._write(b"500 Internal Server Error\n")

    def _environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = {key: value for key, value in self._variables.items() if key.startswith(TOLD)}
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = mount_and_path(self._variables)
        if "hostel_front" in self._variables:
            environ.pop("HTTP_X_FORWARDED_PREFIX", None)
        environ.update(
            {
                "wsgi.version": (1, 0),
                "wsgi.url_scheme": "https" if environ.get("HTTPS") in ("on", "1", "true", "yes") else "http",
                "wsgi.input": io.BufferedReader(Input(self._connection.recv, body_length(self._variables)), PIECE),
                "wsgi.input_terminated": True,
                "wsgi.errors": sys.stderr,
                "wsgi.multithread": False,
                "wsgi.multiprocess": True,
                "wsgi.run_once": False,
                "wsgi.file_wrapper": FileWrapper,
            }
        )
        return environ

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        check_start(exc_info, called=self._head is not None, sent=self._sent)
        lines = [f"HTTP/1.1 {status}", f"Status: {status}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        if any("\r" in line or "\n" in line or "\0" in line for line in lines):
            raise ValueError("a response's status and headers hold no line breaks")
        self._head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        return self._write

    def _write(self, piece: bytes) -> None:
        if self._head is None:
            raise AssertionError("the app returned before it called start_response()")
        if self._variables["REQUEST_METHOD"] == "HEAD":
            piece = b""
        if not self._sent:
            self._sent = True
            piece = self._head + piece
        if piece:
            try:
                self._connection.sendall(piece)
            except OSError as error:
                error.of_passenger = True  # type: ignore[attr-defined]
                raise
