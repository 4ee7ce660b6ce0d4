# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx: what it refuses never lies where it reads; one graceful reload takes all changes."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Collection, Iterable

from .._errors import NodeError
from .._spec.layout import NGINX, STATE
from .._spec.resources import File
from . import takeover, trial
from .run import run, tail

# Lies there from the first rename until the reload was seen to be taken.
PENDING = f"{STATE}/nginx.pending"
PID_FILE = "/run/nginx.pid"
ERROR_LOG = "/var/log/nginx/error.log"

# A reload took 0.16 s with a thousand hosts.
_TAKEN_WITHIN = 20.0


def check(changed: Iterable[File], removed: Iterable[str] = (), *, folder: str = NGINX) -> None:
    """Ask the real ``nginx -t`` whether it takes the changes in ``folder``.

    Raises NodeError with nginx's own words, naming the app whose part of a file is at fault.
    """
    candidates = list(changed)
    what = "checking nginx's configuration"
    ran = trial.check(["nginx", "-t"], folder, candidates, removed, what=what, beside=STATE)
    words = tail(ran.stderr)
    if ran.rc != 0:
        raise NodeError(f"nginx refuses the configuration{_culprit(words, candidates)}; it stays as it was", *words)
    _require_unique(words, candidates)


def pending() -> bool:
    """Whether an earlier run was interrupted between its changes and nginx's taking them."""
    return takeover.pending(PENDING)


def install(changed: Iterable[File], removed: Collection[str] = (), *, folder: str = NGINX) -> bool:
    """Check, rename into place, reload once. Returns whether nginx had to take anything.

    Every state between two renames is one that nginx accepts: upstreams come before the locations that use them and
    go after them. Killed anywhere, the next call finishes. A rejected change leaves everything as it was.
    """
    wanted = sorted(changed, key=lambda file: _rank(file.path))
    leaving = sorted(removed, key=_rank, reverse=True)
    return takeover.install(PENDING, lambda: check(wanted, leaving, folder=folder), wanted, leaving, reload)


def reload() -> None:
    """Have nginx take its files, gracefully, and wait until it has; start it where it does not run.

    When this returns, new workers accept and the old ones only finish their requests. Raises NodeError when that
    does not happen, with what nginx logged.
    """
    master = _master()
    if master is None:
        run(["systemctl", "start", "nginx.service"], what="starting nginx", timeout=120)
        return
    before = _workers(master)
    logged = _log_size()
    # What "systemctl reload" comes to, without its reading all files once more: they have been checked.
    os.kill(master, signal.SIGHUP)
    deadline = time.monotonic() + _TAKEN_WITHIN
    while time.monotonic() < deadline:
        now = _workers(master)
        if now - before and not any(_accepts(pid) for pid, _start in now & before):
            return
        if any("[emerg]" in line for line in _log_since(logged)):
            break
        time.sleep(0.02)
    raise NodeError("nginx did not take its new configuration; it goes on with the old one", *_log_since(logged))


def _rank(path: str) -> tuple[int, str]:
    """Upstreams first, then what includes nothing, then server blocks."""
    if "/upstreams/" in path or "/hostel-proxy-" in path:
        return 0, path
    return (1 if "/hostel-locations/" in path else 2), path


def _require_unique(words: Iterable[str], candidates: Iterable[File]) -> None:
    """nginx only warns of a second server block for a host, and then never uses it."""
    for host in sorted({name for line in words for name in re.findall(r'conflicting server name "([^"]+)"', line)}):
        if any(f'server_name "{host}";'.encode() in file.content for file in candidates):
            raise NodeError(
                f"host {host}: another file of nginx's has a server block for this host and would answer in place of "
                "the new one; take the host out of there (nginx -T shows where)"
            )


def _master() -> int | None:
    """The process id of nginx's master, None if it doesn't run. The file is root's, in a folder of root's."""
    try:
        with open(PID_FILE, encoding="ascii") as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/comm", encoding="ascii") as file:
            return pid if file.read().strip() == "nginx" else None
    except (OSError, ValueError):
        return None


def _workers(master: int) -> frozenset[tuple[int, str]]:
    """The master's children by process id and start time (ids are used again)."""
    try:
        with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as file:
            return frozenset((int(pid), _started(int(pid))) for pid in file.read().split())
    except OSError as error:
        raise NodeError(f"nginx's master process {master} ended while its configuration was changed") from error


def _accepts(pid: int) -> bool:
    """Whether a worker still takes connections. The master lets new and old ones do so side by side for 0.1 s; then
    the old ones change their title (ngx_worker_process_cycle)."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"shutting down" not in file.read()
    except OSError:
        return False


def _started(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            # Field 22, counted behind the name, which may hold anything.
            return file.read().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _culprit(words: list[str], candidates: Iterable[File]) -> str:
    """Whose part of a file it is, if nginx says a line: " of app NAME", " of proxy NAME" or " in PATH"."""
    for path, number in re.findall(r" in (/\S+):([0-9]+)", "\n".join(words)):
        upstream = re.search(r"/upstreams/([^/]+)\.conf$", path)
        if upstream:
            return f" of app {upstream.group(1)}"
        text = next((file.content.decode() for file in candidates if file.path == path), "")
        above = re.findall(r"^ *# (app \S+|proxy \S+)$", "\n".join(text.splitlines()[: int(number)]), re.MULTILINE)
        return f" of {above[-1]}" if above else f" in {path}"
    return ""


def _log_size() -> int:
    try:
        return os.stat(ERROR_LOG).st_size
    except OSError:
        return 0


def _log_since(size: int) -> list[str]:
    try:
        with open(ERROR_LOG, "rb") as file:
            file.seek(size)
            return tail(file.read(1 << 16).decode("utf-8", "replace"))
    except OSError as error:
        return [f"{ERROR_LOG}: {error.strerror}"]
