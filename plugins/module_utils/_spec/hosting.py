# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole wanted state of a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable, TypeVar

from .app import App, parse_app
from .fields import subject
from .problems import Problems, kind_of
from .python import PythonVersion, parse_python
from .servers import SERVERS, SHARED_LIBRARY, needs_shared_library, runs_system_python_alone
from .shared_wsgi import check_shared
from .tenant import Tenant, parse_tenant
from .url import Url

T = TypeVar("T")


@dataclass(frozen=True)
class Hosting:
    """Everything the operator wrote down, validated together."""

    pythons: tuple[PythonVersion, ...]
    tenants: tuple[Tenant, ...]
    apps: tuple[App, ...]


def parse(
    params: Mapping[str, object], *, pythons: str = "python_versions", tenants: str = "tenants", apps: str = "apps"
) -> Hosting:
    """The three lists of ``params``; the keywords name them. SpecError with every error of all items, one line each."""
    problems = Problems()
    named_apps = _each(params.get(apps), apps, "app", parse_app, problems)
    hosting = Hosting(
        pythons=tuple(one for _subject, one in _each(params.get(pythons), pythons, "python", parse_python, problems)),
        tenants=tuple(one for _subject, one in _each(params.get(tenants), tenants, "tenant", parse_tenant, problems)),
        apps=tuple(app for _subject, app in named_apps),
    )
    _check_unique(hosting, problems)
    live = [(each, app) for each, app in named_apps if app.state != "absent"]
    _check_references(live, hosting, problems)
    _check_interpreters(live, hosting, problems)
    _check_urls(live, problems)
    check_shared(live, hosting.tenants, problems)
    problems.raise_any()
    return hosting


def parse_recorded_app(raw: object) -> App:
    """An app as an earlier run wrote it down. It was right then; what is not understood any more gets its default."""
    app = parse_app(raw, Problems(), "recorded app")
    if app is None:
        raise TypeError(f"a recorded app must be a mapping, not {kind_of(raw)}")
    return app


def _each(
    raw: object, name: str, noun: str, parse_one: Callable[[object, Problems, str], T | None], problems: Problems
) -> list[tuple[str, T]]:
    """Every item that is a mapping, with what messages call it."""
    if raw is None:
        return []
    if not isinstance(raw, (list, tuple)):
        problems.add(name, "", f"must be a list, not {kind_of(raw)}")
        return []
    found = []
    for index, item in enumerate(raw):
        where = f"{name}[{index}]"
        one = parse_one(item, problems, where)
        if one is not None:
            found.append((subject(item, noun, where), one))
    return found


def _check_unique(hosting: Hosting, problems: Problems) -> None:
    for noun, key, values in (
        ("python", "version", [python.version for python in hosting.pythons]),
        ("tenant", "name", [tenant.name for tenant in hosting.tenants]),
        ("app", "name", [app.name for app in hosting.apps]),
    ):
        for value in _repeated(values):
            problems.add(f"{noun} {value!r}", key, f"is given {values.count(value)} times; each {noun} needs its own")
    uids = [tenant.uid for tenant in hosting.tenants]
    for uid in _repeated(uids):
        names = ", ".join(tenant.name for tenant in hosting.tenants if tenant.uid == uid)
        problems.add(f"tenants {names}", "uid", f"{uid} is given to each of them; uids must differ")


def _repeated(values: list[T]) -> list[T]:
    """What is there more than once; what is empty was reported already."""
    seen: dict[T, int] = {}
    for value in values:
        if value:
            seen[value] = seen.get(value, 0) + 1
    return [value for value, count in seen.items() if count > 1]


def _check_references(apps: list[tuple[str, App]], hosting: Hosting, problems: Problems) -> None:
    """Tenants and versions that apps name must be declared, and stay while an app needs them."""
    tenants = {tenant.name: tenant.state for tenant in hosting.tenants}
    versions = {python.version: python.state for python in hosting.pythons}
    for called, app in apps:
        for key, name, declared in (("tenant", app.tenant, tenants), ("python", app.python, versions)):
            if not name:
                continue
            if name not in declared:
                known = ", ".join(sorted(filter(None, declared))) or "none at all"
                problems.add(called, key, f"{name!r} is not declared; declared: {known}")
            elif declared[name] == "absent":
                problems.add(called, key, f"{name!r} has state absent; make the app absent too, or keep the {key}")


def _check_interpreters(apps: list[tuple[str, App]], hosting: Hosting, problems: Problems) -> None:
    """Not every server runs every Python."""
    pythons = {python.version: python for python in hosting.pythons}
    for called, app in apps:
        kind, python = SERVERS.get(app.server), pythons.get(app.python)
        if kind is None or python is None:
            continue
        if kind.system_python and python.source != "system":
            problems.add(called, "server", runs_system_python_alone(app.server, app.python))
        if kind.compiled and python.source == "build" and SHARED_LIBRARY not in python.flags:
            problems.add(called, "server", needs_shared_library(app.server, app.python))


def _check_urls(apps: list[tuple[str, App]], problems: Problems) -> None:
    """One URL leads to one app, the URLs of static folders included."""
    mounts: dict[Url, tuple[int, str]] = {}
    for number, (called, app) in enumerate(apps):
        for url in app.urls:
            owner, other = mounts.setdefault(url, (number, called))
            if owner != number:
                problems.add(called, "urls", f"'{url}' belongs to {other} already")
    for number, (called, app) in enumerate(apps):
        for url in app.urls:
            for folder in app.static:
                owner, other = mounts.get(Url(url.host, url.prefix + folder.url.rstrip("/")), (number, called))
                if owner != number:
                    problems.add(called, "static", f"'{url}{folder.url}' is where {other} is mounted")
