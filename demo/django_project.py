# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Django project below a path prefix: its admin, its redirects, its static files."""

from __future__ import annotations

import re

from browser import Browser, form_with


def check(browser: Browser, user: str, password: str, prefix: str) -> list[str]:
    """prefix: where the project is mounted ("/shop"). Returns what was proved, a line each; raises CheckError."""
    outside = browser.get("/admin/")
    outside.need(outside.status == 404, "nothing outside the prefix")
    closed = browser.get(f"{prefix}/admin/")
    login = browser.redirected(closed)
    closed.need(login == f"{prefix}/admin/login/?next={prefix}/admin/", f"a redirect below {prefix}")
    page = browser.get(login)
    form = form_with(page, "csrfmiddlewaretoken")
    opened = browser.post(login, form.filled({"username": user, "password": password}))
    path = browser.redirected(opened)
    opened.need(path == f"{prefix}/admin/", f"a redirect below {prefix}")
    welcome = browser.get(path)
    welcome.need(welcome.status == 200 and "Site administration" in welcome.text, "the admin's start page")
    stylesheets = re.findall(r'href="([^"]+\.css)"', page.text)
    page.need(stylesheets and all(url.startswith(f"{prefix}/static/") for url in stylesheets), "its own stylesheets")
    for url in stylesheets:
        answer = browser.get(url)
        answer.need(answer.status == 200 and answer.headers["Content-Type"].startswith("text/css"), "a stylesheet")
    return [
        f"all redirects stay below {prefix}",
        f"{user} logged in at {browser.origin}{prefix}/admin/",
        f"{len(stylesheets)} static files of the admin are served below {prefix}/static/",
    ]
