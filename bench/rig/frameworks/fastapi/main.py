# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FastAPI's first page."""

from fastapi import FastAPI

asgi = FastAPI()


@asgi.get("/")
async def here():
    return "here"
