# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wagtail: an editor logs in, publishes a page and uploads a picture; visitors see both."""

from __future__ import annotations

import json
import re
import struct
import zlib
from datetime import datetime, timezone

from browser import Answer, Browser, form_with

SLUG = "written-by-the-demo"
PICTURE = "A green square"


def check(browser: Browser, user: str, password: str) -> list[str]:
    """Returns what was proved, a line each; raises CheckError."""
    home = browser.get("/")
    home.need(home.status == 200, "the home page")
    count = _static(browser, home)
    _log_in(browser, user, password)
    page_kept = _publish(browser)
    picture_kept, picture = _upload(browser)
    return [
        f"{count} static files of the home page are served",
        f"{user} logged in at {browser.origin}/admin/",
        f"{'found and changed' if page_kept else 'wrote'} a page; it is on the site and in the admin's API",
        f"{'kept' if picture_kept else 'uploaded'} {picture}",
    ]


def _static(browser: Browser, page: Answer) -> int:
    paths = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)))
    page.need(paths, "links to static files")
    for path in paths:
        answer = browser.get(path)
        answer.need(answer.status == 200, "a static file")
    return len(paths)


def _log_in(browser: Browser, user: str, password: str) -> None:
    login = form_with(browser.get("/admin/login/"), "csrfmiddlewaretoken")
    answer = browser.post(login.action, login.filled({"username": user, "password": password}))
    path = browser.redirected(answer)
    answer.need(path == "/admin/", "a redirect to /admin/")
    welcome = browser.get(path)
    welcome.need(welcome.status == 200 and user in welcome.text, "the admin's start page")


def _find(browser: Browser, query: str) -> list[dict[str, object]]:
    answer = browser.get(f"/admin/api/main/pages/?{query}")
    answer.need(answer.status == 200, "the admin's API")
    items: list[dict[str, object]] = json.loads(answer.text)["items"]
    return items


def _publish(browser: Browser) -> bool:
    """Whether the page was there already, kept from an earlier run."""
    title = f"Written by the demo at {datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S.%f}"
    found = _find(browser, f"slug={SLUG}")
    if found:
        path = f"/admin/pages/{found[0]['id']}/edit/"
    else:
        parents = _find(browser, "slug=home")
        path = f"/admin/pages/add/home/homepage/{parents[0]['id']}/"
    form = form_with(browser.get(path), "slug")
    browser.redirected(
        browser.post(path, form.filled({"title": title, "slug": SLUG, "action-publish": "action-publish"}))
    )
    page = browser.get(f"/{SLUG}/")
    page.need(page.status == 200 and title in page.text, f"the published title {title!r}")
    listed = browser.get(f"/admin/api/main/pages/?slug={SLUG}")
    item = json.loads(listed.text)["items"][0]
    listed.need(item["title"] == title and item["meta"]["status"]["live"] is True, f"{title!r}, live")
    return bool(found)


def _upload(browser: Browser) -> tuple[bool, str]:
    """Whether the picture was there already, and its path; its bytes have come back from there."""
    found = _pictures(browser)
    if not found:
        path = "/admin/images/add/"
        form = form_with(browser.get(path), "title")
        browser.redirected(browser.upload(path, form.filled({"title": PICTURE}), "file", "green.png", _png()))
    url = (found or _pictures(browser))[0]
    original = browser.get(url)
    original.need(original.status == 200 and original.body == _png(), "the picture that was uploaded")
    return bool(found), url


def _pictures(browser: Browser) -> list[str]:
    answer = browser.get("/admin/api/main/images/")
    answer.need(answer.status == 200, "the admin's list of images")
    items = json.loads(answer.text)["items"]
    return [item["meta"]["download_url"].removeprefix(browser.origin) for item in items if item["title"] == PICTURE]


def _png() -> bytes:
    """A green square of 16 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x20\x90\x40" * 16) * 16
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
