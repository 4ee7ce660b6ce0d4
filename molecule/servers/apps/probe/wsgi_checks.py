# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that PEP 3333 promises an application, checked at every request, whatever the request is about.

wsgiref.validate does most of it. What it does not look at is here; what is found is noted, and the request goes on.
"""

from __future__ import annotations

import ipaddress
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.validate import WSGIWarning, validator

from process import violation

# What it only warns of (an unknown method, no QUERY_STRING) is not allowed either.
warnings.filterwarnings("error", category=WSGIWarning)

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Any]
FLAGS = ("wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once")


def checked(app: WsgiApp) -> WsgiApp:
    """The same application behind the checks."""
    validated = validator(app)

    def checking(environ: Environ, start_response: Any) -> Any:
        about = f"{environ.get('REQUEST_METHOD')} {environ.get('PATH_INFO')}"
        for found in _environ(environ):
            violation(f"{about}: {found}")
        try:
            return Watched(validated(environ, start_response), about)
        except (AssertionError, WSGIWarning) as error:
            violation(f"{about}: {error!r}")
            raise

    return checking


def _environ(environ: Environ) -> Iterator[str]:
    """What is wrong with an environ, beyond what wsgiref.validate finds (PEP 3333, environ Variables)."""
    yield from _strings(environ)
    if environ.get("wsgi.version") != (1, 0):
        yield f"wsgi.version is {environ.get('wsgi.version')!r}"
    if environ.get("wsgi.url_scheme") not in ("http", "https"):
        yield f"wsgi.url_scheme is {environ.get('wsgi.url_scheme')!r}"
    for name in FLAGS:
        if environ.get(name) not in (True, False):
            yield f"{name} is {environ.get(name)!r} and neither true nor false"
    yield from _place(environ)
    yield from _address(environ.get("REMOTE_ADDR", ""))


def _strings(environ: Environ) -> Iterator[str]:
    for name, value in environ.items():
        if name.startswith("wsgi."):
            continue
        if name.isupper() and not isinstance(value, str):
            yield f"{name} is {value!r} and no native string"
        elif isinstance(value, str) and any(ord(character) > 255 for character in value):
            yield f"{name} is {value!r}: a native string holds bytes as latin-1"


def _place(environ: Environ) -> Iterator[str]:
    script, path = environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", "")
    if script and (not script.startswith("/") or script.endswith("/")):
        yield f"SCRIPT_NAME is {script!r}"
    if path and not path.startswith("/"):
        yield f"PATH_INFO is {path!r}"
    if not environ.get("SERVER_NAME") or not str(environ.get("SERVER_PORT", "")).isdigit():
        yield f"SERVER_NAME is {environ.get('SERVER_NAME')!r}, SERVER_PORT is {environ.get('SERVER_PORT')!r}"
    if not str(environ.get("SERVER_PROTOCOL", "")).startswith("HTTP/1."):
        yield f"SERVER_PROTOCOL is {environ.get('SERVER_PROTOCOL')!r}"
    length = environ.get("CONTENT_LENGTH", "")
    if length and not length.isdigit():
        yield f"CONTENT_LENGTH is {length!r}"


def _address(address: str) -> Iterator[str]:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        yield f"REMOTE_ADDR is {address!r}"


class Watched:
    """An answer that notes whether the server closes it, which it must, however the request ends."""

    def __init__(self, answer: Any, about: str) -> None:
        self.answer = answer
        self.pieces = iter(answer)
        self.about = about
        self.closed = False

    def __iter__(self) -> Watched:
        return self

    def __next__(self) -> bytes:
        try:
            return bytes(next(self.pieces))
        except (AssertionError, WSGIWarning) as error:
            violation(f"{self.about}: {error!r}")
            raise

    def close(self) -> None:
        self.closed = True
        self.answer.close()

    def __del__(self) -> None:
        if not self.closed:
            violation(f"{self.about}: close() of the answer was not called")
