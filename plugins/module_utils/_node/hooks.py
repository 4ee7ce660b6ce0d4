# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs in a new release before it is sealed: the operator's hooks, and the byte-compiler."""

from __future__ import annotations

import pwd
import shlex

from .._spec.hooks import Hook
from .._spec.release import Release
from . import persist, tree
from .jobs import Job, perform

SECONDS = 1800.0

# Compiling less than this at every start costs less than one process at the deploy.
WORTH_COMPILING = 32 << 10
_COMPILE = "python -m compileall -q -x '(^|/)(node_modules|[.]git|[.]venv)/' . >/dev/null 2>&1 || exit 0"


def run(release: Release, hook: Hook, seconds: float = SECONDS) -> str:
    """Run one hook as the tenant, in its slice, with the app's environment and kept folders, and return its output.

    The working directory is the release's folder; the venv's programs come first. Processes that the hook leaves are
    ended.
    Raises NodeError with the hook, how it ended and the last lines it wrote.
    """
    what = f"app {release.app.name}: hook {shlex.join(hook.argv)}"
    return perform(_job(release, hook.argv, seconds, tuple(persist.mounts(release))), what)


def compile_sources(release: Release) -> None:
    """Byte-compile the release's own code, as the tenant, if there is enough of it to matter.

    Files that do not compile are left as they are: many a source holds templates that only look like Python.
    """
    with tree.opened(tree.open_folder(release.folder, release.uid)) as fd:
        sizes = tree.listing(fd, depth=10, limit=20_000)
    if sum(size for path, size in sizes.items() if path.endswith(".py")) < WORTH_COMPILING:
        return
    perform(_job(release, ("/bin/sh", "-c", _COMPILE), SECONDS, ()), f"app {release.app.name}: byte-compiling")


def _job(release: Release, argv: tuple[str, ...], seconds: float, binds: tuple[tuple[str, str], ...]) -> Job:
    account = pwd.getpwuid(release.uid)
    return Job(
        name=release.app.name,
        argv=argv,
        account=account,
        folder=release.folder,
        path=f"{release.venv}/bin",
        environment_file=release.environment_file,
        writable=(release.home, account.pw_dir),
        binds=binds,
        seconds=seconds,
    )
