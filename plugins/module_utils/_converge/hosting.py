# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of a run on one node: parse, observe, plan, apply, settle."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .._errors import HostelError, NodeError
from .._front.sites import SERVER_BLOCKS, UPSTREAMS
from .._node import accounts, files, interpreters, nginx, pool, program, releases, site_map, tenants, venvs
from .._node.lock import LOCK, held
from .._plan.apps import Live, Observed, plan_apps
from .._plan.changes import DEPLOY, REMOVE, REPAIR, START, STOP, Change, diff_of
from .._plan.front import expected, front, ours, plan_front
from .._plan.pool import Supply, reserve
from .._spec.app import App
from .._spec.hosting import Hosting, parse
from .._spec.layout import SITES, STATE, TENANTS
from .._spec.resources import Folder, Resource
from .._spec.shared_wsgi import SHARED_MODES, SITES_MAP
from .._spec.tenant import Tenant
from . import deploy
from .complaint import complaint
from .deploy import Conditions
from .identify import UNSEEN, identified
from .observe import as_wanted, live_releases, observe, records

LISTS = ("python_versions", "tenants", "apps")

# A deploy waits for a server to start or for a disk about as long as it computes.
DEPLOYS_A_CORE = 2


@dataclass
class Run:
    """One call of the module: what is wanted, and what has come of it so far.

    raw: the apps' items as they are in the inventory; errors: complete lines, each with the name of an app; refused:
    apps that can't be had on this node as it is, whose errors say why.
    """

    hosting: Hosting
    raw: Mapping[str, Mapping[str, Any]]
    params: Mapping[str, Any]
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    found: dict[str, str] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()

    def tenants(self, state: str) -> list[Tenant]:
        """Those that are to be ``present`` or ``absent``."""
        return [one for one in self.hosting.tenants if one.state == state]


def converge(params: Mapping[str, Any]) -> dict[str, Any]:
    """Answer with the plan, or apply it; ``params`` are those of the module hosting.

    Errors: SpecError for what is wrong in the lists, NodeError for what concerns the node as a whole. What concerns one
    app is in the result's ``errors``.
    """
    wanted = json.loads(params["wanted"]) if params["wanted"] else params
    lists = {name: wanted[name] for name in LISTS}
    run = Run(
        hosting=parse(lists),
        raw={item["name"]: item for item in lists["apps"]},
        params=params,
        errors=list(params["errors"]),
        identities=dict(params["identities"]),
    )
    if params["phase"] != "apply":
        answer = _answer(run, _plan(run, live_releases()))
    else:
        files.write(Folder(STATE))
        with held(LOCK):
            _apply(run, live_releases())
        answer = _answer(run, None)
    if params["program"]:
        files.write(Folder(STATE))
        with held(LOCK):
            program.keep(params["program"])
    return answer


def _answer(run: Run, changes: Sequence[Change] | None) -> dict[str, Any]:
    """The module's result; ``changes`` None after an apply, whose changes are those of the plan before it."""
    planned = changes or ()
    touched = [change.name for change in planned if change.kind == "app"]
    digests = {app.name: app.source.digest for app in run.hosting.apps if app.source.kind == "local"}
    needed = {digests.get(one.name) for one in planned if one.kind == "app" and one.action == DEPLOY} - {None}
    result: dict[str, Any] = {
        "changed": changes is None or bool(changes),
        "changes": [_told(change) for change in planned],
        "diff": diff_of(planned),
        "apps_to_change": touched,
        "sources_needed": sorted(str(digest) for digest in needed),
        "identities": run.identities,
        "errors": run.errors,
        "warnings": run.warnings,
        "found": run.found,
    }
    return result


def _told(change: Change) -> dict[str, str]:
    return {key: value for key, value in asdict(change).items() if key not in ("before", "after")}


def _plan(run: Run, live: Mapping[str, Live]) -> list[Change]:
    """Everything that a run would do, in the order in which it would."""
    _unlisted(run, live)
    _reserve(run)
    run.warnings += tenants.blind_spots(run.hosting.tenants)
    _identify(run, [app for app in run.hosting.apps if app.state != "absent"], live, only_live=True)
    observed = observe(as_wanted(live, run.hosting.apps))
    there = accounts.observe()
    return [
        *_plan_pythons(run),
        *(
            Change("tenant", one.name, one.action, one.reason, one.before, one.after)
            for one in tenants.plan(run.tenants("present"))
        ),
        *(one for one in plan_apps(run.hosting.apps, run.raw, observed) if one.name not in run.refused),
        *(Change("app", name, REMOVE, "purge: true", before=f"data of {name}\n") for name in _remains(run, live)),
        *_plan_front(run, observed.live),
        *(
            Change("tenant", one.name, REMOVE, "state: absent", before=f"tenant: {one.name}\n")
            for one in run.tenants("absent")
            if one.name in there
        ),
    ]


