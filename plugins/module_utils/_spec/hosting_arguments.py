# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of the module hosting: for the module, and for its action plugin, which may do without the module."""

from __future__ import annotations

from typing import Any

ARGUMENTS: dict[str, dict[str, Any]] = {
    "python_versions": {"type": "list", "elements": "dict", "default": []},
    "tenants": {"type": "list", "elements": "dict", "default": []},
    "apps": {"type": "list", "elements": "dict", "default": []},
    "prune": {"type": "bool", "default": False},
    "purge": {"type": "bool", "default": False},
    "keep_releases": {"type": "int", "default": 2},
    "pypi_index": {"type": "str", "no_log": True},
    "ca_bundle": {"type": "path"},
    "source_root": {"type": "path"},
    "validate_only": {"type": "bool", "default": False},
    "wanted": {"type": "str", "no_log": True},
    "phase": {"type": "str", "choices": ["check", "plan", "apply"], "default": "plan"},
    "only": {"type": "list", "elements": "str"},
    "bundle": {"type": "path"},
    "settle": {"type": "bool", "default": True},
    "identities": {"type": "dict", "default": {}},
    "errors": {"type": "list", "elements": "str", "default": []},
    "program": {"type": "str"},
}
