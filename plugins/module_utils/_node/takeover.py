# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New files for a running server: checked first, renamed into place, taken by one reload; or put back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .._errors import NodeError
from .._spec.resources import File
from . import files


def pending(marker: str) -> bool:
    """Whether an earlier run was interrupted between its changes and the server's taking them."""
    return files.read(marker) is not None


def install(
    marker: str,
    check: Callable[[], None],
    changed: Sequence[File],
    removed: Sequence[str],
    reload: Callable[[], None],
) -> bool:
    """Check, write and remove in the order given, reload. Returns whether the server had to take anything.

    marker: a path of root's that lies there from the first change until the reload is over, so that the next run
    finishes what this one was killed in. ``check`` raises if the server would refuse; then nothing was touched. If
    ``reload`` raises, the files are again what they were.
    """
    if not changed and not removed and not pending(marker):
        return False
    check()
    before = files.read_all([*(file.path for file in changed), *removed])
    files.write(File(marker, b""))
    for file in changed:
        # Waiting for the disk a thousand times takes ten seconds. What a power failure takes, the next run puts back.
        files.write(file, durable=False)
    for path in removed:
        files.remove(path)
    try:
        reload()
    except NodeError:
        # What no checker sees, as a port that somebody else listens to.
        for file in changed:
            if file.path not in before:
                files.remove(file.path)
        for resource in before.values():
            files.write(resource)
        files.remove(marker)
        raise
    files.remove(marker)
    return True
