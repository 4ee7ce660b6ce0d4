# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Python web application of one tenant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .entrypoint import ALLOWED, entrypoint_or_script, is_script
from .environment import parse_env
from .fields import Fields, item
from .hooks import Hook, hook, parse_hooks
from .names import app_name, python_version, tenant_name
from .paths import file_inside, persisted
from .problems import Problems
from .requirements import requirement
from .rewrite import Rewrite, rewrite
from .servers import COMMAND, INTERFACES, MODES, NAMES, ROUTES, SERVERS, TOLD, Kind
from .source import KINDS, Source, parse_source
from .static import StaticFolder, parse_static
from .url import Url, url
from .values import boolean, choice, whole
from .waiting import IDLE_TIMEOUT, Health, Timeouts, body_limit, idle_timeout, parse_health, parse_timeouts

# Whoever says it, an operator or the source's author: the same numbers are taken.
number_of_workers, number_of_threads = whole(1, 64), whole(1, 256)


@dataclass(frozen=True)
class App:
    """One app as wanted. Values are validated; what is None is found by convention once the source is there."""

    name: str
    tenant: str
    urls: tuple[Url, ...]
    python: str
    source: Source
    server: str = "auto"
    mode: str | None = None
    interface: str | None = None
    entrypoint: str | None = None
    command: Hook | None = None
    workers: int | None = None
    threads: int | None = None
    route: str | None = None
    rewrite: tuple[Rewrite, ...] = ()
    requirements: tuple[str, ...] = ()
    requirements_file: str | None = None
    build: bool = False
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    static: tuple[StaticFolder, ...] = ()
    persist: tuple[str, ...] = ()
    before_live: tuple[Hook, ...] = ()
    health: Health = field(default_factory=Health)
    timeouts: Timeouts = field(default_factory=Timeouts)
    body_limit: int | None = None
    idle_timeout: float | None = IDLE_TIMEOUT
    state: str = "started"


def parse_app(raw: object, problems: Problems, where: str = "app") -> App | None:
    """One app of the inventory; None if it is no mapping. What is wrong goes to ``problems``.

    An app that is to be removed needs no more than its name; what it still has is looked at all the same.
    """
    fields = item(raw, "app", where, problems)
    if fields is None:
        return None
    state = fields.get("state", choice("started", "stopped", "absent"), "started")
    app = App(
        name=fields.need("name", app_name, ""),
        tenant=fields.get("tenant", tenant_name, ""),
        urls=fields.each("urls", url),
        python=fields.get("python", python_version, ""),
        source=parse_source(fields.section("source")),
        server=fields.get("server", choice(*NAMES), "auto"),
        mode=fields.get("mode", choice(*MODES), None),
        interface=fields.get("interface", choice(*INTERFACES), None),
        entrypoint=fields.get("entrypoint", entrypoint_or_script, None),
        command=fields.get("command", hook, None),
        workers=fields.get("workers", number_of_workers, None),
        threads=fields.get("threads", number_of_threads, None),
        route=fields.get("route", choice(*ROUTES), None),
        rewrite=fields.each("rewrite", rewrite),
        requirements=fields.each("requirements", requirement),
        requirements_file=fields.get("requirements_file", file_inside, None),
        build=fields.get("build", boolean, False),
        env=parse_env(fields.section("env")),
        static=parse_static(fields.sections("static")),
        persist=fields.each("persist", persisted),
        before_live=parse_hooks(fields.section("hooks")),
        health=parse_health(fields.section("health")),
        timeouts=parse_timeouts(fields.section("timeouts")),
        body_limit=fields.get("body_limit", body_limit, None),
        idle_timeout=fields.get("idle_timeout", idle_timeout, IDLE_TIMEOUT),
        state=state,
    )
    fields.done()
    if app.command is not None and app.server == "auto":
        app = replace(app, server=COMMAND)
    if state != "absent":
        _check_complete(fields)
    _check_together(fields, app)
    return app


