# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Django's own conventions: manage.py names the settings, the settings name the applications."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .source import Source
from .syntax import settings, strings_of_calls

FILES = ("wsgi.py", "asgi.py")


@dataclass(frozen=True)
class Project:
    """settings: the module that manage.py names; files: those that may hold the applications, as far as they exist;
    asgi: the settings file that sets up ASGI, None where none does."""

    settings: str
    files: tuple[str, ...]
    asgi: str | None


def project(source: Source) -> Project | None:
    """The Django project whose manage.py lies at the top of the source."""
    module = settings_module(source, "manage.py")
    if module is None:
        return None
    folder = module.split(".")[0]
    found = {f"{folder}/{name}": None for name in FILES}
    asgi = None
    for path in _settings_files(source, folder, module):
        values = settings(source.modules.tree(path) or ast.Module([], []))
        for key in ("WSGI_APPLICATION", "ASGI_APPLICATION"):
            found.update(dict.fromkeys(_named(values.get(key, ""))))
        apps = values.get("INSTALLED_APPS", "")
        if "ASGI_APPLICATION" in values or "'channels'" in apps or "'daphne'" in apps:
            asgi = asgi or path
    return Project(module, tuple(path for path in found if path in source.present), asgi)


def settings_module(source: Source, path: str) -> str | None:
    """What a manage.py sets DJANGO_SETTINGS_MODULE to."""
    tree = source.modules.tree(path) if path in source.present else None
    for arguments in strings_of_calls(tree, "setdefault") if tree else ():
        if len(arguments) == 2 and arguments[0] == "DJANGO_SETTINGS_MODULE":
            return arguments[1]
    return None


def nested(source: Source) -> Sequence[str]:
    """The folders just below the top that hold a Django project of their own."""
    return sorted(
        path.partition("/")[0]
        for path in source.paths
        if path.count("/") == 1 and path.endswith("/manage.py") and settings_module(source, path) is not None
    )


def _settings_files(source: Source, folder: str, module: str) -> Iterator[str]:
    """The files of the settings that may count, those that manage.py names first."""
    base = module.replace(".", "/")
    own = [path for path in (f"{base}.py", f"{base}/__init__.py") if path in source.present]
    yield from own
    for path in source.paths:
        if path not in own and path.startswith(f"{folder}/") and "settings" in path and path.endswith(".py"):
            yield path


def _named(value: str) -> tuple[str, ...]:
    """The file of "shop.wsgi.application", as it stands in the settings."""
    module = value.strip("'\"").rpartition(".")[0]
    return (f"{module.replace('.', '/')}.py",) if module and all(map(str.isidentifier, module.split("."))) else ()
