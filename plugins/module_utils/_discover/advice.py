# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to tell an operator in whose source nothing was found to run: what lies there, and what to write."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from . import django
from .candidate import entrypoint_of, module_of
from .source import Source
from .syntax import imported_modules

# Files that say where the top of a project is.
_TOPS = ("requirements.txt", "pyproject.toml", "uv.lock", "setup.py", "Pipfile")

# How many files of folders are looked into, and how many files and libraries are named.
_MOST_NESTED, _MOST_NAMED = 20, 3

# The application of a project that is installed, as Paste finds it.
_PASTE = re.compile(r"^\[app:[^\]\n]+\]\s*^use\s*=\s*egg:", re.MULTILINE)

# What is known of libraries whose applications reading alone does not tell.
_KNOWN = {
    "connexion": "connexion's application is called by ASGI from version 3 on and by WSGI before, so give entrypoint "
    "and interface",
    "mcp": "an MCP server is found where it calls run() with transport='streamable-http' and no path; else give its "
    "method, like entrypoint: {module}:mcp.streamable_http_app() and interface: asgi",
    "fastmcp": "an MCP server is found where it calls run() with transport='http' and no path; else give its method, "
    "like entrypoint: {module}:mcp.http_app() and interface: asgi",
}


def django_below(source: Source) -> str | None:
    """What to set for a Django project that lies in a folder of the source."""
    folder = next(iter(django.nested(source)), None)
    if folder is None:
        return None
    module = django.settings_module(source, f"{folder}/manage.py") or ""
    package = f"{folder}/{module.split('.')[0]}"
    files = [f"{package}/{name}" for name in django.FILES if f"{package}/{name}" in source.present]
    where = f"entrypoint: {files[0] if files else f'{package}/wsgi.py'}:application{_requirements(source, folder)}"
    return (
        f"the source holds a Django project in the folder {folder} (its manage.py is there) and nothing else to "
        f"run; make that folder the source, or give {where}"
    )


def application_below(source: Source, files: Iterable[str], aside: frozenset[str]) -> str | None:
    """What to set for an application that lies deeper in the source; None where none does, or those of two projects.

    files: names of files that usually make the application; aside: folders that hold none.
    """
    names = frozenset(files)
    nested = [
        path
        for path in source.paths
        if path.rpartition("/")[2] in names and "/" in path and not aside.intersection(path.split("/"))
    ]
    tops = {_top(source, path): path for path in nested[:_MOST_NESTED] if source.modules.callables(path)}
    if len(tops) != 1:
        return None
    top, path = next(iter(tops.items()))
    name = next(iter(source.modules.callables(path)))
    where = f"the source holds {path} with {name}, and nothing else to run; make the folder {top} the source"
    if module_of(source, path)[1] == top:
        where += f", or give entrypoint: {entrypoint_of(source, path, name)}{_requirements(source, top)}"
    return where


def pyramid(source: Source) -> str | None:
    """What to write for a project that only settings for Paste lead to, as Pyramid's cookiecutter makes it."""
    name = next((name for name in ("production.ini", "development.ini") if name in source.present), None)
    if name is None or not _PASTE.search(source.text(name) or ""):
        return None
    return (
        f"{name} describes an application for Paste: add a wsgi.py with from pyramid.paster import get_app and "
        f"application = get_app('{name}', 'main'), and the project itself to its requirements, like requirements: ['.']"
    )


def known(source: Source, files: Iterable[str]) -> list[str]:
    """What to write for applications that were found to be there, and of which reading does not show enough."""
    trees = {path: source.modules.tree(path) for path in files if path in source.present}
    return [
        f"{path} imports {name}: {_KNOWN[name].format(module=module_of(source, path)[0] or path)}"
        for path, tree in trees.items()
        for name in sorted({module.partition(".")[0] for module in imported_modules(tree)} if tree else ())
        if name in _KNOWN and not source.holds(name)
    ]


def unknown(source: Source, files: Iterable[str]) -> str | None:
    """What the files import that should make an application and make none that is known; None where there are none."""
    own = getattr(sys, "stdlib_module_names", None)
    clauses = []
    for path in files:
        tree = source.modules.tree(path) if path in source.present else None
        if tree is None or own is None:
            continue
        modules = {module.partition(".")[0] for module in imported_modules(tree)}
        foreign = sorted(name for name in modules if name not in own and not source.holds(name))
        if foreign:
            module = module_of(source, path)[0] or path
            libraries = f"{', '.join(foreign[:_MOST_NAMED])}{', ...' if len(foreign) > _MOST_NAMED else ''}"
            clauses.append(
                f"{path} imports {libraries}, and makes no application that is known: give entrypoint, like "
                f"{module}:app, and interface; or a command that listens at $PORT"
            )
    return "; ".join(clauses[:_MOST_NAMED]) or None


def seen(paths: Iterable[str]) -> str:
    """What lies at the top of a source, in brackets."""
    top = sorted({path.partition("/")[0] + ("/" if "/" in path else "") for path in paths})
    return f" (it holds {', '.join(top[:10])}{', ...' if len(top) > 10 else ''})" if top else " (it holds no file)"


def _requirements(source: Source, folder: str) -> str:
    path = f"{folder}/requirements.txt"
    known = path in source.present and "requirements.txt" not in source.present
    return f" and requirements_file: {path}" if known else ""


def _top(source: Source, path: str) -> str:
    """The folder of a file's project: where its requirements are, or else where it is imported from."""
    folder = path.rpartition("/")[0]
    while folder:
        if any(f"{folder}/{name}" in source.present for name in _TOPS):
            return folder
        folder = folder.rpartition("/")[0]
    return source.root(path) or path.rpartition("/")[0]
