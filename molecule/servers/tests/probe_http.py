# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and answers as HTTP allows them."""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import IncompleteRead

import pytest
from matrix import LAST, probe
from reasons import NO_FOREIGN_HEADERS, NO_RAW_PATH, NO_SPECIFICATION, NO_WSGI_CALLS, NOTHING_AFTER
from site_under_test import Site, received, until

CONFORMITY = "What the app is given"
HTTP = "HTTP"
BODY = bytes(range(256)) * 1000
LATE_CLIENTS, LATE_ROUNDS = 8, 25
DIGEST = hashlib.sha256(BODY).hexdigest()


@probe(
    "keeps to PEP 3333 (wsgiref.validate) or ASGI at every request of this table",
    CONFORMITY,
    phase=LAST,
    absent=NO_SPECIFICATION,
)
def conformity(site: Site) -> None:
    site.ask("tell")
    for each in (site, site.sleeper):
        assert each.has_mark("starts")
        assert each.read_mark("violations") == []


@probe("write(), exc_info", CONFORMITY, absent=NO_WSGI_CALLS)
def wsgi_calls(site: Site) -> None:
    assert site.ask("written").body == b"written"
    answer = site.ask("replaced")
    assert (answer.status, answer.body) == (503, b"replaced")


@probe("method, query, host, client and credentials unaltered", CONFORMITY)
def unaltered(site: Site) -> None:
    told = site.ask(
        "tell?x=1&y=%20+%26",
        method="PATCH",
        body=BODY,
        headers={"Authorization": "Basic dTpw", "Cookie": "a=b; c=d", "X-Forwarded-For": "6.6.6.6", "Proxy": "x"},
    ).told
    assert told["method"] == "PATCH"
    assert told["query"] == "x=1&y=%20+%26"
    assert told["scheme"] == "http"
    assert told["client"] not in ("6.6.6.6", "127.0.0.1", "", None)
    assert told["mount"] == ""
    assert (told["size"], told["digest"]) == (len(BODY), DIGEST)
    headers = told["headers"]
    assert headers["host"] == site.host
    assert headers["authorization"] == "Basic dTpw"
    assert headers["cookie"] == "a=b; c=d"
    assert headers["content-length"] == str(len(BODY))
    assert "proxy" not in headers
    assert "x-hostel-key" not in headers


@probe("non-ASCII paths", HTTP)
def foreign_paths(site: Site) -> None:
    assert site.ask("tell/%C3%A4/%E6%97%A5%E6%9C%AC%20%F0%9F%98%80").told["path"] == "/tell/ä/日本 😀"
    assert site.ask("tell/%FF%FE").status == 200
    assert site.ask("tell?%C3%A4=%FF").told["query"] == "%C3%A4=%FF"


@probe("encoded slashes", HTTP, defects=NO_RAW_PATH)
def encoded_slashes(site: Site) -> None:
    told = site.ask("tell/a%2Fb%2fc//d").told
    assert told["raw"] == "/tell/a%2Fb%2fc//d"
    assert told["path"] in ("/tell/a/b/c//d", "/tell/a%2Fb%2fc//d")


@probe("non-ASCII headers", HTTP, defects=NO_FOREIGN_HEADERS)
def foreign_headers(site: Site) -> None:
    value = "ä€".encode()
    assert site.ask("tell", headers={"X-Note": value}).told["headers"]["x-note"] == value.decode("latin-1")
    assert site.ask("foreign").headers["X-Note"].encode("latin-1", "surrogateescape") == value


@probe("many and large headers", HTTP)
def many_headers(site: Site) -> None:
    sent = {f"X-Many-{number}": f"{number}-" + "y" * 200 for number in range(80)}
    told = site.ask("tell", headers={**sent, "X-Large": "z" * 7000}).told["headers"]
    assert {name: told[name.lower()] for name in sent} == sent
    assert told["x-large"] == "z" * 7000
    answer = site.ask("headers?count=60&size=100")
    assert (answer.status, len(answer.headers.get_all("Set-Cookie"))) == (200, 60)


@probe("large cookies", HTTP)
def large_cookies(site: Site) -> None:
    cookie = "; ".join(f"c{number}=" + "v" * 3600 for number in range(2))
    assert site.ask("tell", headers={"Cookie": cookie}).told["headers"]["cookie"] == cookie
    answer = site.ask("headers?count=2&size=3900")
    assert [len(value) for value in answer.headers.get_all("Set-Cookie")] == [3903, 3903]


