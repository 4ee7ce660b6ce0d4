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

# Their conversations lie in the memory of one process, over many requests at once (long polls).
_ONE_PROCESS = frozenset({"flask-socketio", "python-engineio", "python-socketio"})
# These take a request's connection over for a WebSocket. PEP 3333 has none; of the servers that they know how to take
# it from (simple_websocket.Server), gunicorn is the one that is here.
REALTIME = _ONE_PROCESS | {"flask-sock", "simple-websocket"}
_REALTIME_SERVER = "gunicorn"
# Socket.IO waits by the first of these that can be imported, which works under a server of their own kind alone.
_GREEN = ("eventlet", "gevent")
# Each conversation holds a thread for as long as it lasts. Flask-SocketIO's documentation starts gunicorn with as many.
_REALTIME_THREADS = 100


@dataclass(frozen=True)
class Choice:
    """server: its name; why: a clause for the operator that says what was chosen and what is added to the venv;
    threads: those that were asked for, or what the app needs; None for the server's own number."""

    server: str
    why: str
    threads: int | None = None


def choose(app: App, interface: str, command: tuple[str, ...], asked: str | None, packages: Collection[str]) -> Choice:
    """The server for ``app``, whose ``workers`` and ``threads`` are those that count.

    command: what serves by itself, if anything does; asked: the server that the inventory or the source's author names;
    packages: what the app's requirements name. WSGI goes to Passenger, the node's own way, whatever servers the
    requirements hold, for many hold one for other places, unless they name a package that Passenger's processes, with
    one request each, can't serve. For ASGI there is no such way: the app's own server is taken.

    Raises SpecError where the server does not understand what else is asked of the app.
    """
    server = asked or by_itself(app, interface, packages)
    problems = Problems()
    found = replace(app, server=server, interface=interface, command=Hook(command) if command else None)
    check_server(Fields({}, f"app {app.name}", problems), found)
    problems.raise_any()
    realtime = _realtime(interface, packages)
    threads = app.threads or (_REALTIME_THREADS if realtime and server == _REALTIME_SERVER else None)
    by = ", as its author asks for" if asked else ""
    if realtime and server == _REALTIME_SERVER and not asked:
        by = f", for {realtime} holds conversations and takes WebSockets, which Passenger's processes can't"
    clauses = [f"run by {server}{by}"] if app.server == "auto" else []
    if realtime:
        clauses += _conversations(found, realtime, packages)
    package = next((name_of(one) for one in SERVERS[server].requirements), None)
    if package is not None and package not in packages:
        lacking = "no ASGI server" if not asked and interface == "asgi" else f"no {package}"
        clauses.append(f"its requirements name {lacking}: {package} is added")
    return Choice(server, "; ".join(clauses), threads)


def by_itself(app: App, interface: str, packages: Collection[str]) -> str:
    """The first server that is made for an interface, and among these one that the app brings along."""
    fitting = [name for name, kind in KINDS.items() if interface in kind.interfaces and _understands(kind, app)]
    if _realtime(interface, packages) and _REALTIME_SERVER in fitting:
        return _REALTIME_SERVER
    own = [name for name in fitting if KINDS[name].interfaces[0] == interface]
    brought = [name for name in own if interface == "asgi" and name in packages]
    speaking = [name for name, kind in KINDS.items() if interface in kind.interfaces]
    return (brought or own or fitting or speaking)[0]


def _realtime(interface: str, packages: Collection[str]) -> str | None:
    """The package by which a WSGI app holds conversations, if it requires one."""
    return next((name for name in sorted(REALTIME) if name in packages), None) if interface == "wsgi" else None


def _conversations(app: App, package: str, packages: Collection[str]) -> list[str]:
    """What the operator of such an app has to know about its server, whoever chose it."""
    if app.server != _REALTIME_SERVER:
        holds = f"{package} holds conversations and takes WebSockets"
        return [f"{holds}, which {app.server} can't give a WSGI app: use server: {_REALTIME_SERVER}"]
    clauses = []
    if app.threads is None:
        clauses.append(f"{_REALTIME_THREADS} threads, for each conversation of {package} takes one (or set threads)")
    if _ONE_PROCESS.isdisjoint(packages):
        return clauses
    if (app.workers or 1) > 1:
        clauses.append(f"a conversation lies in one process, and workers is {app.workers}: use workers: 1")
    green = next((name for name in _GREEN if name in packages), None)
    if green:
        clauses.append(
            f"{package} takes {green} where it is there, and fails: leave it out, or set async_mode='threading'"
        )
    return clauses


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
