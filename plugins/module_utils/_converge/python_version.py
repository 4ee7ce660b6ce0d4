# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpreters that apps may name: compare, install, build, pack, remove."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from .._node import files, interpreters
from .._spec.layout import STATE
from .._spec.problems import Problems
from .._spec.python import PythonVersion, parse_python
from .._spec.resources import Folder

ARTIFACTS = f"{STATE}/artifacts"
KEYS = {
    "version": {"type": "str"},
    "source": {"type": "str", "choices": ["system", "uv", "archive", "build"], "default": "system"},
    "archive": {"type": "str"},
    "checksum": {"type": "str"},
    "tarball": {"type": "str"},
    "debian_package": {"type": "str"},
    "debian_suite": {"type": "str"},
    "flags": {"type": "list", "elements": "str"},
    "optimize": {"type": "bool"},
    "mirror": {"type": "str"},
    "downloads": {"type": "str"},
    "pack": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def converge(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Compare, change unless in check mode, and say what there is now: the module's result."""
    pythons = _declared(params)
    supplied = {
        version: interpreters.Artifact(one["path"], one["checksum"])
        for version, one in (params["supplied"] or {}).items()
    }
    reasons = _plan(pythons)
    before = interpreters.observe()
    builds = [one for one in pythons if one.source == "build" and one.state == "present"]
    absent = [one for one in builds if not interpreters.is_there(one)]
    result: dict[str, Any] = {
        "changed": bool(reasons),
        "changes": [f"python {version}: {reason}" for version, reason in reasons.items()],
        "building": [],
        "platform": {"machine": os.uname().machine, "libc": interpreters.libc()},
    }
    if not check_mode:
        postponed = [] if params["build"] else [one for one in absent if one.version not in supplied]
        _apply(params, pythons, postponed, supplied, result)
    result["builds"] = [
        {
            "version": one.version,
            "artifact": interpreters.artifact_name(one),
            "present": interpreters.is_there(one),
        }
        for one in builds
    ]
    after = {one.version for one in pythons if one.state == "present"} | (
        before.keys() - {one.version for one in pythons}
    )
    result["diff"] = {
        "before": _listed(before),
        "after": _listed(after if check_mode else interpreters.observe()),
    }
    result["pythons"] = [_described(one) for one in pythons if interpreters.full_version(one.version) is not None]
    return result


def _declared(params: Mapping[str, Any]) -> list[PythonVersion]:
    """Parse what was asked for; SpecError names everything that is wrong with it."""
    raw = params["versions"]
    if raw is None:
        raw = [{key: params[key] for key in KEYS}]
    problems = Problems()
    parsed = []
    for number, item in enumerate(raw):
        given = {key: value for key, value in item.items() if value is not None}
        parsed.append(parse_python(given, problems, f"versions[{number}]"))
    names = [one.version for one in parsed if one is not None]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(f"python {name}", "version", "is declared twice; keep one of the two")
    problems.raise_any()
    return [one for one in parsed if one is not None]


def _plan(pythons: list[PythonVersion]) -> dict[str, str]:
    """Say what has to change and why, by version. NodeError for a version that is used and should go."""
    reasons: dict[str, str] = {}
    for python in pythons:
        if python.state == "present":
            reason = interpreters.lacking(python)
            if reason:
                reasons[python.version] = reason
        elif interpreters.removable(python.version):
            reasons[python.version] = "state: absent"
    return reasons


def _apply(
    params: Mapping[str, Any],
    pythons: list[PythonVersion],
    postponed: list[PythonVersion],
    supplied: dict[str, interpreters.Artifact],
    result: dict[str, Any],
) -> None:
    """Install, pack and remove; what goes wrong is gathered in ``result``."""
    if postponed and params["artifacts"]:
        files.write(Folder(ARTIFACTS), durable=False)
    changed = [interpreters.remove(one.version) for one in pythons if one.state == "absent"]
    outcome = interpreters.ensure_all(
        [one for one in pythons if one not in postponed], artifacts=supplied, wait=params["wait"]
    )
    for one in supplied.values():
        files.remove(one.path)
    result["changed"] = any(changed) or bool(outcome.changed)
    result["building"] = [vars(one) for one in outcome.building]
    if outcome.errors:
        result["errors"] = outcome.errors
    if params["artifacts"] and params["build"]:
        result["packed"] = [
            {"version": one.version, "name": os.path.basename(target), "path": target}
            for one in pythons
            for target in [f"{ARTIFACTS}/{interpreters.artifact_name(one)}-glibc{interpreters.libc()}.tar.zst"]
            if one.source == "build" and interpreters.have_packed(one, target)
        ]


def _listed(versions: Iterable[str]) -> str:
    return "".join(f"python {version}\n" for version in sorted(versions))


def _described(python: PythonVersion) -> dict[str, str | None]:
    described = {
        "version": python.version,
        "full": interpreters.full_version(python.version),
        "path": interpreters.path(python.version),
    }
    if python.pack is not None and os.path.exists(python.pack):
        described.update(pack=python.pack, checksum=interpreters.checksum(python.pack))
    return described
