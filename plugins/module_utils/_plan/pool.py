# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which new tenants take which spare accounts, and which apps can't have the Apache that they ask to share. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from .._spec.app import App
from .._spec.hosting import Hosting
from .._spec.shared_wsgi import POOL, SHARED_MODES
from .._spec.tenant import Tenant


@dataclass(frozen=True)
class Supply:
    """What a node has. apaches: the modes that it has an Apache for; daemons: uids that have daemons of the pool;
    spare: those of them that are nobody's; accounts: uids of tenants' accounts; known: those that tenants had once."""

    apaches: Collection[str]
    daemons: Collection[int]
    spare: Sequence[int]
    accounts: Mapping[str, int]
    known: Mapping[str, int]


def reserve(hosting: Hosting, supply: Supply) -> tuple[Hosting, dict[str, str]]:
    """The wanted state with a uid for each tenant that takes a spare account; and, by app, why it can't be had now.

    Tenants take spare accounts in the order of their names, so that equal nodes come to the same. One that must wait
    for an account is not made at all, for its uid would be another one for ever.
    """
    sharing = [
        app for app in hosting.apps if app.server == "mod_wsgi" and app.mode in SHARED_MODES and app.state != "absent"
    ]
    refused = {app.name: _no_apache(app) for app in sharing if app.mode not in supply.apaches}
    seeking = {app.tenant: app for app in sharing if app.mode == POOL and app.name not in refused}
    given = {*supply.accounts.values(), *supply.known.values()}
    free = [uid for uid in supply.spare if uid not in given]
    reserved: dict[str, Tenant] = {}
    waiting: set[str] = set()
    for tenant in sorted(hosting.tenants, key=lambda one: one.name):
        app = seeking.get(tenant.name)
        if app is None:
            continue
        uid = supply.accounts.get(tenant.name, supply.known.get(tenant.name, tenant.uid))
        if uid is not None:
            if uid not in supply.daemons:
                refused[app.name] = _not_of_the_pool(app, uid)
        elif free:
            reserved[tenant.name] = replace(tenant, uid=free.pop(0))
        else:
            refused[app.name] = _used_up(app, len(supply.daemons))
            waiting.add(tenant.name)
    for other in hosting.apps:
        if other.tenant in waiting and other.state != "absent":
            refused.setdefault(other.name, _waits_with(other, seeking[other.tenant]))
    tenants = tuple(reserved.get(one.name, one) for one in hosting.tenants if one.name not in waiting)
    return replace(hosting, tenants=tenants), refused


def _no_apache(app: App) -> str:
    more = ", with hostel_mod_wsgi_pool: {size: N} in the inventory" if app.mode == POOL else ""
    return (
        f"app {app.name}: mode: {app.mode!r}: this node has no Apache for it yet; run the playbook hostel.python.site"
        f"{more}, which sets one up"
    )


def _used_up(app: App, slots: int) -> str:
    return (
        f"app {app.name}: mode: 'pool': the pool of spare daemons is used up: {slots} accounts have daemons on this "
        f"node, and none is left for tenant {app.tenant}; run the playbook hostel.python.maintenance, which adds spare "
        "ones, then run this one again"
    )


def _not_of_the_pool(app: App, uid: int) -> str:
    return (
        f"app {app.name}: mode: 'pool' is for new tenants, who take a spare account: {app.tenant} has uid {uid}, which "
        "is none of the pool's; use mode: daemon, or remove the tenant with purge and have it made anew"
    )


def _waits_with(app: App, other: App) -> str:
    return f"app {app.name}: its tenant {app.tenant} is not made before there is a spare account for app {other.name}"
