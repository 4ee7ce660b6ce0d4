# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requirements of a source: which file has them, and which packages they name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .._errors import SpecError
from .._spec.app import App
from .._syntax.requirements import INCLUDES, gather, name_of, option, requirements_in
from . import toml
from .author import PYPROJECT
from .source import Source

LOCK = "uv.lock"
_FILES = ("requirements.txt", LOCK, PYPROJECT)

# What other tools keep requirements in, and names of files that are as good as requirements.txt.
_UNREAD = ("Pipfile", "poetry.lock", "pdm.lock", "environment.yml", "setup.py", "setup.cfg")
_NAMED_SO = re.compile(r"requirements/[\w.-]+\.txt|[\w.-]*/?requirements[\w.-]*\.txt")
_MOST_OTHERS = 3

# The source itself as a requirement, and the extras of one.
_ITSELF = re.compile(r"(?:\.|\./)(?:\[[^\]]*\])?\s*(?:;.*)?$")
_EXTRAS = re.compile(r"\s*[\w.-]+\s*\[([^\]]*)\]")

# The servers that extras bring along, by package and extra (each package's own metadata).
_BROUGHT = {
    ("channels", "daphne"): "daphne",
    ("fastapi", "all"): "uvicorn",
    ("fastapi", "standard"): "uvicorn",
    ("fastapi-cli", "standard"): "uvicorn",
    ("litestar", "standard"): "uvicorn",
}


def requirements_file(app: App, source: Source) -> str | None:
    """The file that an app's requirements are in, relative; None where there is none."""
    if app.requirements_file is not None:
        return app.requirements_file
    if app.requirements or app.source.kind == "package":
        return None
    for name in _FILES:
        if name in source.present and (name != PYPROJECT or _declares(source.text(name) or "")):
            return name
    return None


def packages(app: App, source: Source, file: str | None) -> frozenset[str]:
    """The packages that an app's requirements name, normalised; of a lock, all that it would install."""
    lines = list(app.requirements)
    if app.source.kind == "package":
        lines.append(app.source.where)
    files = [file] if file else []
    for line in app.requirements:
        word = option(line)
        if word and word[0] in INCLUDES[:2]:
            files.append(word[1])
    found = {name for line in lines if not line.startswith("-") for name in _named(line, source)}
    for name in files:
        found |= _of_file(name, source)
    return frozenset(found)


def others(source: Source) -> list[str]:
    """What lies in a source that has no requirements file, and holds requirements all the same: what to say of each."""
    found = [f"{name}, which is not read" for name in _UNREAD if name in source.present]
    poetry = toml.table(
        toml.read(source.text(PYPROJECT) or "", PYPROJECT, needed=False), "tool", "poetry", "dependencies"
    )
    if poetry:
        found.insert(0, f"{PYPROJECT}, where they are Poetry's own and not those of [project]")
    files = [path for path in source.paths if path.count("/") < 2 and _NAMED_SO.fullmatch(path)]
    return found + [f"{path}, for requirements_file" for path in files[:_MOST_OTHERS]]


def _named(line: str, source: Source) -> set[str]:
    """The packages that a line of requirements names; for the source itself, those of its project."""
    return _of_file(PYPROJECT, source) if _ITSELF.match(line) else _with_extras(line)


def _with_extras(line: str) -> set[str]:
    name = name_of(line)
    extras = _EXTRAS.match(line)
    brought = {_BROUGHT.get((name or "", one.strip().lower())) for one in extras[1].split(",")} if extras else set()
    return {one for one in (name, *brought) if one}


def _of_file(name: str, source: Source) -> set[str]:
    if name.endswith(".lock"):
        return set(_locked(toml.read(source.text(name) or "", name, needed=False)))
    if name.endswith(".toml"):
        project = toml.table(toml.read(source.text(name) or "", name, needed=False), "project")
        return {each for line in _strings(project.get("dependencies")) for each in _with_extras(line)}
    try:
        read = gather(name, lambda path: (source.text(path) or "").encode())
        return {
            name
            for path, content in read
            if not path.endswith((".toml", ".lock"))
            for line in requirements_in(content.decode())
            for name in _named(line, source)
        }
    except SpecError:
        # Whoever builds the venv says it better.
        return set()


def _locked(lock: dict[str, Any]) -> Iterable[str]:
    """The packages of a uv.lock that the project itself leads to; what is for its development alone is left out."""
    entries = [one for one in lock.get("package", []) if isinstance(one, dict) and isinstance(one.get("name"), str)]
    needs: dict[str, list[Any]] = {}
    for one in entries:
        extras = one.get("optional-dependencies")
        further = [needed for group in extras.values() for needed in group] if isinstance(extras, dict) else []
        own = _is_project(one)
        needs.setdefault(one["name"], []).extend([*one.get("dependencies", []), *([] if own else further)])
    todo = [one["name"] for one in entries if _is_project(one)]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += [one["name"] for one in needs.get(name, []) if isinstance(one, dict) and "name" in one]
    return {name_of(name) or name for name in seen}


def _is_project(entry: dict[str, Any]) -> bool:
    where = entry.get("source")
    return isinstance(where, dict) and "." in (where.get("virtual"), where.get("editable"), where.get("directory"))


def _strings(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _declares(pyproject: str) -> bool:
    """Whether a pyproject.toml is more than settings of tools."""
    return re.search(r"^\s*\[\s*project\s*\]", pyproject, re.MULTILINE) is not None
