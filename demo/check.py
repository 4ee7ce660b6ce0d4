# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uses every application of the demo on every node as its visitors would, and prints a table of what is served.

Usage: .venv/bin/python demo/check.py
Ends with 1 if anything does not work; each failure says which request showed it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import chromium
import datasette_api
import django_project
import nicegui_page
import table
import wagtail_site
import yaml
from browser import Browser, CheckError
from cluster import ROOT, Node, nodes

INVENTORY = ROOT / "inventories/demo/group_vars/hostel/apps.yml"


@dataclass(frozen=True)
class Demo:
    """How one application is used. packages: whose versions the table shows; curl: what to ask it for."""

    use: Callable[[Browser, dict[str, str]], list[str]]
    packages: tuple[str, ...]
    curl: str


def _wagtail(browser: Browser, env: dict[str, str]) -> list[str]:
    return wagtail_site.check(browser, env["DJANGO_SUPERUSER_USERNAME"], env["DJANGO_SUPERUSER_PASSWORD"])


def _shop(browser: Browser, env: dict[str, str]) -> list[str]:
    return django_project.check(browser, env["DJANGO_SUPERUSER_USERNAME"], env["DJANGO_SUPERUSER_PASSWORD"], "/shop")


def _datasette(browser: Browser, _env: dict[str, str]) -> list[str]:
    return datasette_api.check(browser)


def _nicegui(browser: Browser, _env: dict[str, str]) -> list[str]:
    done = nicegui_page.check(browser)
    program = chromium.installed()
    if program is None:
        return [*done, "not tried in a browser: install Chromium for that"]
    url, page = f"{browser.origin}/", nicegui_page
    return [*done, chromium.press(program, url, page.READY, page.BUTTON, page.BEFORE, page.AFTER)]


DEMOS = {
    "wagtail": Demo(_wagtail, ("wagtail", "django"), "{url}/"),
    "shop": Demo(_shop, ("django",), "{url}/admin/login/"),
    "datasette": Demo(_datasette, ("datasette",), "'{url}/releases/releases.json?_shape=array'"),
    "nicegui": Demo(_nicegui, ("nicegui",), "{url}/"),
}


@dataclass(frozen=True)
class Outcome:
    """What one app on one node was seen to do. failure: empty if all is well."""

    app: dict[str, Any]
    node: Node
    done: list[str]
    failure: str
    seconds: float

    @property
    def url(self) -> str:
        host, slash, prefix = self.app["urls"][0].partition("/")
        return f"http://{host}:{self.node.http_port}{slash}{prefix}"


def _try(app: dict[str, Any], node: Node) -> Outcome:
    browser = Browser(app["urls"][0].partition("/")[0], node.http_port)
    started = time.monotonic()
    done, failure = [], ""
    try:
        done = DEMOS[app["name"]].use(browser, app.get("env", {}))
    except CheckError as error:
        failure = str(error)
    return Outcome(app, node, done, failure, time.monotonic() - started)


def _said(outcome: Outcome) -> None:
    mark = "FAILED" if outcome.failure else "ok"
    print(f"{mark:6} {outcome.app['name']} on {outcome.node.name} ({outcome.seconds:.1f} s)", flush=True)
    for line in [outcome.failure] if outcome.failure else outcome.done:
        print(f"         {line}", flush=True)


def _row(outcome: Outcome, answer: dict[str, Any]) -> list[str]:
    served = answer["apps"].get(outcome.app["name"])
    demo = DEMOS[outcome.app["name"]]
    if served is None:
        raise CheckError(f"{outcome.node.name} has no live release of {outcome.app['name']}")
    versions = served["packages"]
    server = served["server"]
    server_version = answer["passenger"].partition("+")[0] if server == "passenger" else versions.get(server, "")
    return [
        outcome.app["name"],
        f"{outcome.node.name}, {answer['system']}",
        served["tenant"],
        " ".join(f"{name} {versions.get(name, '?')}" for name in demo.packages),
        served["python"],
        f"{server} {server_version}",
        f"curl {demo.curl.format(url=outcome.url)}",
    ]


def main() -> int:
    with INVENTORY.open(encoding="utf-8") as text:
        apps = {app["name"]: app for app in yaml.safe_load(text)["hostel_apps"]}
    untried = sorted(set(apps) ^ set(DEMOS))
    if untried:
        raise CheckError(f"{INVENTORY} and {__file__} disagree about {', '.join(untried)}")
    cluster = nodes()
    print(f"Using {len(apps)} applications on {len(cluster)} nodes as their visitors do:", flush=True)
    outcomes = []
    with ThreadPoolExecutor(max_workers=len(apps) * len(cluster)) as pool:
        asked = {node: pool.submit(node.asked) for node in cluster}
        tried = [pool.submit(_try, apps[name], node) for name in DEMOS for node in cluster]
        for attempt in tried:
            outcomes.append(attempt.result())
            _said(outcomes[-1])
        answers = {node: answer.result() for node, answer in asked.items()}
    failed = [outcome for outcome in outcomes if outcome.failure]
    heads = ["app", "node", "tenant", "application", "python", "server", "try it"]
    print()
    print(table.text(heads, [_row(outcome, answers[outcome.node]) for outcome in outcomes if not outcome.failure]))
    if failed:
        print(f"\n{len(failed)} of {len(outcomes)} do not work; see FAILED above.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CheckError as error:
        sys.exit(f"demo/check.py: {error}")
