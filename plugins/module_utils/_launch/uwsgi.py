# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""uWSGI, for its own protocol and for FastCGI, with what it has not: systemd is told when a process has loaded the
application; the path is the one that the client sent; an answer is taken as PEP 3333 has it, and may begin before the
body has been read.

It is the one of the index that needs no compiler (pyuwsgi: uWSGI as a module of Python, which is started here).

Exit codes: 0 or 30 asked to end (with and without a parent process), 1 or 22 the application could not be loaded.
"""

from __future__ import annotations

import functools
import importlib
import os

from .bounds import FORCE
from .entrypoint import load
from .exact_answer import Exact
from .pep3333 import FileWrapper
from .spooled_body import Spooled
from .systemd import inherited_socket, notifier
from .wsgi import Front, path_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from .wsgi import Environ

# All variables of a request together; the protocol has 16 bits for their length.
LONGEST_HEAD = 65535
# How long a piece of a body or of an answer may take is the front's to say, which closes the connection then.
PATIENCE = 24 * 3600

# What is said to systemd once the application is loaded; and its entry point.
_ready: Callable[[], None]
_entrypoint: str


class Served(Front):
    """The application, with the whole public path where Front wants it."""

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        # uWSGI's is one for all requests, emptied after each, and there are applications that keep theirs. (With
        # wsgi-env-behavior=holy it makes new ones, and never frees them.)
        environ = dict(environ)
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = "", path_of(environ["REQUEST_URI"])
        # uWSGI's own knows its file only when that comes back as it is.
        environ["wsgi.file_wrapper"] = FileWrapper
        return super().__call__(environ, start_response)


def start() -> Served:
    """What each of uWSGI's processes calls for the application."""
    served = Served(Spooled(Exact(load(_entrypoint)), room=0))
    _ready()
    return served


def arguments(options: Mapping[str, str], descriptor: int) -> list[str]:
    """uWSGI's command line (https://uwsgi-docs.readthedocs.io/en/latest/Options.html)."""
    workers, least = int(options.get("workers", "1")), options.get("least")
    given = [
        f"--{options['protocol']}-socket=fd://{descriptor}",
        f"--module={__name__}:start()",
        "--need-app",
        "--strict",
        "--single-interpreter",
        "--enable-threads",
        f"--threads={options.get('threads', '1')}",
        f"--buffer-size={LONGEST_HEAD}",
        f"--socket-timeout={PATIENCE}",
        # A client that goes away ends the answer, and is nobody's error.
        "--ignore-sigpipe",
        "--ignore-write-errors",
        "--disable-logging",
        "--die-on-term",
        f"--worker-reload-mercy={FORCE:g}",
    ]
    if workers == 1:
        return given
    # The parent starts a worker again that has ended. It loads nothing itself: threads and connections that an
    # application opens while it is imported would not survive being copied.
    given += ["--master", f"--workers={workers}", "--lazy-apps", "--py-call-uwsgi-fork-hooks"]
    return given if least is None else [*given, f"--cheaper={least}", f"--cheaper-initial={least}"]


def serve(options: Mapping[str, str]) -> int:
    """Serve ``entrypoint`` by ``protocol`` ("uwsgi", "fastcgi") until SIGTERM.

    ``workers``: processes, of ``threads`` each; with ``least`` there are only so many while no more are needed.
    """
    global _entrypoint, _ready  # uWSGI calls start() without arguments
    descriptor = inherited_socket(os.environ)
    notify = notifier(os.environ)
    _entrypoint, _ready = options["entrypoint"], functools.partial(notify, "READY=1")
    uwsgi: Any = importlib.import_module("pyuwsgi")
    uwsgi.run(arguments(options, descriptor))
    return 0
