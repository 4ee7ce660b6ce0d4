# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server's own checker on files that are not there yet."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence

from .._errors import NodeError
from .._spec.resources import File
from .files import TEMPORARY
from .run import Ran, run

# In a mount namespace of its own the checker sees the candidate where everybody else sees the live folder.
_CHECK = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'


def check(
    checker: Sequence[str], folder: str, files: Iterable[File], removed: Iterable[str], *, what: str, beside: str
) -> Ran:
    """Run ``checker`` as if ``files`` lay in ``folder`` and ``removed`` did not; the live folder is never touched.

    beside: a folder of root's for the candidate. The outcome is the caller's to judge; NodeError only if the
    check could not be made.
    """
    with _candidate(folder, files, removed, beside) as candidate:
        ran = run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", _CHECK, "sh", candidate, folder, *checker],
            what=what,
            timeout=120,
            check=False,
        )
    if ran.stderr.startswith(("unshare:", "mount:")):
        raise NodeError(f"{what}: no mount namespace to check it in", *ran.stderr.splitlines()[:3])
    return ran


@contextlib.contextmanager
def _candidate(folder: str, files: Iterable[File], removed: Iterable[str], beside: str) -> Iterator[str]:
    """A copy of the folder with the changes in it. The folder is root's own, and so is the copy, for root alone."""
    os.makedirs(beside, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=beside) as top:
        copy = os.path.join(top, "files")
        shutil.copytree(folder, copy, symlinks=True, copy_function=_same)
        for path in removed:
            _drop(_inside(folder, path, copy))
        for file in files:
            target = _inside(folder, file.path, copy)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            _drop(target)
            with open(target, "xb") as out:
                out.write(file.content)
        yield copy


def _same(source: str, target: str) -> str:
    """A second name for a file, in place of a copy of it: nothing is ever written into the candidate's files."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        # Another file system.
        shutil.copy2(source, target)
    return target


def _drop(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def _inside(folder: str, path: str, copy: str) -> str:
    if not path.startswith(folder + "/"):
        raise NodeError(f"{path}: lies outside of {folder}, so it cannot be checked there")
    return os.path.join(copy, path[len(folder) + 1 :])
