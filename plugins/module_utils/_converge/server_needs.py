# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server needs of the node and of the interpreter, looked for before anything is made for it."""

from __future__ import annotations

import glob
import os

from .._errors import NodeError
from .._node.equipment import missing_packages
from .._spec.servers import SERVERS, needs_shared_library, runs_system_python_alone

_SYSTEM = "/usr/bin"


def check(app: str, server: str, version: str, python: str) -> None:
    """Raise NodeError where ``server`` can't run ``app`` on this node. python: path of the interpreter ``version``."""
    kind = SERVERS[server]
    missing = missing_packages(kind.packages) if kind.packages else []
    if missing:
        raise NodeError(
            f"app {app}: server: {server!r} needs {_packages(missing)} missing on this node: run hostel.python.site, "
            "which installs what the servers of hostel_apps need"
        )
    real = os.path.realpath(python)
    if kind.system_python and os.path.dirname(real) != _SYSTEM:
        raise NodeError(f"app {app}: server: {runs_system_python_alone(server, version)}")
    if kind.compiled and not _library(real):
        raise NodeError(f"app {app}: server: {needs_shared_library(server, version)}")


def _packages(names: list[str]) -> str:
    return f"package {names[0]}, which is" if len(names) == 1 else f"packages {', '.join(names)}, which are"


def _library(python: str) -> bool:
    """Whether there is the shared library of an interpreter, beside it or where the distribution has its own."""
    lib = os.path.join(os.path.dirname(os.path.dirname(python)), "lib")
    name = f"lib{glob.escape(os.path.basename(python))}.so*"
    return any(glob.glob(os.path.join(folder, name)) for folder in (lib, os.path.join(lib, "*")))
