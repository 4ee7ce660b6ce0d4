# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of the inventory: inside an app's folder, or anywhere on a node."""

from __future__ import annotations

from .._syntax.systemd import UNBINDABLE
from .problems import Wrong
from .values import text

ABSOLUTE_LONGEST = 1024
# nginx takes 4096 bytes for a parameter at most, and a "$" in it becomes the 16 bytes of a variable.
INSIDE_LONGEST = 240
SEGMENT_LONGEST = 255


def inside(value: object) -> str:
    """A path below the app's folder, without "./" in front; a slash at the end is kept, since ``persist`` asks for it.

    Spaces and every printable character are allowed, for nginx and systemd get it through a quoting function.
    """
    path = text(value)
    if path.startswith("/"):
        raise Wrong("must be relative to the app's folder")
    while path.startswith("./"):
        path = path[2:]
    folders = path[:-1] if path.endswith("/") else path
    parts = folders.split("/")
    if ".." in parts:
        raise Wrong("must not have .. in it: the path lies inside the app's folder")
    if "" in parts or "." in parts:
        raise Wrong("must name something inside the app's folder, with single slashes and no dots alone between them")
    _short_enough(path, parts, INSIDE_LONGEST)
    return path


def persisted(value: object) -> str:
    """The same for what is kept across releases, which systemd binds into place."""
    path = inside(value)
    if any(character in path for character in UNBINDABLE):
        raise Wrong("must not hold quotes or backslashes: systemd can't bind such a path into place")
    return path


def file_inside(value: object) -> str:
    """The same for a file: no slash at the end."""
    path = inside(value)
    if path.endswith("/"):
        raise Wrong("must be a file, without a slash at the end")
    return path


def absolute(value: object) -> str:
    """An absolute path on the node, with no way upward in it."""
    path = text(value)
    if not path.startswith("/"):
        raise Wrong("must be an absolute path on the node")
    parts = path.rstrip("/").split("/")[1:]
    if not parts:
        raise Wrong("must not be the root folder")
    if any(part in ("", ".", "..") for part in parts):
        raise Wrong("must not have .. or . or two slashes in a row in it")
    _short_enough(path, parts, ABSOLUTE_LONGEST)
    return path.rstrip("/")


def _short_enough(path: str, parts: list[str], longest: int) -> None:
    if len(path.encode()) > longest or any(len(part.encode()) > SEGMENT_LONGEST for part in parts):
        raise Wrong(f"too long: at most {min(longest, SEGMENT_LONGEST)} bytes between slashes, {longest} in all")
