# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account without rights, under which whatever comes from outside is compiled, unpacked and tried."""

from __future__ import annotations

import pwd
import subprocess
from typing import IO

from .._errors import NodeError
from .run import PATH, run

NAME = "hostel-build"


def account() -> pwd.struct_passwd:
    """Return the account; it is made when it is needed for the first time."""
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        line = f'u {NAME} - "Hostel builds" /nonexistent /usr/sbin/nologin\n'
        run(["systemd-sysusers", "-"], what=f"making the account {NAME}", stdin=line.encode())
        return pwd.getpwnam(NAME)


def tar_of(folder: str, user: pwd.struct_passwd) -> subprocess.Popen[bytes]:
    """Start reading a folder of that account's as a tar stream. Root does not go into the folder itself."""
    return subprocess.Popen(
        ["tar", "-C", folder, "-cf", "-", "."],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={"PATH": PATH, "LC_ALL": "C.UTF-8"},
        cwd="/",
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
        start_new_session=True,
    )


def output(process: subprocess.Popen[bytes], what: str) -> IO[bytes]:
    """Return the stream of ``tar_of``."""
    if process.stdout is None:
        raise NodeError(f"{what}: tar has no output")
    return process.stdout
