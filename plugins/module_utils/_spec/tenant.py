# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A customer: one Unix account, one home, one slice."""

from __future__ import annotations

from dataclasses import dataclass, field

from .fields import item
from .layout import UID_MAX, UID_MIN
from .limits import Limits, parse_limits
from .names import tenant_name
from .problems import Problems
from .values import boolean, choice, whole


@dataclass(frozen=True)
class Tenant:
    """One tenant as wanted. ``uid`` None: the node chooses the next free one of the tenants' range.

    trusted: its apps may run inside of a server that they share with those of other trusted tenants.
    """

    name: str
    uid: int | None = None
    limits: Limits = field(default_factory=Limits)
    trusted: bool = False
    state: str = "present"


def parse_tenant(raw: object, problems: Problems, where: str = "tenant") -> Tenant | None:
    """One tenant of the inventory; None if it is no mapping. What is wrong goes to ``problems``."""
    fields = item(raw, "tenant", where, problems)
    if fields is None:
        return None
    tenant = Tenant(
        name=fields.need("name", tenant_name, ""),
        uid=fields.get("uid", whole(UID_MIN, UID_MAX), None),
        limits=parse_limits(fields.section("limits")),
        trusted=fields.get("trusted", boolean, False),
        state=fields.get("state", choice("present", "absent"), "present"),
    )
    fields.done()
    return tenant
