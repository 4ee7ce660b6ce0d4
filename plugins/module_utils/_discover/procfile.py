# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line ``web:`` of a Procfile, which people upload who come from a platform that reads one.

What changes how the application runs is either taken over or told of; where it listens and logs is the node's matter.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from .._spec.app import App, number_of_threads, number_of_workers
from .._spec.problems import Wrong
from .._spec.servers import SERVERS
from .candidate import Candidate
from .frameworks import ASGI, HTTP, WSGI
from .source import Source

PROCFILE = "Procfile"
_LINE = re.compile(r"^web\s*:\s*(\S.*)$", re.MULTILINE)
_TARGET = re.compile(r"[A-Za-z_][\w.]*(?::[A-Za-z_][\w.]*(?:\(\))?)?", re.ASCII)
_SHELL = re.compile(r"[|&;<>`]|\$\(")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)

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
        "--access-log", "--call", "--capture-output", "--check-config", "--daemon", "--debug", "--factory",
        "--no-access-log", "--no-control-socket", "--no-date-header", "--no-proxy-headers", "--no-sendfile",
        "--no-server-header", "--no-use-colors", "--no-ws", "--preload", "--proxy-headers", "--reload", "--spew",
        "--use-colors", "-D", "-R",
    }
)  # fmt: skip
# Where it listens, what it logs where, what it believes its front: that is the node's matter, whatever they say.
_NODES = frozenset(
    {
        "--access-log", "--access-logfile", "--access-logformat", "--bind", "--capture-output", "--error-logfile",
        "--forwarded-allow-ips", "--host", "--listen", "--log-file", "--log-level", "--name", "--no-access-log",
        "--no-use-colors", "--pid", "--port", "--proxy-headers", "--use-colors", "--worker-tmp-dir", "-b", "-n", "-p",
    }
)  # fmt: skip
# What says which folder modules are imported from: with one of these a target means something else.
_FOLDERS = frozenset({"--app-dir", "--chdir", "--pythonpath", "--working-dir"})
_WORKERS = {
    "gunicorn": ("-w", "--workers"),
    "uvicorn": ("--workers",),
    "hypercorn": ("-w", "--workers"),
    "granian": ("--workers",),
}
_THREADS = {"gunicorn": ("--threads",), "waitress-serve": ("--threads",)}
# What is named is to be called without arguments first.
_FACTORY = ("--call", "--factory")
_CLASSES = ("-k", "--worker-class")
# Classes of gunicorn's workers that call an application as ours do; and others for WSGI.
_USUAL_CLASSES = frozenset({"sync", "gthread", "asgi"})
_ASGI_CLASS = re.compile(r"asgi|[\w.]*(?:uvicorn|asgi)[\w.]*Worker")
_GREEN_CLASS = re.compile(r"(?:egg:gunicorn#)?(?:gevent|eventlet)[\w.]*")


@dataclass(frozen=True)
class Web:
    """What the line says. entrypoint: None where it calls none, or none that can be told; server: one of ours, or None;
    interface: as that server would call the entry point; line: the whole command, for the shell; workers, threads: as
    in App; dropped: what of it is not taken over; obstacle: why there is no entry point."""

    line: str
    entrypoint: str | None = None
    server: str | None = None
    interface: str = HTTP
    workers: int | None = None
    threads: int | None = None
    dropped: tuple[str, ...] = ()
    obstacle: str = ""

    @property
    def command(self) -> tuple[str, ...]:
        """The line as a command; a single program takes the shell's place."""
        single = not _SHELL.search(self.line) and not _ASSIGNMENT.match(self.line)
        return ("/bin/sh", "-c", f"exec {self.line}" if single else self.line)


def web(source: Source) -> Web | None:
    """The line ``web:`` of a source's Procfile, if there is one."""
    found = _LINE.search(source.text(PROCFILE) or "")
    if found is None:
        return None
    line = found[1].strip()
    try:
        words = shlex.split(line)
    except ValueError:
        return Web(line, obstacle="its quotes are not closed")
    if _SHELL.search(line) or not words:
        return Web(line, obstacle="it is more than one command")
    if _ASSIGNMENT.match(words[0]):
        return Web(line, obstacle="it sets variables, which belong into env")
    if words[0] in ("python", "python3") and words[1:2] == ["-m"]:
        words = words[2:]
    program = words[0] if words else ""
    if program not in _CALLERS:
        return Web(line, obstacle="it starts a program that calls no application")
    return _call(line, program, _Arguments(words[1:]))


