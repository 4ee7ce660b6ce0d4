# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may lie on a node: plain data that the pure rooms make and ``_node.files`` writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union


@dataclass(frozen=True)
class File:
    """A regular file. owner, group: names, or decimal numbers. A ``secret`` one's content never reaches a diff."""

    path: str
    content: bytes = field(repr=False)
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"
    secret: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Link:
    """A symbolic link; ``target`` is taken as it is, relative or absolute.

    turned: where it may lead as well, by the doing of a program on the node; it is left so then.
    """

    path: str
    target: str
    turned: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Folder:
    """A directory. owner, group: names, or decimal numbers."""

    path: str
    mode: int = 0o755
    owner: str = "root"
    group: str = "root"


Resource = Union[File, Link, Folder]


def is_there(wanted: Resource, found: Resource | None) -> bool:
    """Whether what was found at a path is what is wanted there, to the letter of owners' names."""
    if isinstance(wanted, Link) and isinstance(found, Link) and found.path == wanted.path:
        return found.target in (wanted.target, wanted.turned)
    return wanted == found
