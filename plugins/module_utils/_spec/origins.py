# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are fetched from: URLs, repositories, packages."""

from __future__ import annotations

import re

from .paths import absolute
from .problems import Wrong
from .values import text

_REMOTE = re.compile(r"(?:https?://[^\s/?#]+|file://[^\s/?#]*/)\S*", re.ASCII)
_REPOSITORY = re.compile(r"(?:https?|ssh|git)://[A-Za-z0-9\[_][^\s/?#]*/\S+|file:///\S+", re.ASCII)
# user@host:path, as scp writes it; git hands the host to ssh, so it must not look like an option.
_SCP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^\s:-]\S*", re.ASCII)
# git-check-ref-format(1), and no dash in front, which git would take for an option.
_REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+@-]*", re.ASCII)


def remote_or_path(value: object) -> str:
    """An http, https or file URL, or an absolute path on the node."""
    where = text(value)
    if where.startswith("/"):
        return absolute(where)
    if not _REMOTE.fullmatch(where):
        raise Wrong("must be an https, http or file URL without spaces, or an absolute path on the node")
    return where


def repository(value: object) -> str:
    """What ``git clone`` takes, without the transports that run commands (ext::)."""
    where = text(value)
    if where.startswith("/"):
        return absolute(where)
    if not _REPOSITORY.fullmatch(where) and not _SCP.fullmatch(where):
        raise Wrong(
            "must be a URL with https, http, ssh, git or file, the form user@host:path, or an absolute path on the node"
        )
    return where


def revision(value: object) -> str:
    """A branch, a tag or a commit."""
    version = text(value)
    if not _REVISION.fullmatch(version) or ".." in version or "@{" in version or version.endswith((".lock", "/", ".")):
        raise Wrong("must be a branch, a tag or a commit, without a dash in front")
    return version
