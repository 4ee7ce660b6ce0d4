# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that can be asked for, by both interfaces."""

HEADERS = [("Content-Type", "text/plain"), ("Content-Length", "4")]
RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS]


def wsgi(_environ, start_response):
    start_response("200 OK", HEADERS)
    return [b"here"]


async def asgi(scope, receive, send):  # noqa: ARG001 (there are servers that pass it by its name)
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": RAW_HEADERS})
        await send({"type": "http.response.body", "body": b"here"})
