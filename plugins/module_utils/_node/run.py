# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a program and saying well what went wrong with it."""

from __future__ import annotations

import contextlib
import os
import pwd
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .._errors import NodeError

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What the operator's environment may say to a program that is started under another account.
INHERITED = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE")


@dataclass(frozen=True)
class Ran:
    """A program that ended. Output is decoded as UTF-8, undecodable bytes replaced."""

    argv: tuple[str, ...]
    rc: int
    stdout: str
    stderr: str


def tail(text: str, lines: int = 20) -> list[str]:
    """Return the last ``lines`` lines of a tool's output that are not blank."""
    return [line.rstrip() for line in text.splitlines() if line.strip()][-lines:]


def run(
    argv: Sequence[str],
    *,
    what: str,
    user: pwd.struct_passwd | None = None,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    timeout: float = 600,
    check: bool = True,
) -> Ran:
    """Run a program to its end; safe in threads.

    what: completes "could not ...: ", in the operator's words ("tenant alice: making the account").
    user: run it with the ids and groups of this account and a clean environment; None runs it as we are.
    env: added to the environment. timeout: seconds, after which the program and its children are killed.
    Raises NodeError with the program's last 20 lines when it can't be started, takes too long, or
    (unless ``check`` is false) ends with another code than 0.
    """
    ids: dict[str, object] = {}
    if user is not None:
        ids = {
            "user": user.pw_uid,
            "group": user.pw_gid,
            "extra_groups": os.getgrouplist(user.pw_name, user.pw_gid),
        }
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(user, env),
            cwd=cwd if cwd is not None else "/",
            close_fds=True,
            start_new_session=True,
            **ids,  # type: ignore[call-overload]
        )
    except OSError as error:
        raise NodeError(f"{what}: cannot start {argv[0]}: {error.strerror or error}") from error
    with process:
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            raise NodeError(
                f"{what}: {shlex.quote(argv[0])} took longer than {timeout:g} s and was ended", *_words(out, err)
            ) from error
    ran = Ran(tuple(argv), process.returncode, _text(out), _text(err))
    if check and ran.rc != 0:
        raise NodeError(f"{what}: {argv[0]} {_ending(ran.rc)}", *_words(out, err))
    return ran


def _environment(user: pwd.struct_passwd | None, env: Mapping[str, str] | None) -> dict[str, str]:
    if user is None:
        base = {name: value for name, value in os.environ.items() if name != "LANGUAGE"}
    else:
        base = {name: os.environ[name] for name in INHERITED if name in os.environ}
        base.update(HOME=user.pw_dir, USER=user.pw_name, LOGNAME=user.pw_name)
    base.update(PATH=PATH, LC_ALL="C.UTF-8")
    base.update(env or {})
    return base


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    return f"was ended by signal {-code} ({signal.strsignal(-code)})"


def _text(output: bytes) -> str:
    return output.decode("utf-8", "replace")


def _words(out: bytes, err: bytes) -> list[str]:
    """Return what the program said last: errors if it wrote any, else its output."""
    return tail(_text(err)) or tail(_text(out))
