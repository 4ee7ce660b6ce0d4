# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environment files that systemd's ``EnvironmentFile=`` and a POSIX shell's ``.`` read identically, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .._errors import SpecError
from .._spec.layout import MANAGED

KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

# systemd silently drops an assignment whose value holds a control character other than these two
# (env_value_is_valid in src/basic/env-util.c), so such a value is refused before it can get lost.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

# What a backslash takes the meaning from inside double quotes: the same four in POSIX (XCU 2.2.3) and in systemd
# (SHELL_NEED_ESCAPE in src/basic/escape.h). A bare newline is itself in both.
_SPECIAL = re.compile(r'(["\\`$])')

# The kernel's MAX_ARG_STRLEN: one "KEY=value" with its NUL.
LONGEST = 131072

# dash stops at a value that is no number (OPTIND), and other shells hold the rest read-only.
SHELL_OWN = frozenset({"OPTIND", "PPID", "UID", "EUID", "SHELLOPTS", "BASHOPTS"})


def check(key: str, value: str) -> str | None:
    """Why a variable can't be passed, or None. Never tells the value."""
    if not KEY.fullmatch(key):
        return "a name has only letters, digits and underscores, and begins with none of the digits"
    if key in SHELL_OWN:
        return "the shell keeps this name for itself"
    control = _CONTROL.search(value)
    if control:
        return (
            f"the value holds the control character U+{ord(control.group()):04X}; systemd passes no control characters "
            "but tab and newline (encode the value, as base64 for example)"
        )
    try:
        size = len(key) + len(value.encode()) + 2
    except UnicodeEncodeError:
        return "the value is not valid Unicode text"
    if size > LONGEST:
        return f"name and value together have {size} bytes; the kernel passes at most {LONGEST}"
    return None


def assignment(key: str, value: str) -> str:
    """One ``KEY="value"``; a newline stays a newline inside the quotes. SpecError if it can't be passed."""
    wrong = check(key, value)
    if wrong:
        raise SpecError(f"environment variable {key!r}: {wrong}")
    return f'{key}="' + _SPECIAL.sub(r"\\\1", value) + '"'


def render(pairs: Iterable[tuple[str, str]]) -> bytes:
    """The whole file: the line that says whose it is, then one assignment after the other, in the order given."""
    lines = [MANAGED, *(assignment(key, value) for key, value in pairs)]
    return ("\n".join(lines) + "\n").encode()
