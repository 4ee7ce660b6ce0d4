# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One program run for a tenant: under its uid, in its slice, seeing only what it has to write to as writable.

systemd starts it as a transient service, so that the tenant's limits hold for it, and whatever it leaves running is
ended with it. Starting one costs about 30 ms.
"""

from __future__ import annotations

import base64
import contextlib
import os
import pwd
import re
import secrets
import shlex
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from .._errors import NodeError
from .run import INHERITED, PATH, run, tail

MAX_OUTPUT = 1 << 20
# What the client waits longer than systemd, which ends the job itself.
_GRACE = 60.0

# A slice is stopped with the last process in it. A job that comes just then is refused; systemd-run of Debian 12 cannot
# ask for the stop to be called off (--job-mode=replace), so we wait until it is done.
_DESTRUCTIVE = " is destructive "
SLICE_LEAVES = 30.0
SLICE_LOOK = 0.05


class JobError(NodeError):
    """A job that did not end well. code: its exit code, None where it was not its own; said: its last lines."""

    def __init__(self, what: str, ending: str, said: Sequence[str], code: int | None) -> None:
        super().__init__(f"{what}: {ending}", *said)
        self.what, self.said, self.code = what, list(said), code


@dataclass(frozen=True)
class Job:
    """name: of the app; path: a folder put first on PATH; writable: folders (absent ones are fine);
    binds: (source, target) of bind mounts; seconds: after which it is ended."""

    name: str
    argv: tuple[str, ...]
    account: pwd.struct_passwd
    folder: str = "/"
    path: str = ""
    environment_file: str | None = None
    writable: tuple[str, ...] = ()
    binds: tuple[tuple[str, str], ...] = ()
    seconds: float = 600.0


def units(name: str) -> str:
    """The pattern of the units that an app's jobs run in. No app's own units match it: names hold no dots."""
    return f"hostel-job.{name}@*.service"


def perform(job: Job, what: str, stdin: IO[bytes] | None = None) -> str:
    """Run a job to its end and return its output, the last MAX_OUTPUT bytes of it.

    what: begins the error's first line. Raises JobError, with the output's last lines, unless it ends with code 0.
    """
    deadline = time.monotonic() + SLICE_LEAVES
    code, text, said = _attempt(job, what, stdin)
    while slice_leaves(said) and time.monotonic() < deadline:
        time.sleep(SLICE_LOOK)
        code, text, said = _attempt(job, what, stdin)
    # systemd calls it a success when SIGTERM ends a service.
    if code != 0 or "code=killed" in said:
        exited = "code=exited" in said and "Finished with result: exit-code" in said
        lines = tail(text) or _own_words(said)
        raise JobError(what, _ending(said, code, job.seconds), lines, code if exited else None)
    return text


def slice_leaves(said: str) -> bool:
    """Whether systemd-run, by its own words, would have started a job if the tenant's slice were not just leaving."""
    return _DESTRUCTIVE in said


