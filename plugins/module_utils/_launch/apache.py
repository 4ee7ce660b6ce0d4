# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One application in a process of mod_wsgi's own, as its script loads it before the first request.

mod_wsgi itself would answer every request with an error where the application can't be loaded, and try anew each time;
here that ends the Apache around it, so that systemd knows.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys

from .entrypoint import load, report
from .spooled_body import Spooled
from .systemd import notifier
from .wsgi import Front, path_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Any

    from .wsgi import App, Environ

# In RUNTIME_DIRECTORY: whoever waits at its other end may let connections in (see _servers/own_apache.py).
GATE = "loaded"
# What the configuration of this Apache is told by its environment.
OURS = ("HOSTEL_MODULE", "HOSTEL_PID")
# Of Apache's own variables, those that say something about this Apache where others speak of the public's server.
NOBODYS = ("CONTEXT_DOCUMENT_ROOT", "CONTEXT_PREFIX", "DOCUMENT_ROOT", "PATH_TRANSLATED", "SERVER_ADDR")

_JOURNAL = 1
_ERRORS = 2


def application(entrypoint: str) -> App:
    """The application behind the front server, once it is loaded and systemd knows; else this Apache ends."""
    notify = notifier(os.environ)
    for name in OURS:
        os.environ.pop(name, None)
    speak_plainly()
    # In the place of the folder that our package was found in; mod_wsgi may have put it after that.
    sys.path[:] = dict.fromkeys([os.getcwd(), *sys.path[1:]])
    with contextlib.ExitStack() as attempt:
        attempt.push(give_up)
        app: App = Whole(Front(Spooled(load(entrypoint))))
    open_gate(f"{os.environ['RUNTIME_DIRECTORY']}/{GATE}")
    notify("READY=1")
    return app


def give_up(kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
    """If the attempt to load the application has failed, say why and end this Apache."""
    if kind is None or error is None:
        return
    report(kind, error, trace)
    # Ended politely, it would have done what was wished for.
    os.kill(os.getppid(), signal.SIGKILL)
    os._exit(1)


def speak_plainly() -> None:
    """Have what the application and its children print in the journal byte for byte.

    Apache has put its own log in the place of standard error, and writes what is not ASCII as escapes there.
    """
    os.dup2(_JOURNAL, _ERRORS)
    for name, fd in (("stdout", _JOURNAL), ("stderr", _ERRORS)):
        stream = open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)


def open_gate(path: str) -> None:
    """Let connections in. Another process of the same application may have done so."""
    try:
        gate = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return
    os.write(gate, b"\n")
    os.close(gate)


class Whole:
    """An application that gets the path as the client sent it: mod_wsgi and Apache make one slash of several, and drop
    the empty and dot segments."""

    def __init__(self, app: App) -> None:
        self.app = app

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        for name in NOBODYS:
            environ.pop(name, None)
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = "", path_of(environ["REQUEST_URI"])
        environ["wsgi.errors"] = sys.stderr
        return self.app(environ, start_response)
