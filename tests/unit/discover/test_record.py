# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found is in a release's record, so that no later run has to look again."""

from __future__ import annotations

import json
from dataclasses import replace

from ansible_collections.hostel.python.plugins.module_utils._spec.app import App
from ansible_collections.hostel.python.plugins.module_utils._spec.release import Release
from ansible_collections.hostel.python.plugins.module_utils._spec.source import Source
from ansible_collections.hostel.python.plugins.module_utils._want import from_record, record_file

DIGEST = f"sha256:{'0' * 64}"
APP = App(name="blog", tenant="alice", urls=(), python="3.13", source=Source("local", "blog", digest=DIGEST))
RELEASE = Release(
    app=replace(APP, workers=3, threads=2),
    id="0123456789ab",
    uid=20001,
    gid=20001,
    server="command",
    interface="http",
    entrypoint="",
    venv="/var/lib/hostel/venvs/x",
    python="3.13",
    command=("streamlit", "run", "app.py", "--server.port=$PORT"),
)


def test_command_and_authors_wishes_come_back_from_the_record() -> None:
    record = json.loads(record_file(RELEASE, {"name": "blog"}, "found").content)
    assert from_record(APP, record) == RELEASE


def test_records_of_before_had_neither() -> None:
    record = json.loads(record_file(RELEASE, {"name": "blog"}, "found").content)
    for key in ("command", "workers", "threads"):
        del record[key]
    assert from_record(APP, record) == replace(RELEASE, app=APP, command=())
