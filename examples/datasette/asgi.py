# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Startup file: Datasette over the database that build_database.py made."""

from datasette.app import Datasette

application = Datasette(["releases.db"]).app()
