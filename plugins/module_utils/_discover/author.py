# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the author of a source says about running it: ``[tool.hostel]`` in its pyproject.toml.

The operator's inventory wins, key by key. There are no keys here that give rights or change limits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from .._errors import SpecError
from .._spec.app import App, check_server, number_of_threads, number_of_workers
from .._spec.entrypoint import entrypoint
from .._spec.fields import Fields
from .._spec.hooks import hook
from .._spec.problems import Problems, kind_of
from .._spec.servers import INTERFACES, NAMES, SERVERS
from .._spec.source import NO_SOURCE
from .._spec.values import choice
from . import toml
from .source import Source

PYPROJECT = "pyproject.toml"
WHERE = f"{PYPROJECT}: tool.hostel"
_TABLE = re.compile(r"^\s*\[\s*tool\s*\.\s*[\"']?hostel\b|^\s*hostel\s*[.=]|^\s*tool\s*\.\s*hostel\b", re.MULTILINE)


@dataclass(frozen=True)
class Wanted:
    """An app with what its source's author asks for. told: the keys that are the author's."""

    app: App
    told: tuple[str, ...]


def with_wishes(app: App, source: Source) -> Wanted:
    """``app`` with what ``[tool.hostel]`` says where the inventory says nothing.

    Raises SpecError for keys that are unknown there and for values that are not allowed.
    """
    asked = _asked(app.name, source)
    if asked is None:
        return Wanted(app, ())
    merged = _merged(app, asked)
    keys = ("server", "interface", "entrypoint", "command", "workers", "threads")
    return Wanted(merged, tuple(key for key in keys if getattr(merged, key) != getattr(app, key)))


def _asked(name: str, source: Source) -> App | None:
    text = source.text(PYPROJECT)
    if text is None or not _TABLE.search(text):
        return None
    content = toml.read(text, f"app {name}: {WHERE}", needed=True)
    raw: Any = toml.table(content, "tool").get("hostel")
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise SpecError(f"app {name}: {WHERE}: must be a table, not {kind_of(raw)}")
    problems = Problems()
    fields = Fields(raw, f"app {name}", problems, f"{WHERE}.")
    asked = App(
        name=name,
        tenant="",
        urls=(),
        python="",
        source=NO_SOURCE,
        server=fields.get("server", choice(*NAMES), "auto"),
        interface=fields.get("interface", choice(*INTERFACES), None),
        entrypoint=fields.get("entrypoint", entrypoint, None),
        command=fields.get("command", hook, None),
        workers=fields.get("workers", number_of_workers, None),
        threads=fields.get("threads", number_of_threads, None),
    )
    fields.done()
    check_server(fields, asked)
    problems.raise_any()
    return asked


def _merged(app: App, asked: App) -> App:
    """The inventory's word for each key, else the author's where it fits what the inventory says."""
    server = app.server
    if server == "auto" and (app.interface is None or app.interface in _speaks(asked.server)):
        server = asked.server
    speaks = _speaks(server)
    interface = app.interface or (asked.interface if asked.interface in speaks else None)
    if interface is not None:
        speaks = (interface,)
    given = app.entrypoint is not None or app.command is not None
    kind = SERVERS.get(server)
    return replace(
        app,
        server=server,
        interface=interface,
        entrypoint=app.entrypoint if given or speaks == ("http",) else asked.entrypoint,
        command=app.command if given or "http" not in speaks else asked.command,
        workers=app.workers or (asked.workers if kind is None or kind.workers else None),
        threads=app.threads or (asked.threads if kind is None or kind.threads else None),
    )


def _speaks(server: str) -> tuple[str, ...]:
    return SERVERS[server].interfaces if server in SERVERS else INTERFACES
