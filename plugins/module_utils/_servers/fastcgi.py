# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WSGI by FastCGI: nginx's fastcgi_pass, and uWSGI as the adapter, whose processes come and go with demand.

Of the adapters for Python uWSGI is the one that is kept up: flup and its forks had their last release years ago,
flipflop has none for today's Pythons, and mod_fcgid would have one Apache start everybody's processes. uWSGI's own
parent process ("cheaper") is what mod_fcgid's process manager is: one process at first, one more while all are busy, up
to ``workers``, and one less after a while when they are not.
"""

from __future__ import annotations

from .._spec.release import Release
from .uwsgi import Uwsgi

# The most processes where the app does not say.
WORKERS = 4
LEAST = 1


class FastCgi(Uwsgi):
    """Requirements, route and resources: see Server in model.py."""

    name = "fastcgi"
    protocol = "fastcgi"

    def options(self, release: Release) -> dict[str, str | float | None]:
        return {**super().options(release), "workers": release.app.workers or WORKERS, "least": LEAST}


FASTCGI = FastCgi()
