# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one family of errors that a module of this collection reports to its user."""

from __future__ import annotations


class HostelError(Exception):
    """Something the operator can act on.

    Every line is complete: it names the tenant or app, the key, the value, what is allowed and what to do.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = list(lines)


class SpecError(HostelError):
    """What was asked for is wrong in itself; nothing was touched."""


class NodeError(HostelError):
    """The node refused: a command failed, a path is not what it should be. ``lines`` ends with the tool's own words."""


class MissingAccount(NodeError):
    """An account that a module needs is not there. An earlier task makes it, unless this is check mode."""
