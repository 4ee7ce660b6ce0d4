# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment of an app. Its values are secret: no message tells one."""

from __future__ import annotations

from .._syntax.environment import check
from .fields import Fields

# systemd speaks with the process through these.
_OF_SYSTEMD = frozenset(
    {
        "INVOCATION_ID",
        "JOURNAL_STREAM",
        "LISTEN_FDNAMES",
        "LISTEN_FDS",
        "LISTEN_PID",
        "MAINPID",
        "NOTIFY_SOCKET",
        "WATCHDOG_PID",
        "WATCHDOG_USEC",
    }
)


def parse_env(fields: Fields | None) -> tuple[tuple[str, str], ...]:
    """The section ``env``, in the order of its names."""
    if fields is None:
        return ()
    pairs = []
    for name, value in fields.items():
        wrong = _wrong(name, value)
        if wrong:
            fields.wrong(str(name).encode("unicode_escape").decode()[:60], wrong)
        else:
            pairs.append((str(name), str(value)))
    return tuple(sorted(pairs))


def _wrong(name: object, value: object) -> str | None:
    if not isinstance(name, str):
        return "the name must be a string; put it in quotes"
    if name in _OF_SYSTEMD:
        return "systemd sets this variable; choose another name"
    if isinstance(value, (bool, float)) or value is None:
        # What stands in the file is lost by now: yes is true, 3.10 is 3.1, and an empty value is null.
        return "the value must be a string; put it in quotes"
    if not isinstance(value, (str, int)):
        return "the value must be a string, not a list or a mapping"
    return check(name, str(value))
