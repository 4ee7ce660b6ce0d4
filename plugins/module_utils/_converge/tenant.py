# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One tenant: compare, change, say what there is."""

from __future__ import annotations

from typing import Any

from .._node import accounts, slices, tenants
from .._spec.tenant import Tenant


def converge(tenant: Tenant, *, purge: bool, check_mode: bool) -> dict[str, Any]:
    """Compare, change unless in check mode, and say what there is now: the module's result."""
    changes = tenants.plan([tenant])
    result: dict[str, Any] = {"changed": bool(changes), "warnings": tenants.blind_spots([tenant])}
    if changes:
        result["reason"] = changes[0].reason
        result["diff"] = {"before": changes[0].before, "after": changes[0].after}
    if changes and not check_mode:
        tenants.apply([tenant], changes, purge=purge)
    account = accounts.observe().get(tenant.name) if tenant.state == "present" else None
    if account is not None:
        result["tenant"] = {
            "name": account.name,
            "uid": account.uid,
            "gid": account.gid,
            "home": account.home,
            "slice": slices.slice_name(account.uid),
        }
    return result
