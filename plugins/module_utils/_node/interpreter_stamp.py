# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of an installed interpreter: what was asked for when it was made."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from .._spec.layout import PYTHONS
from .._spec.python import PythonVersion
from .._spec.resources import File
from . import files

NAME = ".hostel.json"


@dataclass(frozen=True)
class Stamp:
    """full: the version that the interpreter itself says; identity: of the declaration that it was made from;
    origin: of the build that an archive was packed from."""

    full: str
    identity: str
    origin: str | None = None

    def answers(self, python: PythonVersion) -> bool:
        """Tell whether this interpreter is what ``python`` declares, whichever way it got here."""
        return identity(python) in (self.identity, self.origin)

    def content(self) -> bytes:
        """Return the stamp's file."""
        return json.dumps(self.__dict__, sort_keys=True).encode() + b"\n"


def identity(python: PythonVersion) -> str:
    """Return a digest of what decides on the interpreter's content; where it is fetched from does not. Pure.

    A build from a Debian suite is not another one when the suite moves on: an interpreter that apps use changes when
    the operator says so.
    """
    parts: dict[str, object] = {"version": python.version, "source": python.source}
    if python.source == "archive":
        parts.update(checksum=python.checksum)
    if python.source == "build":
        parts.update(
            checksum=python.checksum,
            debian=[python.debian_package, python.debian_suite],
            flags=list(python.flags),
            optimize=python.optimize,
        )
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def folder(version: str) -> str:
    """Return where the interpreter of a declared version lies."""
    return f"{PYTHONS}/{version}"


def read(where: str) -> Stamp | None:
    """Return the stamp in an interpreter's folder; None if there is none that can be understood."""
    found = files.read(f"{where}/{NAME}")
    if not isinstance(found, File):
        return None
    try:
        values = json.loads(found.content)
        return Stamp(values["full"], values["identity"], values.get("origin"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
