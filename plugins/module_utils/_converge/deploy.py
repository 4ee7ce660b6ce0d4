# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One app's way from its source to the public: stage → prove → switch → retire.

Until the switch nothing that is live has been touched; a release that fails on the way is taken away again.
"""

from __future__ import annotations

import pwd
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from .._discover.discover import Found, discover
from .._errors import NodeError, SpecError
from .._node import (
    files,
    hooks,
    mounts,
    passenger,
    pool,
    probe,
    program_bytecode,
    releases,
    site_map,
    units,
    venvs,
)
from .._plan.apps import Live, Observed, drifted, to_run, wanted_resources
from .._plan.identity import release_id, source_identity
from .._plan.record import record_file
from .._servers.choice import choose
from .._servers.environment import environment_file
from .._servers.model import Resources
from .._servers.programs import modules
from .._servers.registry import SERVERS
from .._servers.service import BOOT_TARGETS, remains
from .._spec.app import App
from .._spec.layout import APPS, SITES, SOCKETS, STAGING, STATE, UNITS, app_home
from .._spec.release import Release
from .._spec.servers import SERVERS as KINDS
from .._syntax.requirements import Files, gather
from . import server_needs


@dataclass(frozen=True)
class Conditions:
    """What a deploy needs to know beside the app.

    interpreters: path by declared version; bundle: the archive of shipped local sources, by digest;
    keep_releases: how many earlier releases keep their code, at least the one that may still be finishing its requests.
    """

    interpreters: Mapping[str, str]
    bundle: str | None
    pypi_index: str | None
    ca_bundle: str | None
    keep_releases: int


def deploy(app: App, raw: Mapping[str, Any], live: Live | None, conditions: Conditions) -> str:
    """Make the wanted release of ``app`` and put it live; the sentence that says what was found by convention.

    Errors: HostelError that names the app; what was live is live still.
    """
    if live is not None and live.release.app.tenant != app.tenant:
        raise SpecError(
            f"app {app.name}: tenant: {app.tenant!r}: on this node the app belongs to {live.release.app.tenant}; an "
            "app does not move: remove it with state: absent first, or give the new one another name"
        )
    identity = release_id(app)
    try:
        release, found = _stage(app, identity, conditions)
        resources = wanted_resources(release)
        try:
            _start(release, resources)
            if app.state == "started":
                probe.prove(release, resources.route)
        except NodeError as error:
            # What was found by convention, or was not, is often the reason.
            raise NodeError(error.lines[0], *([found.why] if found.why else []), *error.lines[1:]) from None
        files.write(record_file(release, raw, found.why), durable=False)
    except BaseException:
        _abandon(app, identity)
        raise
    for resource in resources.live:
        files.write(resource, durable=False)
    site_map.refresh()
    if app.state == "stopped":
        stop(release)
    # Where the route is of another kind, the front leads to the one before until it is reloaded; that one goes later.
    if live is not None and wanted_resources(live.release).route == resources.route:
        tidy([live.release.tag], patience=live.release.app.timeouts.stop)
    for old in releases.superseded(app, conditions.keep_releases + 1):
        _remove_release(app, old)
    return found.why


def repair(live: Live, raw: Mapping[str, Any], observed: Observed) -> None:
    """Write what has drifted, and have everything running that should be."""
    release = live.release
    drift = drifted(live, raw, observed)
    for resource in drift:
        files.write(resource)
    site_map.refresh()
    if any(resource.path.startswith(UNITS) for resource in drift):
        units.reload_daemon()
    if release.app.state == "stopped":
        stop(release)
    else:
        start(release)


def start(release: Release) -> None:
    """Have a live release answer requests; its processes start by themselves."""
    resources = wanted_resources(release)
    mounts.ensure(resources.mounts)
    pool.take(resources.seats, release.app.timeouts.stop)
    units.start(to_run(release, resources))


def stop(release: Release) -> None:
    """End a release's processes, and let no request start them again."""
    resources = wanted_resources(release)
    units.stop([*resources.sockets, *resources.services])
    for name in (*resources.sockets, *resources.services):
        _disable(name)
    passenger.retire(resources.groups, release.app.timeouts.stop)
    pool.leave([seat.release for seat in resources.seats], release.app.timeouts.stop)
    for resource in resources.settings:
        files.write(resource)


def tidy(tags: Sequence[str], *, patience: float) -> None:
    """End what runs of releases that are not live, and take away their units and what is staged; their code stays.

    patience: seconds that Passenger's processes get to finish their requests (services have their own timeout); nobody
    waits for them. 0 ends everything at once, and waits until it is over.
    """
    names = [f"hostel-{tag}.{kind}" for tag in tags for kind in ("socket", "service")]
    units.stop(names, wait=patience == 0)
    for name in names:
        _disable(name)
    for tag in tags:
        for path in (*remains(f"hostel-{tag}"), f"{STAGING}/{tag}"):
            files.remove(path)
    passenger.retire(tags, patience, wait=patience == 0)
    pool.leave(tags, patience, wait=patience == 0)


