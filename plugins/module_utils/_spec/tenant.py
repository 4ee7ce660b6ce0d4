# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A customer: one Unix account, one home, one slice."""

from __future__ import annotations

from dataclasses import dataclass, field

from .limits import Limits


@dataclass(frozen=True)
class Tenant:
    """One tenant as wanted. ``uid`` None: the node chooses the next free one of the tenants' range."""

    name: str
    uid: int | None = None
    limits: Limits = field(default_factory=Limits)
    state: str = "present"
