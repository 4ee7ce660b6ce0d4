# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resolving: from requirements to a lock in which each package has one version and its hashes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from .._errors import NodeError, SpecError
from .._spec.resources import File, Folder
from .._syntax.requirements import (
    Pin,
    hashes_in,
    install_options,
    name_of,
    parse_lock,
    plain,
    render_lock,
    requirements_in,
)
from . import files
from .venv_builder import Builder
from .venv_request import VenvRequest, source_problems

_NEEDS_BUILD = re.compile(r"usable wheels|building from source|building source dist|no-build|source distribution", re.I)
_PLAIN = ("--no-header", "--no-annotate")


def write_inputs(request: VenvRequest, builder: Builder, folder: str) -> None:
    """Lay the request's files out for uv: root's folder, which the account may only read (an index may be secret)."""
    group = str(builder.account.pw_gid)
    files.write(Folder(folder, 0o750, "root", group), durable=False)
    texts = request.texts
    for path, content in request.files:
        _write(f"{folder}/{path}", texts[path].encode() if path in texts else content, group)
    for parent in {os.path.dirname(f"{folder}/{path}") for path, _content in request.files} - {folder}:
        _let_in(parent, folder, group)


def resolve(request: VenvRequest, builder: Builder, folder: str) -> str:
    """Return the lock for a request whose files lie in ``folder``.

    Hashes that the requirements give are honoured as pip does: if one package has them, all must, and only what
    matches them is installed. What the server adds is exempt.
    Raises NodeError with uv's own last lines, SpecError for hashes that are missing.
    """
    group = str(builder.account.pw_gid)
    main = f"{folder}/{request.main}" if request.main else None
    if main and request.kind == "pyproject" and request.folder:
        # What it calls dynamic can only be found out beside the rest of the project.
        main = f"{request.folder}/{request.main}"
    texts = list(request.texts.values())
    if request.kind == "uv.lock":
        main, exported = f"{folder}/uv.lock.txt", plain(_exported(request, builder, folder))
        problems = source_problems(request, requirements_in(exported), "uv.lock")
        if problems:
            raise SpecError(*problems)
        _write(main, exported.encode(), group)
        texts.append(exported)
    _write(f"{folder}/asked.in", _list((*request.asked, *request.extra)), group)
    asked = [f"{folder}/asked.in", *([main] if main else [])]
    try:
        pins = _compiled(request, builder, folder, asked)
    except NodeError as error:
        raise NodeError(*_server_misfit(request, builder, folder, asked), *error.lines) from error
    given = hashes_in([*texts, _list(request.asked).decode()])
    if given:
        pins = _honoured(request, builder, folder, pins, given)
    return render_lock(pins)


def requirements_to_install(request: VenvRequest, lock: str) -> str:
    """Return the lock with the request's own lines about where packages come from."""
    lines = [line for text in request.texts.values() for line in install_options(text)]
    return "".join(f"{line}\n" for line in dict.fromkeys(lines)) + lock


def refresh(request: VenvRequest) -> tuple[str, ...]:
    """Return what makes uv build the source again: its cache looks at pyproject.toml and setup.py alone."""
    return ("--refresh",) if request.names_source else ()


def needs_source_hint(request: VenvRequest, lines: Iterable[str]) -> list[str]:
    """Return what to do where uv's words say that something would have to be built."""
    if request.build or not any(_NEEDS_BUILD.search(line) for line in lines):
        return []
    return [
        f"{request.what}: only wheels are installed; set build: true to build from source, as the tenant"
    ]


def _exported(request: VenvRequest, builder: Builder, folder: str) -> str:
    project = os.path.dirname(f"{folder}/{request.main}")
    arguments = [
        "export", "--frozen", "--no-dev", "--no-emit-project", *_PLAIN, "--format", "requirements.txt",
        "--project", project, "--python", request.python,
    ]  # fmt: skip
    return builder.uv(arguments, "reading uv.lock", cwd=folder).stdout


def _compiled(
    request: VenvRequest, builder: Builder, folder: str, asked: list[str], constraints: tuple[str, ...] = ()
) -> list[Pin]:
    arguments = [
        "pip", "compile", "--generate-hashes", *_PLAIN, "--python", request.python,
        *request.built, *refresh(request),
        *(word for path in constraints for word in ("--constraint", path)),
        *asked,
    ]  # fmt: skip
    try:
        ran = builder.uv(arguments, f"resolving the requirements for {request.python}", cwd=request.folder or folder)
    except NodeError as error:
        raise NodeError(*error.lines, *needs_source_hint(request, error.lines)) from error
    return parse_lock(ran.stdout)


def _server_misfit(request: VenvRequest, builder: Builder, folder: str, asked: list[str]) -> list[str]:
    """What to say where requirements that can't be met could be without what the server adds."""
    if not request.extra:
        return []
    _write(asked[0], _list(request.asked), str(builder.account.pw_gid))
    try:
        pins = _compiled(request, builder, folder, asked)
    except NodeError:
        return []
    return misfit(request.what, request.extra, pins)


def misfit(what: str, extra: Iterable[str], pins: Iterable[Pin]) -> list[str]:
    """The same, once it is known what the requirements come to by themselves."""
    needed = list(extra)
    own = {pin.name: pin.requirement.partition(" ;")[0] for pin in pins}
    there = [own[name] for name in map(name_of, needed) if name in own]
    met = f"by themselves they come to {', '.join(there)}" if there else "they can be met without it"
    needs = f"needs {', '.join(needed)}, which its requirements do not allow: {met}"
    return [f"{what}: server: {needs}; change the versions that they ask for, or name another server"]


def _honoured(
    request: VenvRequest, builder: Builder, folder: str, pins: list[Pin], given: dict[str, tuple[str, ...]]
) -> list[Pin]:
    """Replace the index's hashes by those that the requirements give (uv resolves without looking at them)."""
    missing = {pin.name or pin.requirement for pin in pins} - set(given)
    if missing and request.extra:
        missing -= _server_packages(request, builder, folder, pins)
    if missing:
        raise SpecError(
            *(
                f"{request.what}: requirements: {name}: has no hash, but others have; give all of them hashes "
                "(uv pip compile --generate-hashes) or none"
                for name in sorted(missing)
            )
        )
    return [Pin(pin.requirement, given.get(pin.name or "", pin.hashes)) for pin in pins]


def _server_packages(request: VenvRequest, builder: Builder, folder: str, pins: list[Pin]) -> set[str]:
    group = str(builder.account.pw_gid)
    _write(f"{folder}/extra.in", _list(request.extra), group)
    _write(f"{folder}/pins.in", _list(pin.requirement for pin in pins), group)
    found = _compiled(request, builder, folder, [f"{folder}/extra.in"], (f"{folder}/pins.in",))
    return {pin.name for pin in found if pin.name}


def _list(requirements: Iterable[str]) -> bytes:
    return "".join(f"{requirement}\n" for requirement in requirements).encode()


def _write(path: str, content: bytes, group: str) -> None:
    files.write(File(path, content, 0o640, "root", group, secret=True), durable=False)


def _let_in(parent: str, top: str, group: str) -> None:
    while parent != top:
        files.write(Folder(parent, 0o750, "root", group), durable=False)
        parent = os.path.dirname(parent)
