# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames thrown at WebSockets by two client libraries: what RFC 6455 allows is borne, what it forbids ends the line.

What is allowed is written by the libraries themselves; what is forbidden they would refuse to write, so that is made
here, and they read what comes back.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import websocket as websocket_client
from matrix import probe
from reasons import NO_WEBSOCKETS, UNTOLD
from site_under_test import PORTS, Site
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

FRAMES = "WebSocket frames"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
PROTOCOL_ERROR, INVALID_DATA = 1002, 1007
ENDED = (-1, b"")

Received = tuple[int, bytes]


class Websockets:
    """By the library websockets, without its own input and output."""

    def __init__(self, site: Site) -> None:
        uri = parse_uri(f"ws://{site.host}:{PORTS[site.node]}/echo")
        self.protocol = ClientProtocol(uri, max_size=None)
        self.socket = site.connect()
        self.frames: list[Any] = []
        self.protocol.send_request(self.protocol.connect())
        self._flush()
        while not self._read():
            continue
        assert self.protocol.handshake_exc is None, self.protocol.handshake_exc
        self.frames.clear()

    def _flush(self) -> None:
        for data in self.protocol.data_to_send():
            if data:
                self.socket.sendall(data)

    def _read(self) -> bool:
        """Whether something came that is worth to look at; the library answers pings and closes itself."""
        data = self.socket.recv(65536)
        if data:
            self.protocol.receive_data(data)
        else:
            self.protocol.receive_eof()
            self.frames.append(None)
        self.frames += self.protocol.events_received()
        return bool(self.frames)

    def send(self, opcode: int, payload: bytes, fin: bool = True) -> None:
        self.socket.sendall(Frame(Opcode(opcode), payload, fin).serialize(mask=True))

    def next(self) -> Received:
        while not self.frames:
            self._read()
        frame = self.frames.pop(0)
        return ENDED if frame is None else (int(frame.opcode), bytes(frame.data))


class WebsocketClient:
    """By the library websocket-client."""

    def __init__(self, site: Site) -> None:
        self.client = websocket_client.WebSocket()
        self.socket = site.connect()
        self.client.connect(f"ws://{site.host}:{PORTS[site.node]}/echo", socket=self.socket)

    def send(self, opcode: int, payload: bytes, fin: bool = True) -> None:
        data = payload if opcode != TEXT else payload.decode("utf-8", "surrogateescape")
        if opcode == TEXT and not fin:
            # It would encode the text, of which a fragment may hold half a character.
            frame = websocket_client.ABNF(0, 0, 0, 0, TEXT, 1, payload)
        else:
            frame = websocket_client.ABNF.create_frame(data, opcode, int(fin))
        self.client.send_frame(frame)

    def next(self) -> Received:
        try:
            frame = self.client.recv_frame()
        except (websocket_client.WebSocketConnectionClosedException, ConnectionError):
            return ENDED
        return frame.opcode, bytes(frame.data)


CLIENTS: tuple[Callable[[Site], Any], ...] = (Websockets, WebsocketClient)


@contextmanager
def clients(site: Site) -> Iterator[Iterator[Any]]:
    """A connection by each of the libraries, one after the other."""
    made: list[Any] = []

    def each() -> Iterator[Any]:
        for kind in CLIENTS:
            made.append(kind(site))
            yield made[-1]

    try:
        yield each()
    finally:
        for client in made:
            client.socket.close()


def answer(client: Any) -> Received:
    """The next frame that is not the server's own ping; a message in fragments is joined."""
    opcode, payload, last = 0, b"", ENDED
    while True:
        last = client.next()
        if last[0] not in (PING, CONTINUATION):
            break
    opcode, payload = last
    return opcode, payload


def forged(opcode: int, payload: bytes, *, fin: bool = True, mask: bool = True, reserved: int = 0) -> bytes:
    """Any frame, also one that must not be."""
    first = (0x80 if fin else 0) | (reserved << 4) | opcode
    size = len(payload)
    bit = 0x80 if mask else 0
    if size < 126:
        head = struct.pack("!BB", first, bit | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, bit | 127, size)
    # A mask of zeros leaves the payload as it is.
    return head + (b"\0\0\0\0" if mask else b"") + payload


def ended_by(site: Site, sent: bytes) -> list[Received]:
    """How the connection of each client is ended after these bytes; the app goes on for the others."""
    with clients(site) as each:
        found = []
        for client in each:
            client.socket.sendall(sent)
            found.append(answer(client))
    assert site.ask("tell").status == 200
    return found


