# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every cell of the table, and the table itself. ``HOSTEL_LONG=1``: the cells that take long, instead of the others."""

from __future__ import annotations

import datetime
import importlib
import json
import os

import pytest
import table
from matrix import COLUMNS, LONG, PROBES
from runner import Cell, Results, run
from site_under_test import NODES

# Their order is the table's.
for module in ("http", "mounts", "streams", "websockets", "frames", "processes", "deploys"):
    importlib.import_module(f"probe_{module}")

IS_LONG = bool(os.environ.get("HOSTEL_LONG"))
CELLS = [
    Cell(node, column, probe)
    for probe in PROBES
    for column in COLUMNS
    for node in NODES
    if probe.why_absent(column) is None and (probe.phase == LONG) == IS_LONG
]


def _name(cell: Cell) -> str:
    return f"{cell.column.name}-{cell.node}-{cell.probe.title}"


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest) -> Results:
    """All cells that were selected, checked at once."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    return run(item.callspec.params["cell"] for item in items if item.originalname == "test_cell")


@pytest.mark.parametrize("cell", CELLS, ids=_name)
def test_cell(cell: Cell, results: Results) -> None:
    wrong, defect = results[cell], cell.probe.why_defective(cell.column)
    if defect is None and wrong is not None:
        pytest.fail(wrong, pytrace=False)
    assert (wrong is None) == (defect is None), "a defect that is none any more is to be taken from the probe"


def test_the_table_in_the_docs_is_what_was_found(results: Results) -> None:
    """It is written anew; where that alters it, the page in the checkout was not true."""
    assert set(results) == set(CELLS), "the table is for a run of all the cells"
    if IS_LONG:
        today = datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()
        kept = {"date": today, "found": table.found(results)}
        table.LONG_RESULTS.write_text(json.dumps(kept, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
        return
    before = table.PAGE.read_text() if table.PAGE.exists() else ""
    page = table.render(table.found(results))
    table.PAGE.write_text(page)
    assert table.empty(page) == []
    assert page == before, f"{table.PAGE} was not what this run found; look at it and commit it"
