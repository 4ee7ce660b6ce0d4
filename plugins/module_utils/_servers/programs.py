# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that a release's processes are started with: serve.py, and the package that it imports from."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable
from types import ModuleType

from .._launch import (
    apache,
    asgi,
    bounds,
    cgi,
    daphne,
    daphne_connections,
    entrypoint,
    exact_answer,
    granian,
    granian_wsgi,
    gunicorn,
    gunicorn_asgi,
    host_header,
    hypercorn,
    lifecycle,
    passenger,
    pep3333,
    script,
    serve,
    spooled_body,
    systemd,
    uvicorn,
    uwsgi,
    workers,
    wsgi,
    wsgi_to_asgi,
)
from .._spec.layout import PROGRAMS
from .._spec.resources import File, Resource

SERVE = f"{PROGRAMS}/serve.py"

_PACKAGE = f"{PROGRAMS}/{serve.PACKAGE}"
# What any of them may import.
_SHARED = (asgi, bounds, entrypoint, host_header, pep3333, systemd, workers, wsgi)
# serve.py's first argument: what is asked to serve, and what that alone imports.
LAUNCHERS: dict[str, tuple[ModuleType, ...]] = {
    "daphne": (daphne, daphne_connections, lifecycle, spooled_body),
    "granian": (granian, granian_wsgi, lifecycle, wsgi_to_asgi),
    "gunicorn": (gunicorn, gunicorn_asgi, lifecycle),
    "hypercorn": (hypercorn, lifecycle, wsgi_to_asgi),
    "passenger": (passenger,),
    "uvicorn": (uvicorn,),
    "uwsgi": (uwsgi, exact_answer, spooled_body),
    "cgi": (cgi, script),
    # No server of serve.py's: mod_wsgi's script imports it.
    "apache": (apache, spooled_body),
}


@functools.cache
def serving(*launchers: str) -> tuple[File, ...]:
    """What serve.py needs on the node to run ``launchers``, names of LAUNCHERS.

    The files are the same for every release there.
    """
    needed = dict.fromkeys((*_SHARED, *(module for name in launchers for module in LAUNCHERS[name])))
    return (
        File(f"{_PACKAGE}/__init__.py", b""),
        *(_program(f"{_PACKAGE}/{module.__name__.rpartition('.')[2]}.py", module) for module in needed),
        _program(SERVE, serve),
    )


def modules(resources: Iterable[Resource]) -> tuple[str, ...]:
    """The paths of the modules among them that serve.py imports."""
    return tuple(one.path for one in resources if one.path.startswith(f"{_PACKAGE}/"))


def _program(path: str, module: ModuleType) -> File:
    return File(path, inspect.getsource(module).encode())


def command(python: str, server: str, **options: str | float | None) -> tuple[str, ...]:
    """The command line that serves an application with ``server``; an option that is None is left out.

    An underscore in a name stands for a dash.
    """
    given = {name.replace("_", "-"): value for name, value in options.items() if value is not None}
    words = (
        f"--{name}={value:g}" if isinstance(value, float) else f"--{name}={value}" for name, value in given.items()
    )
    return (python, SERVE, server, *words)
