# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What git and in-place sources hold now: only the node, as the tenant, can tell."""

from __future__ import annotations

import pwd
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from .._errors import HostelError
from .._node import sources
from .._plan.apps import Live
from .._spec.app import App
from .complaint import complaint

# Stands for the content of a source that nobody has looked at yet: no release has it.
UNSEEN = "unseen"

ASKED_AT_ONCE = 8


def identified(
    apps: Sequence[App], known: Mapping[str, str], live: Mapping[str, Live], *, only_live: bool, errors: list[str]
) -> dict[str, str]:
    """The identity of each git or in-place source, by app; those in ``known`` are not asked again.

    only_live: do not ask for apps without a live release (their tenants may have no account yet, and they are deployed
    anyway). Where asking fails, ``errors`` gets a line and the identity is that of the live release, which stays.
    """
    elsewhere = [app for app in apps if app.source.kind in ("git", "in_place")]
    identities = {app.name: known.get(app.name, UNSEEN) for app in elsewhere}
    asked = [app for app in elsewhere if app.name not in known and (app.name in live or not only_live)]
    with ThreadPoolExecutor(max_workers=ASKED_AT_ONCE) as pool:
        for app, (identity, lines) in zip(asked, pool.map(_ask, asked)):
            before: str = live[app.name].record["source"] if app.name in live else UNSEEN
            identities[app.name] = identity or before
            errors += complaint(app, lines) if lines else []
    return identities


def _ask(app: App) -> tuple[str | None, list[str]]:
    try:
        account = pwd.getpwnam(app.tenant)
        if app.source.kind == "git":
            return sources.resolve(app, account), []
        return sources.digest(app, account), []
    except HostelError as error:
        return None, error.lines
    except KeyError:
        return None, [f"app {app.name}: tenant: {app.tenant!r} has no account on this node"]
