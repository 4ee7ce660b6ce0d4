# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers that can run an app, and how each of them calls it."""

from __future__ import annotations

# A server of _servers/registry.py is allowed in the inventory once it stands here.
SERVERS: dict[str, tuple[str, ...]] = {
    "passenger": ("wsgi",),
    "uvicorn": ("asgi",),
}
NAMES = ("auto", *SERVERS)
INTERFACES = ("wsgi", "asgi")
