# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a benchmark is judged by: ratios and counts, and how far each may go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Bar:
    """what: in words; value: the measured ratio or count; limit: "<= 3" or ">= 300"."""

    what: str
    value: float
    limit: str
    met: bool


def at_most(what: str, value: float, limit: float) -> Bar:
    return Bar(what, value, f"<= {limit:g}", value <= limit)


def at_least(what: str, value: float, limit: float) -> Bar:
    return Bar(what, value, f">= {limit:g}", value >= limit)


def lines(judged: list[Bar]) -> list[str]:
    """The bars for people."""
    return [f"{'ok' if bar.met else 'MISSED':8}{bar.what:60}{bar.value:>9.2f}   bar: {bar.limit}" for bar in judged]


def report(path: Path, results: Mapping[str, object], judged: list[Bar]) -> int:
    """Write both as JSON; 0 if all bars are met, else 1."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = {"results": results, "bars": [asdict(bar) for bar in judged]}
    path.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    return 0 if all(bar.met for bar in judged) else 1
