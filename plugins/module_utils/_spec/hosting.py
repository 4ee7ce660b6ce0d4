# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole wanted state of a node."""

from __future__ import annotations

from dataclasses import dataclass

from .app import App
from .python import PythonVersion
from .tenant import Tenant


@dataclass(frozen=True)
class Hosting:
    """Everything the operator wrote down, validated together."""

    pythons: tuple[PythonVersion, ...]
    tenants: tuple[Tenant, ...]
    apps: tuple[App, ...]
