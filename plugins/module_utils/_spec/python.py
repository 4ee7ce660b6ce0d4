# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python version that apps may name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PythonVersion:
    """One interpreter as wanted.

    version: "3.13" or "3.13.5"; source: system, uv, archive or build; archive: URL or path on the node;
    checksum: "sha256:<hex>"; tarball: URL or path of a source tarball; debian: (source package, suite);
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
