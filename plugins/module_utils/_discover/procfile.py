# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line ``web:`` of a Procfile, which people upload who come from a platform that reads one."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from .._spec.servers import SERVERS
from .frameworks import ASGI, HTTP, WSGI
from .source import Source

PROCFILE = "Procfile"
_LINE = re.compile(r"^web\s*:\s*(\S.*)$", re.MULTILINE)
_TARGET = re.compile(r"[A-Za-z_][\w.]*(?::[A-Za-z_][\w.]*(?:\(\))?)?", re.ASCII)
_SHELL = re.compile(r"[|&;<>`]|\$\(")

# Programs that call an application, and how; all but one are servers of ours by the same name.
_CALLERS = {
    "gunicorn": WSGI,
    "waitress-serve": WSGI,
    "uvicorn": ASGI,
    "hypercorn": ASGI,
    "daphne": ASGI,
    "granian": ASGI,
}
# Options of theirs that take no value.
_FLAGS = frozenset(
    {
        "--access-log", "--capture-output", "--check-config", "--daemon", "--debug", "--factory", "--no-access-log",
        "--no-control-socket", "--no-date-header", "--no-proxy-headers", "--no-sendfile", "--no-server-header",
        "--no-use-colors", "--no-ws", "--preload", "--proxy-headers", "--reload", "--spew", "--use-colors", "-D", "-R",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Web:
    """What the line says. entrypoint: None where the program calls none; server: one of ours, or None; interface: as
    that server would call the entry point; line: the whole command, for the shell."""

    line: str
    entrypoint: str | None = None
    server: str | None = None
    interface: str = HTTP


def web(source: Source) -> Web | None:
    """The line ``web:`` of a source's Procfile, if there is one."""
    found = _LINE.search(source.text(PROCFILE) or "")
    if found is None:
        return None
    line = found[1].strip()
    try:
        words = shlex.split(line)
    except ValueError:
        return Web(line)
    if _SHELL.search(line) or not words:
        return Web(line)
    if words[:2] == ["python", "-m"]:
        words = words[2:]
    program, arguments = words[0], words[1:]
    if program not in _CALLERS or any(word.startswith(("--chdir", "--app-dir", "--pythonpath")) for word in arguments):
        return Web(line)
    target = _target(arguments)
    if target is None:
        return Web(line)
    asgi_worker = program == "gunicorn" and re.search(r"(uvicorn|asgi)[\w.]*Worker|[\s=]asgi\b", line)
    default = "application" if program == "gunicorn" else "app"
    entrypoint = target if ":" in target else f"{target}:{default}"
    if "--factory" in arguments and not entrypoint.endswith("()"):
        entrypoint += "()"
    return Web(
        line,
        entrypoint,
        program if program in SERVERS else None,
        ASGI if asgi_worker else _interface(program, arguments),
    )


def _interface(program: str, arguments: list[str]) -> str:
    if program == "granian" and re.search(r"--interface[ =]wsgi", " ".join(arguments)):
        return WSGI
    return _CALLERS[program]


def _target(arguments: list[str]) -> str | None:
    """The one argument that is neither an option nor an option's value."""
    rest = iter(arguments)
    for word in rest:
        if not word.startswith("-"):
            return word if _TARGET.fullmatch(word) else None
        if word not in _FLAGS and "=" not in word and not re.fullmatch(r"-[a-z]\S+", word):
            next(rest, None)
    return None
