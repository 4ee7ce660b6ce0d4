# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator left out and the source shows: entry point, interface and requirements file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .._errors import HostelError, SpecError
from .._spec.app import App
from .._spec.entrypoint import is_file
from .._spec.servers import INTERFACES, SERVERS
from .frameworks import ASGI, HTTP, IN_OTHER_FILES, IN_STARTUP_FILES, WSGI
from .module import Callable, Reader, callables, module_paths, settings, strings_of_calls

STARTUP_FILE = "passenger_wsgi.py"
_SERVER_FILES = ("wsgi.py", "asgi.py")
_APP_FILES = ("app.py", "main.py", "application.py")
_REQUIREMENTS = ("requirements.txt", "uv.lock", "pyproject.toml")
# Folders whose Python files are not the app.
_ASIDE = frozenset({"tests", "test", "docs", "doc", "examples", "scripts", "bin", "venv", "env", "build", "dist"})


@dataclass(frozen=True)
class Found:
    """interface: wsgi or asgi; entrypoint: as an operator would write it; requirements_file: relative, None for none;
    why: a sentence for the operator that says what was found where; command: what serves by itself, as in Release."""

    interface: str
    entrypoint: str
    requirements_file: str | None
    why: str
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Candidate:
    path: str
    callable: Callable

    @property
    def entrypoint(self) -> str:
        module = self.path[: -len("/__init__.py")] if self.path.endswith("/__init__.py") else self.path[: -len(".py")]
        dotted = module.replace("/", ".")
        plain = all(part.isidentifier() for part in dotted.split("."))
        return f"{dotted if plain else self.path}:{self.callable.name}"

    def __str__(self) -> str:
        return f"{self.entrypoint} ({self.callable.interface}, {self.callable.made_by})"


def discover(app: App, reader: Reader) -> Found:
    """Find how to run ``app`` by reading its source.

    Raises SpecError where there is nothing to call, more than one thing, or something the asked server cannot run.
    """
    source = _Readable(reader)
    wanted = app.interface or _only_interface(app.server)
    command: tuple[str, ...] = ()
    if app.command is not None:
        interface, entrypoint, command, why = HTTP, "", app.command.argv, "its command serves it, as asked for"
    elif app.entrypoint is not None:
        interface, why = _given(app, app.entrypoint, wanted, source)
        entrypoint = app.entrypoint
    else:
        candidate, why = _search(app, wanted, source)
        interface, entrypoint = candidate.callable.interface, candidate.entrypoint
    requirements = _requirements_file(app, source)
    if requirements and requirements != app.requirements_file:
        why += f"; requirements from {requirements}"
    return Found(interface, entrypoint, requirements, why, command)


