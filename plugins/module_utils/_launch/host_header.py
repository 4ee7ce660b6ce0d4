# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host and the port by which the client knows the application."""

from __future__ import annotations


def split_host(host: str, secure: bool) -> tuple[str, str]:
    """Name and port of a Host header ("[::1]:8080" too); without a port the scheme's own."""
    name, colon, port = host.rpartition(":")
    if colon and port.isdigit():
        return name, port
    return host, "443" if secure else "80"
