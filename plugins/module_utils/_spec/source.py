# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the code of an app comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .fields import Fields
from .origins import remote_or_path, repository, revision
from .paths import absolute
from .problems import Wrong
from .values import checksum, text

KINDS = ("local", "git", "archive", "package", "in_place")
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\s*\[[A-Za-z0-9._, -]*\])?\s*(?:[=<>!~(;@ ].*)?", re.ASCII)


@dataclass(frozen=True)
class Source:
    """Exactly one kind.

    kind: local, git, archive, package or in_place.
    where: the folder beside the inventory, the repository's URL, the archive's URL or path, the requirement of the
    package, or the folder on the node.
    version: of git (branch, tag or commit). checksum: of an archive, "sha256:<hex>".
    digest: of a local folder's content, filled in on the controller ("sha256:<hex>").
    """

    kind: str
    where: str
    version: str | None = None
    checksum: str | None = None
    digest: str | None = None


# What an app that is to be removed may leave out.
NO_SOURCE = Source(kind="", where="")


def parse_source(fields: Fields | None) -> Source:
    """The section ``source`` of an app: one kind, and what belongs to it."""
    if fields is None:
        return NO_SOURCE
    read = {
        "local": text,
        "git": repository,
        "archive": remote_or_path,
        "package": _package,
        "in_place": absolute,
    }
    found = {kind: fields.get(kind, read[kind], "") for kind in KINDS}
    version = fields.get("version", revision, None)
    known_checksum = fields.get("checksum", checksum, None)
    digest = fields.get("digest", checksum, None)
    fields.done()
    kinds = [kind for kind in KINDS if fields.has(kind)]
    if len(kinds) != 1:
        given = f"{' and '.join(kinds)} are given" if kinds else "no kind is given"
        fields.wrong("", f"{given}; give exactly one of {', '.join(KINDS)}")
        return NO_SOURCE
    kind = kinds[0]
    _check_companions(fields, kind)
    return Source(kind, found[kind], version=version, checksum=known_checksum, digest=digest)


def _package(value: object) -> str:
    """One requirement as of PEP 508: ``datasette==0.65``."""
    requirement = text(value)
    if not _PACKAGE.fullmatch(requirement):
        raise Wrong("must be one requirement like datasette==0.65, without options")
    return requirement


def _check_companions(fields: Fields, kind: str) -> None:
    companions = {"version": "git", "checksum": "archive", "digest": "local"}
    for key, home in companions.items():
        if fields.has(key) and kind != home:
            hint = "; write the version into the requirement" if kind == "package" and key == "version" else ""
            fields.wrong(key, f"means nothing with {kind}, only with {home}{hint}")
    if kind == "git" and not fields.has("version"):
        fields.wrong("version", "is missing; git needs a branch, a tag or a commit")
    if kind == "archive" and not fields.has("checksum"):
        fields.wrong("checksum", "is missing; an archive needs sha256:<64 hexadecimal digits>, as sha256sum prints")