def followed(app: App, one: Candidate, source: Source) -> tuple[App, str]:
    """``app`` with the numbers that the line gives where nobody else does, and a clause for the operator that says what
    of the line counts. one: what was found to run, by the line or without it."""
    line = web(source)
    if line is None:
        return app, ""
    if one.path != PROCFILE:
        obstacle = line.obstacle or f"it starts {line.entrypoint} ({line.interface})"
        return app, f"; the line web: of {PROCFILE} is not followed: {obstacle}"
    if line.entrypoint is None:
        return app, ""
    kind = SERVERS.get((line.server or "") if app.server == "auto" else app.server)
    said = {"workers": line.workers, "threads": line.threads}
    useful = {"workers": kind is None or kind.workers, "threads": one.interface == WSGI and (not kind or kind.threads)}
    taken = {key: value for key, value in said.items() if value and useful[key] and getattr(app, key) is None}
    dropped = [*line.dropped, *(f"{key} {value}" for key, value in said.items() if value and not useful[key])]
    clause = f"; {' and '.join(f'{key}: {value}' for key, value in taken.items())} by that line" if taken else ""
    if dropped:
        clause += f"; not taken over from that line: {', '.join(dropped)}"
    workers, threads = taken.get("workers", app.workers), taken.get("threads", app.threads)
    return replace(app, workers=workers, threads=threads), clause


class _Arguments:
    """A command line's. target: the first that is neither an option nor an option's value; options: the others, each
    with its value, "" for none."""

    def __init__(self, words: Sequence[str]) -> None:
        self.target: str | None = None
        self.options: list[tuple[str, str]] = []
        rest = iter(words)
        for word in rest:
            short = re.fullmatch(r"(-[a-z])(.+)", word)
            if not word.startswith("-"):
                self.target = self.target or word
            elif word in _FLAGS:
                self.options.append((word, ""))
            elif short:
                self.options.append((short[1], short[2]))
            elif "=" in word:
                name, _equals, value = word.partition("=")
                self.options.append((name, value))
            else:
                self.options.append((word, next(rest, "")))

    def value(self, names: Sequence[str]) -> str:
        """What an option says; the last one counts."""
        return next((value for name, value in reversed(self.options) if name in names), "")


@dataclass
class _Reading:
    """Options on their way: those that are taken over, and the rest."""

    workers: int | None = None
    threads: int | None = None
    dropped: list[str] = field(default_factory=list)


def _call(line: str, program: str, arguments: _Arguments) -> Web:
    """A line that starts one of the known servers."""
    folder = next((name for name, _value in arguments.options if name in _FOLDERS), None)
    if folder:
        return Web(line, obstacle=f"with {folder} it imports from another folder")
    if arguments.target is None or not _TARGET.fullmatch(arguments.target):
        return Web(line, obstacle=f"what {program} is to call can't be told")
    kind = arguments.value(_CLASSES) if program == "gunicorn" else ""
    if kind and not (kind in _USUAL_CLASSES or _ASGI_CLASS.fullmatch(kind) or _GREEN_CLASS.fullmatch(kind)):
        return Web(line, obstacle=f"how workers of the class {kind} call an application is not known")
    default = "application" if program == "gunicorn" else "app"
    entrypoint = arguments.target if ":" in arguments.target else f"{arguments.target}:{default}"
    if any(name in _FACTORY for name, _value in arguments.options) and not entrypoint.endswith("()"):
        entrypoint += "()"
    read = _read(program, arguments)
    return Web(
        line,
        entrypoint,
        program if program in SERVERS else None,
        ASGI if _ASGI_CLASS.fullmatch(kind) else _interface(program, arguments),
        read.workers,
        read.threads,
        tuple(read.dropped),
    )


def _read(program: str, arguments: _Arguments) -> _Reading:
    read = _Reading()
    for name, value in arguments.options:
        if name in _WORKERS.get(program, ()):
            read.workers = _number(value, number_of_workers)
            taken = read.workers is not None
        elif name in _THREADS.get(program, ()):
            read.threads = _number(value, number_of_threads)
            taken = read.threads is not None
        elif name in _CLASSES and program == "gunicorn":
            taken = value in _USUAL_CLASSES or _ASGI_CLASS.fullmatch(value) is not None
        else:
            taken = name in _NODES or name in _FACTORY or (program == "granian" and name == "--interface")
        if not taken:
            read.dropped.append(f"{name} {value}".strip())
    return read


def _number(value: str, reader: Callable[[object], int]) -> int | None:
    """A number that the inventory could have, too; None for any other, a variable of the other platform for one."""
    try:
        return reader(value)
    except Wrong:
        return None


def _interface(program: str, arguments: _Arguments) -> str:
    if program == "granian" and arguments.value(("--interface",)) == WSGI:
        return WSGI
    return _CALLERS[program]
