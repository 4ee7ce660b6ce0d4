# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of Passenger's error pages are taken away."""

from __future__ import annotations

import os

from ansible_collections.hostel.python.plugins.module_utils._supervise import passenger_errors

NOW = 1_700_000_000.0


def test_old_pages_go_and_nothing_else(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(passenger_errors, "PAGES", f"{tmp_path}/passenger-error-*.html")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("a tenant's link leads here")
    for name, age in (("passenger-error-old.html", 61), ("passenger-error-new.html", 59), ("other.html", 61)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (NOW - age, NOW - age))
    (tmp_path / "passenger-error-link.html").symlink_to(elsewhere)
    os.utime(tmp_path / "passenger-error-link.html", (NOW - 61, NOW - 61), follow_symlinks=False)
    (tmp_path / "passenger-error-folder.html").mkdir()
    os.utime(tmp_path / "passenger-error-folder.html", (NOW - 61, NOW - 61))
    passenger_errors.clear(NOW)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["elsewhere", "other.html", "passenger-error-folder.html", "passenger-error-new.html"]
    assert elsewhere.read_text() == "a tenant's link leads here"
    assert capsys.readouterr().err == ""
