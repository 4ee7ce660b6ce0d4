# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spare accounts: made with free numbers, given to the tenant that asks for the number, and to nobody else."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._node import accounts
from ansible_collections.hostel.python.plugins.module_utils._node.accounts import SPARE_COMMENT, SPENT_COMMENT, Account
from ansible_collections.hostel.python.plugins.module_utils._spec.tenant import Tenant


def spare(node, uid):
    name = f"hostel-spare-{uid}"
    node["passwd"].append((Account(name, uid, uid, "/"), SPARE_COMMENT))
    node["group"][uid] = name


def test_a_new_tenant_of_another_kind_never_gets_a_spare_number(node):
    usual = accounts.choose([Tenant("alice")], {})["alice"]
    spare(node, usual)
    assert accounts.choose([Tenant("alice")], {})["alice"] != usual
    assert accounts.choose([Tenant("bob", uid=usual)], {}) == {"bob": usual}


def test_two_tenants_never_get_the_same_spare_number(node):
    spare(node, 30001)
    with pytest.raises(accounts.NodeError, match="uid: 30001 belongs to"):
        accounts.choose([Tenant("alice", uid=30001), Tenant("bob", uid=30001)], {})


def test_what_a_removed_tenant_had_is_its_own_and_not_spare(node):
    spare(node, 30001)
    node["record"]["alice"] = 30001
    assert accounts.spare() == frozenset()
    assert accounts.choose([Tenant("alice")], {}) == {"alice": 30001}
    with pytest.raises(accounts.NodeError, match="uid: 30001 belongs to alice"):
        accounts.choose([Tenant("bob", uid=30001)], {})


def test_more_spare_accounts_get_free_numbers(node):
    first = accounts.choose_spare(2, ())
    assert len(set(first)) == 2
    spare(node, first[0])
    node["record"]["alice"] = first[1]
    again = accounts.choose_spare(2, {first[0]})
    assert not set(again) & set(first)


def test_accounts_whose_daemons_were_not_made_come_first(node):
    spare(node, 30001)
    assert accounts.choose_spare(2, ())[0] == 30001
    assert 30001 not in accounts.choose_spare(2, {30001})


def test_too_many_are_refused(node, monkeypatch):
    monkeypatch.setattr(accounts, "UID_MAX", accounts.UID_MIN + 1)
    assert len(accounts.choose_spare(2, ())) == 2
    with pytest.raises(accounts.NodeError, match="pool: 3 uids are needed, but only 2"):
        accounts.choose_spare(3, ())


def test_spare_accounts_are_no_tenants(node):
    spare(node, 30001)
    assert accounts.observe() == {}


def test_what_a_purged_tenant_had_is_for_nobody(node):
    node["passwd"].append((Account("hostel-spare-30001", 30001, 30001, "/"), SPENT_COMMENT))
    assert accounts.spare() == frozenset()
    assert accounts.spent() == {30001: "hostel-spare-30001"}
    node["record"]["alice"] = 30001
    assert accounts.spent() == {}
    assert accounts.choose([Tenant("alice")], {}) == {"alice": 30001}
    assert accounts.choose_spare(1, ()) != [30001]
