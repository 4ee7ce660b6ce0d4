# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed at any moment: what was live answers all the time, and the next run finishes the work."""

from __future__ import annotations

import random
from pathlib import Path

from cluster import KINDS, NODES, changed, load, on_all, play, playing, settled, sources

# From the first trace of a deploy on; a deploy takes a few seconds.
MOMENTS = (0.0, 1.5, 3.0)

# Ansible pipes its modules into an interpreter without arguments; nothing else on a node looks like that.
KILL = """
for _ in $(seq 3000); do
    ls /srv/hostel/*/probe-*/releases/.unfinished-* >/dev/null 2>&1 && break
    sleep 0.02
done
sleep %s
pkill --signal KILL --exact --full /usr/bin/python3
true
"""

# Units, processes, staged releases, unfinished code and files: whatever belongs to no live release.
LEFT = r"""
live=$(basename -a $(readlink /srv/hostel/*/probe-*/current) | paste -sd'|')
{
    find /etc/systemd/system -name 'hostel-*@*'
    systemctl list-units --no-legend --plain --state=active,activating,deactivating,failed 'hostel-*@*' 'hostel-job.*'
    find /srv/hostel/staging -mindepth 1
} | grep -v -E "$live"
find /srv/hostel /var/lib/hostel /etc/nginx/hostel -name '.unfinished*' -o -name '.hostel-tmp*' -o -name '.source*'
find /var/lib/hostel/venv-work /var/lib/hostel/nginx.pending -mindepth 1 2>/dev/null
true
"""


def test_killed_runs(tmp_path: Path) -> None:
    with sources(tmp_path) as folder:
        for number, moment in enumerate(MOMENTS, start=2):
            for kind in KINDS:
                source = folder / kind / "probe.py"
                source.write_text(source.read_text().replace(f'VERSION = "{number - 1}"', f'VERSION = "{number}"'))
            pause = moment + random.uniform(0, 1.5)  # noqa: S311 - any moment will do
            with load(threads=1) as visits:
                with playing(hostel_source_root=str(folder)) as run:
                    on_all(KILL % f"{pause:.2f}")
                assert visits.failures == [], f"killed {pause:.2f} s after its beginning"
                assert run.returncode is not None
                again = play(hostel_source_root=str(folder))
                assert again.returncode == 0, again.stdout
            assert visits.failures == [], f"run after one killed {pause:.2f} s after its beginning"
            assert visits.last == {str(number)}
            assert on_all(LEFT) == dict.fromkeys(NODES, ""), f"killed {pause:.2f} s after its beginning"
        settled(hostel_source_root=str(folder))
        assert changed(play("--check", hostel_source_root=str(folder))) == set()
