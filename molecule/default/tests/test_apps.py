# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an app is given, through the real servers."""

from __future__ import annotations

from socket import create_connection

import pytest
from cluster import KINDS, PORTS, TENANTS, ask
from testinfra.host import Host
from websockets.sync.client import connect

HARD_VALUE = "it's \"$HOME\" ${PATH} %h 100% \\n #; `id` äöü\nsecond line "


@pytest.mark.parametrize("kind", KINDS)
def test_the_request_arrives_unaltered(node: str, kind: str) -> None:
    answer = ask(
        node,
        f"{kind}.test/a%2Fb/%C3%A4?x=1&y=%20",
        headers={"Authorization": "Basic dTpw", "Cookie": "a=b; c=d", "X-Forwarded-For": "6.6.6.6"},
    ).told
    assert answer["query"] == "x=1&y=%20"
    assert answer["scheme"] == "http"
    assert answer["host"] == f"{kind}.test"
    assert answer["client"] not in ("6.6.6.6", "127.0.0.1")
    assert answer["script_name"] == ""
    headers = {name.upper().replace("HTTP_", "").replace("-", "_"): value for name, value in answer["headers"].items()}
    assert headers["AUTHORIZATION"] == "Basic dTpw"
    assert headers["COOKIE"] == "a=b; c=d"
    assert "X_HOSTEL_KEY" not in headers
    raw = answer.get("raw_path") or answer["request_uri"].partition("?")[0]
    assert raw == "/a%2Fb/%C3%A4"


@pytest.mark.parametrize("kind", KINDS)
def test_the_app_runs_as_its_tenant_in_its_slice_with_its_environment(host: Host, node: str, kind: str) -> None:
    tenant = TENANTS[kind]
    answer = ask(node, f"{kind}.test/").told
    uid = host.user(tenant).uid
    assert answer["uid"] == uid
    assert f"/user-{uid}.slice/" in answer["cgroup"]
    assert answer["value"] == HARD_VALUE
    assert answer["cwd"].startswith(f"/srv/hostel/{tenant}/probe-{kind}/releases/")
    assert ask(node, f"{kind}.test/read?file=hooked.txt").told["text"].split()[0] == str(uid)
    assert ask(node, f"{kind}.test/read?file=.hidden").told["text"] == "hidden\n"


@pytest.mark.parametrize("kind", KINDS)
def test_a_prefix_reaches_the_app(node: str, kind: str) -> None:
    answer = ask(node, f"www.test/{kind}/inside").told
    assert answer["script_name"] == f"/{kind}"
    assert answer["path"] == ("/inside" if kind == "wsgi" else f"/{kind}/inside")
    assert ask(node, f"www.test/{kind}").status == 307
    assert ask(node, f"www.test/{kind}x").status == 404


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mount", ["{}.test", "www.test/{}"])
def test_static_files_come_from_nginx(node: str, kind: str, mount: str) -> None:
    answer = ask(node, f"{mount.format(kind)}/assets/mark.txt")
    assert (answer.status, answer.body) == (200, b"served by nginx\n")
    assert "ETag" in answer.headers
    assert ask(node, f"{mount.format(kind)}/uploads/first.txt").body == b"seeded\n"
    assert ask(node, f"{mount.format(kind)}/assets/missing").status == 404


@pytest.mark.parametrize("kind", KINDS)
def test_persisted_paths_are_the_apps_to_write_and_its_code_is_not(host: Host, node: str, kind: str) -> None:
    tenant = TENANTS[kind]
    for file in ("notes.txt", "uploads/new.txt", "cache/new.txt"):
        assert ask(node, f"{kind}.test/write?file={file}&text=kept").status == 200
        assert ask(node, f"{kind}.test/read?file={file}").told["text"] == "kept"
        assert host.file(f"/srv/hostel/{tenant}/probe-{kind}/data/{file}").content_string == "kept"
    assert ask(node, f"{kind}.test/uploads/new.txt").body == b"kept"
    assert ask(node, f"{kind}.test/write?file=probe.py&text=evil").status == 500


def test_websockets_through_nginx(node: str) -> None:
    for path in ("asgi.test/ws", "www.test/asgi/ws"):
        name, _slash, rest = path.partition("/")
        wire = create_connection(("127.0.0.1", PORTS[node]))
        with connect(f"ws://{name}:{PORTS[node]}/{rest}", sock=wire, max_size=2**22) as websocket:
            for text in ("hello", "x" * 900_000):
                websocket.send(text)
                assert websocket.recv(timeout=20) == text


def test_a_large_upload(node: str) -> None:
    for kind in ("wsgi", "asgi"):
        assert ask(node, f"{kind}.test/", method="POST", body=b"x" * 30_000_000).told["body"] == 30_000_000


def test_unknown_hosts_and_paths_are_not_answered_by_an_app(node: str) -> None:
    assert ask(node, "unknown.test/").status == 404
    assert ask(node, "www.test/").status == 404
