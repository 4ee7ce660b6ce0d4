# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One app's way from its source to the public: stage → prove → switch → retire.

Until the switch nothing that is live has been touched; a release that fails on the way is taken away again.
"""

from __future__ import annotations

import os
import pwd
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ._discover.discover import Found, discover
from ._errors import NodeError, SpecError
from ._node import files, hooks, mounts, probe, releases, units, venvs
from ._plan import Live, Observed, drifted, wanted_resources
from ._servers.model import Resources
from ._servers.registry import SERVERS, choose
from ._spec.app import App
from ._spec.layout import APPS, STAGING, STATE, UNITS
from ._spec.release import Release
from ._syntax.requirements import Files, gather
from ._want import environment_file, record_file, release_id, source_identity


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
        _start(resources)
        if app.state == "started":
            probe.prove(release, resources.route)
        files.write(record_file(release, dict(raw), found.why))
    except BaseException:
        _abandon(app, identity)
        raise
    _switch(resources)
    if app.state == "stopped":
        stop(release)
    if live is not None:
        _retire(live.release)
    for old in releases.superseded(app, conditions.keep_releases):
        releases.remove(app, old)
        files.remove(f"{APPS}/{app.name}/{old}")
    return found.why


def repair(release: Release, observed: Observed) -> None:
    """Write what has drifted, and have everything running that should be."""
    drift = drifted(release, observed)
    for resource in drift:
        files.write(resource)
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
    units.start(resources.sockets)


def stop(release: Release) -> None:
    """End a release's processes, and let no request start them again. Passenger's are ended by its own route."""
    resources = wanted_resources(release)
    units.stop([*resources.sockets, *resources.services])


def tidy(app: str, identity: str) -> None:
    """End what runs of a release that is not live, as a killed run leaves it; its code is not touched."""
    tag = f"{app}@{identity}"
    names = [f"hostel-{tag}.socket", f"hostel-{tag}.service"]
    units.stop(names)
    for name in names:
        files.remove(f"{UNITS}/{name}")
        files.remove(f"{UNITS}/sockets.target.wants/{name}")
        files.remove(f"{UNITS}/multi-user.target.wants/{name}")
    files.remove(f"{STAGING}/{tag}")


def remove(live: Live, purge: bool) -> None:
    """Take an app away, after the front has stopped leading to it. ``purge``: its data too."""
    release = live.release
    resources = wanted_resources(release)
    stop(release)
    for resource in resources.live:
        files.remove(resource.path)
    _remove_units(resources)
    mounts.drop(resources.mounts)
    releases.remove_app(release.app, purge)
    files.remove(f"{APPS}/{release.app.name}")


def _stage(app: App, identity: str, conditions: Conditions) -> tuple[Release, Found]:
    account = pwd.getpwnam(app.tenant)
    with _archive(app, conditions.bundle) as archive:
        prepared = releases.prepare(app, identity, account, archive)
    found = discover(app, prepared.reader)
    server = app.server if app.server != "auto" else choose(found.interface)
    release = Release(
        app=app,
        id=identity,
        uid=account.pw_uid,
        gid=account.pw_gid,
        server=server,
        interface=found.interface,
        entrypoint=found.entrypoint,
        venv=venvs.build(_venv_request(app, found, server, prepared, conditions)),
        python=app.python,
        folders=tuple(kept.path for kept in prepared.kept if kept.folder),
    )
    files.write(environment_file(release))
    for hook in app.before_live:
        hooks.run(release, hook)
    hooks.compile_sources(release)
    releases.seal(release)
    for resource in wanted_resources(release).settings:
        files.write(resource, durable=False)
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
    """The packed local source of ``app``, taken out of the shipped bundle into a file that is root's alone."""
    if app.source.kind != "local":
        yield None
        return
    if bundle is None or app.source.digest is None:
        raise NodeError(f"app {app.name}: source.local: {app.source.where!r} was not shipped; run the play again")
    with tempfile.TemporaryDirectory(dir=STATE, prefix=".source-") as folder:
        with tarfile.open(bundle) as shipped:
            content = shipped.extractfile(app.source.digest)
            if content is None:
                raise NodeError(f"app {app.name}: source.local: {app.source.digest} was not shipped; run the play again")
            path = os.path.join(folder, "source.tar")
            with open(path, "wb") as archive:
                archive.write(content.read())
        yield path


def _start(resources: Resources) -> None:
    mounts.ensure(resources.mounts)
    units.start(resources.sockets)
    units.start(resources.services)


def _switch(resources: Resources) -> None:
    for resource in resources.live:
        files.write(resource)


def _retire(release: Release) -> None:
    """Let the release before end its requests and go; its code stays until later deploys push it out."""
    resources = wanted_resources(release)
    units.retire([*resources.sockets, *resources.services])
    _remove_units(resources)
    mounts.drop(resources.mounts)


def _remove_units(resources: Resources) -> None:
    for resource in (*resources.settings, *resources.live):
        if resource.path.startswith(f"{UNITS}/"):
            files.remove(resource.path)


def _abandon(app: App, identity: str) -> None:
    """Take away everything of a release that did not go live."""
    tidy(app.name, identity)
    files.remove(f"{APPS}/{app.name}/{identity}")
    releases.remove(app, identity)
