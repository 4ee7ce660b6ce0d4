# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hard values through the quoting functions, read by the real nginx, Apache, systemd and shell of the node."""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
from pathlib import Path

from cluster import put
from testinfra.host import Host

SCENARIO = Path(__file__).parents[1]
sys.path[:0] = [str(SCENARIO / "quoting"), str(SCENARIO.parents[1] / ".cache" / "collections")]
import render  # noqa: E402


def packed(files: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as bundle:
        for path, content in files.items():
            member = tarfile.TarInfo(os.path.relpath(path, "/"))
            member.size = len(content)
            bundle.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def test_every_reader_gets_just_the_value(host: Host) -> None:
    put(host.backend.get_hostname(), "/run/quoting.tar", packed(render.files()))
    host.check_output("tar -x -C / -f /run/quoting.tar && rm /run/quoting.tar")
    answer = json.loads(host.check_output(f"python3 {render.ROOT}/examine.py"))
    host.check_output(f"rm -r {render.ROOT}")
    assert answer["values"] > 200
    assert answer["wrong"] == []
