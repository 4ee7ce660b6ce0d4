# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hook: make releases.db of releases.csv, afresh each time."""

import csv
import sqlite3
from pathlib import Path

Path("releases.db").unlink(missing_ok=True)
database = sqlite3.connect("releases.db")
with open("releases.csv", encoding="utf-8", newline="") as table, database:
    database.execute(
        "CREATE TABLE releases (codename TEXT PRIMARY KEY, debian TEXT, released TEXT, python TEXT) WITHOUT ROWID"
    )
    database.executemany("INSERT INTO releases VALUES (:codename, :debian, :released, :python)", csv.DictReader(table))
database.close()
