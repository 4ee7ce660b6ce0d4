# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator left out and the source shows: entry point or command, interface, server and requirements file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .._errors import SpecError
from .._spec.app import App
from .._spec.entrypoint import is_file
from .._spec.servers import INTERFACES, SERVERS
from . import procfile
from .author import WHERE, with_wishes
from .candidate import Candidate
from .frameworks import ALSO_ASGI, ASGI, CGI, HTTP, WSGI
from .module import Reader, module_paths
from .requirements import others, packages, requirements_file
from .search import Search, asker
from .source import Source
from .syntax import imported_modules

# What tells Dash its prefix: keywords, and behind DASH_ variables (dash.plotly.com, "API Reference").
_DASH_PREFIX = frozenset({"requests_pathname_prefix", "url_base_pathname"})


@dataclass(frozen=True)
class Found:
    """How to run an app.

    interface: one of INTERFACES; entrypoint: as an operator would write it, "" where a command serves; command: what
    serves by itself, as in Release; requirements_file: relative, None for none; packages: what the requirements name;
    server: what the operator or the source's author asks for, None where neither does; workers, threads: the same;
    why: a sentence for the operator that says what was found where.
    """

    interface: str
    entrypoint: str
    requirements_file: str | None
    why: str
    command: tuple[str, ...] = ()
    packages: frozenset[str] = frozenset()
    server: str | None = None
    workers: int | None = None
    threads: int | None = None


def discover(app: App, reader: Reader) -> Found:
    """Find how to run ``app`` by reading its source.

    Raises SpecError where there is nothing to run, more than one thing, or something the asked server cannot run.
    """
    source = Source(reader)
    wanted = with_wishes(app, source)
    asked = wanted.app
    if asked.command is not None:
        where = "as asked for" if app.command else f"as {WHERE} asks for"
        one, why = Candidate("", HTTP, "", "", asked.command.argv), f"its command serves it, {where}"
    elif asked.entrypoint is not None:
        one = _given(asked, asked.entrypoint, source)
        why = f"{one.entrypoint} is called by {one.interface.upper()}{one.what}"
    else:
        one, why = Search(asked, _allowed(asked), source).found()
        asked, told = procfile.followed(asked, one, source)
        why += told
    why += _below_prefix(app, one, source)
    if wanted.told:
        why += f"; {', '.join(wanted.told)} by {WHERE}"
    file = requirements_file(app, source)
    if file and file != app.requirements_file:
        why += f"; requirements from {file}"
    if file is None and not app.requirements and app.source.kind != "package" and one.interface != CGI:
        there = " and ".join(others(source))
        why += "; no requirements were found" + (f", but there is {there}" if there else "")
    return Found(
        interface=one.interface,
        entrypoint=one.entrypoint,
        requirements_file=file,
        why=why,
        command=one.command,
        packages=packages(app, source, file),
        server=asked.server if asked.server != "auto" else one.server,
        workers=asked.workers,
        threads=asked.threads,
    )


def _below_prefix(app: App, one: Candidate, source: Source) -> str:
    """What a program has to know of its prefixes; and an application of Dash, whose pages ask for their parts by paths
    without SCRIPT_NAME."""
    prefix = next((url.prefix for url in app.urls if url.prefix), None)
    if prefix and one.command:
        prefixes = ", ".join(sorted({url.prefix for url in app.urls if url.prefix}))
        return f"; it gets paths with {prefixes} in front"
    tree = source.modules.tree(one.path) if prefix and one.path.endswith(".py") else None
    if tree is None or not any(module.partition(".")[0] == "dash" for module in imported_modules(tree)):
        return ""
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    variables = {name for name, _value in app.env}
    if keywords & _DASH_PREFIX or variables & {f"DASH_{name.upper()}" for name in _DASH_PREFIX}:
        return ""
    return f"; Dash below a prefix has to know it: set env: {{DASH_REQUESTS_PATHNAME_PREFIX: {prefix}/}}"


def _allowed(app: App) -> frozenset[str]:
    """The interfaces that the app's server speaks, or the one that was asked for."""
    if app.interface is not None:
        return frozenset({app.interface})
    return frozenset(SERVERS[app.server].interfaces if app.server in SERVERS else INTERFACES)


def _given(app: App, entrypoint: str, source: Source) -> Candidate:
    """An entry point that somebody gave; ``what`` continues the sentence that says its interface."""
    allowed = _allowed(app)
    where, colon, name = entrypoint.rpartition(":")
    if not colon:
        return _script(app, entrypoint, source)
    path = where if is_file(where) else next((one for one in module_paths(where) if source.text(one) is not None), None)
    found = source.modules.callables(path) if path else {}
    known = found.get(name)
    if known is not None:
        interface = ASGI if known.made_by in ALSO_ASGI else known.interface
        if interface not in allowed or interface == HTTP:
            raise SpecError(_misfit(app, entrypoint, interface, known.made_by, allowed))
        return Candidate(path or where, interface, entrypoint, f" ({known.made_by})")
    callable_by = [one for one in (WSGI, ASGI) if one in allowed]
    guess = _interface_by_name(path or where)
    if len(callable_by) == 1:
        return Candidate(path or where, callable_by[0], entrypoint, ", as asked for")
    if guess in callable_by:
        return Candidate(path or where, guess, entrypoint, ", by the name of its file")
    seen = f"; found there: {', '.join(found)}" if found else ""
    raise SpecError(
        f"app {app.name}: entrypoint: {entrypoint!r}: reading the source does not show whether this is called "
        f"by WSGI or ASGI{seen}; add interface: wsgi or interface: asgi"
    )


def _script(app: App, entrypoint: str, source: Source) -> Candidate:
    """A plain CGI script that somebody gave, or a folder of such with a slash at its end."""
    folder = f"{entrypoint.rstrip('/')}/"
    if any(path.startswith(folder) for path in source.paths):
        if entrypoint != folder:
            raise SpecError(
                f"app {app.name}: entrypoint: {entrypoint!r} is a folder; for the scripts in it write {folder!r}"
            )
        return Candidate(entrypoint, CGI, entrypoint, ", being a folder of scripts")
    if entrypoint not in source.paths:
        raise SpecError(f"app {app.name}: entrypoint: {entrypoint!r}: the source has no such file or folder")
    return Candidate(entrypoint, CGI, entrypoint, ", being a script")


def _misfit(app: App, entrypoint: str, interface: str, made_by: str, allowed: Iterable[str]) -> str:
    if interface == HTTP:
        return (
            f"app {app.name}: entrypoint: {entrypoint!r} ({made_by}) serves HTTP by itself, and no server calls it; "
            "leave out entrypoint to have the command for it found, or give command instead"
        )
    asked = " or ".join(sorted(allowed)).upper()
    return (
        f"app {app.name}: entrypoint: {entrypoint!r} is called by {interface.upper()} ({made_by}), "
        f"but {asker(app)} asks for {asked}; change one of them"
    )


def _interface_by_name(path: str) -> str:
    stem = re.split(r"[./]", path[:-3] if path.endswith(".py") else path)[-1]
    return {"wsgi": WSGI, "passenger_wsgi": WSGI, "asgi": ASGI}.get(stem, "")
