# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix: its columns (the scenario's list), its rows (what the modules ``probe_*`` register), and its cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from site_under_test import Site

SCENARIO = Path(__file__).parents[1]
VARIABLES = yaml.safe_load((SCENARIO / "group_vars" / "hostel.yml").read_text())

# In which order probes run. BESIDE: those of different columns at the same time. SILENT: meanwhile. ROUGH: what costs
# processes their life. DEPLOYED: what the deploys under load have shown. LAST: what all the others have left behind.
BESIDE, SILENT, ROUGH, DEPLOYED, LAST, LONG = "beside", "silent", "rough", "deployed", "last", "long"
PHASES = (BESIDE, ROUGH, DEPLOYED, LAST, LONG)

Check = Callable[[Site], None]


@dataclass(frozen=True)
class Column:
    """One way to run the probe app, as the scenario lists it."""

    name: str
    server: str
    interface: str
    mode: str
    route: str

    @property
    def traits(self) -> tuple[str, ...]:
        """What reasons may be about, the closest first."""
        return (self.name, f"mode {self.mode}", f"route {self.route}", f"server {self.server}", self.interface)


@dataclass(frozen=True)
class Probe:
    """One row. absent: by trait, why its protocol has no such thing; defects: why a server itself fails it."""

    title: str
    section: str
    check: Check = field(repr=False)
    phase: str = BESIDE
    absent: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    defects: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def why_absent(self, column: Column) -> str | None:
        return _reason(self.absent, column)

    def why_defective(self, column: Column) -> str | None:
        return _reason(self.defects, column)


def _reason(reasons: Mapping[str, str], column: Column) -> str | None:
    return next((reasons[trait] for trait in column.traits if trait in reasons), None)


def _column(raw: Mapping[str, Any]) -> Column:
    known = {"wsgi_probe:application": "wsgi", "asgi_probe:app": "asgi"}
    interface = raw.get("interface") or known[raw["entrypoint"]]
    return Column(raw["name"], raw["server"], interface, raw.get("mode", ""), raw.get("route", ""))


COLUMNS = tuple(_column(raw) for raw in VARIABLES["columns"])
PROBES: list[Probe] = []


def probe(title: str, section: str, **more: Any) -> Callable[[Check], Check]:
    """Make a function that asserts something about a site a row of the table."""

    def register(check: Check) -> Check:
        PROBES.append(Probe(title, section, check, **more))
        return check

    return register
