# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quoting for nginx. Each function takes a value and gives the text that means exactly that value."""

from __future__ import annotations

import re

from .._errors import SpecError

# nginx has no escape for "$" where a directive takes variables. geo's values are the one place where it stands for
# itself, so the static configuration (http context) defines a variable that holds it.
DOLLAR = "hostel_dollar"
DOLLAR_DEFINITION = f'geo ${DOLLAR} {{ default "$"; }}'

# Control characters have no business in a path, header or host of the front server; \r and \n would split headers.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

# nginx reads its configuration through a buffer of 4096 bytes, and a parameter must fit in (NGX_CONF_BUFFER).
LONGEST = 4000


def _quoted(text: str) -> str:
    if _CONTROL.search(text):
        raise SpecError(f"nginx: {text!r} holds a control character; write it without")
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    try:
        size = len(inner.encode())
    except UnicodeEncodeError:
        raise SpecError(f"nginx: {text!r} is not valid Unicode text") from None
    if size > LONGEST:
        raise SpecError(f"nginx: {text[:60]!r}… has {size} bytes when quoted; a parameter holds at most {LONGEST}")
    return f'"{inner}"'


def literal(text: str) -> str:
    """A parameter of a directive that takes no variables (server_name, upstream, include, ssl_certificate…)."""
    return _quoted(text)


def string(text: str) -> str:
    """A parameter of a directive that takes variables (alias, root, proxy_set_header, return…), as plain text.

    Needs DOLLAR_DEFINITION in the http context if the text holds a ``$``.
    """
    return _quoted(text.replace("$", f"${{{DOLLAR}}}"))


def location(path: str) -> str:
    """The path of ``location``, ``location =`` and ``location ^~``: compared with the decoded path of the request."""
    # A first character of "=", "~", "^" or "@" would be taken for a modifier, in quotes too.
    if not path.startswith("/"):
        raise SpecError(f"nginx: location {path!r} must begin with a slash")
    return _quoted(path)


def regex(text: str) -> str:
    """Plain text as a part of a regular expression, not yet quoted: give the whole expression to ``literal``."""
    return re.sub(r"([^A-Za-z0-9_/\x80-\U0010ffff-])", r"\\\1", text)


def duration(seconds: float) -> str:
    """Seconds as nginx writes a time, to the millisecond; at least 1 ms, since 0 often means something else."""
    milliseconds = round(seconds * 1000)
    if not 1 <= milliseconds < 2**31:
        raise SpecError(f"nginx: a time of {seconds!r} seconds must lie between 1 ms and 24 days")
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"


def size(count: int) -> str:
    """Bytes as nginx writes a size."""
    if not 0 <= count < 2**63:
        raise SpecError(f"nginx: a size of {count!r} bytes must lie between 0 and 2^63-1")
    return str(count)