@probe("chunked bodies", HTTP)
def chunked(site: Site) -> None:
    pieces = [BODY[start : start + 10007] for start in range(0, len(BODY), 10007)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    told = site.raw("POST /tell HTTP/1.1\nTransfer-Encoding: chunked", body).told
    assert (told["size"], told["digest"]) == (len(BODY), DIGEST)
    assert site.raw("POST /tell HTTP/1.1\nTransfer-Encoding: chunked", b"0\r\n\r\n").told["size"] == 0


@probe("`Expect: 100-continue`", HTTP)
def expect(site: Site) -> None:
    with site.sent(f"POST /tell HTTP/1.1\nExpect: 100-continue\nContent-Length: {len(BODY)}") as wire:
        said = b""
        while not said.endswith(b"\r\n\r\n"):
            piece = wire.recv(1)
            assert piece
            said += piece
        assert said.startswith(b"HTTP/1.1 100 ")
        wire.sendall(BODY)
        assert received(wire).told["digest"] == DIGEST


@probe("HEAD, 204, 304, and the connection goes on", HTTP)
def no_body(site: Site) -> None:
    with site.sent("HEAD /down?bytes=100000 HTTP/1.1") as wire:
        answer = received(wire, "HEAD")
        assert (answer.status, answer.body) == (200, b"")
        for code in (204, 304):
            wire.sendall(f"GET /status?code={code} HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
            assert received(wire).status == code
        wire.sendall(f"GET /tell HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode())
        assert received(wire).told["method"] == "GET"
    assert site.raw("HEAD /tell HTTP/1.1", method="HEAD").headers["Content-Type"] == "application/json"


@probe("HTTP/1.0", HTTP)
def old(site: Site) -> None:
    with site.sent("GET /down?bytes=100000 HTTP/1.0") as wire:
        answer = received(wire)
        assert (answer.status, len(answer.body)) == (200, 100000)
        assert "Transfer-Encoding" not in answer.headers
        assert wire.recv(1) == b""
    assert site.raw(f"POST /tell HTTP/1.0\nContent-Length: {len(BODY)}", BODY).told["digest"] == DIGEST


@probe("an error is a 500, and its traceback in the log", HTTP)
def broken(site: Site) -> None:
    token = f"broken-{site.token()}"
    assert site.ask(f"broken?text={token}").status == 500
    assert site.ask("tell").status == 200
    until(lambda: f"LookupError: {token}" in site.run(f"journalctl -q -t hostel-{site.app} -o cat --since -5min"))


@probe("an answer that breaks off is seen to do so, and its traceback in the log", HTTP)
def torn(site: Site) -> None:
    token = f"torn-{site.token()}"
    with pytest.raises((IncompleteRead, ConnectionError)):
        site.ask(f"torn?text={token}")
    assert site.ask("tell").status == 200
    until(lambda: f"LookupError: {token}" in site.run(f"journalctl -q -t hostel-{site.app} -o cat --since -5min"))


@probe("an error after the answer costs no other request", HTTP, absent=NOTHING_AFTER)
def late(site: Site) -> None:
    """Each is followed at once by one that nginx may not send twice; by the same client, and so the same of nginx's
    processes, each of which keeps connections of its own."""
    token = f"late-{site.token()}"
    request = f"GET /late?text={token} HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode()
    next_one = f"POST /tell HTTP/1.1\r\nHost: {site.host}\r\nContent-Length: {len(BODY)}\r\n\r\n".encode() + BODY

    def rounds(_number: int) -> list[int]:
        found = []
        with contextlib.closing(site.connect()) as wire:
            for sent in (request, next_one) * LATE_ROUNDS:
                wire.sendall(sent)
                found.append(received(wire).status)
        return found

    with ThreadPoolExecutor(LATE_CLIENTS) as clients:
        found = Counter(status for line in clients.map(rounds, range(LATE_CLIENTS)) for status in line)
    assert found == {200: 2 * LATE_CLIENTS * LATE_ROUNDS}
    until(lambda: f"LookupError: {token}" in site.run(f"journalctl -q -t hostel-{site.app} -o cat --since -5min"))


@probe("what the app prints is in the journal as hostel-<app>", HTTP)
def logged(site: Site) -> None:
    token = f"printed-{site.token()}"
    assert site.ask(f"log?text={token}").status == 200
    count = 3 if site.interface == "wsgi" else 2
    until(lambda: site.run(f"journalctl -q -t hostel-{site.app} -o cat --since -5min").count(token) >= count)


@probe("a client that goes away", HTTP)
def gone(site: Site) -> None:
    token = site.token()
    with site.sent(f"GET /endless?token={token} HTTP/1.1") as wire, contextlib.closing(wire.makefile("rb")) as file:
        assert file.readline().startswith(b"HTTP/1.1 200 ")
        file.read(200_000)
    (pid,) = site.read_mark(f"pid-{token}")
    until(lambda: site.has_mark(f"gone-{token}") or site.run(f"ps -o stat= -p {pid}").strip() in ("", "Z"))
    assert site.ask("tell").status == 200
    with site.sent("POST /tell HTTP/1.1\nContent-Length: 100000", b"x" * 5000):
        site.await_mark("starts")
    assert site.ask("tell").status == 200
