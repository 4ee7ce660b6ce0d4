# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python version that apps may name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .fields import Fields, item
from .names import python_version
from .origins import remote_or_path
from .paths import absolute, inside
from .problems import Problems, Wrong
from .values import boolean, checksum, choice, text

SOURCES = ("system", "uv", "archive", "build")
# A tarball on the Debian mirror that the node's own packages come from: mirror:pool/main/p/python3.14/….
MIRROR = "mirror:"

# Which keys mean something for which source.
_KEYS = {
    "system": frozenset[str](),
    "uv": frozenset({"mirror", "downloads"}),
    "archive": frozenset({"archive", "checksum"}),
    "build": frozenset({"tarball", "checksum", "debian_package", "debian_suite", "flags", "optimize", "pack"}),
}
_DEBIAN = re.compile(r"[a-z0-9][a-z0-9.+-]+", re.ASCII)


@dataclass(frozen=True)
class PythonVersion:
    """One interpreter as wanted.

    version: "3.13" or "3.13.5"; source: system, uv, archive or build; archive: URL or path on the node;
    checksum: "sha256:<hex>"; tarball: URL or path of a source tarball,
    or "mirror:" and a path on the node's Debian mirror; debian: (source package, suite);
    flags: for ./configure; mirror: of uv's prebuilt downloads, a local folder too.
    """

    version: str
    source: str = "system"
    archive: str | None = None
    checksum: str | None = None
    tarball: str | None = None
    debian_package: str | None = None
    debian_suite: str | None = None
    flags: tuple[str, ...] = ()
    optimize: bool = False
    mirror: str | None = None
    downloads: str | None = None
    pack: str | None = None
    state: str = "present"


def parse_python(raw: object, problems: Problems, where: str = "python version") -> PythonVersion | None:
    """One version of the inventory; None if it is no mapping. What is wrong goes to ``problems``."""
    fields = item(raw, "python", where, problems, key="version")
    if fields is None:
        return None
    python = PythonVersion(
        version=fields.need("version", python_version, ""),
        source=fields.get("source", choice(*SOURCES), "system"),
        archive=fields.get("archive", remote_or_path, None),
        checksum=fields.get("checksum", checksum, None),
        tarball=fields.get("tarball", _tarball, None),
        debian_package=fields.get("debian_package", _debian, None),
        debian_suite=fields.get("debian_suite", _debian, None),
        flags=fields.each("flags", _flag),
        optimize=fields.get("optimize", boolean, False),
        mirror=fields.get("mirror", remote_or_path, None),
        downloads=fields.get("downloads", remote_or_path, None),
        pack=fields.get("pack", absolute, None),
        state=fields.get("state", choice("present", "absent"), "present"),
    )
    fields.done()
    _check_source(fields, python)
    return python


def _debian(value: object) -> str:
    name = text(value)
    if not _DEBIAN.fullmatch(name):
        raise Wrong("must be the name of a Debian package or suite: lower-case letters, digits and + - .")
    return name


def _tarball(value: object) -> str:
    where = text(value)
    if not where.startswith(MIRROR):
        return remote_or_path(where)
    inside(where[len(MIRROR) :])
    return where


def _flag(value: object) -> str:
    flag = text(value)
    if not flag.startswith("-") and "=" not in flag:
        raise Wrong("must be a flag of ./configure like --enable-shared, or a setting like CFLAGS=-O2")
    return flag


def _check_source(fields: Fields, python: PythonVersion) -> None:
    """What belongs together, and what means nothing for the chosen source."""
    for key in sorted(frozenset[str]().union(*_KEYS.values()) - _KEYS[python.source]):
        if fields.has(key):
            homes = " or ".join(source for source in SOURCES if key in _KEYS[source])
            fields.wrong(key, f"means nothing with source {python.source}; it belongs to source {homes}")
    if python.state == "absent":
        return
    if python.source == "system" and python.version.count(".") > 1:
        fields.wrong("version", 'the distribution decides on the last number; give two, like "3.11"')
    if python.source == "archive":
        _require(fields, "archive", "checksum")
    if python.source == "build":
        if fields.has("tarball") == fields.has("debian_package"):
            fields.wrong("tarball", "a build needs either tarball and checksum, or debian_package and debian_suite")
        elif fields.has("tarball"):
            _require(fields, "tarball", "checksum")
        else:
            _require(fields, "debian_package", "debian_suite")


def _require(fields: Fields, *keys: str) -> None:
    for key in keys:
        if not fields.has(key):
            fields.wrong(key, f"is missing; {' and '.join(keys)} go together")
