# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSockets as people use them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from matrix import SILENT, probe
from probe_mounts import mounts
from reasons import NO_WEBSOCKETS
from site_under_test import PORTS, Site
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

WEBSOCKETS = "WebSockets"
MEGABYTE = 2**20
# Longer than what nginx (proxy_read_timeout) and Apache (Timeout, ProxyTimeout) wait by default: 60 s.
SILENCE = 75.0


@contextmanager
def opened(site: Site, path: str, host: str | None = None, **more: Any) -> Iterator[ClientConnection]:
    port = PORTS[site.node]
    more = {"max_size": 2 * MEGABYTE, "open_timeout": 60, "proxy": None, **more}
    with connect(f"ws://{host or site.host}:{port}/{path}", sock=site.connect(), **more) as websocket:
        yield websocket


@probe("echo, at every mount", WEBSOCKETS, absent=NO_WEBSOCKETS)
def echo(site: Site) -> None:
    for host, mount in mounts(site):
        with opened(site, f"{mount}/echo"[1:], host) as websocket:
            for message in ("text äöü", b"\0\xff bytes", "", b""):
                websocket.send(message)
                assert websocket.recv(60) == message
        with opened(site, f"{mount}/scope_of/inside"[1:], host, additional_headers={"Cookie": "a=b"}) as websocket:
            told = json.loads(websocket.recv(60))
        assert (told["mount"], told["path"], told["scheme"]) == (mount, "/scope_of/inside", "ws")
        assert told["headers"]["cookie"] == "a=b"
        assert told["client"] not in ("127.0.0.1", "", None)


@probe("ping and pong", WEBSOCKETS, absent=NO_WEBSOCKETS)
def ping(site: Site) -> None:
    with opened(site, "echo") as websocket:
        for payload in (b"", b"payload", b"x" * 125):
            assert websocket.ping(payload).wait(60)
        websocket.send("after")
        assert websocket.recv(60) == "after"


@probe("messages of 1 MB", WEBSOCKETS, absent=NO_WEBSOCKETS)
def large(site: Site) -> None:
    with opened(site, "echo", compression=None) as websocket:
        for message in ("ä" * (MEGABYTE // 2), bytes(range(256)) * (MEGABYTE // 256)):
            websocket.send(message)
            assert websocket.recv(60) == message


@probe("close codes and reasons, either way; a refusal is a 403", WEBSOCKETS, absent=NO_WEBSOCKETS)
def close_codes(site: Site) -> None:
    with opened(site, "close?code=4321&reason=enough") as websocket:
        with pytest.raises(ConnectionClosed):
            websocket.recv(60)
        assert (websocket.close_code, websocket.close_reason) == (4321, "enough")
    token = site.token()
    with opened(site, f"echo?token={token}") as websocket:
        websocket.close(4001, "mine")
    site.await_mark(f"code-{token}")
    assert site.read_mark(f"code-{token}") == ["4001"]
    token = site.token()
    with opened(site, f"echo?token={token}") as websocket:
        websocket.socket.close()
    site.await_mark(f"code-{token}")
    with pytest.raises(InvalidStatus) as refused, opened(site, "refuse"):
        raise AssertionError("not refused")
    assert refused.value.response.status_code == 403


@probe("subprotocols", WEBSOCKETS, absent=NO_WEBSOCKETS)
def subprotocols(site: Site) -> None:
    with opened(site, "echo?subprotocol=two", subprotocols=["one", "two"]) as websocket:
        assert websocket.subprotocol == "two"
    with opened(site, "echo", subprotocols=["one", "two"]) as websocket:
        assert websocket.subprotocol is None


@probe("silent for longer than every proxy's default timeout", WEBSOCKETS, phase=SILENT, absent=NO_WEBSOCKETS)
def silent(site: Site) -> None:
    with opened(site, "echo", ping_interval=None) as websocket:
        time.sleep(SILENCE)
        websocket.send("still there")
        assert websocket.recv(60) == "still there"
