# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to a WSGI application, by a process that ends with it (RFC 3875, PEP 3333).

Run as ``serve.py cgi --entrypoint=module:callable`` with the request in the environment, its body on standard input.
"""

from __future__ import annotations

import os
import signal
import sys
from wsgiref.handlers import BaseCGIHandler

from .entrypoint import load
from .wsgi import describe, path_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .wsgi import Environ

# What a request is told by; the rest of the environment is the application's.
TOLD = (
    "AUTH_TYPE",
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "GATEWAY_INTERFACE",
    "QUERY_STRING",
    "REQUEST_METHOD",
    "REQUEST_URI",
    "SERVER_PROTOCOL",
    "SERVER_SOFTWARE",
)
# Told without HTTP_ (RFC 3875, PEP 3333); lighttpd says it both ways.
UNTOLD = ("HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE")


def request(environment: Mapping[bytes, bytes]) -> Environ:
    """The variables of the request in a process's environment, bytes as latin-1, with mount, path and client."""
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in environment.items())
    environ: Environ = {name: value for name, value in pairs if name.startswith("HTTP_") or name in TOLD}
    for name in UNTOLD:
        environ.pop(name, None)
    # The path that the gateway was led to is another one than the client's.
    environ["PATH_INFO"] = path_of(environ["REQUEST_URI"])
    describe(environ)
    return environ


def end(signum: int, _frame: object) -> None:
    """Leave as an exception does, so that what the application began is ended; wsgiref says nothing of this one."""
    raise ConnectionAbortedError(f"the client has gone (signal {signum})")


def serve(options: Mapping[str, str]) -> int:
    """Answer the one request with ``entrypoint``."""
    # What the gateway sends when the client has gone.
    signal.signal(signal.SIGTERM, end)
    environ = request(os.environb)
    handler = BaseCGIHandler(
        sys.stdin.buffer, sys.stdout.buffer, sys.stderr, environ, multithread=False, multiprocess=True
    )
    handler.wsgi_run_once = True
    # Nothing of the process's own: that is no part of the request.
    handler.os_environ = {}
    application = load(options["entrypoint"])
    # What the application prints is for its log, and no part of the answer.
    sys.stdout = sys.stderr
    handler.run(application)
    return 0
