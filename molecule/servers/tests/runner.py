# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the cells of the matrix: columns side by side, the probes of a column one after the other."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from matrix import BESIDE, LONG, PHASES, SILENT, Column, Probe
from site_under_test import Site

# Sites that are probed at the same time; most of a probe is waiting.
WORKERS = 12


@dataclass(frozen=True)
class Cell:
    """One probe of one column on one node."""

    node: str
    column: Column
    probe: Probe

    def check(self) -> str | None:
        """None if all is well, else what is not."""
        try:
            self.probe.check(Site(self.node, self.column.name, self.column.interface, self.column.mode))
        except Exception:  # noqa: BLE001 - whatever a probe stumbles over is its result, and is shown
            return traceback.format_exc()
        return None


Results = dict[Cell, "str | None"]


def run(cells: Iterable[Cell]) -> Results:
    """Check the cells, phase by phase."""
    by_phase: dict[str, list[Cell]] = {}
    for cell in cells:
        by_phase.setdefault(cell.probe.phase, []).append(cell)
    results: Results = {}
    for phase in PHASES:
        silent = by_phase.get(SILENT, []) if phase == BESIDE else []
        found = _side_by_side(by_phase.get(phase, []), silent, by_node=phase == LONG)
        results.update(found)
    return results


def _side_by_side(cells: list[Cell], silent: list[Cell], by_node: bool) -> Results:
    """by_node: one cell at a time on each node, as what is measured there is the node's."""
    lines: dict[tuple[str, ...], list[Cell]] = {}
    for cell in cells:
        line = (cell.node,) if by_node else (cell.node, cell.column.name)
        lines.setdefault(line, []).append(cell)
    results: Results = {}

    def work(line: list[Cell]) -> None:
        for cell in line:
            results[cell] = cell.check()

    with ThreadPoolExecutor(max(1, len(silent))) as waiting, ThreadPoolExecutor(WORKERS) as pool:
        done = [waiting.submit(work, [cell]) for cell in silent]
        done += [pool.submit(work, line) for line in lines.values()]
        for one in done:
            one.result()
    return results
