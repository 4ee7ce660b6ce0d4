# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reverse proxy by itself: arguments and files."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._front import proxy as _proxy
from ansible_collections.hostel.python.plugins.module_utils._spec.problems import alone
from ansible_collections.hostel.python.plugins.module_utils._spec.reverse_proxy import parse_reverse_proxy


def proxy(**given):
    wanted = {"name": "shop", "urls": ["www.example.org/shop"], "upstream": "unix:/run/shop.sock", **given}
    return alone(parse_reverse_proxy, wanted, "proxy")


def text(wanted, part):
    (found,) = (file.content.decode() for file in _proxy.render(wanted) if part in file.path)
    return found


@pytest.mark.parametrize(
    ("given", "upstream"),
    [
        ("unix:/run/shop/http.sock", "unix:/run/shop/http.sock"),
        ("127.0.0.1:8000", "127.0.0.1:8000"),
        ("LOCALHOST:1", "localhost:1"),
        ("[::1]:8000", "[::1]:8000"),
    ],
)
def test_upstreams(given, upstream):
    assert proxy(upstream=given).upstream == upstream


@pytest.mark.parametrize(
    "given",
    ["unix:run/x", "unix:/run/a b", "unix:/run/a|b", "unix:/run/../x", "/run/x", "host", "host:0", "h:1;x", "h:99999"],
)
def test_upstreams_that_are_refused(given):
    with pytest.raises(SpecError, match="proxy 'shop': upstream"):
        proxy(upstream=given)


def test_everything_wrong_is_told_at_once():
    with pytest.raises(SpecError) as caught:
        proxy(urls=["a:80"], upstream="x", static=[{"url": "x", "path": "/a$b"}], port=0)
    assert len(caught.value.lines) == 6


def test_the_folder_must_be_one_that_the_checker_looks_at():
    with pytest.raises(SpecError, match="must lie in /etc/nginx"):
        proxy(conf_dir="/srv/conf")


def test_upstream_comes_first_and_the_host_last():
    paths = [file.path for file in _proxy.render(proxy())]
    assert paths == [
        "/etc/nginx/conf.d/hostel-proxy-shop.conf",
        "/etc/nginx/hostel-locations/www.example.org-80/994-shop.conf",
        "/etc/nginx/conf.d/hostel-host-www.example.org-80.conf",
    ]


def test_longer_prefixes_come_first_in_the_folder():
    paths = [file.path for file in _proxy.render(proxy(urls=["a.example", "a.example/b", "a.example/b/c"]))]
    inside = [path for path in paths if "locations" in path]
    assert [path.rpartition("/")[2] for path in sorted(inside)] == ["995-shop.conf", "997-shop.conf", "999-shop.conf"]


@pytest.mark.parametrize(("websocket", "upgrade"), [(True, "$hostel_proxy_shop_upgrade"), (False, '""')])
def test_websockets_only_where_they_are_wanted(websocket, upgrade):
    assert f"proxy_set_header Upgrade {upgrade};" in text(proxy(websocket=websocket), "locations")


def test_apache_says_the_mount_and_passes_the_raw_path():
    said = text(proxy(backend="apache"), "locations")
    assert '"X-Forwarded-Prefix" "/shop"' in said
    assert 'ProxyPass "/shop/" "unix:/run/shop.sock|http://hostel_proxy_shop/shop/" "nocanon"' in said


def test_absent_leaves_nothing():
    assert _proxy.render(proxy(state="absent")) == []
