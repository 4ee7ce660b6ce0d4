# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual environment as wanted, and the two digests that name it."""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import pwd
from dataclasses import dataclass, field

from .._errors import SpecError
from .._syntax.requirements import (
    Files,
    decoded,
    names_source,
    needs_build,
    options_refused,
    plain,
    redacted,
    requirements_in,
    variables_in,
    without_editable,
)

# Part of every digest: raise it when the way of making a venv changes what is in it.
FORMAT = 1


@dataclass(frozen=True)
class VenvRequest:
    """What a venv is to be made of.

    what: who wants it, for messages ("app blog").
    python: path of the base interpreter.
    requirements: as written in the inventory.
    files: (path inside the source, content); the first is the requirements file, pyproject.toml or uv.lock, then all
    that belongs to it (``_syntax.requirements.gather``).
    extra: what the server needs, of any version ("uvicorn"); compiled: those of them that are built from source.
    build: source distributions, git and the source itself may be built.
    tenant: the account that whatever is built is built as.
    project: the folder that "." means; project_digest: of its content.
    index_url, extra_index_urls: package indexes, with a user and password if need be; ca_bundle: a file on the node.
    """

    what: str
    python: str
    requirements: tuple[str, ...] = ()
    files: Files = field(default=(), repr=False)
    extra: tuple[str, ...] = ()
    compiled: tuple[str, ...] = ()
    build: bool = False
    tenant: pwd.struct_passwd | None = None
    project: str | None = None
    project_digest: str = ""
    index_url: str | None = field(default=None, repr=False)
    extra_index_urls: tuple[str, ...] = field(default=(), repr=False)
    ca_bundle: str | None = None

    @property
    def main(self) -> str | None:
        """The path of the requirements file, pyproject.toml or uv.lock, if there is one."""
        return self.files[0][0] if self.files else None

    @property
    def kind(self) -> str:
        """requirements, pyproject or uv.lock."""
        name = posixpath.basename(self.main or "")
        return {"pyproject.toml": "pyproject", "uv.lock": "uv.lock"}.get(name, "requirements")

    @property
    def builder(self) -> pwd.struct_passwd | None:
        """The tenant whose venv this is alone; None for one that all share."""
        return self.tenant if self.build or self.compiled else None

    @property
    def built(self) -> tuple[str, ...]:
        """uv's options for what may be built from source: everything, or no more than the server's own packages."""
        if self.build:
            return ()
        return ("--only-binary", ":all:", *(word for name in self.compiled for word in ("--no-binary", name)))

    @property
    def folder(self) -> str | None:
        """The source's folder, for the tenant that builds; nobody else is let into it."""
        return self.project if self.build else None

    @property
    def names_source(self) -> bool:
        """Whether the source itself is to be installed."""
        lines = [line for text in self.texts.values() for line in requirements_in(text)]
        return any(names_source(line) for line in [*self.asked, *lines])

    @property
    def asked(self) -> tuple[str, ...]:
        """The inventory's requirements with editable ones made plain."""
        return tuple(without_editable(requirement) for requirement in self.requirements)

    @property
    def texts(self) -> dict[str, str]:
        """The requirements files by path, as uv gets them; toml and lock files are not among them."""
        return {
            path: plain(decoded(path, content))
            for path, content in self.files
            if not path.endswith((".toml", ".lock"))
        }


def check(request: VenvRequest) -> None:
    """Raise SpecError for what can be known to fail before anything is started."""
    problems = [*_wrong_requirements(request), *_wrong_files(request)]
    if (request.build or request.compiled) and request.tenant is None:
        problems.append(f"{request.what}: build: true needs a tenant, under whose account and limits it is built")
    if problems:
        raise SpecError(*problems)


def _wrong_requirements(request: VenvRequest) -> list[str]:
    problems = []
    for requirement in request.requirements:
        shown = redacted(requirement)
        if any(ord(character) < 32 for character in requirement):
            problems.append(f"{request.what}: requirements: {shown!r}: give one requirement an item")
        elif requirement.strip().startswith("-") and without_editable(requirement) == requirement.strip():
            problems.append(f"{request.what}: requirements: {shown!r}: options belong into a requirements file")
        else:
            problems += _variable_problems(request, requirement, "requirements")
            problems += source_problems(request, [requirement], "requirements")
    return problems


def _wrong_files(request: VenvRequest) -> list[str]:
    problems = []
    for path, _content in request.files:
        if posixpath.isabs(path) or posixpath.normpath(path) != path or path.split("/")[0] == "..":
            problems.append(f"{request.what}: {path}: not a path inside the source")
    for path, text in request.texts.items():
        problems += [
            f"{request.what}: {path}: {redacted(line)!r}: this option is not supported"
            + ("; to build from source set build: true" if line.startswith("--no-binary") else "")
            for line in options_refused(text, request.build)
        ]
        problems += _variable_problems(request, text, path)
        problems += source_problems(request, requirements_in(text), path)
    return problems


def _variable_problems(request: VenvRequest, text: str, where: str) -> list[str]:
    return [
        f"{request.what}: {where}: {redacted(line)!r}: variables are not replaced; write the value"
        for line in variables_in(text)
    ]


def source_problems(request: VenvRequest, requirements: list[str], where: str) -> list[str]:
    """Return what is wrong with requirements that have to be built, where that can't be."""
    if not request.build:
        return [
            f"{request.what}: {where}: {redacted(line)!r} has to be built from source; allow it with build: true (it "
            "is then built under the tenant's account and limits), or name a wheel"
            for line in requirements
            if needs_build(line)
        ]
    if request.project is None:
        return [
            f"{request.what}: {where}: {redacted(line)!r}: there is no source folder that it could mean"
            for line in requirements
            if names_source(line)
        ]
    return []


def input_digest(request: VenvRequest, interpreter: str) -> str:
    """Name the question: the same digest may be answered by the same resolution.

    interpreter: what ``interpreter_identity`` says. Credentials are no part of it, so that a changed password
    doesn't move any package.
    """
    return _digest(
        {
            "format": FORMAT,
            "interpreter": interpreter,
            "requirements": sorted(redacted(requirement) for requirement in request.asked),
            "files": [(path, hashlib.sha256(content).hexdigest()) for path, content in request.files],
            "extra": sorted(request.extra),
            "tenant": request.builder.pw_uid if request.builder else None,
            "project": request.project_digest if request.names_source else "",
            "indexes": [redacted(url) for url in (request.index_url or "", *request.extra_index_urls)],
        }
    )


def venv_digest(request: VenvRequest, interpreter: str, lock: str) -> str:
    """Name the venv: by interpreter and resolved, hashed requirements, and by tenant where it was built for one."""
    local = any(names_source(line) for line in requirements_in(lock))
    return _digest(
        {
            "format": FORMAT,
            "interpreter": interpreter,
            "lock": lock,
            "tenant": request.builder.pw_uid if request.builder else None,
            "project": request.project_digest if local else "",
        }
    )


def interpreter_identity(python: str) -> str:
    """Tell interpreters apart without starting them: the path, and the name behind it (python3.13, python3.13t).

    Patch releases are the same on purpose: they are binary compatible, and a security update of the distribution's
    Python must not resolve everybody's requirements anew.
    """
    return f"{python} {os.path.basename(os.path.realpath(python))}"


def _digest(content: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:32]
