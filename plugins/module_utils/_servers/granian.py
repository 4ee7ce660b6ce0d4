# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ASGI and WSGI: a Granian of its own for each app, on a socket that systemd holds."""

from __future__ import annotations

from .launched import LaunchedServer


class Granian(LaunchedServer):
    """Requirements, route and resources: see Server in model.py."""

    name = "granian"
    # The oldest that it was tried with; 2.5 sends as fast as memory allows.
    requirements = ("granian>=2.8",)


GRANIAN = Granian()
