# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an app's callable is named."""

from __future__ import annotations

import keyword

from .paths import inside
from .problems import Wrong
from .values import text

ALLOWED = (
    "must be module:callable, module:factory() or a path to a startup file with :callable, like app/wsgi.py:application"
)


def entrypoint(value: object) -> str:
    """``package.module:callable``, ``package.module:factory()`` or ``path/to/file.py:callable``."""
    given = text(value)
    where, colon, target = given.rpartition(":")
    called = target[:-2] if target.endswith("()") else target
    if not colon or not _dotted(called):
        raise Wrong(ALLOWED)
    if is_file(where):
        try:
            path = inside(where)
        except Wrong as wrong:
            raise Wrong(f"the startup file {wrong}") from None
        if path.endswith("/"):
            raise Wrong(ALLOWED)
        return f"{path}:{target}"
    if not _dotted(where):
        raise Wrong(ALLOWED)
    return given


def entrypoint_or_script(value: object) -> str:
    """The same, or the path of a CGI script, or of a folder of such with a slash at the end; no colon is in these."""
    given = text(value)
    return entrypoint(given) if ":" in given else inside(given)


def is_script(entry: str) -> bool:
    """Whether it is the path of a CGI script or of their folder."""
    return ":" not in entry


def is_file(where: str) -> bool:
    """Whether the part before the colon names a file rather than a module: mysite.wsgi is Django's usual module."""
    return "/" in where or where.endswith(".py") or (where.endswith((".wsgi", ".asgi")) and not _dotted(where))


def _dotted(name: str) -> bool:
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in name.split("."))
