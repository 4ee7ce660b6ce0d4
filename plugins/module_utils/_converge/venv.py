# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One virtual environment under the name of who uses it: compare, build, link, take away."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from typing import Any

from .._errors import SpecError
from .._node import files, venvs
from .._node.run import run
from .._spec.layout import PYTHONS
from .._spec.resources import File, Link
from .._syntax.requirements import Files, gather

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

# What check mode can't name without making an account on the node, or running a tenant's build.
UNRESOLVED = "(named when its requirements are resolved)"


def converge(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Make or take away what ``params``, those of the module venv, ask for. Returns the module's result."""
    if not _NAME.fullmatch(params["name"]):
        raise SpecError(f"name: {params['name']!r}: letters, digits, dots, dashes, underscores; at most 64")
    return _present(params, check_mode) if params["state"] == "present" else _absent(params, check_mode)


def _request_of(params: Mapping[str, Any]) -> venvs.VenvRequest:
    """Make the request from the module's arguments; reads the requirements file."""
    what = f"venv {params['name']}"
    tenant = _account(what, params["tenant"])
    return venvs.VenvRequest(
        what=what,
        python=_interpreter(what, params["python"]),
        requirements=tuple(params["requirements"]),
        files=_requirements_files(what, params["requirements_file"], tenant),
        build=params["build"],
        tenant=tenant,
        project=params["project"],
        project_digest=_content_digest(what, params["project"], tenant),
        index_url=params["index_url"],
        extra_index_urls=tuple(params["extra_index_urls"]),
        ca_bundle=params["ca_bundle"],
    )


def _present(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Have the venv, its name and its link; in check mode tell what would change."""
    request = _request_of(params)
    venvs.check(request)
    before = venvs.used_by(params["name"])
    path: str | None
    if not check_mode:
        path = venvs.build(request, upgrade=params["upgrade"])
        after = venvs.packages(path)
    else:
        path = venvs.lookup(request)
        after = venvs.packages(path) if path else {}
        if (path is None or params["upgrade"]) and venvs.can_foresee(request):
            path, after = venvs.foresee(request)
    link = Link(params["path"], path or "") if params["path"] else None
    link_differs = link is not None and files.read(link.path) != link
    changed = path is None or path != before or link_differs
    if changed and not check_mode and path is not None:
        venvs.use(params["name"], path)
        if link is not None and link_differs:
            files.write(link)
    result: dict[str, Any] = {"changed": changed, "diff": _diff(before, path or UNRESOLVED, after, params["path"])}
    if path is not None:
        result.update(path=path, digest=os.path.basename(path), packages=after)
    return result


def _absent(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Take the name and the link away, and the venv if nothing else uses it."""
    name, link = params["name"], params["path"]
    before = venvs.used_by(name)
    linked = link is not None and isinstance(files.read(link), Link)
    removed = venvs.unused_without(name)
    if not check_mode:
        if linked:
            files.remove(link)
        if before is not None:
            venvs.release(name)
            venvs.remove(removed)
    diff = _diff(before if before or linked else None, None, {}, link)
    return {"changed": before is not None or linked, "removed": removed, "diff": diff}


def _account(what: str, name: str | None) -> pwd.struct_passwd | None:
    if name is None:
        return None
    try:
        return pwd.getpwnam(name)
    except KeyError as error:
        raise SpecError(f"{what}: tenant: {name!r}: no such account; make it with hostel.python.tenant") from error


def _content_digest(what: str, project: str | None, tenant: pwd.struct_passwd | None) -> str:
    """Return the digest of a project's files, read as the tenant; what builds leave there is no part of it."""
    if project is None or tenant is None:
        return ""
    left_out = ("--exclude-vcs", "--exclude=__pycache__", "--exclude=*.egg-info", "--exclude=./build")
    plain = ("--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner")
    argv = ["sh", "-c", 'tar -c "$@" . | sha256sum', "sh", *plain, *left_out]
    return run(argv, what=f"{what}: project: {project}", user=tenant, cwd=project).stdout.split()[0]


def _interpreter(what: str, python: str) -> str:
    if python.startswith("/"):
        return python
    if not re.fullmatch(r"\d+(\.\d+){1,2}[a-z0-9]*", python):
        raise SpecError(f"{what}: python: {python!r}: a version as 3.13, or the path of an interpreter")
    return f"{PYTHONS}/{python}/bin/python3"


def _requirements_files(what: str, path: str | None, tenant: pwd.struct_passwd | None) -> Files:
    if path is None:
        return ()
    folder, name = os.path.split(os.path.normpath(path))

    def read(inner: str) -> bytes:
        whole = os.path.join(folder, inner)
        if tenant is not None:
            return run(["cat", "--", whole], what=f"{what}: requirements_file", user=tenant).stdout.encode()
        found = files.read(whole)
        if not isinstance(found, File):
            raise SpecError(f"{what}: requirements_file: {whole}: there is no such file on the node")
        return found.content

    return gather(name, read)


def _diff(before: str | None, path: str | None, after: dict[str, str], link: str | None) -> dict[str, str]:
    there = venvs.packages(before) if before else {}
    return {
        "before": _shown(before, there, link) if before else "",
        "after": _shown(path, after, link) if path or after else "",
        "before_header": link or "venv",
        "after_header": link or "venv",
    }


def _shown(path: str | None, packages: dict[str, str], link: str | None) -> str:
    return "".join(f"{line}\n" for line in [f"{link or 'venv'} -> {path}", *map("==".join, packages.items())])
