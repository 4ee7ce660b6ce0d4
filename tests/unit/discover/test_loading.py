# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What discovery writes as an entry point, the programs on the node can load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.hostel.python.plugins.module_utils._discover.discover import discover
from ansible_collections.hostel.python.plugins.module_utils._launch import entrypoint
from ansible_collections.hostel.python.plugins.module_utils._spec.app import App
from ansible_collections.hostel.python.plugins.module_utils._spec.source import Source

APP = App(name="blog", tenant="alice", urls=(), python="3.13", source=Source("local", "blog"))
CALLABLE = "def application(environ, start_response):\n    return [__name__.encode()]\n"

SOURCES = {
    "package": ({"shop/__init__.py": "from . import db\n" + CALLABLE, "shop/db.py": ""}, "shop"),
    "folder": ({"shop/app.py": "from shop.db import x\n" + CALLABLE, "shop/db.py": "x = 1\n"}, "shop.app"),
    "folder of its own": ({"backend/app.py": "import db\n" + CALLABLE, "backend/db.py": ""}, "app"),
    "src": (
        {
            "src/shop/__init__.py": "",
            "src/shop/wsgi.py": "from shop.db import x\nfrom . import db\n" + CALLABLE,
            "src/shop/db.py": "x = 1\n",
        },
        "shop.wsgi",
    ),
    "src, package itself": ({"src/shop/__init__.py": "import shop\n" + CALLABLE}, "shop"),
    "src without package": ({"src/main.py": "import db\n" + CALLABLE, "src/db.py": ""}, "main"),
    "no module name": ({"my-app.py": CALLABLE}, "my_app"),
}

PROGRAM = """\
import os, sys
sys.path[0] = os.getcwd()
sys.path.insert(1, {folder!r})
import {loader}
del sys.path[1]
print({loader}.load({entrypoint!r})({{}}, None)[0].decode())
"""


class Folder:
    """The files of a folder, as discovery wants them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths = tuple(str(path.relative_to(folder)) for path in sorted(folder.rglob("*.py")))

    def text(self, path: str) -> str | None:
        return (self.folder / path).read_text() if path in self.paths else None


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_found_can_be_loaded(tmp_path: Path, source: str) -> None:
    files, module = SOURCES[source]
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    found = discover(APP, Folder(tmp_path)).entrypoint
    here = Path(entrypoint.__file__)
    code = PROGRAM.format(folder=str(here.parent), loader=here.stem, entrypoint=found)
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.returncode) == (module, 0), ran.stderr
