# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of requirements that leave no room for what a server needs."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._node.venv_resolve import misfit
from ansible_collections.hostel.python.plugins.module_utils._syntax.requirements import Pin


@pytest.mark.parametrize(
    ("pins", "words"),
    [
        (
            [Pin("uvicorn==0.13.4"), Pin("h11==0.9 ; python_version > '3'")],
            "needs uvicorn>=0.15, websockets, which its requirements do not allow: by themselves they come to uvicorn==0",
        ),
        ([Pin("h11==0.9")], "they can be met without it;"),
        ([Pin("WebSockets==8.0 ; python_version > '3'")], "come to WebSockets==8.0;"),
    ],
)
def test_the_versions_are_named(pins: list[Pin], words: str) -> None:
    (line,) = misfit("app blog", ("uvicorn>=0.15", "websockets"), pins)
    assert line.startswith("app blog: server: needs ")
    assert words in line
