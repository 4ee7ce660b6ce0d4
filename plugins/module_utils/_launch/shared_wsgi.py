# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one WSGI script of the two Apaches that apps share: loads the release that a request names.

mod_wsgi runs it in a spare daemon under the tenant's account (mode pool), or in an interpreter of the release's own
within Apache's processes (mode embedded). Either loads one release in its life. Which one Apache says, after its map of
sites; what to load stands in the release's settings, which are root's.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import site
import socket
import stat
import sys
import threading
import time
from urllib.parse import unquote_to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    Environ = dict[str, Any]
    App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

APPS = "/var/lib/hostel/apps"
SETTINGS = "shared_wsgi.json"
# Our own modules: beside this script.
PROGRAMS = "/opt/hostel/lib"

# What Apache tells us and an app is not told; the last two have our Apache's own port in them.
OWN = ("HOSTEL_RELEASE", "HOSTEL_DAEMON", "SCRIPT_URI", "SCRIPT_URL")
# mod_wsgi's own streams are kept: what nobody has any more complains in the log about its request, which is over.
STREAMS = (sys.stdout, sys.stderr)
# An idle app is looked at this often at the least, in seconds.
LOOK_EVERY = 30.0


class Holder:
    """The one release that this interpreter runs, once it has loaded it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tag = ""
        self._app: App | None = None
        self._failed = False
        self.asked = time.monotonic()

    def app(self, tag: str) -> App:
        """The application of the release ``tag``, or what answers in its place: then the journal says why."""
        self.asked = time.monotonic()
        with self._lock:
            if self._app is None and not self._failed:
                settings = read_settings(tag)
                if settings["stopped"]:
                    return unavailable
                self._tag = tag
                self._app = load(settings)
                # What a daemon has half done is not done again: it ends, and Apache has a fresh one.
                self._failed = self._app is None and settings["mode"] == "pool"
            if self._tag != tag:
                return unavailable
            return self._app or broken


def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """What mod_wsgi calls."""
    app = HOLDER.app(environ["HOSTEL_RELEASE"])
    for name in OWN:
        environ.pop(name, None)
    # Apache has decoded the path, but leaves encoded slashes as they are.
    path = environ["REQUEST_URI"].partition("?")[0]
    environ["SCRIPT_NAME"] = ""
    environ["PATH_INFO"] = unquote_to_bytes(path.encode("latin-1")).decode("latin-1")
    # mod_wsgi closes its own at the end of the request, and complains where nobody has kept it.
    environ["mod_wsgi.errors"] = environ["wsgi.errors"]
    environ["wsgi.errors"] = sys.stderr
    return app(environ, start_response)


def unavailable(_environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers for an app that is stopped, and where another release is loaded already."""
    start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "1")])
    return [b"503 Service Unavailable\n"]