def _plan_pythons(run: Run) -> list[Change]:
    return [
        Change("python", one.version, "install", reason)
        for one in run.hosting.pythons
        if one.state == "present" and (reason := interpreters.lacking(one))
    ]


def _plan_front(run: Run, live: Mapping[str, Live]) -> list[Change]:
    found = _found_front(run, live)
    changes = plan_front(expected(run.hosting, live, found), found)
    if not changes and nginx.pending():
        changes = [Change("site", "all", "reload", "a run was ended before nginx took its files")]
    if site_map.stale():
        changes.append(Change("site", "map", "write", f"{SITES_MAP} is not what the apps say"))
    return changes


def _found_front(run: Run, live: Mapping[str, Live]) -> dict[str, Resource]:
    paths = [f"{folder}/{name}" for folder in (SERVER_BLOCKS, UPSTREAMS) for name in files.names(folder)]
    return ours(files.read_all(paths), {*live, *(app.name for app in run.hosting.apps)})


def _apply(run: Run, live: Mapping[str, Live]) -> None:
    """Carry out what concerns this slice's apps; with the last slice, settle."""
    _unlisted(run, live)
    _reserve(run)
    _install_pythons(run)
    present = run.tenants("present")
    changes = tenants.plan(present)
    if changes:
        tenants.apply(present, changes)
    chosen = set(run.params["only"] or ()) - run.refused
    asked = [app for app in run.hosting.apps if app.name in chosen and app.state != "absent"]
    _identify(run, asked, live, only_live=False)
    # What could not be looked at can't be deployed; that has been said.
    chosen -= {app.name for app in run.hosting.apps if app.source.digest == UNSEEN}
    observed = observe(as_wanted(live, run.hosting.apps))
    conditions = Conditions(
        interpreters={one.version: interpreters.path(one.version) for one in run.hosting.pythons},
        bundle=run.params["bundle"],
        pypi_index=run.params["pypi_index"],
        ca_bundle=run.params["ca_bundle"],
        keep_releases=max(1, run.params["keep_releases"]),
    )
    by_name = {app.name: app for app in run.hosting.apps if app.name in chosen}
    planned = plan_apps(by_name.values(), run.raw, observed)
    todo = [change for change in planned if change.name in by_name and change.action != REMOVE]
    with ThreadPoolExecutor(max_workers=DEPLOYS_A_CORE * (os.cpu_count() or 1)) as pool:
        # No deploy beside a repair: this may need a daemon-reload, for which systemd reads the jobs that it is about to
        # start from their files again, and it does not read the "$" and ";" that it wrote (systemd 252 and 257).
        for deploying in (False, True):
            some = [change for change in todo if (change.action == DEPLOY) == deploying]
            for each in [pool.submit(_do, run, change, by_name[change.name], observed, conditions) for change in some]:
                each.result()
    # Once for all of them: files that are written one by one wait for the disk each time.
    os.sync()
    if run.params["settle"]:
        _settle(run)


def _do(run: Run, change: Change, app: App, observed: Observed, conditions: Conditions) -> None:
    """Do one app's change; its failure is its own."""
    live = observed.live.get(app.name)
    try:
        # A stray may have the very name that the new release gets.
        strays = [f"{app.name}@{identity}" for identity in observed.strays.get(app.name, ())]
        if strays:
            deploy.tidy(strays, patience=0)
        if change.action == DEPLOY:
            run.found[app.name] = deploy.deploy(app, run.raw[app.name], live, conditions)
        elif live is not None and change.action == REPAIR:
            deploy.repair(live, run.raw[app.name], observed)
        elif live is not None and change.action == START:
            deploy.start(live.release)
        elif live is not None and change.action == STOP:
            deploy.stop(live.release)
    except HostelError as error:
        run.errors += complaint(app, error.lines)
    except Exception as error:  # noqa: BLE001 - whatever befalls one app, the others are done
        run.errors.append(f"app {app.name}: {type(error).__name__}: {error}")


