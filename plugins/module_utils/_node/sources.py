# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Getting an app's code onto the node. All of it is done by the tenant, in its slice, by the program ``fetcher``."""

from __future__ import annotations

import json
import os
import pkgutil
import pwd
import re
import stat
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from typing import IO, Any

from .._errors import NodeError
from .._spec.app import App
from .._spec.layout import PROGRAMS, app_home
from .._spec.resources import File
from . import fetcher, files, tree
from .jobs import Job, JobError, perform

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PROGRAM = f"{PROGRAMS}/fetcher.py"

# A clone of a large repository over a slow line.
SECONDS = 1800.0
RESOLVE_SECONDS = 120.0

MAX_TEXT = 1 << 20
MAX_LISTED = 5000
LISTED_DEPTH = 3


def resolve(app: App, account: pwd.struct_passwd) -> str:
    """The commit (40 or 64 hex digits) that a git source means now; one line to the repository, nothing is fetched."""
    source = app.source
    if source.version is not None and _COMMIT.fullmatch(source.version):
        return source.version
    order = {"kind": "resolve", "where": source.where, "version": source.version}
    answer = _order(app, account, order, seconds=RESOLVE_SECONDS)
    if not isinstance(answer, str) or not _COMMIT.fullmatch(answer):
        raise NodeError(f"app {app.name}: source.git: {source.where!r} gave no commit, but {answer!r}")
    return answer


def digest(app: App, account: pwd.struct_passwd) -> str:
    """``sha256:<hex>`` of the content of an ``in_place`` folder, without what ``persist`` names."""
    order = {"kind": "digest", "where": app.source.where, "left_out": list(app.persist)}
    answer = _order(app, account, order)
    if not isinstance(answer, str) or not re.fullmatch(r"sha256:[0-9a-f]{64}", answer):
        raise NodeError(f"app {app.name}: source.in_place: {app.source.where!r} gave no digest, but {answer!r}")
    return answer


def fetch(
    app: App,
    account: pwd.struct_passwd,
    into: str,
    archive: str | None,
    *,
    files_folder: str,
    persist: Sequence[str],
    absent_files: Sequence[str],
) -> frozenset[str]:
    """Fill the empty folder ``into``, which is the tenant's, with the app's code.

    archive: for a ``local`` source, the tar that was shipped. A git source must have been resolved to a commit
    (``version`` or ``digest``).
    files_folder, persist, absent_files: see ``fetcher.seed``. Returns which of ``persist`` are files in the source.
    """
    source = app.source
    order: dict[str, Any] = {"kind": "package"}
    stdin: IO[bytes] | None = None
    if source.kind == "local":
        if archive is None:
            raise NodeError(f"app {app.name}: source.local: {source.where!r} was not shipped to this node")
        order, stdin = {"kind": "tar"}, open(archive, "rb")  # noqa: SIM115 (closed below, as are the others)
    elif source.kind == "git":
        order = {"kind": "git", "where": source.where, "version": source.digest or source.version}
    elif source.kind == "archive":
        stdin = _roots_own(source.where)
        order = {"kind": "archive", "where": "" if stdin else source.where, "checksum": source.checksum}
    elif source.kind == "in_place":
        order = {"kind": "copy", "where": source.where}
    elif not (persist or absent_files):
        # A package, and nothing to seed.
        return frozenset()
    order.update(into=into, files=files_folder, persist=list(persist), absent_files=list(absent_files))
    try:
        answer = _order(app, account, order, stdin)
    finally:
        if stdin is not None:
            stdin.close()
    if not isinstance(answer, list):
        raise NodeError(f"app {app.name}: source.{source.kind}: unexpected answer {answer!r}")
    return frozenset(path for path in answer if isinstance(path, str)) & frozenset(persist)


class Reader:
    """The files of a release, for looking at: regular files that the tenant may have put there, nothing behind a link.

    ``paths``: what lies at most LISTED_DEPTH folders deep, at most MAX_LISTED names.
    """

    def __init__(self, folder: str, uid: int) -> None:
        self.folder, self.uid = folder, uid
        with tree.opened(self._open()) as fd:
            self.sizes = tree.listing(fd, LISTED_DEPTH, MAX_LISTED)
        self.paths = tuple(self.sizes)

    def text(self, path: str) -> str | None:
        """A text file of at most 1 MiB, undecodable bytes replaced; None where there is none."""
        content = self.content(path, MAX_TEXT)
        return None if content is None else content.decode("utf-8-sig", "replace")

    def content(self, path: str, limit: int = 16 * MAX_TEXT) -> bytes | None:
        """The bytes of a file; None where there is none. Raises NodeError for a link, or more than ``limit`` bytes."""
        with tree.opened(self._open()) as fd:
            return tree.read_beneath(fd, path, frozenset((0, self.uid)), limit)

    def _open(self) -> int:
        return tree.open_folder(self.folder, self.uid)


def _order(
    app: App,
    account: pwd.struct_passwd,
    order: dict[str, Any],
    stdin: IO[bytes] | None = None,
    seconds: float = SECONDS,
) -> Any:
    """Have the tenant carry out an order, and return its answer. It is the tenant's word: check it."""
    # The program comes by the standard input too, where that is free: to ask (in check mode, say) writes nothing.
    job = Job(
        name=app.name,
        argv=(_python(), "-IS", "-" if stdin is None else _installed_program(), json.dumps(order)),
        account=account,
        # The app's folder as a whole: a file cannot be linked from one mount to another, and each of these becomes one.
        # The tenant's home: ssh remembers there which hosts git met.
        writable=(app_home(app.tenant, app.name), account.pw_dir),
        seconds=seconds,
    )
    try:
        with tempfile.TemporaryFile() as program:
            program.write(_program())
            program.seek(0)
            what = f"app {app.name}: source.{app.source.kind}: {app.source.where!r}"
            output = perform(job, what, program if stdin is None else stdin)
    except JobError as error:
        if error.code == 1 and error.said:
            # The program's own words say it all.
            raise NodeError(f"{error.what}: {error.said[0]}", *error.said[1:]) from None
        raise
    lines = output.splitlines()
    try:
        return json.loads(lines[-1]) if lines else None
    except ValueError:
        return None


@cache
def _program() -> bytes:
    content = pkgutil.get_data(fetcher.__package__ or "", "fetcher.py")
    if content is None:
        raise NodeError("the program fetcher.py is missing from the collection; install the collection again")
    return content


@cache
def _installed_program() -> str:
    """The path of the program on the node; put there, and put right, once a run."""
    wanted = File(_PROGRAM, _program(), mode=0o644)
    if not files.holds(wanted, files.read(_PROGRAM)):
        files.write(wanted)
    return _PROGRAM


@cache
def _python() -> str:
    """An interpreter that a tenant may run: the distribution's, where Ansible's own may be root's alone."""
    return "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable


def _roots_own(path: str) -> IO[bytes] | None:
    """An archive that lies where only root can put one, opened; None for all else, which the tenant opens itself."""
    if not path.startswith("/"):
        return None
    parent, name = os.path.split(os.path.normpath(path))
    try:
        with tree.opened(tree.open_root(parent)) as folder:
            fd = tree.open_beneath(folder, name, frozenset((0,)))
    except (NodeError, OSError):
        return None
    if os.fstat(fd).st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        os.close(fd)
        return None
    return os.fdopen(fd, "rb")
