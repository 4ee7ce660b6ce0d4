# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the code of an app comes from."""

from __future__ import annotations

from dataclasses import dataclass


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
