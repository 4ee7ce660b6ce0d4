# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts: the same uid on every node, and nobody else's account or uid ever."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import NodeError
from ansible_collections.hostel.python.plugins.module_utils._node import accounts
from ansible_collections.hostel.python.plugins.module_utils._node.accounts import Account
from ansible_collections.hostel.python.plugins.module_utils._spec.tenant import Tenant


def ours(name, uid):
    return Account(name, uid, uid, f"/home/{name}")


def test_uids_do_not_depend_on_the_order(node):
    names = [f"tenant{number}" for number in range(200)]
    forward = accounts.choose([Tenant(name) for name in names], {})
    backward = accounts.choose([Tenant(name) for name in reversed(names)], {})
    assert len(set(forward.values())) == len(names)
    same = sum(forward[name] == backward[name] for name in names)
    assert same >= len(names) - 4
    assert all(20000 <= uid <= 59999 for uid in forward.values())


def test_a_taken_number_is_passed_over(node):
    first = accounts.choose([Tenant("alice")], {})["alice"]
    node["group"][first] = "somebody"
    second = accounts.choose([Tenant("alice")], {})["alice"]
    node["passwd"].append((Account("other", second, second, "/"), ""))
    assert len({first, second, accounts.choose([Tenant("alice")], {})["alice"]}) == 3


def test_a_tenant_that_comes_back_gets_its_number_and_nobody_else_does(node):
    node["record"]["alice"] = 20500
    assert accounts.choose([Tenant("alice")], {}) == {"alice": 20500}
    with pytest.raises(NodeError, match="tenant bob: uid: 20500 belongs to alice, or did"):
        accounts.choose([Tenant("bob", uid=20500)], {})


def test_explicit_numbers_come_first(node):
    chosen = accounts.choose([Tenant("alice")], {})["alice"]
    both = accounts.choose([Tenant("alice"), Tenant("bob", uid=chosen)], {})
    assert both["bob"] == chosen
    assert both["alice"] != chosen


def test_every_conflict_is_told_at_once(node):
    node["group"][5000] = "carol"
    observed = {"alice": ours("alice", 20001)}
    wanted = [Tenant("alice", uid=20002), Tenant("carol"), Tenant("dave", uid=20009), Tenant("erin", uid=20009)]
    with pytest.raises(NodeError) as failure:
        accounts.choose(wanted, observed)
    assert [line.split(":")[0] for line in failure.value.lines] == ["tenant alice", "tenant erin", "tenant carol"]


def test_an_account_of_somebody_else_is_not_ours(node):
    node["passwd"] += [
        (ours("alice", 20001), "Hostel tenant"),
        (ours("bob", 20002), "Bob,,,"),
        (Account("root", 0, 0, "/root"), "Hostel tenant"),
    ]
    assert list(accounts.observe()) == ["alice"]
    with pytest.raises(NodeError, match="there is an account of this name with uid 0"):
        accounts.choose([Tenant("root")], accounts.observe())


def test_all_accounts_are_made_by_one_text():
    assert accounts.sysusers({"bob": 20002, "alice": 20001}) == (
        'u alice 20001 "Hostel tenant" /home/alice /usr/sbin/nologin\n'
        'u bob 20002 "Hostel tenant" /home/bob /usr/sbin/nologin\n'
    )
