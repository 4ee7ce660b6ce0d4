# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quoting for systemd's unit files. Each function takes a value and gives the text that means exactly that value."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .._errors import SpecError

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What no path in BindPaths= may hold.
UNBINDABLE = "'\"\\"
_NAMED = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}

# Executables are paths of this collection or of a venv. systemd takes a word of ExecStart= that begins with one of
# "-@+!:|" as a prefix, and does not undo a "$$" in the path itself, so a path has to be plain.
_EXECUTABLE = re.compile(r"/[A-Za-z0-9._/+@-]+", re.ASCII)


def _checked(value: str, what: str) -> str:
    """The value, if systemd can hold it at all: unit files are lines of UTF-8 without NUL."""
    if "\0" in value:
        raise SpecError(f"systemd: {what} {value!r} holds a NUL character; nothing can pass one to a process")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise SpecError(f"systemd: {what} {value!r} is not valid Unicode text") from None
    return value


def _escaped(value: str) -> str:
    """Backslash escapes as in C, for what lies between double quotes."""
    value = value.replace("\\", "\\\\").replace('"', '\\"')
    return _CONTROL.sub(lambda found: _NAMED.get(found.group(), f"\\x{ord(found.group()):02x}"), value)


def value(text: str) -> str:
    """For settings that take the rest of the line as it is (Description=, WorkingDirectory=, ListenStream=).

    There ``%`` is the only special character; what such a line can't hold is refused.
    """
    _checked(text, "value")
    if _CONTROL.search(text):
        raise SpecError(f"systemd: value {text!r} holds a control character, which this setting has no way to write")
    if text != text.strip() or text.endswith("\\"):
        raise SpecError(f"systemd: value {text!r} begins or ends with a space, or ends with a backslash")
    return text.replace("%", "%%")


def argument(text: str) -> str:
    """One argument of ExecStart= and its like, in quotes: no specifiers, variables, ``;`` or spaces are seen in it.

    Rules: systemd.service(5) "COMMAND LINES", systemd.unit(5) "SPECIFIERS", systemd.syntax(7) "QUOTING".
    """
    _checked(text, "argument")
    return '"' + _escaped(text).replace("%", "%%").replace("$", "$$") + '"'


def command(argv: Iterable[str]) -> str:
    """A whole command line; the first word must be the plain absolute path of a program."""
    executable, *arguments = argv
    if not _EXECUTABLE.fullmatch(executable):
        raise SpecError(
            f"systemd: program {executable!r} must be an absolute path of letters, digits and the characters ._/+@-"
        )
    return " ".join([executable, *map(argument, arguments)])


def environment(key: str, text: str) -> str:
    """One assignment for Environment=, in quotes. Variables are not expanded there, specifiers are."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key, re.ASCII):
        raise SpecError(f"systemd: {key!r} is not the name of an environment variable")
    _checked(text, f"variable {key}")
    if _CONTROL.search(text.replace("\n", "").replace("\t", "")):
        # env_value_is_valid in systemd's src/basic/env-util.c: such an assignment is dropped with a warning.
        raise SpecError(f"systemd: variable {key} holds a control character other than tab and newline")
    return '"' + key + "=" + _escaped(text).replace("%", "%%") + '"'


def path(text: str) -> str:
    """One path of a list of paths (ReadWritePaths=, BindPaths=…), in quotes.

    These undo quotes and a backslash before any character, but know no ``\\n``, so control characters are refused.
    """
    _checked(text, "path")
    if not text.startswith("/"):
        raise SpecError(f"systemd: path {text!r} must be absolute")
    if _CONTROL.search(text):
        raise SpecError(f"systemd: path {text!r} holds a control character, which this setting has no way to write")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def bind(source: str, target: str) -> str:
    """One ``source:target`` of BindPaths= and BindReadOnlyPaths=; a colon inside the quotes is part of the path.

    From version 254 on systemd hands the pair to its executor without escaping what it then takes for quotes
    (systemd pull request 40985, open in 2026), so paths with UNBINDABLE characters are refused.
    """
    for end in (source, target):
        if any(character in end for character in UNBINDABLE):
            raise SpecError(f"systemd: path {end!r} to be bound holds a quote or a backslash, which systemd loses")
    return f"{path(source)}:{path(target)}"


def escape(text: str) -> str:
    """Text as part of a unit's name, as ``systemd-escape`` does it (unit_name_escape in src/basic/unit-name.c)."""
    _checked(text, "unit name")
    parts = []
    for index, byte in enumerate(text.encode()):
        character = chr(byte)
        if character == "/":
            parts.append("-")
        elif re.fullmatch(r"[A-Za-z0-9:_]", character, re.ASCII) or (character == "." and index):
            parts.append(character)
        else:
            parts.append(f"\\x{byte:02x}")
    return "".join(parts)
