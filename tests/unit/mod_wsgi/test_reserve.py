# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New tenants and spare accounts: who takes which, and who has to wait."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._plan.pool import Supply, reserve
from ansible_collections.hostel.python.plugins.module_utils._spec.hosting import parse


def hosting(*tenants, mode="pool", also=()):
    def app(tenant, name, **more):
        return {
            "name": name,
            "tenant": tenant,
            "urls": [f"{name}.example.org"],
            "python": "3.11",
            "source": {"local": "x", "digest": f"sha256:{'0' * 64}"},
            **more,
        }

    return parse(
        {
            "python_versions": [{"version": "3.11", "source": "system"}],
            "tenants": [{"name": one, "trusted": True} for one in tenants],
            "apps": [
                *(app(one, f"{one}-app", server="mod_wsgi", mode=mode) for one in tenants),
                *(app(one, f"{one}-more", server="passenger") for one in also),
            ],
        }
    )


def supply(**changes):
    found = {"apaches": ("pool",), "daemons": (30001, 30002), "spare": (30001, 30002), "accounts": {}, "known": {}}
    return Supply(**{**found, **changes})


def uids(wanted):
    return {one.name: one.uid for one in wanted.tenants}


def test_new_tenants_take_spare_accounts_whatever_their_order():
    for names in (("alice", "bob"), ("bob", "alice")):
        wanted, refused = reserve(hosting(*names), supply())
        assert (uids(wanted), refused) == ({"alice": 30001, "bob": 30002}, {})


def test_a_pool_that_is_used_up_keeps_one_tenant_waiting_with_all_its_apps():
    wanted, refused = reserve(hosting("alice", "bob", "carol", also=("alice", "carol")), supply())
    assert uids(wanted) == {"alice": 30001, "bob": 30002}
    assert sorted(refused) == ["carol-app", "carol-more"]
    assert refused["carol-app"].startswith(
        "app carol-app: mode: 'pool': the pool of spare daemons is used up: 2 accounts"
    )
    assert "hostel.python.maintenance" in refused["carol-app"]
    assert "carol-app" in refused["carol-more"]
    assert len(wanted.apps) == 5


def test_a_tenant_of_the_pool_keeps_its_account():
    spare = supply(spare=(30002,), accounts={"alice": 30001})
    wanted, refused = reserve(hosting("alice", "bob"), spare)
    assert (uids(wanted), refused) == ({"alice": None, "bob": 30002}, {})


def test_a_tenant_that_comes_back_has_its_account_again_and_nobody_else_gets_it():
    wanted, refused = reserve(hosting("alice", "bob"), supply(spare=(30001, 30002), known={"bob": 30001}))
    assert (uids(wanted), refused) == ({"alice": 30002, "bob": None}, {})


@pytest.mark.parametrize("where", ["accounts", "known"])
def test_a_tenant_with_another_account_is_refused(where):
    wanted, refused = reserve(hosting("alice"), supply(**{where: {"alice": 25000}}))
    assert uids(wanted) == {"alice": None}
    assert "alice has uid 25000, which is none of the pool's" in refused["alice-app"]


def test_a_node_without_the_apache_says_how_to_get_it():
    for mode, more in (("pool", "hostel_mod_wsgi_pool: {size: N}"), ("embedded", "hostel.python.site")):
        wanted, refused = reserve(hosting("alice", mode=mode), supply(apaches=()))
        assert more in refused["alice-app"]
        assert uids(wanted) == {"alice": None}


def test_other_modes_need_nothing_of_it():
    wanted = hosting("alice", mode="daemon")
    assert reserve(wanted, supply(apaches=(), daemons=(), spare=())) == (wanted, {})