class _Readable:
    """A reader for which what cannot be read (a link, a huge file) is not there."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.paths = tuple(reader.paths)

    def text(self, path: str) -> str | None:
        try:
            return self.reader.text(path)
        except HostelError:
            return None


def _only_interface(server: str) -> str | None:
    interfaces = SERVERS[server].interfaces if server in SERVERS else INTERFACES
    return interfaces[0] if len(interfaces) == 1 else None


def _given(app: App, entrypoint: str, wanted: str | None, source: _Readable) -> tuple[str, str]:
    """The interface of an entry point that the operator gave."""
    where, _colon, name = entrypoint.rpartition(":")
    path = where if is_file(where) else next((one for one in module_paths(where) if source.text(one) is not None), None)
    found = callables(source, path) if path else {}
    known = found.get(name)
    if known is None:
        interface = wanted or _interface_by_name(path or where)
        if interface is None:
            seen = f"; found there: {', '.join(found)}" if found else ""
            raise SpecError(
                f"app {app.name}: entrypoint: {entrypoint!r}: reading the source does not show whether this is called "
                f"by WSGI or ASGI{seen}; add interface: wsgi or interface: asgi"
            )
        asked = "as asked for" if wanted else "by the name of its file"
        return interface, f"{entrypoint} is called by {interface.upper()}, {asked}"
    if wanted and known.interface != wanted:
        raise SpecError(
            f"app {app.name}: entrypoint: {entrypoint!r} is called by {known.interface.upper()} ({known.made_by}), "
            f"but {_asker(app)} asks for {wanted.upper()}; change one of them"
        )
    return known.interface, f"{entrypoint} is called by {known.interface.upper()} ({known.made_by})"


def _interface_by_name(path: str) -> str | None:
    stem = re.split(r"[./]", path[:-3] if path.endswith(".py") else path)[-1]
    if stem in ("wsgi", "passenger_wsgi"):
        return WSGI
    return ASGI if stem == "asgi" else None


def _asker(app: App) -> str:
    return f"interface: {app.interface}" if app.interface else f"server: {app.server}"


def _search(app: App, wanted: str | None, source: _Readable) -> tuple[_Candidate, str]:
    """The first rank of files that holds something to call decides."""
    project, reason = _django(source)
    others: list[_Candidate] = []
    for paths in _ranks(project, source.paths):
        best = ((path, _best(app, path, wanted, source)) for path in paths)
        found = _without_origins([_Candidate(path, one) for path, one in best if one is not None])
        others += _unwanted(paths, wanted, source)
        if project and len(found) == 2 and {one.callable.interface for one in found} == {WSGI, ASGI}:
            chosen, why = _one_of_django(found, source, project)
            return chosen, f"{chosen}, {reason}{why}"
        if len(found) > 1:
            raise SpecError(
                f"app {app.name}: entrypoint: the source holds {len(found)} applications: "
                f"{', '.join(map(str, found))}; say which, like entrypoint: {found[0].entrypoint}"
            )
        if found:
            named = project is not None and found[0].path.startswith(f"{project}/")
            return found[0], f"{found[0]}{f', {reason}' if named else f', found in {found[0].path}'}"
    if others:
        raise SpecError(
            f"app {app.name}: entrypoint: {_asker(app)} asks for {(wanted or '').upper()}, but the source holds "
            f"{', '.join(map(str, others))}; change it, or name the entrypoint"
        )
    raise SpecError(
        f"app {app.name}: entrypoint: none was found in {STARTUP_FILE}, {', '.join(_SERVER_FILES + _APP_FILES)} or any "
        f"other file at the top of the source{_seen(source.paths)}; give one, like entrypoint: module:callable"
    )


def _seen(paths: Sequence[str]) -> str:
    top = sorted({path.partition("/")[0] + ("/" if "/" in path else "") for path in paths})
    return f" (it holds {', '.join(top[:10])}{', ...' if len(top) > 10 else ''})" if top else " (it holds no file)"


def _ranks(project: str | None, paths: Sequence[str]) -> list[list[str]]:
    """Files that may hold the application, the likeliest first; those in one list count alike."""
    present = set(paths)
    packages = sorted(
        {path.split("/")[0] for path in paths if path.count("/") == 1 and path.endswith("/__init__.py")} - _ASIDE
    )
    top = [path for path in paths if "/" not in path and path.endswith(".py")]
    ranks = [
        [STARTUP_FILE],
        [f"{project}/{name}" for name in _SERVER_FILES] if project else [],
        list(_SERVER_FILES),
        list(_APP_FILES),
        [f"{package}/{name}" for package in packages for name in _SERVER_FILES],
        [f"{package}/{name}" for package in packages for name in (*_APP_FILES, "__init__.py")],
        [path for path in top if path not in ("manage.py", "setup.py", "conftest.py") and not path.startswith("test")],
    ]
    return [there for there in ([path for path in rank if path in present] for rank in ranks) if there]


def _best(app: App, path: str, wanted: str | None, source: _Readable) -> Callable | None:
    """The application of one file: the one with the usual name, or else the only one."""
    found = {
        name: one for name, one in callables(source, path).items() if wanted is None or one.interface == wanted
    }
    usual = IN_STARTUP_FILES if path.rpartition("/")[2] in (*_SERVER_FILES, STARTUP_FILE) else IN_OTHER_FILES
    for name in usual:
        for spelling in (name, f"{name}()"):
            if spelling in found:
                return found[spelling]
    if len(found) > 1:
        raise SpecError(
            f"app {app.name}: entrypoint: {path} holds {len(found)} applications: {', '.join(sorted(found))}; say "
            f"which, like entrypoint: {_Candidate(path, next(iter(found.values()))).entrypoint}"
        )
    return next(iter(found.values()), None)


def _unwanted(paths: Iterable[str], wanted: str | None, source: _Readable) -> list[_Candidate]:
    if wanted is None:
        return []
    return [
        _Candidate(path, one) for path in paths for one in callables(source, path).values() if one.interface != wanted
    ]


def _without_origins(found: list[_Candidate]) -> list[_Candidate]:
    """Leave out a file whose application another one imports: that one may have added to it."""
    origins = {one.callable.origin for one in found}
    return [one for one in found if (one.path, one.callable.name) not in origins]


def _django(source: _Readable) -> tuple[str | None, str]:
    """The folder of a Django project's settings, as its manage.py names them, and how that was found."""
    text = source.text("manage.py")
    if text is None:
        return None, ""
    for arguments in strings_of_calls(text, "setdefault"):
        if len(arguments) == 2 and arguments[0] == "DJANGO_SETTINGS_MODULE":
            return arguments[1].split(".")[0], "the Django project that manage.py names"
    return None, ""


def _one_of_django(found: list[_Candidate], source: _Readable, project: str) -> tuple[_Candidate, str]:
    """startproject makes a wsgi.py and an asgi.py for every project; ASGI is meant where the settings use it."""
    by_interface = {one.callable.interface: one for one in found}
    for path in source.paths:
        if not (path.startswith(f"{project}/") and "settings" in path and path.endswith(".py")):
            continue
        values = settings(source.text(path) or "")
        apps = values.get("INSTALLED_APPS", "")
        if "ASGI_APPLICATION" in values or "'channels'" in apps or "'daphne'" in apps:
            return by_interface[ASGI], f"; of its wsgi.py and asgi.py the latter, as {path} sets up ASGI"
    return by_interface[WSGI], (
        "; of its wsgi.py and asgi.py the former, as nothing in its settings uses ASGI (set interface: asgi to have it)"
    )


def _requirements_file(app: App, source: _Readable) -> str | None:
    if app.requirements_file is not None:
        return app.requirements_file
    if app.requirements or app.source.kind == "package":
        return None
    present = set(source.paths)
    for name in _REQUIREMENTS:
        if name in present and (name != "pyproject.toml" or _declares(source.text(name) or "")):
            return name
    return None


def _declares(pyproject: str) -> bool:
    """Whether a pyproject.toml is more than settings of tools."""
    return re.search(r"^\s*\[\s*project\s*\]", pyproject, re.MULTILINE) is not None
