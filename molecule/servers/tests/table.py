# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured → docs/servers-table.md, byte for byte the same whenever the same was measured."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matrix import COLUMNS, LONG, PROBES, SCENARIO, Column, Probe
from runner import Results

PAGE = SCENARIO.parents[1] / "docs" / "servers-table.md"
# What the last "make test-long" found, kept beside the scenario, for the table needs it in every run.
LONG_RESULTS = SCENARIO / "long.json"

HEAD = """<!--
Copyright: (c) 2026, Hostel contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
Written by the Molecule scenario "servers". Edit the probes, not this page.
-->
# Every server, and what it was seen to do

The same application behind every server, asked through the node's public port, on Debian 12 and 13. `yes`: on both. How
to choose a server is in the [user's guide](guide.md).

"""

# By probe's title and column's name: whether it went well on every node.
Found = Mapping[str, Mapping[str, bool]]


def found(results: Results) -> dict[str, dict[str, bool]]:
    """The results of a run as the table needs them."""
    table: dict[str, dict[str, bool]] = {}
    for cell, wrong in results.items():
        row = table.setdefault(cell.probe.title, {})
        row[cell.column.name] = row.get(cell.column.name, True) and wrong is None
    return table


def long_results() -> dict[str, Any]:
    """``date`` and ``found`` of the last long run."""
    return dict(json.loads(LONG_RESULTS.read_text()))


def render(now: Found) -> str:
    """The page, from this run and the last long one."""
    long = long_results()
    notes: list[str] = []
    lines = []
    for section in dict.fromkeys(probe.section for probe in PROBES):
        lines += ["", f"## {section}", "", *_row(["", *(column.name for column in COLUMNS)])]
        lines += _row(["---"] * (len(COLUMNS) + 1))
        for probe in PROBES:
            if probe.section == section:
                is_long = probe.phase == LONG
                row = (long["found"] if is_long else now).get(probe.title, {})
                title = f"{probe.title} (`make test-long`, {long['date']})" if is_long else probe.title
                lines += _row([title, *(_cell(probe, column, row, notes) for column in COLUMNS)])
    numbered = [f"{number}. {note}" for number, note in enumerate(notes, 1)]
    return HEAD + "\n".join([*lines[1:], "", "## Why not", "", *numbered, ""])


def _row(cells: Iterable[str]) -> list[str]:
    return [f"| {' | '.join(cells)} |"]


def _cell(probe: Probe, column: Column, row: Mapping[str, bool], notes: list[str]) -> str:
    absent, defect = probe.why_absent(column), probe.why_defective(column)
    if absent is not None:
        return f"not in this protocol ({_note(absent, notes)})"
    if defect is not None:
        return f"no ({_note(defect, notes)})"
    if column.name not in row:
        return ""
    return "yes" if row[column.name] else "FAILS"


def _note(reason: str, notes: list[str]) -> int:
    if reason not in notes:
        notes.append(reason)
    return notes.index(reason) + 1


def empty(page: str) -> Sequence[str]:
    """Rows that have a cell with nothing in it."""
    return [line for line in page.splitlines() if line.startswith("| ") and "|  |" in line[3:]]
