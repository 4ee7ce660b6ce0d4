# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page with a button; every click travels over the page's WebSocket and comes back as a changed label."""

from fastapi import FastAPI
from nicegui import ui

app = FastAPI()


@ui.page("/")
def page() -> None:
    clicks = 0

    def count() -> None:
        nonlocal clicks
        clicks += 1
        label.set_text(f"Clicks: {clicks}")

    label = ui.label("Not clicked yet")
    ui.button("Click me", on_click=count)


ui.run_with(app, title="NiceGUI on Hostel")
