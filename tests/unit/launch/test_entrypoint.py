# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a launcher finds the application, and what it says where it does not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import entrypoint

MODULE = """\
def application(*_): return "called"
def make(): return application
class Box: inner = staticmethod(application)
box = Box()
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    (tmp_path / "hostel_site").mkdir()
    (tmp_path / "hostel_site" / "wsgi.py").write_text(MODULE)
    (tmp_path / "hostel_top.py").write_text(MODULE)
    (tmp_path / "hostel-start.up.wsgi").write_text("from hostel_site.wsgi import application as app\n")
    (tmp_path / "hostel_bad.py").write_text("import json\n\njson.loads('{')\n")
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    "named",
    [
        "hostel_site.wsgi:application",
        "hostel_site.wsgi:make()",
        "hostel_site.wsgi:box.inner",
        "hostel_site/wsgi.py:application",
        "hostel_site/wsgi.py:make()",
        "hostel_top.py:make()",
        "hostel-start.up.wsgi:app",
    ],
)
@pytest.mark.usefixtures("source")
def test_finds_what_is_named(named):
    assert entrypoint.load(named)() == "called"


@pytest.mark.parametrize("place", ["hostel_site/wsgi.py", "hostel_top.py", "hostel-start.up.wsgi"])
def test_paths_are_relative_to_another_folder_than_the_working_directory(source, monkeypatch, tmp_path_factory, place):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    (source / "hostel-start.up.wsgi").write_text("from hostel_site.wsgi import application\n")
    assert entrypoint.load(f"{place}:application", str(source))() == "called"


@pytest.mark.usefixtures("source")
def test_a_startup_file_at_the_top_is_the_module_that_others_import():
    found = entrypoint.load("hostel_top.py:application")
    assert sys.modules["hostel_top"].application is found


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("hostel_top:nothing", "hostel_top has no 'nothing'"),
        ("hostel_top:box", "is a Box, not an app that can be called"),
        ("hostel_top:box.outer", "hostel_top has no 'outer'"),
    ],
)
@pytest.mark.usefixtures("source")
def test_says_what_is_there_instead(named, says):
    with pytest.raises(entrypoint.StartError, match=says):
        entrypoint.load(named)


@pytest.mark.parametrize("named", ["hostel_bad:app", "hostel_bad.py:app"])
@pytest.mark.usefixtures("source")
def test_reports_from_the_applications_own_first_line_on(named, capsys):
    with pytest.raises(ValueError, match="Expecting") as raised:
        entrypoint.load(named)
    entrypoint.report(raised.type, raised.value, raised.tb)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Traceback")
    assert "hostel_bad.py" in lines[1]
    assert lines[-1].startswith("json.decoder.JSONDecodeError")
