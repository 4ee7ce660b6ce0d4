# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passenger writes a page of 230 KB, with the app's environment in it, for every process that does not start, and takes
none of them away: an app that fails at each request would fill the disk, outside of its tenant's limits."""

from __future__ import annotations

import glob
import os
import stat
import sys

# Apache's own /tmp (PrivateTmp=). A tenant's processes see it too, and may make such names of their own there.
PAGES = "/tmp/systemd-private-*-apache2.service-*/tmp/passenger-error-*.html"  # noqa: S108 - Passenger's choice
# Seconds; an operator may want to read the last ones.
KEPT = 60.0


def clear(now: float) -> None:
    """Take away those that were written more than KEPT seconds before ``now`` (of the epoch)."""
    for page in glob.glob(PAGES):
        try:
            found = os.lstat(page)
            # A folder of that name is none of Passenger's.
            if found.st_mtime < now - KEPT and not stat.S_ISDIR(found.st_mode):
                os.unlink(page)
        except OSError as error:
            sys.stderr.write(f"hostel: an error page of Passenger's is left: {error}\n")
