# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Daphne, with what it has not: the lifespan protocol, an end of its WebSockets, bounded memory, uvloop.

What is done with a request and a WebSocket stands in daphne_connections.py.

Exit codes: 0 asked to end, 1 the application could not be loaded, 3 it refused to start (lifespan).
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import socket

from . import workers
from .bounds import KEEP_ALIVE, LONGEST_HEAD, LONGEST_MESSAGE, STARTUP_FAILED
from .daphne_connections import Request, Server, Socket
from .lifecycle import Lifecycle, end_tasks, new_loop
from .systemd import inherited_socket, notifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

MOST_HEADERS = 10_000
# An application may take so long to accept a WebSocket; Daphne closes one that sends no pong within PONG seconds.
ACCEPT, PONG = 60, 60


def make_server(application: Lifecycle, ready: Callable[[], None]) -> Any:
    """The venv's Daphne; ``ready`` is called when it is about to run."""
    daphne: Any = importlib.import_module("daphne.server")
    server = type("Server", (Server, daphne.Server), {})(
        application=application,
        # It insists on one, but would find what it names through a search for Twisted's plugins; see Listener.
        endpoints=["none"],
        signal_handlers=False,
        verbosity=0,
        websocket_timeout=-1,
        websocket_connect_timeout=ACCEPT,
        websocket_handshake_timeout=ACCEPT,
        ping_timeout=PONG,
        server_name="",
        ready_callable=ready,
    )
    server.endpoints = []
    return server


def make_factory(server: Any) -> Any:
    """What makes Twisted's protocol of a connection to ``server``."""
    http: Any = importlib.import_module("twisted.web.http")
    protocols: Any = importlib.import_module("daphne.http_protocol")
    sockets: Any = importlib.import_module("daphne.ws_protocol")
    request = type("Request", (Request, protocols.WebRequest), {})

    class Factory(protocols.HTTPFactory):
        timeOut = KEEP_ALIVE

        def buildProtocol(self, addr: Any) -> Any:
            protocol = super().buildProtocol(addr)
            protocol.requestFactory = request
            return protocol

    http.HTTPChannel.MAX_LENGTH = http.HTTPChannel.totalHeadersSize = LONGEST_HEAD
    http.HTTPChannel.maxHeaders = MOST_HEADERS
    server.ws_factory.protocol = type("Socket", (Socket, sockets.WebSocketProtocol), {})
    server.ws_factory.setProtocolOptions(
        maxMessagePayloadSize=LONGEST_MESSAGE,
        maxFramePayloadSize=LONGEST_MESSAGE,
        # Who breaks the protocol is told how (RFC 6455, 7.1.7), and who closes is answered with the same code (5.5.1).
        failByDrop=False,
        echoCloseCodeReason=True,
    )
    return Factory(server)


class Listener:
    """Takes connections from systemd's socket. A port of Twisted's would change the mode of its path, and unlink it."""

    def __init__(self, descriptor: int, factory: Any) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.setblocking(False)
        self._factory = factory
        self._reactor: Any = importlib.import_module("twisted.internet.reactor")
        self._loop = asyncio.get_event_loop()

    def start(self) -> None:
        self._factory.doStart()
        self._loop.add_reader(self._socket, self._accept)

    def stop(self) -> None:
        self._loop.remove_reader(self._socket)

    def _accept(self) -> None:
        # One at a time, so that several workers get their share.
        try:
            connection, _address = self._socket.accept()
        except BlockingIOError:
            return
        # Twisted makes a descriptor of its own of it.
        with connection:
            connection.setblocking(False)
            self._reactor.adoptStreamConnection(connection.fileno(), socket.AF_UNIX, self._factory)


def work(entrypoint: str, descriptor: int, ready: Callable[[], None]) -> int:
    """Serve until SIGTERM; the exit code."""
    loop = new_loop()
    asyncio.set_event_loop(loop)
    # Before anything imports Twisted's reactor, which becomes one of another kind then.
    importlib.import_module("twisted.internet.asyncioreactor").install(loop)
    reactor: Any = importlib.import_module("twisted.internet.reactor")
    application = Lifecycle()
    if not loop.run_until_complete(application.start(entrypoint)):
        return STARTUP_FAILED

    def begin() -> None:
        listener = Listener(descriptor, make_factory(server))
        listener.start()

        async def leave() -> None:
            try:
                listener.stop()
                await application.leave()
                await application.end()
            finally:
                reactor.stop()

        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, lambda: asyncio.ensure_future(leave()))
        reactor.callWhenRunning(ready)

    server = make_server(application, begin)
    server.run()
    loop.run_until_complete(end_tasks())
    return 0


def serve(options: Mapping[str, str]) -> int:
    """Serve ``entrypoint`` with ``workers`` processes (1) until SIGTERM; the exit code."""
    descriptor = inherited_socket(os.environ)
    notify = notifier(os.environ)

    def one(ready: Callable[[], None]) -> int:
        return work(options["entrypoint"], descriptor, ready)

    return workers.run(int(options.get("workers", "1")), one, lambda: notify("READY=1"))
