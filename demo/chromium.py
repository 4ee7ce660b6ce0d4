# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page in headless Chromium, steered over its DevTools protocol: a button is pressed, the text is read."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count

from browser import Browser, CheckError
from websockets.sync.client import connect

SECONDS = 60


def installed() -> str | None:
    """Chromium's path."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def press(program: str, url: str, ready: str, button: str, before: str, after: str) -> str:
    """Open the page, wait until it says ``before`` and the script ``ready`` is true, press the button, wait until the
    page says ``after``."""
    with _page(program, url) as page:
        page.wait(f"document.body.innerText.includes({json.dumps(before)})", f"{url} never said {before!r}")
        words = json.dumps(button.lower())
        named = f"[...document.querySelectorAll('button')].find(b => b.innerText.toLowerCase() == {words})"
        page.wait(f"Boolean({named}) && {ready}", f"{url} has no button {button!r}, or {ready} does not hold")
        page.evaluate(f"{named}.click()")
        page.wait(
            f"document.body.innerText.includes({json.dumps(after)})",
            f"the button {button!r} of {url} was pressed, but the page never said {after!r}",
        )
    return f"headless Chromium pressed {button!r}: {before!r} became {after!r}"


class _Page:
    """One tab. url: of its DevTools socket."""

    def __init__(self, url: str) -> None:
        self._socket = connect(url, max_size=None, proxy=None)
        self._numbers = count(1)

    def close(self) -> None:
        self._socket.close()

    def call(self, method: str, **parameters: object) -> dict[str, dict[str, object]]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=SECONDS))
            if answer.get("id") == number:
                result: dict[str, dict[str, object]] = answer.get("result", {})
                return result

    def evaluate(self, expression: str) -> object:
        return self.call("Runtime.evaluate", expression=expression).get("result", {}).get("value")

    def wait(self, condition: str, otherwise: str) -> None:
        deadline = time.monotonic() + SECONDS
        while self.evaluate(f"document.body !== null && ({condition})") is not True:
            if time.monotonic() > deadline:
                raise CheckError(f"in headless Chromium {otherwise}")
            time.sleep(0.05)


@contextmanager
def _page(program: str, url: str) -> Iterator[_Page]:
    with tempfile.TemporaryDirectory(prefix="hostel-chromium-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--no-proxy-server", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank",
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        try:
            page = _Page(_tab(process.stderr or ()))
            page.call("Page.navigate", url=url)
            try:
                yield page
            finally:
                page.close()
        finally:
            process.terminate()
            process.communicate()


def _tab(messages: Iterable[str]) -> str:
    """The DevTools socket of Chromium's only tab."""
    said = []
    for line in messages:
        said.append(line)
        if line.startswith("DevTools listening on ws://"):
            break
    else:
        raise CheckError("Chromium did not start: " + "".join(said[-10:]))
    port = int(said[-1].split(":")[2].split("/")[0])
    tabs = Browser("127.0.0.1", port).get("/json/list")
    return str(next(tab["webSocketDebuggerUrl"] for tab in json.loads(tabs.text) if tab["type"] == "page"))
