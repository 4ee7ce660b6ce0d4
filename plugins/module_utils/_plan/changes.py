# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes that a run makes, and how they are shown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .._spec.resources import File, Folder, Link, Resource

# What is done to an app, or to what is left of one.
DEPLOY, REPAIR, START, STOP, TIDY, REMOVE = "deploy", "repair", "start", "stop", "tidy", "remove"


@dataclass(frozen=True)
class Change:
    """One thing that a run does. kind: python, tenant, app, site or upstream; action: what is done to ``name``.

    before, after: the diff's two sides, free of secrets.
    """

    kind: str
    name: str
    action: str
    reason: str
    before: str = ""
    after: str = ""

    def describe(self) -> str:
        return f"{self.kind} {self.name}: {self.action} ({self.reason})"


def diff_of(changes: Sequence[Change]) -> list[dict[str, str]]:
    """Ansible's form of a diff, one entry a change. One that changes no text (a stopped unit) says what is done."""
    return [
        {
            "before_header": f"{change.kind} {change.name}",
            "after_header": f"{change.kind} {change.name} ({change.action})",
            "before": change.before,
            "after": change.after if change.after != change.before else f"{change.after}{change.describe()}\n",
        }
        for change in changes
    ]


def joined(sides: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Ansible's form of one diff of several things, each as ``file_diff`` gives it."""
    return {"before": "".join(before for before, _after in sides), "after": "".join(after for _before, after in sides)}


def file_diff(wanted: File | Link | Folder | None, found: Resource | None) -> tuple[str, str]:
    """Both sides of the diff of one path; of a secret file no more than that its content differs."""
    if not (isinstance(wanted, File) and wanted.secret):
        return _shown(found), _shown(wanted)
    same = isinstance(found, File) and found.content == wanted.content
    before = f"{_head(found)}(secret)\n" if isinstance(found, File) else _shown(found)
    return before, f"{_head(wanted)}({'secret' if same else 'secret, with another content'})\n"


def _shown(resource: Resource | None) -> str:
    if resource is None:
        return ""
    if isinstance(resource, Link):
        return f"{resource.path} -> {resource.target}\n"
    if isinstance(resource, Folder):
        return _head(resource)
    return _head(resource) + resource.content.decode("utf-8", "replace")


def _head(resource: File | Folder) -> str:
    return f"{resource.path} {resource.owner}:{resource.group} {resource.mode:04o}\n"
