# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers that can run an app, how each of them calls it, and which keys of an app it understands."""

from __future__ import annotations

from dataclasses import dataclass

# How an app is called: PEP 3333, the ASGI specification, a process per request (RFC 3875), or plain HTTP that the
# app's own program answers.
INTERFACES = ("wsgi", "asgi", "cgi", "http")


@dataclass(frozen=True)
class Kind:
    """What may be asked of a server.

    interfaces: the likeliest first; workers, threads: whether it takes these keys; system_python: whether it runs the
    distribution's own Python alone; modes: what ``mode`` may be, the default first; routes: the same for ``route``;
    packages: of Debian, that a node needs for it beyond those that every node has; compiled: its own package is
    compiled on the node, and loads the interpreter as a library.
    """

    interfaces: tuple[str, ...]
    workers: bool = True
    threads: bool = False
    system_python: bool = False
    modes: tuple[str, ...] = ()
    routes: tuple[str, ...] = ("nginx", "apache")
    packages: tuple[str, ...] = ()
    compiled: bool = False


# A server of _servers/registry.py is allowed in the inventory once it stands here. The first one that speaks an
# interface is taken where the operator and the app's requirements name none.
SERVERS: dict[str, Kind] = {
    "passenger": Kind(("wsgi",), workers=False, routes=("apache",)),
    "uvicorn": Kind(("asgi",)),
    "gunicorn": Kind(("wsgi", "asgi"), threads=True),
    "hypercorn": Kind(("asgi", "wsgi"), threads=True),
    "granian": Kind(("asgi", "wsgi"), threads=True),
    "daphne": Kind(("asgi",)),
    "command": Kind(("http",), workers=False),
    "mod_wsgi": Kind(
        ("wsgi",),
        threads=True,
        system_python=True,
        modes=("daemon", "embedded", "pool"),
        packages=("apache2", "libapache2-mod-wsgi-py3"),
    ),
    # Compiled against Apache and against the Python of the app.
    "mod_wsgi_express": Kind(
        ("wsgi",),
        threads=True,
        packages=("apache2", "apache2-dev", "gcc", "libc6-dev", "python3-dev"),
        compiled=True,
    ),
    "uwsgi": Kind(("wsgi",), threads=True, routes=("nginx",)),
    "fastcgi": Kind(("wsgi",), threads=True, routes=("nginx",)),
    "cgi": Kind(("cgi", "wsgi")),
}
# The server of whatever listens by itself, which the key ``command`` alone asks for; and the variables that tell it
# where, beside HOST.
COMMAND = "command"
TOLD = frozenset({"PORT", "SOCKET"})
NAMES = ("auto", *SERVERS)
MODES = ("daemon", "embedded", "pool")
ROUTES = ("nginx", "apache")

# The flag of ./configure by which an interpreter is a library too.
SHARED_LIBRARY = "--enable-shared"


def runs_system_python_alone(server: str, python: str) -> str:
    """What to say to whoever wants another Python under such a server."""
    return (
        f"{server!r} can't run Python {python}: it is Debian's own module, built for the distribution's own Python "
        "alone; use server: mod_wsgi_express or gunicorn, or a version whose source is system"
    )


def needs_shared_library(server: str, python: str) -> str:
    """What to say where an interpreter is a program alone, and not a library too."""
    return (
        f"{server!r} can't run Python {python}: it loads the interpreter as a library, and this one is built without; "
        f"add flags: [{SHARED_LIBRARY}] to the version if its source is build, or use server: gunicorn"
    )
