# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found is in a release's record, so that no later run has to look again."""

from __future__ import annotations

import json
from dataclasses import replace

from ansible_collections.hostel.python.plugins.module_utils._plan.record import from_record, record_file
from ansible_collections.hostel.python.plugins.module_utils._spec.source import Source
from ansible_collections.hostel.python.tests.unit.releases import BLOG, altered

DIGEST = f"sha256:{'0' * 64}"
APP = replace(BLOG.app, source=Source("local", "blog", digest=DIGEST))
RELEASE = altered(
    BLOG,
    app={"source": APP.source, "workers": 3, "threads": 2},
    server="command",
    interface="http",
    entrypoint="",
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
