# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What went wrong with one app, in words for the operator: named, and without the values of its environment."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .._spec.app import App

# Shorter ones ("1", "true", "prod") are in many a line by chance, and are no secrets.
SHORTEST = 6


def complaint(app: App, lines: Sequence[str]) -> list[str]:
    """An error's lines, of which the first names the app; the tool's own words stay below it.

    A hook's output or a traceback may hold what the environment does, and these lines end in logs: the name of the
    variable stands for it there ($DATABASE_URL).
    """
    names = {word: name for name, value in app.env for word in value.splitlines() if len(word) >= SHORTEST}
    if names:
        # The longest first: one value may be a part of another.
        values = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
        lines = [values.sub(lambda found: f"${names[found[0]]}", line) for line in lines]
    first = lines[0] if lines[0].startswith(f"app {app.name}:") else f"app {app.name}: {lines[0]}"
    return [first, *(f"    {line}" for line in lines[1:])]
