# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants as a whole: account, folders, limits, disk quota, for many at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .._errors import NodeError
from .._spec.resources import File
from .._spec.sizes import written
from .._spec.tenant import Tenant
from . import accounts, files, homes, pool, quotas, slices
from .accounts import Account


@dataclass(frozen=True)
class TenantChange:
    """What one tenant needs. action: create, repair or remove; before, after: the two sides of the diff."""

    name: str
    action: str
    reason: str
    before: str
    after: str


def plan(tenants: Sequence[Tenant]) -> list[TenantChange]:
    """Compare with what is there; changes nothing, starts no program.

    Raises NodeError, with a line for each tenant that this node cannot have.
    """
    observed = accounts.observe()
    wanted = [one for one in tenants if one.state == "present"]
    uids = accounts.choose(wanted, observed)
    limits = files.read_all(slices.dropin_path(uid) for uid in uids.values())
    disk = quotas.find()
    untold = quotas.wrong(disk, {uids[one.name]: one.limits.disk for one in wanted if one.name in observed})
    changes = [_plan_absent(one.name, observed) for one in tenants if one.state == "absent"]
    for tenant in wanted:
        uid = uids[tenant.name]
        dropin = slices.dropin(uid, tenant.limits)
        found = limits.get(dropin.path)
        account = observed.get(tenant.name)
        if account is None:
            after = _described(tenant, uid) + _text(dropin)
            changes.append(TenantChange(tenant.name, "create", "new", _text(found), after))
            continue
        lacks = homes.lacking(account, homes.passing(tenant.trusted))
        if not files.holds(dropin, found):
            lacks.append("limits")
        if uid in untold:
            lacks.append("disk quota")
        if lacks:
            changes.append(
                TenantChange(
                    tenant.name,
                    "repair",
                    ", ".join(lacks),
                    "".join(f"lacks: {lack}\n" for lack in lacks) + _text(found),
                    _described(tenant, uid) + _text(dropin),
                )
            )
    return [change for change in changes if change is not None]


def apply(tenants: Sequence[Tenant], changes: Iterable[TenantChange], *, purge: bool = False) -> dict[str, Account]:
    """Carry out what ``plan`` said about these tenants; return the accounts of all that are present.

    purge: remove the home and the apps' data of removed tenants as well. Raises NodeError.
    """
    changed = {change.name: change for change in changes}
    for tenant in tenants:
        if tenant.state == "absent" and tenant.name in changed:
            remove(tenant.name, purge=purge)
    wanted = [one for one in tenants if one.state == "present"]
    found = accounts.create(wanted)
    touched = [one for one in wanted if one.name in changed]
    if touched:
        for tenant in touched:
            homes.ensure(found[tenant.name], homes.passing(tenant.trusted))
        dropins = [slices.dropin(found[one.name].uid, one.limits) for one in touched]
        there = files.read_all(one.path for one in dropins)
        slices.apply(one for one in dropins if not files.holds(one, there.get(one.path)))
        disk = quotas.find()
        quotas.apply(disk, quotas.wrong(disk, {found[one.name].uid: one.limits.disk for one in touched}))
    return found


def remove(name: str, *, purge: bool = False) -> None:
    """End everything of a tenant and take account and limits away; with ``purge`` its home, apps and data too.

    Raises NodeError while apps of the tenant are still live.
    """
    account = accounts.observe().get(name)
    if account is None:
        return
    _require_no_apps(name)
    slices.remove(account.uid)
    accounts.remove(account, of_the_pool=account.uid in pool.daemons())
    disk = quotas.find()
    quotas.apply(disk, quotas.wrong(disk, {account.uid: None}))
    if purge:
        homes.remove(account)
        accounts.forget(name)


def blind_spots(tenants: Iterable[Tenant]) -> list[str]:
    """Say which limits that somebody asks for cannot hold on this node; each reason once, with the tenants."""
    reasons: dict[str, list[str]] = {}
    quotas_off = quotas.find().kind is None
    for tenant in tenants:
        if tenant.state == "present":
            spots = slices.blind_spots(tenant.limits)
            if tenant.limits.disk is not None and quotas_off:
                spots.append(quotas.blind_spot())
            for spot in spots:
                reasons.setdefault(spot, []).append(tenant.name)
    return [f"{_some(names)}: limits: {reason}" for reason, names in reasons.items()]


def _plan_absent(name: str, observed: Mapping[str, Account]) -> TenantChange | None:
    account = observed.get(name)
    if account is None:
        return None
    _require_no_apps(name)
    return TenantChange(name, "remove", "state: absent", f"tenant: {name}\nuid: {account.uid}\n", "")


def _require_no_apps(name: str) -> None:
    folder = homes.gate(name)
    live = [app for app in files.names(folder) if os.path.lexists(f"{folder}/{app}/current")]
    if live:
        raise NodeError(
            f"tenant {name}: state: cannot be removed while its apps are live: {', '.join(live)}; remove them first"
        )


def _described(tenant: Tenant, uid: int) -> str:
    disk = "" if tenant.limits.disk is None else f"disk: {written(tenant.limits.disk)}\n"
    return f"tenant: {tenant.name}\nuid: {uid}\n{disk}"


def _text(found: object) -> str:
    return found.content.decode("utf-8", "replace") if isinstance(found, File) else ""


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    if len(names) > 5:
        return f"tenants {shown} and {len(names) - 5} more"
    return f"tenant{'s' if len(names) > 1 else ''} {shown}"
