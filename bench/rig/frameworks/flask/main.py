# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flask's first page."""

from flask import Flask

wsgi = Flask(__name__)


@wsgi.get("/")
def here():
    return "here"
