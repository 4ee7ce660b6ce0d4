# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that are hard to quote: chosen ones, and as many made by chance, the same ones every time."""

from __future__ import annotations

import random

CHOSEN = (
    "plain",
    "",
    " ",
    " both ends ",
    "a b",
    "a  b",
    "a;b",
    ";",
    "a ; b",
    "\\;",
    "a#b",
    "#",
    "'",
    '"',
    "it's",
    'say "so"',
    "\\",
    "\\\\",
    "ends in \\",
    '\\"',
    "\\n is no newline",
    "\\x41",
    "$",
    "$$",
    "$HOME",
    "${HOME}",
    "${HOME",
    "$(id)",
    "`id`",
    "${hostel_dollar}",
    "%",
    "%%",
    "%n %i %h",
    "%41",
    "{",
    "}",
    "a{b}c",
    "; return 500;",
    "-dash",
    "@at",
    "+plus",
    "!mark",
    ":colon",
    "a:b",
    "=",
    "~",
    "~*",
    "^~",
    "* ? [a-z]",
    "(a|b)",
    "<a>&b</a>",
    "é",
    "e\u0301",
    "\u0085\u2028",
    "\U0001f600",
    "日本語",
    "x" * 200,
)
LINES = ("two\nlines", "\n", "tab\there", "ends in newline\n", "\\\n", "'\n\"", "a\n\nb\n")
CONTROLS = ("\r\n", "\x01\x1b[0m\x7f", "\x0b\x0c")

_ALPHABET = "\"'\\$%`;#{}()[]<>|&*?!~^=@:+- abnx0é\U0001f600"


def chance(count: int, alphabet: str = _ALPHABET) -> tuple[str, ...]:
    """Made from the characters that mean something to one of the readers, more of them than people ever would."""
    source = random.Random(2026)  # noqa: S311  # the same values every time, no secrets
    return tuple("".join(source.choices(alphabet, k=source.randint(1, 16))) for _each in range(count))


def one_line() -> list[str]:
    """Without control characters: what paths, headers and plain settings take."""
    return [*CHOSEN, *chance(150)]


def with_lines() -> list[str]:
    """With newlines and tabs: what the environment of a process takes."""
    return [*one_line(), *LINES, *chance(50, f"{_ALPHABET}\n\t")]


def every() -> list[str]:
    """With every control character but NUL: what the arguments of a process take."""
    return [*with_lines(), *CONTROLS]


def segments() -> list[str]:
    """As names of folders and parts of URLs."""
    return [value for value in one_line() if value not in ("", ".", "..") and "/" not in value]
