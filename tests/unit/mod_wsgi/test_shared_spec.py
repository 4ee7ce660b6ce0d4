# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may share an Apache, and what an app there may ask for."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._spec.hosting import parse


def app(name="shop", tenant="alice", mode="embedded", **more):
    return {
        "name": name,
        "tenant": tenant,
        "urls": [f"{name}.example.org"],
        "python": "3.11",
        "server": "mod_wsgi",
        "mode": mode,
        "source": {"local": "shop", "digest": f"sha256:{'0' * 64}"},
        **more,
    }


def lists(*apps, trusted=False):
    return {
        "python_versions": [{"version": "3.11", "source": "system"}],
        "tenants": [{"name": "alice", "trusted": trusted}, {"name": "bob"}],
        "apps": list(apps),
    }


def errors(*apps, trusted=False):
    with pytest.raises(SpecError) as raised:
        parse(lists(*apps, trusted=trusted))
    return raised.value.lines


def test_embedded_is_for_trusted_tenants():
    assert parse(lists(app(), trusted=True)).apps[0].mode == "embedded"
    (line,) = errors(app())
    assert line.startswith(
        "app 'shop': mode: 'embedded' runs the code inside of a server that several tenants' apps share"
    )
    assert "trusted: true, which alice is not; use mode: daemon" in line


def test_the_modes_with_an_account_of_its_own_need_no_trust():
    assert [one.mode for one in parse(lists(app(mode="pool"), app("news", mode="daemon"))).apps] == ["pool", "daemon"]


def test_an_embedded_app_that_is_removed_needs_no_trust():
    assert parse(lists(app(state="absent"))).apps[0].state == "absent"


def test_a_tenant_has_one_app_in_the_pool():
    (line,) = errors(app(mode="pool"), app("news", mode="pool"), app("other", tenant="bob", mode="pool"))
    assert line.startswith("app 'news': mode: 'pool' is what app 'shop' of tenant alice has already")


@pytest.mark.parametrize(("mode", "trusted"), [("embedded", True), ("pool", False)])
@pytest.mark.parametrize(
    ("key", "value"),
    [("workers", 2), ("threads", 4), ("route", "apache"), ("rewrite", ["^a$ /b"])],
)
def test_what_the_shared_apache_decides_is_refused(mode, trusted, key, value):
    more = {key: value, "route": "apache"} if key == "rewrite" else {key: value}
    assert any(f"app 'shop': {key}: " in line for line in errors(app(mode=mode, **more), trusted=trusted))


def test_an_embedded_app_keeps_no_data():
    (line,) = errors(app(persist=["db.sqlite3"]), trusted=True)
    assert line.startswith("app 'shop': persist: an embedded app runs under the account of its Apache")
    assert parse(lists(app(mode="pool", persist=["db.sqlite3"]))).apps[0].persist == ("db.sqlite3",)
