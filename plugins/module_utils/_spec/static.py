# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of an app that the front server serves itself."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import Fields
from .paths import inside
from .problems import Wrong
from .url import PREFIX_LONGEST, segments
from .values import text


@dataclass(frozen=True)
class StaticFolder:
    """url: below the mount, with slashes at both ends ("/static/");
    path: inside the app's folder, no slash at the end."""

    url: str
    path: str


def parse_static(items: list[Fields]) -> tuple[StaticFolder, ...]:
    """The list ``static`` of an app."""
    folders: list[StaticFolder] = []
    for fields in items:
        folder = StaticFolder(fields.need("url", static_url, ""), fields.need("path", inside, "").rstrip("/"))
        fields.done()
        if folder.url and folder.url in [other.url for other in folders]:
            fields.wrong("url", f"{folder.url!r} is given twice")
        folders.append(folder)
    return tuple(folders)


def static_url(value: object) -> str:
    """``/static/``; the slash at the end is added where it is left out."""
    given = text(value)
    if not given.startswith("/"):
        raise Wrong("must begin with a slash, like /static/: it lies below each URL of the app")
    path = given.rstrip("/") if given.endswith("/") and not given.endswith("//") else given
    if not path:
        raise Wrong("must not be the whole app; name a folder like /static/")
    if len(path) > PREFIX_LONGEST:
        raise Wrong(f"too long: at most {PREFIX_LONGEST} characters")
    segments(path)
    return path + "/"
