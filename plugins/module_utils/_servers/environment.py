# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment of everything that runs for a release, whatever its server. Pure."""

from __future__ import annotations

from .._spec.release import Release
from .._spec.resources import File
from .._syntax import environment


def environment_file(release: Release) -> File:
    """The environment of everything that runs for this release: server, hooks, byte-compiler.

    The operator's own values come last, so they win.
    """
    app = release.app
    pairs = {
        "HOME": f"/home/{app.tenant}",
        "LANG": "C.UTF-8",
        "LOGNAME": app.tenant,
        "PATH": f"{release.venv}/bin:/usr/local/bin:/usr/bin:/bin",
        "PYTHONUNBUFFERED": "1",
        "USER": app.tenant,
        "VIRTUAL_ENV": release.venv,
    }
    pairs.update(app.env)
    return File(
        release.environment_file,
        environment.render(sorted(pairs.items())),
        mode=0o640,
        group=app.tenant,
        secret=True,
    )
