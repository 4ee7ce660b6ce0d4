# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What flows: pieces arrive before the rest is sent, either way, and a gigabyte needs little memory."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable
from http.client import HTTPResponse

from matrix import LONG, probe
from reasons import WHOLE_BODIES
from site_under_test import Site, received

STREAMS = "Streaming"
PIECES = 4
# Seconds in which what is not held back surely arrives, and what is held back is not waited for in vain for long.
PROMPT = 20.0
# Small, and yet no less than what servers (gunicorn: 1024) read at a time.
PIECE = 4096
GIGABYTE = 1024**3
# What all processes of the app, of nginx and of Apache may grow by together while a gigabyte goes through.
GROWTH = 64 * 1024**2
CHUNK = b"\0" * 2**20

# Private and shared memory of every process of the app, and of the servers in front of it; in KB.
MEMORY = (
    "cat /dev/null $(for pid in $(pgrep -u {uid}) $(pgrep -x nginx) $(pgrep -x apache2); do"
    " echo /proc/$pid/smaps_rollup; done) 2>/dev/null | awk '/^Pss_Anon:/ {{sum += $2}} END {{print sum + 0}}'"
)


@probe("an upload reaches the app piece by piece", STREAMS, defects=WHOLE_BODIES)
def up(site: Site) -> None:
    token = site.token()
    with site.sent(f"POST /progress?token={token} HTTP/1.1\nContent-Length: {PIECES * PIECE}") as wire:
        for number in range(1, PIECES + 1):
            wire.sendall(b"x" * PIECE)
            site.await_mark(f"got-{token}-{number}", PROMPT)
        assert received(wire).told["pieces"] == PIECES


def _drip(site: Site) -> None:
    """Each piece is there before the app makes the next one, for which it waits until we tell it."""
    token = site.token()
    with site.sent(f"GET /drip?token={token}&count={PIECES} HTTP/1.1\nAccept: text/event-stream") as wire:
        site.make_mark(f"go-{token}-0")
        response = HTTPResponse(wire)
        response.begin()
        assert response.status == 200
        assert (response.headers["Content-Type"] or "").startswith("text/event-stream")
        for number in range(PIECES):
            if number:
                site.make_mark(f"go-{token}-{number}")
            assert response.readline() == f"data: {number}\n".encode()
            assert response.readline() == b"\n"
        assert response.read() == b""


@probe("an answer arrives piece by piece; Server-Sent Events one by one", STREAMS)
def down(site: Site) -> None:
    _drip(site)


class Watching:
    """How much memory is in use at most, while it lasts, above what was at its beginning; bytes."""

    def __init__(self, site: Site) -> None:
        self.command = MEMORY.format(uid=site.uid)
        self.site = site
        self.most = 0
        self.ended = threading.Event()

    def now(self) -> int:
        return 1024 * int(self.site.run(self.command))

    def __enter__(self) -> Watching:  # noqa: PYI034 - Self is newer than the oldest Python here
        self.before = self.now()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.ended.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.ended.wait(0.2):
            self.most = max(self.most, self.now() - self.before)


def _bounded(site: Site, transfer: Callable[[socket.socket], None]) -> None:
    assert site.ask("tell").status == 200
    with Watching(site) as watching, site.connect(timeout=600) as wire:
        transfer(wire)
    assert watching.now() > 0
    assert watching.most < GROWTH, f"{watching.most // 1024**2} MB more"


@probe("1 GB up in bounded memory", STREAMS, phase=LONG)
def gigabyte_up(site: Site) -> None:
    digest = hashlib.sha256()

    def transfer(wire: socket.socket) -> None:
        wire.sendall(f"POST /tell HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: {GIGABYTE}\r\n\r\n".encode())
        for _each in range(0, GIGABYTE, len(CHUNK)):
            wire.sendall(CHUNK)
            digest.update(CHUNK)
        told = received(wire).told
        assert (told["size"], told["digest"]) == (GIGABYTE, digest.hexdigest())

    _bounded(site, transfer)


@probe("1 GB down in bounded memory", STREAMS, phase=LONG)
def gigabyte_down(site: Site) -> None:
    """The client is slower than the app for a while, so that who buffers without end would be seen."""

    def transfer(wire: socket.socket) -> None:
        wire.sendall(f"GET /down?bytes={GIGABYTE} HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        response = HTTPResponse(wire)
        response.begin()
        size = len(response.read(len(CHUNK)))
        time.sleep(2)
        while True:
            piece = response.read(len(CHUNK))
            if not piece:
                break
            size += len(piece)
        assert size == GIGABYTE

    _bounded(site, transfer)
