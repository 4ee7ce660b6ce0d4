# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Datasette: a query over the JSON API, and the public address in its links."""

from __future__ import annotations

import json

from browser import Browser


def check(browser: Browser) -> list[str]:
    """Returns what was proved, a line each; raises CheckError."""
    answer = browser.get("/releases/releases.json?_shape=array&codename__in=bookworm,trixie&_sort=released")
    answer.need(answer.status == 200, "the JSON API")
    answer.need([row["python"] for row in json.loads(answer.text)] == ["3.11", "3.13"], "two rows of the database")
    sql = "select+count(*)+as+n+from+releases+where+python+like+:p"
    query = browser.get(f"/releases.json?sql={sql}&p=2%25&_shape=array")
    query.need(query.status == 200 and json.loads(query.text) == [{"n": 4}], "the answer of a query with a parameter")
    page = browser.get("/releases/releases")
    page.need(f'href="{browser.origin}/releases/releases.json"' in page.text, f"links to {browser.origin}")
    return ["the JSON API answered two queries", f"its links name {browser.origin}"]
