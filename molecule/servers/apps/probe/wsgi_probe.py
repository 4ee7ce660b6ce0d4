# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A WSGI application that does whatever a probe asks for: ``/<what>?<arguments>``."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

import process
from wsgi_checks import checked

Environ = dict[str, Any]
Answer = Iterable[bytes]
CHUNK = 65536
PIECE = 4096


class Request:
    """One request, with what most answers need."""

    def __init__(self, environ: Environ, start_response: Any) -> None:
        self.environ = environ
        self.start_response = start_response
        self.query = dict(parse_qsl(environ.get("QUERY_STRING", "")))

    def start(self, status: str = "200 OK", kind: str = "text/plain", more: Iterable[tuple[str, str]] = ()) -> None:
        self.start_response(status, [("Content-Type", kind), *more])

    def told(self, what: Any) -> Answer:
        body = json.dumps(what).encode()
        self.start(kind="application/json", more=[("Content-Length", str(len(body)))])
        return [body]


def tell(request: Request) -> Answer:
    """What the server says of the request, in the words that both probe apps use."""
    environ = request.environ
    size, digest = _body(environ)
    uri = environ.get("REQUEST_URI") or environ.get("RAW_URI") or ""
    return request.told(
        {
            "method": environ["REQUEST_METHOD"],
            "mount": environ["SCRIPT_NAME"],
            "path": environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
            "raw": uri.partition("?")[0],
            "query": environ["QUERY_STRING"],
            "scheme": environ["wsgi.url_scheme"],
            "client": environ["REMOTE_ADDR"],
            "server": [environ["SERVER_NAME"], environ["SERVER_PORT"]],
            "headers": _headers(environ),
            "size": size,
            "digest": digest,
            **process.identity(),
        }
    )


def _headers(environ: Environ) -> dict[str, str]:
    found = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
    found.update({name: environ[name] for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)})
    return {name.lower().replace("_", "-"): value for name, value in found.items()}


def _body(environ: Environ) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while True:
        piece = environ["wsgi.input"].read(CHUNK)
        if not piece:
            return size, digest.hexdigest()
        size += len(piece)
        digest.update(piece)


def progress(request: Request) -> Answer:
    """Mark each piece of the body as it comes; pieces have 4096 bytes."""
    token, count = request.query["token"], 0
    while request.environ["wsgi.input"].read(PIECE):
        count += 1
        process.mark(f"got-{token}-{count}")
    return request.told({"pieces": count})


def drip(request: Request) -> Answer:
    """Each piece of the answer when the test has made its mark."""
    token, count = request.query["token"], int(request.query["count"])
    request.start(kind="text/event-stream")

    def pieces() -> Iterator[bytes]:
        for number in range(count):
            process.await_mark(f"go-{token}-{number}")
            yield b"data: %d\n\n" % number

    return pieces()


def down(request: Request) -> Answer:
    """So many bytes, without a length said before."""
    count = int(request.query["bytes"])
    request.start(kind="application/octet-stream")
    return (b"x" * min(CHUNK, count - sent) for sent in range(0, count, CHUNK))


def endless(request: Request) -> Answer:
    """Until nobody listens any more, which is marked."""
    token = request.query["token"]
    request.start()

    def pieces() -> Iterator[bytes]:
        process.mark(f"pid-{token}", str(os.getpid()))
        try:
            while True:
                yield b"x" * CHUNK
                time.sleep(process.LOOK)
        finally:
            process.mark(f"gone-{token}")

    return pieces()


def headers(request: Request) -> Answer:
    """Many headers in the answer."""
    count, size = int(request.query["count"]), int(request.query["size"])
    request.start(more=[("Set-Cookie", f"c{number}=" + "x" * size) for number in range(count)])
    return [b"many"]


def foreign(request: Request) -> Answer:
    """A header that is not ASCII, as PEP 3333 has it: bytes as latin-1."""
    request.start(more=[("X-Note", "ä€".encode().decode("latin-1"))])
    return [b"foreign"]


def status(request: Request) -> Answer:
    code = request.query["code"]
    if code in ("204", "304"):
        request.start_response(f"{code} Said", [])
        return []
    request.start(f"{code} Said")
    return [b"said"]


def redirect(request: Request) -> Answer:
    """Within the app, as frameworks do it: the mount in front."""
    request.start("302 Found", more=[("Location", f"{request.environ['SCRIPT_NAME']}/tell")])
    return [b""]


def written(request: Request) -> Answer:
    """By the write() that start_response gives, which servers must still have."""
    write = request.start_response("200 OK", [("Content-Type", "text/plain")])
    write(b"writ")
    return [b"ten"]


def replaced(request: Request) -> Answer:
    """An error found before anything was sent replaces the headers."""
    request.start()
    try:
        int("on purpose")
    except ValueError:
        request.start_response("503 Replaced", [("Content-Type", "text/plain")], sys.exc_info())
    return [b"replaced"]


def torn(request: Request) -> Answer:
    """An answer that breaks off in its middle."""
    request.start(more=[("Content-Length", "1000")])

    def pieces() -> Iterator[bytes]:
        yield b"the beginning"
        raise LookupError(request.query["text"])

    return pieces()


def wait(request: Request) -> Answer:
    time.sleep(float(request.query["seconds"]))
    return request.told(process.identity())


def log(request: Request) -> Answer:
    for stream in (sys.stdout, sys.stderr, request.environ["wsgi.errors"]):
        stream.write(f"{request.query['text']}\n")
        stream.flush()
    return request.told({})


def broken(request: Request) -> Answer:
    raise LookupError(request.query["text"])


def leave(request: Request) -> Answer:
    os._exit(9)


def eat(request: Request) -> Answer:
    return request.told({"eaten": process.eat(int(request.query["bytes"]))})


def breed(request: Request) -> Answer:
    return request.told({"bred": process.breed(int(request.query["count"]))})


def alter(request: Request) -> Answer:
    return request.told({"altered": process.read_only()})


ANSWERS: dict[str, Callable[[Request], Answer]] = {
    function.__name__: function
    for function in (
        tell, progress, drip, down, endless, headers, foreign, status, redirect, written, replaced, torn, wait, log,
        broken, leave, eat, breed, alter,
    )
}  # fmt: skip


def _application(environ: Environ, start_response: Any) -> Answer:
    """``tell`` is also the answer to everything else."""
    request = Request(environ, start_response)
    return ANSWERS.get(environ["PATH_INFO"].strip("/").partition("/")[0], tell)(request)


application = checked(_application)
