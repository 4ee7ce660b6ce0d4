# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs as a node has them."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import serve
from ansible_collections.hostel.python.plugins.module_utils._servers import programs
from ansible_collections.hostel.python.plugins.module_utils._spec.layout import PROGRAMS

# Stands for a server, which the test's own Python has not.
ECHO = """\
import sys
from .entrypoint import load
def serve(options):
    print(sorted(options.items()), load(options["entrypoint"])(), sys.path[0])
    return 7
"""


@pytest.fixture
def lib(tmp_path):
    """The folder that they lie in, with every launcher and one named echo."""
    lib = tmp_path / "lib"
    for file in programs.serving(*programs.LAUNCHERS):
        path = lib / file.path[len(PROGRAMS) + 1 :]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    (lib / serve.PACKAGE / "echo.py").write_text(ECHO)
    return lib
