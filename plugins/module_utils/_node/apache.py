# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apache in front of somebody's own application: the same care as for nginx.

A node's hosting never comes here: there Apache is not reloaded for an app, since that would restart Passenger's.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._errors import NodeError
from .._spec.layout import STATE
from .._spec.resources import File
from . import takeover, trial
from .run import run, tail

FOLDER = "/etc/apache2"
PENDING = f"{STATE}/apache.pending"


def check(changed: Sequence[File], removed: Sequence[str]) -> None:
    """Ask the real ``apache2ctl configtest`` whether it takes the changes; NodeError with its own words."""
    ran = trial.check(
        ["apache2ctl", "configtest"],
        FOLDER,
        changed,
        removed,
        what="checking Apache's configuration",
        beside=STATE,
    )
    if ran.rc != 0:
        words = tail(ran.stderr)
        missing = any("Invalid command" in line or "unknown" in line.lower() for line in words)
        hint = ["the modules proxy, proxy_http, headers and alias have to be enabled (a2enmod)"] if missing else []
        raise NodeError("Apache refuses the configuration; it stays as it was", *words, *hint)


def pending() -> bool:
    """Whether an earlier run was interrupted before Apache took its changes."""
    return takeover.pending(PENDING)


def install(changed: Sequence[File], removed: Sequence[str]) -> bool:
    """Check, rename into place, reload gracefully once. Returns whether Apache had to take anything."""
    return takeover.install(PENDING, lambda: check(changed, removed), changed, removed, _reload)


def _reload() -> None:
    run(["systemctl", "reload-or-restart", "apache2.service"], what="reloading Apache", timeout=120)
