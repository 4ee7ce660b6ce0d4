# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One WSGI application on Passenger by itself, outside of a hosting's lists."""

from __future__ import annotations

from dataclasses import dataclass

from .entrypoint import entrypoint
from .environment import parse_env
from .fields import item
from .layout import SITES
from .names import app_name
from .paths import absolute
from .problems import Problems
from .sizes import duration
from .url import Url, prefix, url
from .values import choice, text, whole

STATES = ("present", "restarted", "absent")
STYLES = ("htaccess", "vhost")
SNIPPETS = "/etc/apache2/hostel-apps"
_HOUR = 3600.0


@dataclass(frozen=True)
class PassengerApp:
    """group: None for the user's own; python: path of the interpreter; processes: kept even when idle; style: a
    .htaccess for each of ``urls`` below ``sites``, or a vhost's snippet at ``path`` for the one ``prefix``;
    timeouts: seconds."""

    name: str
    user: str = ""
    group: str | None = None
    app_root: str = ""
    python: str = ""
    entrypoint: str = ""
    env: tuple[tuple[str, str], ...] = ()
    style: str = "htaccess"
    urls: tuple[Url, ...] = ()
    sites: str = SITES
    prefix: str = ""
    path: str = ""
    processes: int = 0
    start_timeout: float = 30.0
    stop_timeout: float = 30.0
    state: str = "present"


def parse_passenger_app(raw: object, problems: Problems, where: str = "app") -> PassengerApp | None:
    """The module's arguments; None if they are no mapping. What is wrong goes to ``problems``."""
    fields = item(raw, "app", where, problems)
    if fields is None:
        return None
    name = fields.need("name", app_name, "")
    state = fields.get("state", choice(*STATES), "present")
    stop_timeout = fields.get("stop_timeout", duration(1, 900), 30.0)
    if state == "absent":
        return PassengerApp(name, stop_timeout=stop_timeout, state=state)
    if fields.has("venv") == fields.has("python"):
        fields.wrong("venv", "give either venv or python, the path of an interpreter")
    venv = fields.get("venv", absolute, "")
    style = fields.get("style", choice(*STYLES), "htaccess")
    for key, owner in (("urls", "htaccess"), ("prefix", "vhost"), ("path", "vhost")):
        if fields.has(key) and style != owner:
            fields.wrong(key, f"belongs to style {owner}; this is style {style}")
    urls = fields.each("urls", url)
    if style == "htaccess" and not fields.has("urls"):
        fields.wrong("urls", "is missing; give a list of host or host/prefix")
    app = PassengerApp(
        name=name,
        user=fields.need("user", text, ""),
        group=fields.get("group", text, None),
        app_root=fields.need("app_root", absolute, ""),
        python=fields.get("python", absolute, f"{venv}/bin/python"),
        entrypoint=fields.need("entrypoint", entrypoint, ""),
        env=parse_env(fields.section("env")),
        style=style,
        urls=tuple(dict.fromkeys(urls)),
        sites=fields.get("sites", absolute, SITES),
        prefix=fields.get("prefix", lambda value: prefix(text(value)), ""),
        path=fields.get("path", absolute, f"{SNIPPETS}/{name}.conf"),
        processes=fields.get("processes", whole(0, 100), 0),
        start_timeout=fields.get("start_timeout", duration(1, _HOUR), 30.0),
        stop_timeout=stop_timeout,
        state=state,
    )
    fields.done()
    return app