def _attempt(job: Job, what: str, stdin: IO[bytes] | None) -> tuple[int, str, str]:
    """The exit code of systemd-run, the job's output, and systemd-run's own words."""
    with tempfile.TemporaryFile() as words:
        try:
            process = subprocess.Popen(
                command(job),
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                stdout=subprocess.PIPE,
                stderr=words,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise NodeError(f"{what}: cannot start systemd-run: {error.strerror or error}") from error
        with process:
            output = _read(process)
            try:
                code = process.wait(timeout=_GRACE)
            except subprocess.TimeoutExpired:
                stop(job.name)
                process.kill()
                code = process.wait()
        words.seek(0)
        said = words.read().decode("utf-8", "replace")
    return code, output.decode("utf-8", "replace"), said


def stop(name: str) -> None:
    """End a job that an interrupted run left behind, with all its processes."""
    run(["systemctl", "stop", units(name)], what=f"ending {units(name)}", check=False)


def command(job: Job) -> list[str]:
    """The argument list that starts a job."""
    settings = {
        "User": str(job.account.pw_uid),
        "Group": str(job.account.pw_gid),
        "Slice": f"user-{job.account.pw_uid}.slice",
        "WorkingDirectory": job.folder,
        "UMask": "0022",
        "NoNewPrivileges": "yes",
        "PrivateTmp": "yes",
        "ProtectSystem": "strict",
        "RuntimeMaxSec": f"{job.seconds:g}",
        "TimeoutStopSec": "5",
        "KillMode": "control-group",
        "LimitCORE": "0",
    }
    if job.environment_file is not None:
        settings["EnvironmentFile"] = job.environment_file
    properties = [f"{key}={value}" for key, value in settings.items()]
    properties += [f"ReadWritePaths={_word('-' + path)}" for path in job.writable]
    properties += [f"BindPaths={_word(source)}:{_word(target)}" for source, target in job.binds]
    properties += [f"Environment={_word(f'{key}={value}')}" for key, value in _environment(job.account).items()]
    return [
        "systemd-run",
        "--pipe",
        "--wait",
        "--collect",
        # A new name for each: systemd may still be forgetting the job before.
        f"--unit={units(job.name).replace('*', secrets.token_hex(8))}",
        f"--description=Job of {job.name} (hostel.python)",
        *(part for value in properties for part in ("--property", value)),
        "--",
        "/bin/sh",
        "-c",
        _script(job),
    ]


def _environment(account: pwd.struct_passwd) -> dict[str, str]:
    base = {name: os.environ[name] for name in INHERITED if os.environ.get(name)}
    base.update(HOME=account.pw_dir, USER=account.pw_name, LOGNAME=account.pw_name, LANG="C.UTF-8", PATH=PATH)
    return base


def _script(job: Job) -> str:
    """What the shell runs, in letters that mean themselves to systemd.

    While systemd reads its units again (daemon-reload) it takes a transient service's command from the file that it has
    written for it, in which 252 means "\\;" by a semicolon and 257 means "$$" by a dollar sign.
    """
    # What comes first on PATH does so whatever an environment file says. The program's own output and errors come in
    # one stream, in their order; systemd-run's words are the other one.
    first = f'PATH={shlex.quote(job.path)}:"$PATH"\nexport PATH\n' if job.path else ""
    script = f"{first}exec {' '.join(map(shlex.quote, job.argv))} 2>&1\n"
    return f'eval "`echo {base64.b64encode(script.encode()).decode()} | base64 -d`"'


def _word(text: str) -> str:
    """One word of a list given to ``systemd-run --property``: quotes as in systemd.syntax(7), but no specifiers."""
    if "\n" in text or "\0" in text:
        raise NodeError(f"{text!r}: holds a newline or a NUL, which systemd cannot take here")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _read(process: subprocess.Popen[bytes]) -> bytes:
    """The end of the output; the pipe closes when the last of the job's processes is gone."""
    if process.stdout is None:
        return b""
    kept = bytearray()
    with contextlib.closing(process.stdout) as pipe:
        while True:
            piece = os.read(pipe.fileno(), 1 << 16)
            if not piece:
                return bytes(kept[-MAX_OUTPUT:])
            kept += piece
            if len(kept) > 2 * MAX_OUTPUT:
                del kept[:-MAX_OUTPUT]


def _ending(said: str, code: int, seconds: float) -> str:
    result = re.search(r"^Finished with result: (\S+)", said, re.MULTILINE)
    if result is None:
        return "could not be started"
    if result.group(1) == "timeout":
        return f"took longer than {seconds:g} s and was ended"
    status = re.search(r"code=(\w+)[,/] ?status=(\S+)", said)
    if result.group(1) == "oom-kill" or (status and status.group(1) == "killed" and "KILL" in status.group(2)):
        return "was killed, most likely for want of memory: the tenant's memory limit holds here too"
    if status and status.group(1) != "exited":
        return f"was ended by a signal ({status.group(2)})"
    return f"ended with exit code {code}"


def _own_words(said: str) -> Sequence[str]:
    return [line for line in tail(said) if not line.startswith("Running as unit")]
