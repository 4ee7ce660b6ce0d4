# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A good release goes live unnoticed, a bad one never does, and requests go on meanwhile."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from cluster import Load, ask, changed, play, sources
from testinfra.host import Host

APPS = [("wsgi", "alice"), ("asgi", "bob")]


@pytest.mark.parametrize(("kind", "tenant"), APPS)
def test_deploys_under_load(host: Host, node: str, tmp_path: Path, kind: str, tenant: str) -> None:
    apache = host.check_output("systemctl show apache2 -p MainPID -p ExecMainStartTimestamp; pgrep -c apache2")
    with sources(tmp_path) as folder:
        source = folder / kind / "probe.py"
        good = source.read_text().replace('VERSION = "1"', 'import time; time.sleep(1.5); VERSION = "2"')
        with Load(node, f"{kind}.test/") as load:
            source.write_text(good)
            run = play("-e", f"hostel_source_root={folder}", node=node)
            assert changed(run), run.stdout
        assert load.failures == []
        assert set(load.versions) == {"1", "2"}
        assert load.versions[-1] == "2"

        with Load(node, f"{kind}.test/") as load:
            source.write_text(good + "\nraise LookupError('a bad release')\n")
            run = play("-e", f"hostel_source_root={folder}", node=node)
            assert run.returncode != 0
            assert "LookupError: a bad release" in run.stdout + run.stderr
            assert f"app probe-{kind}" in run.stdout + run.stderr
        assert load.failures == []
        assert set(load.versions) == {"2"}
    assert changed(play(node=node))
    assert ask(node, f"{kind}.test/").told["version"] == "1"
    assert not changed(play(node=node))
    assert host.check_output("systemctl show apache2 -p MainPID -p ExecMainStartTimestamp; pgrep -c apache2") == apache


@pytest.mark.parametrize(("kind", "tenant"), APPS)
def test_a_failing_hook_or_health_check_keeps_the_release_out(node: str, tmp_path: Path, kind: str, tenant: str) -> None:
    with sources(tmp_path) as folder:
        source = folder / kind / "probe.py"
        source.write_text(source.read_text().replace("200", "404"))
        run = play("-e", f"hostel_source_root={folder}", node=node)
    assert run.returncode != 0
    assert re.search(rf"app probe-{kind}: health: .* answered 404, wanted is 200 to 399", run.stdout + run.stderr)
    assert ask(node, f"{kind}.test/").status == 200
    assert not changed(play(node=node))


def test_what_persists_survives_a_release(host: Host, node: str, tmp_path: Path) -> None:
    assert ask(node, "wsgi.test/write?file=uploads/mine.txt&text=mine").status == 200
    with sources(tmp_path) as folder:
        (folder / "wsgi" / "uploads" / "first.txt").write_text("a new seed\n")
        shutil.rmtree(folder / "wsgi" / "assets")
        (folder / "wsgi" / "assets").mkdir()
        assert changed(play("-e", f"hostel_source_root={folder}", node=node))
        assert ask(node, "wsgi.test/assets/mark.txt").status == 404
        assert ask(node, "wsgi.test/read?file=uploads/mine.txt").told["text"] == "mine"
        assert ask(node, "wsgi.test/uploads/first.txt").body == b"seeded\n"
    assert changed(play(node=node))
