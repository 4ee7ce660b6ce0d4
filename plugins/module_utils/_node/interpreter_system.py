# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Source ``system``: the distribution's own interpreter, under the path that all interpreters have."""

from __future__ import annotations

import os

from .._errors import NodeError
from .._spec.python import PythonVersion
from .._spec.resources import Link
from . import debian, files


def install(python: PythonVersion, staging: str, what: str) -> str:
    """Install the distribution's package and make a folder with links to it; return that folder. Raises NodeError."""
    program = f"/usr/bin/python{python.version}"
    package = f"python{python.version}"
    if not os.path.exists(program):
        if not debian.known(package.replace(".", r"\.")):
            debian.refresh(what)
        there = [name[len("python") :] for name in debian.known(r"python3\.\d+")]
        if python.version not in there:
            raise NodeError(
                f"{what}: source: this node's distribution has {_and(there)}, but not {python.version}; take source "
                "uv, archive or build for it"
            )
        debian.install([package], what)
    for name in ("python3", package):
        files.write(Link(f"{staging}/python/bin/{name}", program), durable=False)
    return f"{staging}/python"


def _and(versions: list[str]) -> str:
    return "Python " + " and ".join(versions) if versions else "no Python 3"