def _settle(run: Run) -> None:
    """What is done once a run: the front, and after it what nothing leads to any more."""
    live = as_wanted(live_releases(), run.hosting.apps)
    found = _found_front(run, live)
    wanted = front(run.hosting, live, found)
    try:
        nginx.install(
            [file for path, file in wanted.files.items() if found.get(path) != file],
            [path for path in found if path not in wanted.files],
        )
    except NodeError as error:
        run.errors += error.lines
        return
    absent = {app.name for app in run.hosting.apps if app.state == "absent"}
    purge = bool(run.params["purge"])
    for name in sorted(absent & set(live)):
        deploy.remove(live[name], purge)
    for name, owner in _remains(run, live).items():
        releases.remove_app(name, owner, purge=True)
    for tenant in run.tenants("absent"):
        try:
            tenants.remove(tenant.name, purge=purge)
        except NodeError as error:
            run.errors += error.lines
    observed = observe(as_wanted(live_releases(), run.hosting.apps))
    strays = [f"{name}@{identity}" for name, identities in observed.strays.items() for identity in identities]
    patience = max((one.release.app.timeouts.stop for one in live.values()), default=1.0)
    deploy.tidy(strays, patience=patience)
    for paths in observed.outdated.values():
        for path in paths:
            files.remove_with_folders(path, SITES)
    site_map.refresh()
    venvs.collect(record["venv"] for found_records in records().values() for record in found_records)


def _remains(run: Run, live: Mapping[str, Live]) -> dict[str, str]:
    """Apps to be purged that are not live and yet have a folder, with their tenants: their data was kept."""
    if not run.params["purge"]:
        return {}
    gone = {app.name for app in run.hosting.apps if app.state == "absent"} - set(live)
    owners = set(accounts.observe()).intersection(files.names(TENANTS)) if gone else ()
    return {app: owner for owner in owners for app in files.names(f"{TENANTS}/{owner}") if app in gone}


def _identify(run: Run, apps: Sequence[App], live: Mapping[str, Live], *, only_live: bool) -> None:
    """Fill in the identities of sources that only the node can tell."""
    found = identified(apps, run.identities, live, only_live=only_live, errors=run.errors)
    run.identities.update({name: identity for name, identity in found.items() if identity != UNSEEN})
    known = {**found, **run.identities}
    run.hosting = replace(
        run.hosting,
        apps=tuple(
            replace(app, source=replace(app.source, digest=known.get(app.name, UNSEEN)))
            if app.source.kind in ("git", "in_place")
            else app
            for app in run.hosting.apps
        ),
    )


def _install_pythons(run: Run) -> None:
    """One that can't be had is told once; the apps that want it fail, and the others are done."""
    outcome = interpreters.ensure_all(run.hosting.pythons)
    run.errors += [line for line in outcome.errors if line not in run.errors]


def _reserve(run: Run) -> None:
    """Give new tenants their accounts of the pool; what can't be had is an error of its app alone."""
    if not any(app.mode for app in run.hosting.apps):
        return
    supply = Supply(
        apaches=pool.apaches(),
        daemons=pool.daemons(),
        spare=pool.spare(),
        accounts={name: account.uid for name, account in accounts.observe().items()},
        known=accounts.known(),
    )
    modes = {app.mode for app in run.hosting.apps if app.mode in SHARED_MODES and app.state != "absent"}
    if run.params["phase"] == "check" and not modes.issubset(supply.apaches):
        # The role before this one would have set the missing one up.
        return
    run.hosting, refused = reserve(run.hosting, supply)
    run.refused = frozenset(refused)
    run.errors += [line for line in refused.values() if line not in run.errors]


def _unlisted(run: Run, live: Mapping[str, Live]) -> None:
    """What is on the node and in no list: to be removed with ``prune``, otherwise told."""
    apps = {app.name for app in run.hosting.apps}
    listed = {tenant.name for tenant in run.hosting.tenants}
    extra = [one.release.app for name, one in live.items() if name not in apps]
    names = sorted(set(accounts.observe()) - listed)
    if run.params["prune"]:
        run.hosting = replace(
            run.hosting,
            apps=(*run.hosting.apps, *(replace(app, state="absent") for app in extra)),
            tenants=(*run.hosting.tenants, *(Tenant(name, state="absent") for name in names)),
        )
        return
    if extra:
        run.warnings.append(_left("apps", sorted(app.name for app in extra)))
    if names:
        run.warnings.append(_left("tenants", names))


def _left(kind: str, names: Sequence[str]) -> str:
    return f"{kind} on this node and in no list, left as they are: {', '.join(names)}; list them as absent, or prune"