def refused(site: Site, sent: bytes) -> None:
    """The connection is failed (RFC 6455, 7.1.7): it ends, with a close frame or without, and nothing was echoed."""
    for opcode, payload in ended_by(site, sent):
        assert opcode in (CLOSE, ENDED[0]), (opcode, payload[:100])


def told(site: Site, sent: bytes, code: int) -> None:
    """A close frame says why."""
    for opcode, payload in ended_by(site, sent):
        assert (opcode, payload[:2]) == (CLOSE, code.to_bytes(2, "big"))


NO_TEXT = (b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80")
TORN = forged(TEXT, b"ok \xc3", fin=False) + forged(CONTINUATION, b"\x28")
LONG_PING = forged(PING, b"x" * 126)
UNMASKED = forged(TEXT, b"unmasked", mask=False)
UNKNOWN = (
    forged(3, b"x"),
    forged(11, b"x"),
    forged(TEXT, b"x", reserved=2),
    forged(CONTINUATION, b"stray"),
    forged(TEXT, b"a", fin=False) + forged(TEXT, b"b"),
)


@probe("text and binary of every length of a length", FRAMES, absent=NO_WEBSOCKETS)
def lengths(site: Site) -> None:
    with clients(site) as each:
        for client in each:
            for size in (0, 1, 125, 126, 65535, 65536):
                for opcode in (TEXT, BINARY):
                    client.send(opcode, b"x" * size)
                    assert answer(client) == (opcode, b"x" * size)


@probe("fragments, control frames between them, characters that are torn", FRAMES, absent=NO_WEBSOCKETS)
def fragments(site: Site) -> None:
    text = "aä€😀".encode()
    with clients(site) as each:
        for client in each:
            for opcode in (TEXT, BINARY):
                client.send(opcode, text[:2], fin=False)
                client.send(PING, b"between")
                assert answer(client) == (PONG, b"between")
                client.send(CONTINUATION, text[2:4], fin=False)
                client.send(PONG, b"unasked")
                client.send(CONTINUATION, b"", fin=False)
                client.send(CONTINUATION, text[4:])
                assert answer(client) == (opcode, text)


@probe("a close is answered with its code", FRAMES, absent=NO_WEBSOCKETS)
def closing(site: Site) -> None:
    for code in (1000, 1001, 3000, 4999):
        with clients(site) as each:
            for client in each:
                client.send(CLOSE, code.to_bytes(2, "big") + "grüße".encode())
                opcode, payload = answer(client)
                assert (opcode, payload[:2]) == (CLOSE, code.to_bytes(2, "big"))


@probe("invalid UTF-8 is refused", FRAMES, absent=NO_WEBSOCKETS)
def invalid_text(site: Site) -> None:
    for payload in NO_TEXT:
        refused(site, forged(TEXT, payload))
    refused(site, TORN)


@probe("control frames that are too long or in fragments are refused", FRAMES, absent=NO_WEBSOCKETS)
def control_frames(site: Site) -> None:
    refused(site, LONG_PING)
    refused(site, forged(PING, b"x", fin=False))


@probe("frames without a mask are refused", FRAMES, absent=NO_WEBSOCKETS)
def unmasked(site: Site) -> None:
    refused(site, UNMASKED)


@probe("unknown opcodes, reserved bits and stray fragments are refused", FRAMES, absent=NO_WEBSOCKETS)
def reserved(site: Site) -> None:
    for sent in UNKNOWN:
        refused(site, sent)


@probe("close codes that must not be sent are refused", FRAMES, absent=NO_WEBSOCKETS)
def forbidden_codes(site: Site) -> None:
    for code in (0, 999, 1005, 1006):
        refused(site, forged(CLOSE, code.to_bytes(2, "big")))
    refused(site, forged(CLOSE, b"\x03"))


@probe("what is refused is told why: 1007 for invalid UTF-8, else 1002", FRAMES, absent=NO_WEBSOCKETS, defects=UNTOLD)
def reasons(site: Site) -> None:
    for sent in (forged(TEXT, NO_TEXT[0]), TORN):
        told(site, sent, INVALID_DATA)
    for sent in (LONG_PING, UNMASKED, *UNKNOWN):
        told(site, sent, PROTOCOL_ERROR)
