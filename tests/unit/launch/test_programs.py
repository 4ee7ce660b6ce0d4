# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs as they lie on a node: beside each other, and they find each other."""

from __future__ import annotations

import subprocess
import sys

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import serve
from ansible_collections.hostel.python.plugins.module_utils._servers import programs
from ansible_collections.hostel.python.plugins.module_utils._spec.layout import PROGRAMS


def run(lib, folder, *words):
    # -I would drop the program's own folder from sys.path, as no app's Python does.
    asked = [sys.executable, str(lib / "serve.py"), *words]
    return subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)


def test_the_app_is_found_in_the_working_directory_alone(lib, tmp_path):
    (tmp_path / "serve.py").write_text("def app(): return 'mine'\n")
    done = run(lib, tmp_path, "echo", "--entrypoint=serve:app", "--workers=2")
    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout == f"[('entrypoint', 'serve:app'), ('workers', '2')] mine {tmp_path}\n"


def test_what_an_app_raises_is_told_without_our_own_part(lib, tmp_path):
    (tmp_path / "bad.py").write_text("import json\njson.loads('{')\n")
    done = run(lib, tmp_path, "echo", "--entrypoint=bad:app")
    assert done.returncode == 1
    assert done.stderr.splitlines()[1].startswith(f'  File "{tmp_path}/bad.py", line 2')


@pytest.mark.parametrize("launcher", programs.LAUNCHERS)
def test_a_launcher_finds_all_that_it_imports(tmp_path, launcher):
    for file in programs.serving(launcher):
        path = tmp_path / file.path[len(PROGRAMS) + 1 :]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    # mod_wsgi's script calls its own; the others are serve.py's.
    called = "application" if launcher == "apache" else "serve"
    code = f"import {serve.PACKAGE}.{launcher} as launcher; assert callable(launcher.{called})"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_an_option_without_a_value_is_left_out():
    options = {"entrypoint": "a:b", "workers": None, "threads": 2, "start_timeout": 30.0}
    assert programs.command("/v/bin/python", "gunicorn", **options) == (
        "/v/bin/python",
        "/opt/hostel/lib/serve.py",
        "gunicorn",
        "--entrypoint=a:b",
        "--threads=2",
        "--start-timeout=30",
    )
