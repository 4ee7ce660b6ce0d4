# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ordinary release, from which tests make theirs: of each, what it is about is to be seen, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.hostel.python.plugins.module_utils._spec.app import App
from ansible_collections.hostel.python.plugins.module_utils._spec.release import Release
from ansible_collections.hostel.python.plugins.module_utils._spec.source import Source
from ansible_collections.hostel.python.plugins.module_utils._spec.url import Url

BLOG = Release(
    app=App("blog", "alice", (Url("blog.example.org"),), "3.13", Source("package", "blog")),
    id="0123456789ab",
    uid=20001,
    gid=20001,
    server="uvicorn",
    interface="asgi",
    entrypoint="blog.main:app",
    venv="/var/lib/hostel/venvs/0123",
    python="3.13",
)


def altered(release: Release, app: Mapping[str, Any] | None = None, **keys: Any) -> Release:
    """The same release but for these keys. app: the keys of its app that differ."""
    return replace(release, app=replace(release.app, **(app or {})), **keys)
