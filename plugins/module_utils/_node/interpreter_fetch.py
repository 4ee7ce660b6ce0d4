# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing a tarball to a folder of root's, and holding it against its checksum before anything looks inside."""

from __future__ import annotations

import os
import shutil
import stat
from urllib.parse import unquote, urlsplit

from .._errors import NodeError
from .._spec.python import MIRROR
from . import debian
from .interpreter_tar import digest


def obtain(where: str, checksum: str, into: str, what: str) -> None:
    """Copy or download ``where`` to the path ``into``.

    where: a path on the node, a URL, or "mirror:" and a path on the mirror that the node's own packages come from.
    checksum: "sha256:<hex>". Raises NodeError; then nothing that could be used is at ``into``.
    """
    _copy(where, into, what)
    found = f"sha256:{digest(into)}"
    if found != checksum:
        os.unlink(into)
        raise NodeError(
            f"{what}: checksum: {where} has {found}, but {checksum} is declared; it was altered or replaced: find out "
            "which, then correct the checksum"
        )


def _copy(where: str, into: str, what: str) -> None:
    if where.startswith(MIRROR):
        debian.download(f"{debian.mirror()}/{where[len(MIRROR) :].lstrip('/')}", into, what)
        return
    address = urlsplit(where)
    if address.scheme in ("http", "https"):
        debian.download(where, into, what)
        return
    path = unquote(address.path) if address.scheme == "file" else where
    try:
        # O_NONBLOCK: opening a pipe must not wait for its other end.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as source:
            if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
                raise NodeError(f"{what}: {path} is no file")
            with open(into, "wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
    except OSError as error:
        raise NodeError(f"{what}: {path} on the node cannot be read: {error.strerror or error}") from error
