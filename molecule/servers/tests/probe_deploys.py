# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All columns are deployed at once, under load: a good release, then a bad one, then the first one again."""

from __future__ import annotations

import functools
import shutil
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from matrix import COLUMNS, DEPLOYED, SCENARIO, probe
from reasons import NO_LIFESPAN
from rig.exchange import Answer
from rig.load import Load, Record
from rig.plays import Play, play
from site_under_test import NODES, Site, until

DEPLOYS = "Deploys"
GOOD = 'import time; time.sleep(1.5); VERSION = "2"'
BAD = 'raise LookupError("a bad release")'
# Between two requests of one thread, so that the machine has time for what is measured.
PAUSE = 0.2
THREADS = 2


@dataclass(frozen=True)
class Deploys:
    """A good release, and a bad one: what was answered meanwhile, and what the operator was told."""

    good: dict[tuple[str, str], Record]
    bad: dict[tuple[str, str], Record]
    good_run: Play[str]
    bad_run: Play[str]


def _loaded(folder: Path) -> tuple[dict[tuple[str, str], Record], Play[str]]:
    sites = [Site(node, column.name, column.interface, column.mode) for node in NODES for column in COLUMNS]
    places = {(site.node, site.column): functools.partial(_visit, site) for site in sites}
    with Load(places, threads=THREADS, pause=PAUSE, around=2) as load:
        run = play(SCENARIO, hostel_source_root=str(folder))
    return load.records, run


def _visit(site: Site, method: str, body: bytes | None) -> Answer:
    return site.ask("tell", method=method, body=body)


_once = threading.Lock()


@functools.cache
def _deploys() -> Deploys:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "apps"
        shutil.copytree(SCENARIO / "apps", folder)
        source = folder / "probe" / "process.py"
        first = source.read_text()
        source.write_text(first.replace('VERSION = "1"', GOOD))
        good, good_run = _loaded(folder)
        source.write_text(first.replace('VERSION = "1"', BAD))
        bad, bad_run = _loaded(folder)
    restored = play(SCENARIO, hostel_source_root=str(SCENARIO / "apps"))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    return Deploys(good, bad, good_run, bad_run)


def deploys() -> Deploys:
    """Once for all sites, whichever asks first."""
    with _once:
        return _deploys()


@probe("a deploy without a failed request", DEPLOYS, phase=DEPLOYED)
def good(site: Site) -> None:
    run, record = deploys().good_run, deploys().good[site.node, site.column]
    assert record.failures == [], record.failures[:5]
    assert set(record.versions) == {"1", "2"}, run.stdout + run.stderr
    assert record.versions[-THREADS:] == ["2"] * THREADS


@probe("a bad release stays out, its traceback is shown, and no request fails", DEPLOYS, phase=DEPLOYED)
def bad(site: Site) -> None:
    run, record = deploys().bad_run, deploys().bad[site.node, site.column]
    said = run.stdout + run.stderr
    assert run.returncode != 0
    assert record.failures == [], record.failures[:5]
    assert set(record.versions) == {"2"}, said
    told = said.split(f"app {site.column}: ")
    assert len(told) > 1, said
    assert "LookupError: a bad release" in told[1].split("\n  app ")[0], told[1][:3000]
    assert site.ask("tell").told["version"] == "1"


@probe(
    "lifespan of the release before: stopped, once its requests are answered",
    DEPLOYS,
    phase=DEPLOYED,
    absent=NO_LIFESPAN,
)
def lifespan_of_before(site: Site) -> None:
    assert deploys().good

    def stopped() -> bool:
        lines = [line.split() for line in site.read_mark("lifespan")]
        first = {pid for word, pid, version in lines if (word, version) == ("startup", "2")}
        return bool(first) and first <= {pid for word, pid, _version in lines if word == "shutdown"}

    until(stopped)