def broken(_environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers for an app that cannot be loaded."""
    start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
    return [b"500 Internal Server Error\n"]


def load(settings: dict[str, Any]) -> App | None:
    """The application; None where it can't be had, and its journal says why."""
    try:
        if settings["mode"] == "pool":
            become_the_tenants(settings)
        else:
            keep_apart(settings)
        app = enter(settings)
        return app if settings["mode"] == "pool" else saying(app)
    except Exception as error:  # noqa: BLE001 - whatever the app raises while it is imported
        report(error)
    if settings["mode"] == "pool":
        end()
    return None


def read_settings(tag: str) -> dict[str, Any]:
    """What _servers/shared_wsgi.py wrote for a release."""
    app, _at, identity = tag.partition("@")
    with open(f"{APPS}/{app}/{identity}/{SETTINGS}", encoding="utf-8") as file:
        settings: dict[str, Any] = json.load(file)
    return settings


def become_the_tenants(settings: dict[str, Any]) -> None:
    """Make this process, which is one of a pool until now, the app's: its slice, its journal, its environment."""
    slices = ours("enter_slice")
    slices.write_to_journal(settings["log"])
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    refusal = slices.be_adopted()
    if refusal is not None:
        raise RuntimeError(f"hostel: {settings['log']} is not started outside of its tenant's limits: {refusal}")
    with open(settings["environment"], encoding="utf-8", errors="surrogateescape") as lines:
        variables = slices.parse(lines.read())
    os.environ.clear()
    os.environ.update(variables)
    let_go()
    os.umask(0o022)
    os.chdir(settings["folder"])
    threading.Thread(target=watch, args=(settings["tag"],), name="hostel-idle", daemon=True).start()


def let_go() -> None:
    """Close the pipe by which Apache's master tells its processes to end: a daemon inherits it and does not need it.

    mod_wsgi's own pipe is the one that programs started from here would inherit too.
    """
    for name in os.listdir("/proc/self/fd"):
        fd = int(name)
        try:
            if stat.S_ISFIFO(os.fstat(fd).st_mode) and not os.get_inheritable(fd):
                os.close(fd)
        except OSError:
            # The folder itself, which is closed by now.
            continue


def keep_apart(settings: dict[str, Any]) -> None:
    """Give this interpreter its own view of what its process shares with those of other apps: journal, environment.

    The environment of the C library, which programs that an app starts inherit, is the whole process's, so it stays as
    it is: one app's values are not to be another's.
    """
    slices = ours("enter_slice")
    stream = slices.journal_stream(settings["log"])
    if stream is not None:
        sys.stdout = sys.stderr = lines_to(stream)
    with open(settings["environment"], encoding="utf-8", errors="surrogateescape") as lines:
        variables = slices.parse(lines.read())
    data = os.environ._data  # type: ignore[attr-defined]
    data.clear()
    data.update((os.fsencode(key), os.fsencode(value)) for key, value in variables.items())


def lines_to(stream: socket.socket) -> Any:
    """A text stream into a socket."""
    return open(stream.detach(), "w", encoding="utf-8", errors="backslashreplace", buffering=1)


def enter(settings: dict[str, Any]) -> App:
    """Enter the release's venv and load its application, wrapped for what the front says of a request."""
    venv = settings["venv"]
    packages = f"{venv}/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    if not os.path.isdir(packages):
        raise RuntimeError(f"{packages} is not there: this Apache runs Python {sys.version.split()[0]} alone")
    entrypoint, wsgi = ours("hostel_launch.entrypoint"), ours("hostel_launch.wsgi")
    # The standard library, the app's folder, its venv: nothing of what the distribution has beside it.
    library = [path for path in sys.path if not path.endswith(("dist-packages", "site-packages"))]
    sys.path[:] = [settings["folder"], *library]
    sys.prefix = sys.exec_prefix = venv
    sys.executable = f"{venv}/bin/python"
    site.addsitedir(packages)
    app: App = wsgi.Front(entrypoint.load(settings["entrypoint"], settings["folder"]))
    return app


def saying(app: App) -> App:
    """The app, whose exceptions are in its journal: what mod_wsgi says of them is in the log of the whole Apache."""

    close = ours("hostel_launch.pep3333").close

    def said(environ: dict[str, Any], start_response: Any) -> Any:
        try:
            pieces = app(environ, start_response)
        except Exception as error:
            report(error)
            raise
        # The first two run nothing of the app's; the other is a file, which mod_wsgi hands to the kernel as it is.
        plain = isinstance(pieces, (list, tuple)) or type(pieces).__module__ == "mod_wsgi"
        return pieces if plain else Said(pieces, close)

    return said


class Said:
    """The pieces of an answer, and in the app's journal why there are no more."""

    def __init__(self, pieces: Iterable[bytes], close: Callable[[Any], None]) -> None:
        self._pieces = pieces
        self._close = close

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except Exception as error:
            report(error)
            raise

    def close(self) -> None:
        self._close(self._pieces)


def report(error: Exception) -> None:
    """Say why the application can't be had, in its journal."""
    ours("hostel_launch.entrypoint").report(type(error), error, error.__traceback__)


def ours(name: str) -> Any:
    """A module of this collection's that lies on the node; only for so long its folder is where modules come from."""
    sys.path.insert(0, PROGRAMS)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(PROGRAMS)


def watch(tag: str) -> None:
    """End this process when the app has been idle for as long as it may be. Apache keeps an empty one ready."""
    import mod_wsgi  # type: ignore[import-not-found]  # noqa: PLC0415 - Apache's own, in its processes alone

    while True:
        patience: float | None = read_settings(tag)["idle_timeout"]
        if mod_wsgi.active_requests:
            HOLDER.asked = time.monotonic()
        idle = time.monotonic() - HOLDER.asked
        if patience is not None and idle >= patience:
            end()
            return
        time.sleep(LOOK_EVERY if patience is None else min(LOOK_EVERY, max(0.1, patience - idle)))


def end() -> None:
    """Finish what is being answered, then end; requests that come meanwhile wait for the next process."""
    os.kill(os.getpid(), signal.SIGTERM)


HOLDER = Holder()