def _disable(unit: str) -> None:
    for target in BOOT_TARGETS:
        files.remove(f"{UNITS}/{target}.wants/{unit}")


def remove(live: Live, purge: bool) -> None:
    """Take an app away, after the front has stopped leading to it. ``purge``: its data too."""
    release = live.release
    resources = wanted_resources(release)
    tidy([release.tag], patience=0)
    for resource in resources.live:
        files.remove_with_folders(resource.path, SITES)
    mounts.drop_below(release.home)
    releases.remove_app(release.app.name, release.app.tenant, purge)
    for folder in (SOCKETS, APPS):
        files.remove(f"{folder}/{release.app.name}")


def _stage(app: App, identity: str, conditions: Conditions) -> tuple[Release, Found]:
    account = pwd.getpwnam(app.tenant)
    with _archive(app, conditions.bundle) as archive:
        prepared = releases.prepare(app, identity, account, archive)
    found = discover(app, prepared.reader)
    app = replace(app, workers=found.workers, threads=found.threads)
    choice = choose(app, found.interface, found.command, found.server, found.packages)
    app = replace(app, threads=choice.threads)
    found = replace(found, why="; ".join(filter(None, (found.why, choice.why))))
    server_needs.check(app.name, choice.server, app.python, conditions.interpreters[app.python])
    release = Release(
        app=app,
        id=identity,
        uid=account.pw_uid,
        gid=account.pw_gid,
        server=choice.server,
        interface=found.interface,
        entrypoint=found.entrypoint,
        venv=venvs.build(_venv_request(app, found, choice.server, prepared, conditions)),
        python=app.python,
        folders=tuple(kept.path for kept in prepared.kept if kept.folder),
        command=found.command,
    )
    files.write(environment_file(release), durable=False)
    for hook in app.before_live:
        hooks.run(release, hook)
    hooks.compile_sources(release)
    releases.seal(release)
    settings = wanted_resources(release).settings
    for resource in settings:
        files.write(resource, durable=False)
    program_bytecode.compile_programs(conditions.interpreters[app.python], modules(settings))
    return release, found


def _venv_request(
    app: App, found: Found, server: str, prepared: releases.Prepared, conditions: Conditions
) -> venvs.VenvRequest:
    account = pwd.getpwnam(app.tenant)
    package = (app.source.where,) if app.source.kind == "package" else ()
    return venvs.VenvRequest(
        what=f"app {app.name}",
        python=conditions.interpreters[app.python],
        requirements=(*package, *app.requirements),
        files=_requirements_files(app, found.requirements_file, prepared),
        extra=SERVERS[server].requirements,
        compiled=SERVERS[server].requirements if KINDS[server].compiled else (),
        build=app.build,
        tenant=account,
        project=prepared.folder,
        project_digest=source_identity(app),
        index_url=conditions.pypi_index,
        ca_bundle=conditions.ca_bundle,
    )


def _requirements_files(app: App, name: str | None, prepared: releases.Prepared) -> Files:
    def read(path: str) -> bytes:
        content = prepared.reader.content(path)
        if content is None:
            raise NodeError(f"app {app.name}: requirements_file: {path!r}: the source has no such file")
        return content

    return gather(name, read) if name else ()


@contextmanager
def _archive(app: App, bundle: str | None) -> Iterator[str | None]:
    """A path to the packed local source of ``app``, taken out of the shipped bundle into a file without a name: only
    this process can open it, and none is left if it is killed."""
    if app.source.kind != "local":
        yield None
        return
    if bundle is None or app.source.digest is None:
        raise NodeError(f"app {app.name}: source.local: {app.source.where!r} was not shipped; run the play again")
    with tempfile.TemporaryFile(dir=STATE) as archive, tarfile.open(bundle) as shipped:
        content = shipped.extractfile(app.source.digest)
        archive.write(content.read() if content else b"")
        archive.flush()
        yield f"/proc/self/fd/{archive.fileno()}"


def _start(release: Release, resources: Resources) -> None:
    mounts.ensure(resources.mounts)
    pool.take(resources.seats, release.app.timeouts.stop)
    units.start([*resources.sockets, *resources.services])


def _abandon(app: App, identity: str) -> None:
    """Take away everything of a release that did not go live."""
    tidy([f"{app.name}@{identity}"], patience=0)
    _remove_release(app, identity)


def _remove_release(app: App, identity: str) -> None:
    mounts.drop_below(f"{app_home(app.tenant, app.name)}/releases/{identity}")
    releases.remove(app, identity)
    # The record goes last: it is what tells that there was a release.
    files.remove(f"{APPS}/{app.name}/{identity}")
    for folder in (f"{APPS}/{app.name}", f"{SOCKETS}/{app.name}"):
        if not files.names(folder):
            files.remove(folder)
