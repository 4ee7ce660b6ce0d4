# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which server runs an app, once it is known how the app is called. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from .._spec.app import App, check_server
from .._spec.fields import Fields
from .._spec.hooks import Hook
from .._spec.problems import Problems
from .._spec.servers import SERVERS as KINDS
from .._spec.servers import Kind
from .._syntax.requirements import name_of
from .registry import SERVERS


@dataclass(frozen=True)
class Choice:
    """server: its name; why: a clause for the operator that says what was chosen and what is added to the venv."""

    server: str
    why: str


def choose(app: App, interface: str, command: tuple[str, ...], asked: str | None, packages: Collection[str]) -> Choice:
    """The server for ``app``, whose ``workers`` and ``threads`` are those that count.

    command: what serves by itself, if anything does; asked: the server that the inventory or the source's author names;
    packages: what the app's requirements name. WSGI goes to Passenger, the node's own way, whatever servers the
    requirements hold, for many hold one for other places. For ASGI there is no such way: the app's own server is taken.

    Raises SpecError where the server does not understand what else is asked of the app.
    """
    server = asked or by_itself(app, interface, packages)
    problems = Problems()
    found = replace(app, server=server, interface=interface, command=Hook(command) if command else None)
    check_server(Fields({}, f"app {app.name}", problems), found)
    problems.raise_any()
    by = ", as its author asks for" if asked else ""
    clauses = [f"run by {server}{by}"] if app.server == "auto" else []
    package = next((name_of(one) for one in SERVERS[server].requirements), None)
    if package is not None and package not in packages:
        lacking = "no ASGI server" if not asked and interface == "asgi" else f"no {package}"
        clauses.append(f"its requirements name {lacking}: {package} is added")
    return Choice(server, "; ".join(clauses))


def by_itself(app: App, interface: str, packages: Collection[str]) -> str:
    """The first server that is made for an interface, and among these one that the app brings along."""
    fitting = [name for name, kind in KINDS.items() if interface in kind.interfaces and _understands(kind, app)]
    own = [name for name in fitting if KINDS[name].interfaces[0] == interface]
    brought = [name for name in own if interface == "asgi" and name in packages]
    speaking = [name for name, kind in KINDS.items() if interface in kind.interfaces]
    return (brought or own or fitting or speaking)[0]


def _understands(kind: Kind, app: App) -> bool:
    """Whether a server takes what is asked of the app, on any node and with any Python."""
    return (
        not kind.system_python
        and not kind.packages
        and (kind.workers or app.workers is None)
        and (kind.threads or app.threads is None)
        and (app.route is None or app.route in kind.routes)
        and (not app.rewrite or (app.route or kind.routes[0]) == "apache")
    )
