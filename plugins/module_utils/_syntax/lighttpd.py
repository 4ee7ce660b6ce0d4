# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quoting for lighttpd's configuration."""

from __future__ import annotations

import re

from .._errors import SpecError

# Paths of this collection need no more; what its strings undo (escapes, variables) is left out of question so.
_PLAIN = re.compile(r"[A-Za-z0-9._/@-]+", re.ASCII)


def literal(text: str) -> str:
    """A string that means itself."""
    if not _PLAIN.fullmatch(text):
        raise SpecError(f"lighttpd: {text!r} must consist of letters, digits and the characters ._/@-")
    return f'"{text}"'
