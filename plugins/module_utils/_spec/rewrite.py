# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rewrite rules of an app that is reached through Apache."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .problems import Wrong
from .values import text

# mod_rewrite, RewriteRule flags: those that answer or change the path. Not P, E, H, S and the like, by which a rule
# could lead to another app, another handler or past the rules that lead to this one.
_FLAG = re.compile(r"(?:R(?:=30[12378])?|L|NC|QSA|QSD|QSL|NE|F|G)")
_ALLOWED = "must be 'PATTERN TARGET' or 'PATTERN TARGET [FLAGS]', like '^old/(.*)$ new/$1 [R=301,L]'"


@dataclass(frozen=True)
class Rewrite:
    """One RewriteRule. pattern: a regular expression against the path below the mount, without its first slash; target:
    a path below the mount, a path from the root, a URL, or "-"; flags: as in mod_rewrite."""

    pattern: str
    target: str
    flags: tuple[str, ...]


def rewrite(value: object) -> Rewrite:
    """One rule, in mod_rewrite's own words."""
    words = text(value).split()
    if len(words) not in (2, 3):
        raise Wrong(_ALLOWED)
    flags: tuple[str, ...] = ()
    if len(words) == 3:
        if not (words[2].startswith("[") and words[2].endswith("]")):
            raise Wrong(_ALLOWED)
        flags = tuple(flag for flag in words[2][1:-1].split(",") if flag)
    for flag in flags:
        if not _FLAG.fullmatch(flag):
            raise Wrong(f"flag {flag!r} is not allowed; allowed: R, R=301, L, NC, QSA, QSD, QSL, NE, F, G")
    try:
        re.compile(words[0])
    except re.error as error:
        raise Wrong(f"pattern {words[0]!r} is no regular expression: {error}") from None
    return Rewrite(words[0], words[1], flags)
