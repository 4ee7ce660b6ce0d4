# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TOML, which Python itself reads from 3.11 on."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from .._errors import SpecError


def read(text: str, where: str, needed: bool) -> dict[str, Any]:
    """What a file says; where it can't be read, nothing, or a SpecError if it is ``needed``. where: for messages."""
    try:
        tomllib: Any = importlib.import_module("tomllib")
    except ImportError:
        if needed:
            raise SpecError(
                f"{where}: is read by Python 3.11 or newer only, and the node's is {sys.version.split()[0]}; write "
                "what it says into hostel_apps"
            ) from None
        return {}
    try:
        found: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        if needed:
            raise SpecError(f"{where}: is no valid TOML: {error}") from None
        return {}
    return found


def table(content: Any, *keys: str) -> dict[str, Any]:
    """The table at the end of a way of keys; an empty one where there is none."""
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}