def _check_complete(fields: Fields) -> None:
    missing = {
        "tenant": "name one of hostel_tenants",
        "urls": "give a list of host or host/prefix",
        "python": 'name one of hostel_python_versions in quotes, like "3.13"',
        "source": f"give one of {', '.join(KINDS)}",
    }
    for key, advice in missing.items():
        if not fields.has(key):
            fields.wrong(key, f"is missing; {advice}")
        elif fields.raw(key) == []:
            fields.wrong(key, f"must not be empty; {advice}")
    if fields.raw("server") == COMMAND and not fields.has("command"):
        fields.wrong("command", "is missing; say what listens, like [streamlit, run, app.py, --server.port, $PORT]")


def _check_together(fields: Fields, app: App) -> None:
    """What each value allows, but not beside the others."""
    check_server(fields, app)
    if app.entrypoint is not None:
        _check_entrypoint(fields, app.entrypoint, app)
    if app.requirements and app.requirements_file:
        fields.wrong("requirements_file", "give either this or requirements (which may hold -r FILE)")
    for index, each in enumerate(app.urls):
        if each in app.urls[:index]:
            fields.wrong(f"urls[{index}]", f"'{each}' is given twice")
    for index, path in enumerate(app.persist):
        for other in app.persist[:index]:
            if _overlap(path.rstrip("/"), other.rstrip("/")):
                fields.wrong(f"persist[{index}]", f"{path!r} and {other!r} overlap; keep the outer one only")


def _check_entrypoint(fields: Fields, entrypoint: str, app: App) -> None:
    asked_for_scripts = "cgi" in (app.server, app.interface) and app.interface in ("cgi", None)
    if is_script(entrypoint) and not asked_for_scripts:
        fields.wrong("entrypoint", f"{entrypoint!r} {ALLOWED}; a plain CGI script needs server: cgi, interface: cgi")
    elif not is_script(entrypoint) and app.interface == "cgi":
        fields.wrong(
            "entrypoint",
            f"{entrypoint!r}: interface: cgi starts scripts; give the path of one, like cgi-bin/hello.cgi, or of a "
            "folder of them, like cgi-bin/",
        )


def check_server(fields: Fields, app: App) -> None:
    """What the asked server understands; what is left to be found is checked once it has been."""
    kind = SERVERS.get(app.server)
    if kind is None:
        if app.mode is not None:
            fields.wrong("mode", "belongs to a server; say which, like server: mod_wsgi")
        return
    if app.interface is not None and app.interface not in kind.interfaces:
        others = ", ".join(name for name, known in SERVERS.items() if app.interface in known.interfaces)
        runs = " and ".join(kind.interfaces)
        fields.wrong("server", f"{app.server!r} runs {runs}, not {app.interface}; use auto or {others}")
    if app.mode is not None and app.mode not in kind.modes:
        known = ", ".join(kind.modes) or "none: leave it out"
        fields.wrong("mode", f"{app.mode!r}: server {app.server!r} has no such mode; it has {known}")
    _check_keys(fields, app, kind)


def _check_keys(fields: Fields, app: App, kind: Kind) -> None:
    for key, value, understood in (
        ("workers", app.workers, kind.workers),
        ("threads", app.threads, kind.threads),
    ):
        if value is not None and not understood:
            fields.wrong(key, f"server {app.server!r} does not take it; leave it out")
    if app.threads is not None and kind.threads and app.interface == "asgi":
        fields.wrong("threads", "are for WSGI; an ASGI app runs in one thread: use workers")
    if app.route is not None and app.route not in kind.routes:
        fields.wrong("route", f"{app.route!r}: server {app.server!r} is reached through {kind.routes[0]} alone")
    if app.rewrite and (app.route or kind.routes[0]) != "apache":
        fields.wrong("rewrite", "rules are Apache's; add route: apache")
    if app.command is not None and "http" not in kind.interfaces:
        fields.wrong("command", f"server {app.server!r} calls an entrypoint; use server: command, or leave it out")
    if app.command is not None and app.entrypoint is not None:
        fields.wrong("entrypoint", "give either this or command")
    if app.command is not None:
        for name in sorted(TOLD.intersection(dict(app.env))):
            fields.wrong("env", f"{name}: a command is told by this variable where to listen; choose another name")


def _overlap(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}/") or other.startswith(f"{path}/")
