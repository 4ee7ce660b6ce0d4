# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quoting for Apache's configuration and .htaccess files. Each function gives the text that means exactly a value."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .._errors import SpecError

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAME = re.compile(r"[A-Z][A-Za-z0-9]*", re.ASCII)
_OPTION = re.compile(r"[a-z][a-z-]*", re.ASCII)

# Apache reads lines of a configuration file up to this many bytes (MAX_STRING_LEN in include/httpd.h).
LONGEST = 8000


def argument(text: str) -> str:
    """One argument of a directive, in double quotes.

    Inside them a backslash takes the meaning only from a quote and from a backslash (substring_conf in server/util.c).
    ``${name}`` is replaced before that, in quotes too, and nothing takes its meaning away (ap_resolve_env in
    server/core.c), so it is refused, as are control characters: a line break ends a directive.
    """
    if _CONTROL.search(text):
        raise SpecError(f"Apache: {text!r} holds a control character; write it without")
    if "${" in text:
        raise SpecError(f"Apache: {text!r} holds '${{', which Apache replaces everywhere; write it without")
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    try:
        size = len(quoted.encode())
    except UnicodeEncodeError:
        raise SpecError(f"Apache: {text!r} is not valid Unicode text") from None
    if size > LONGEST:
        raise SpecError(f"Apache: {text[:60]!r}… has {size} bytes when quoted; an argument holds at most {LONGEST}")
    return quoted


def directive(name: str, *arguments: str) -> str:
    """One line: a directive of ours and its arguments, quoted."""
    if not _NAME.fullmatch(name):
        raise SpecError(f"Apache: {name!r} is not the name of a directive")
    return " ".join([name, *map(argument, arguments)])


def option(name: str, text: str) -> str:
    """``name="value"``, one option of a directive that takes such (wsgi_parse_option in mod_wsgi's source)."""
    if not _OPTION.fullmatch(name):
        raise SpecError(f"Apache: {name!r} is not the name of an option")
    return f"{name}={argument(text)}"


def location(path: str, lines: Iterable[str]) -> list[str]:
    """``<Location>`` of a path and everything below it. The lines are directives, quoted already."""
    if not path.startswith("/"):
        raise SpecError(f"Apache: location {path!r} must begin with a slash")
    # apr_fnmatch_test: any of these makes a pattern of it.
    if re.search(r"[*?\[\]\\]", path):
        raise SpecError(f"Apache: location {path!r} holds one of * ? [ ] \\, which would make it a pattern")
    return [f"<Location {argument(path)}>", *(f"    {line}" for line in lines), "</Location>"]
