# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A good release goes live unnoticed, a bad one never does, and requests go on meanwhile. Both servers, both nodes."""

from __future__ import annotations

import shutil
from pathlib import Path

from cluster import KINDS, NODES, ask, changed, load, on_all, play, settled, sources

APACHE = "systemctl show apache2 -p MainPID -p ExecMainStartTimestamp"


def rewrite(folder: Path, old: str, new: str) -> None:
    for kind in KINDS:
        source = folder / kind / "probe.py"
        text = source.read_text()
        assert old in text
        source.write_text(text.replace(old, new))


def test_deploys_under_load(tmp_path: Path) -> None:
    apache = on_all(APACHE)
    with sources(tmp_path) as folder:
        rewrite(folder, 'VERSION = "1"', 'import time; time.sleep(1.5); VERSION = "2"')
        with load() as visits:
            assert changed(play(hostel_source_root=str(folder))) == set(NODES)
        assert visits.failures == []
        assert visits.seen == [{"1", "2"}] * 4
        assert visits.last == {"2"}

        rewrite(folder, 'VERSION = "2"', 'raise LookupError("a bad release")')
        with load() as visits:
            run = play(hostel_source_root=str(folder))
        assert run.returncode != 0
        for kind in KINDS:
            assert run.stdout.count(f"app probe-{kind}: ") + run.stderr.count(f"app probe-{kind}: ") >= 2
        assert "LookupError: a bad release" in run.stdout + run.stderr
        assert visits.failures == []
        assert visits.seen == [{"2"}] * 4
    settled()
    assert {ask(node, f"{kind}.test/").told["version"] for node in NODES for kind in KINDS} == {"1"}
    assert on_all(APACHE) == apache


def test_a_failing_health_check_keeps_the_release_out_and_data_survives_a_good_one(tmp_path: Path) -> None:
    for node in NODES:
        assert ask(node, "wsgi.test/write?file=uploads/mine.txt&text=mine").status == 200
    with sources(tmp_path) as folder:
        rewrite(folder, "200", "404")
        (folder / "wsgi" / "uploads" / "first.txt").write_text("a new seed\n")
        shutil.rmtree(folder / "wsgi" / "assets")
        (folder / "wsgi" / "assets").mkdir()
        run = play(hostel_source_root=str(folder))
        assert run.returncode != 0
        for kind in KINDS:
            wanted = f"app probe-{kind}: health: '{kind}.test/' answered 404, wanted is 200 to 399"
            assert wanted in run.stdout + run.stderr
        assert {ask(node, f"{kind}.test/").status for node in NODES for kind in KINDS} == {200}
        assert {ask(node, "wsgi.test/assets/mark.txt").status for node in NODES} == {200}

        rewrite(folder, "404", "200")
        assert changed(play(hostel_source_root=str(folder))) == set(NODES)
        for node in NODES:
            assert ask(node, "wsgi.test/assets/mark.txt").status == 404
            assert ask(node, "wsgi.test/read?file=uploads/mine.txt").told["text"] == "mine"
            assert ask(node, "wsgi.test/uploads/first.txt").body == b"seeded\n"
