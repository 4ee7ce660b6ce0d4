# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers as an operator asks for them, and the same ones as somebody starts them by hand.

By hand they get the options that concern the work alone: one process, as many threads as here, no log of requests,
connections kept as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """One way to run an app.

    name: of the column; by_hand: the server's own command line, {app} being the entry point, its program in the venv's
    bin; path, port: how it is told to listen at a unix socket {at} or at a port {at}; more: further keys of the app,
    None: not this one. What has no command of its own that speaks HTTP is not started by hand.
    """

    name: str
    server: str
    interface: str
    by_hand: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    port: tuple[str, ...] = ()
    more: Mapping[str, object] = field(default_factory=dict)

    def command(self, app: str, listen: tuple[str, ...], at: str) -> list[str]:
        """The command line; listen: ``path`` or ``port`` of this column."""
        return [word.format(app=app, at=at) for word in (*self.by_hand, *listen)]


COLUMNS = (
    Column(
        "gunicorn-wsgi", "gunicorn", "wsgi",
        ("gunicorn", "{app}", "--worker-class=gthread", "--threads=4", "--keep-alive=75"),
        ("--bind=unix:{at}",), ("--bind=127.0.0.1:{at}",),
    ),
    Column(
        "uwsgi", "uwsgi", "wsgi",
        ("pyuwsgi", "--module={app}", "--need-app", "--single-interpreter", "--enable-threads", "--disable-logging"),
        # It closes each connection. Its other HTTP socket (http11-socket) keeps them, and then one client keeps all
        # others from its one process.
        ("--http-socket={at}", "--add-header=Connection: close"),
        ("--http-socket=127.0.0.1:{at}", "--add-header=Connection: close"),
    ),
    Column(
        "hypercorn-wsgi", "hypercorn", "wsgi",
        ("hypercorn", "wsgi:{app}", "--keep-alive=75"),
        ("--bind=unix:{at}",), ("--bind=127.0.0.1:{at}",),
    ),
    Column(
        "granian-wsgi", "granian", "wsgi",
        ("granian", "{app}", "--interface=wsgi", "--blocking-threads=16", "--http=1"),
        ("--uds={at}",), ("--host=127.0.0.1", "--port={at}"),
    ),
    Column(
        "uvicorn", "uvicorn", "asgi",
        ("uvicorn", "{app}", "--no-access-log", "--timeout-keep-alive=75"),
        ("--uds={at}",), ("--port={at}",),
    ),
    Column(
        "gunicorn-asgi", "gunicorn", "asgi",
        ("gunicorn", "{app}", "--worker-class=asgi", "--keep-alive=75"),
        ("--bind=unix:{at}",), ("--bind=127.0.0.1:{at}",),
    ),
    Column(
        "hypercorn-asgi", "hypercorn", "asgi",
        ("hypercorn", "asgi:{app}", "--keep-alive=75"),
        ("--bind=unix:{at}",), ("--bind=127.0.0.1:{at}",),
    ),
    Column(
        "daphne", "daphne", "asgi",
        ("daphne", "{app}", "--verbosity=0"),
        ("--unix-socket={at}",), ("--port={at}",),
    ),
    Column(
        "granian-asgi", "granian", "asgi",
        ("granian", "{app}", "--interface=asgi", "--http=1"),
        ("--uds={at}",), ("--host=127.0.0.1", "--port={at}"),
    ),
    Column(
        "command", "command", "asgi",
        more={
            "interface": "http",
            "entrypoint": None,
            "command": ["uvicorn", "main:asgi", "--no-access-log", "--host", "$HOST", "--port", "$PORT"],
            "requirements": ["uvicorn"],
        },
    ),
    Column("fastcgi", "fastcgi", "wsgi"),
    Column("passenger", "passenger", "wsgi"),
    Column("mod-wsgi", "mod_wsgi", "wsgi"),
    Column("mod-wsgi-express", "mod_wsgi_express", "wsgi"),
    Column("cgi", "cgi", "wsgi"),
)  # fmt: skip


def column(name: str) -> Column:
    """The one of that name."""
    return next(one for one in COLUMNS if one.name == name)
