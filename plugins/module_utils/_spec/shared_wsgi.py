# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mod_wsgi in an Apache that apps share: embedded in its processes, or in the spare daemons of its pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .app import App
from .layout import STATE
from .problems import Problems
from .tenant import Tenant

EMBEDDED, POOL = "embedded", "pool"
SHARED_MODES = (EMBEDDED, POOL)

# The account of the Apache whose own processes run apps.
EMBEDDED_ACCOUNT = "hostel-embedded"
# One file for each spare account, by its uid: its daemons.
POOL_CONFIG = "/etc/hostel/pool"
DAEMONS = f"{POOL_CONFIG}/daemons"

MAPS = f"{STATE}/shared_wsgi"
SITES_MAP = f"{MAPS}/sites.map"  # what Apache looks up: site → release; made of the files in SITE_ENTRIES
SITE_ENTRIES = f"{MAPS}/sites"  # by app: its lines of the map
DAEMONS_MAP = f"{MAPS}/daemons.map"  # release → daemon


@dataclass(frozen=True)
class Seat:
    """A release (its tag) that needs one of the two daemons of an account."""

    release: str
    uid: int


def check_shared(apps: Iterable[tuple[str, App]], tenants: Iterable[Tenant], problems: Problems) -> None:
    """Who may share an Apache, and with what. ``apps``: with what messages call them."""
    trusted = {tenant.name: tenant.trusted for tenant in tenants}
    seated: dict[str, str] = {}
    for called, app in apps:
        if app.server != "mod_wsgi" or app.mode not in SHARED_MODES:
            continue
        _check_keys(called, app, problems)
        if app.mode == EMBEDDED and not trusted.get(app.tenant, True):
            problems.add(
                called,
                "mode",
                f"'embedded' runs the code inside of a server that several tenants' apps share, without an account, a "
                f"slice or limits of its own; allowed for a tenant with trusted: true, which {app.tenant} is not; use "
                "mode: daemon, or trust the tenant",
            )
        if app.mode == POOL:
            other = seated.setdefault(app.tenant, called)
            if other != called:
                problems.add(
                    called,
                    "mode",
                    f"'pool' is what {other} of tenant {app.tenant} has already, and the daemons of an account run one "
                    "app; use mode: daemon for the others",
                )


def _check_keys(called: str, app: App, problems: Problems) -> None:
    made = "are made in advance" if app.mode == POOL else "are those of the Apache that all share"
    given: Mapping[str, object] = {"workers": app.workers, "threads": app.threads}
    for key, value in given.items():
        if value is not None:
            problems.add(called, key, f"processes of mode {app.mode!r} {made}; leave it out, or use mode: daemon")
    if app.route == "apache" or app.rewrite:
        key = "rewrite" if app.rewrite else "route"
        problems.add(called, key, f"mode {app.mode!r} has an Apache of its own in front; use mode: daemon for this")
    if app.mode == EMBEDDED and app.persist:
        problems.add(
            called,
            "persist",
            "an embedded app runs under the account of its Apache, which may not write into a tenant's data; use "
            "mode: daemon",
        )
