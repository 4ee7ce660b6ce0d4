# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several processes that serve one application at one socket, for servers that have no such thing of their own.

The parent imports nothing of the application. It starts one worker, and the others when that one is ready, so that a
sleeping app's first answer does not wait for processes that it does not need, and an application that cannot be loaded
says so once.
"""

from __future__ import annotations

import os
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    # Serves until SIGTERM; calls its argument when the application is ready; gives the exit code.
    Work = Callable[[Callable[[], None]], int]

# A worker tells its parent by this signal that it is ready. Those from SIGRTMIN on are queued, none is lost.
READY = signal.SIGRTMIN
STOP = (signal.SIGTERM, signal.SIGINT)
WATCHED = (*STOP, signal.SIGCHLD, READY)
# A worker that could not start is started again after so many seconds, as long as others serve.
PAUSE = 2.0


def run(count: int, work: Work, ready: Callable[[], None]) -> int:
    """Keep ``count`` processes at ``work`` until SIGTERM; the exit code.

    ``ready`` is called in the parent when the first one is. One worker is this process itself. Where the first one does
    not become ready, or none is left that is and the next one fails, its exit code is the end of all.
    """
    if count == 1:
        return work(ready)
    return _Workers(count, work, ready).run()


class _Workers:
    def __init__(self, count: int, work: Work, ready: Callable[[], None]) -> None:
        self._count = count
        self._work = work
        self._ready = ready
        self._running: dict[int, bool] = {}  # by process id: it is ready
        self._told = False
        self._code: int | None = None  # set once all are to end
        self._start_at = 0.0

    def run(self) -> int:
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        while self._running or self._code is None:
            self._fill()
            heard = signal.sigtimedwait(WATCHED, PAUSE)
            if heard is not None and heard.si_signo in STOP:
                self._leave(0)
            elif heard is not None and heard.si_signo == READY and heard.si_pid in self._running:
                self._is_ready(heard.si_pid)
            self._bury()
        return self._code

    def _fill(self) -> None:
        wanted = self._count if self._told else 1
        while self._code is None and len(self._running) < wanted and time.monotonic() >= self._start_at:
            self._start()

    def _start(self) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
            raise SystemExit(self._work(lambda: os.kill(parent, READY)))
        self._running[pid] = False

    def _is_ready(self, pid: int) -> None:
        self._running[pid] = True
        if not self._told:
            self._told = True
            self._ready()

    def _leave(self, code: int) -> None:
        if self._code is None:
            self._code = code
            for pid in self._running:
                os.kill(pid, signal.SIGTERM)

    def _bury(self) -> None:
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            was_ready = self._running.pop(pid, None)
            if was_ready is not None and self._code is None:
                self._replace(pid, was_ready, os.waitstatus_to_exitcode(status))

    def _replace(self, pid: int, was_ready: bool, code: int) -> None:
        """A code below zero is that of the signal which ended the process."""
        if not was_ready and not any(self._running.values()):
            self._leave(code if code > 0 else 1)
            return
        how = f"was ended by signal {-code}" if code < 0 else f"ended by itself with code {code}"
        sys.stderr.write(f"hostel: worker {pid} {how}; another one is started\n")
        if not was_ready:
            self._start_at = time.monotonic() + PAUSE
