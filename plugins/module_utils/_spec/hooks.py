# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs in a new release before it goes live."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import Fields
from .problems import Wrong

_ALLOWED = "must be a list of arguments like [python, manage.py, migrate], or one string for the shell"
# Of all arguments together, in bytes. They reach the tenant's shell as one argument, encoded, and the kernel's
# MAX_ARG_STRLEN is 128 KiB.
_LONGEST = 64 * 1024


@dataclass(frozen=True)
class Hook:
    """argv: an argument list; a string of the inventory arrives as ("/bin/sh", "-c", string)."""

    argv: tuple[str, ...]


def parse_hooks(fields: Fields | None) -> tuple[Hook, ...]:
    """The section ``hooks``: those before a release goes live."""
    if fields is None:
        return ()
    before_live = fields.each("before_live", hook)
    fields.done()
    return before_live


def hook(value: object) -> Hook:
    """One hook: a list of arguments, or a string for the shell (which may have several lines)."""
    if isinstance(value, str):
        if not value.strip():
            raise Wrong(_ALLOWED)
        return _together(("/bin/sh", "-c", _argument(value)))
    if not isinstance(value, (list, tuple)) or not value:
        raise Wrong(_ALLOWED)
    argv = tuple(_argument(item) for item in value)
    if not argv[0].strip():
        raise Wrong("the first argument must name a program")
    return _together(argv)


def _together(argv: tuple[str, ...]) -> Hook:
    if sum(len(argument.encode()) for argument in argv) > _LONGEST:
        raise Wrong(f"the arguments have at most {_LONGEST} bytes together; put them in a file of the source")
    return Hook(argv)


def _argument(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    if not isinstance(value, str):
        raise Wrong(f"{_ALLOWED}; put booleans and numbers with a point in quotes")
    if "\0" in value:
        raise Wrong("must not hold a NUL character; nothing can pass one to a process")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Wrong("must be valid Unicode text") from None
    return str(value)
