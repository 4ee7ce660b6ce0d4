# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Source ``build``: an interpreter compiled from its source, by an account without rights, in a unit of its own.

The unit outlives the connection that started it: whoever calls again finds the build where it is. What it leaves is
taken over only when its last step wrote the word for it.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from .._errors import NodeError
from .._spec.layout import STATE
from .._spec.python import PythonVersion
from .._spec.resources import File, Folder
from . import debian, files, workbench
from .interpreter_fetch import obtain
from .interpreter_stamp import folder, identity
from .interpreter_tar import unpack
from .run import run, tail

LOGS = "/var/log/hostel"
PACKAGES = (
    "binutils",
    "gcc",
    "libbz2-dev",
    "libc6-dev",
    "libffi-dev",
    "liblzma-dev",
    "libncurses-dev",
    "libreadline-dev",
    "libsqlite3-dev",
    "libssl-dev",
    "libzstd-dev",
    "make",
    "pkg-config",
    "uuid-dev",
    "xz-utils",
    "zlib1g-dev",
)
# CPython 3.13 and 3.14, to give whoever waits an idea. An optimised build compiles everything twice.
_ABOUT = {False: " of about 370", True: " of about 800"}
_LONGEST = 4 * 3600
_SCRIPT = """
set -eu
stage() { echo "hostel: $*"; }
stage unpacking
mkdir source root
tar -xf "$SOURCE" --strip-components=1 --no-same-owner -C source
cd source
stage configuring
./configure "$@"
stage compiling
make -j"$JOBS"
stage installing
make install DESTDIR="$PWD/../root"
cd ../root
find . -depth -type d \\( -name test -o -name tests -o -name idle_test \\) -path '*/lib/python3*' \
    -not -path '*/site-packages/*' -exec rm -rf {} +
find . -name '*.opt-[12].pyc' -delete
find . -name '*.a' -delete
chmod -R u+w .
stage finished
: > ../finished
"""


@dataclass(frozen=True)
class Progress:
    """A build that is not finished. stage: what it does now; seconds: since it was started; log: a file on the node."""

    version: str
    stage: str
    seconds: int
    log: str


def install(python: PythonVersion, staging: str, what: str, jobs: int, deadline: float | None) -> str | Progress:
    """Compile, or go on waiting for a build that was begun; return the interpreter's folder in ``staging``.

    jobs: compilers at a time. deadline: on time.monotonic()'s clock, when to come back with the progress instead.
    Raises NodeError; a failed build leaves its log.
    """
    base, unit = f"{STATE}/build/{python.version}", _unit(python)
    if not _is_of(base, python):
        run(["systemctl", "stop", unit], what=f"{what}: ending another build", check=False, timeout=120)
        run(["systemctl", "reset-failed", unit], what=f"{what}: forgetting another build", check=False)
        files.remove(base)
    # A failed unit stays known until it was reported here; one that a restart of the node ended does not.
    if not _finished(base) and _state(unit) == "inactive":
        files.remove(base)
        _prepare(base, python, what)
        _start(base, python, what, jobs)
    while _state(unit) in ("active", "activating", "deactivating"):
        if deadline is not None and time.monotonic() >= deadline:
            return _progress(base, python)
        time.sleep(1.0)
    if not _finished(base):
        run(["systemctl", "reset-failed", unit], what=f"{what}: forgetting the failed build", check=False)
        said = _log(python)
        files.remove(base)
        raise NodeError(
            f"{what}: source: the build failed; all of its output is on the node in {log(python)}", *tail(said)
        )
    prefix = f"{staging}/python"
    files.write(Folder(prefix), durable=False)
    with workbench.tar_of(f"{base}/bench/root{folder(python.version)}", workbench.account()) as process:
        unpack(workbench.output(process, what), prefix, what)
    if process.returncode:
        raise NodeError(f"{what}: taking the build over: tar ended with code {process.returncode}")
    return prefix


def forget(python: PythonVersion) -> None:
    """Remove what a finished build left behind, once the interpreter is in its place."""
    files.remove(f"{STATE}/build/{python.version}")


def log(python: PythonVersion) -> str:
    """Return the path of the build's log."""
    return f"{LOGS}/python-{python.version}.log"


def configure(python: PythonVersion) -> list[str]:
    """Return the arguments of ./configure; the declared flags come last and win. Pure.

    The libraries of the interpreter are found beside it (``--enable-shared`` among the flags just works).
    """
    arguments = [
        f"--prefix={folder(python.version)}",
        "--with-ensurepip=no",
        "--without-static-libpython",
        r"LDFLAGS=-Wl,-rpath,\$$ORIGIN/../lib",
    ]
    # The profiled run of an optimised build is made of CPython's own tests.
    arguments += ["--enable-optimizations", "--with-lto"] if python.optimize else ["--disable-test-modules"]
    return [*arguments, *python.flags]


def _prepare(base: str, python: PythonVersion, what: str) -> None:
    debian.install(PACKAGES, f"{what}: installing what compiling takes")
    account = workbench.account()
    files.write(Folder(LOGS), durable=False)
    files.write(File(log(python), b"hostel: fetching\n"), durable=False)
    files.write(Folder(f"{base}/bench", 0o700, account.pw_name, str(account.pw_gid)), durable=False)
    _fetch(python, f"{base}/source", what)
    os.chmod(f"{base}/source", 0o644)
    files.write(File(f"{base}/identity", identity(python).encode()), durable=False)


def _fetch(python: PythonVersion, into: str, what: str) -> None:
    """Fetch the tarball; from a suite, the newest version that the mirror really has."""
    if python.tarball is not None:
        obtain(python.tarball, python.checksum or "", into, what)
        return
    suite = python.debian_suite or ""
    problems: list[str] = []
    for source in debian.sources(python.debian_package or "", suite):
        try:
            obtain(source.uri, f"sha256:{source.digest}", into, what)
        except NodeError as error:
            # A mirror in the middle of an update lists what it does not have yet.
            problems += error.lines
        else:
            return
    raise NodeError(f"{what}: debian_package: the mirror has none of the versions that {suite} lists", *problems)


def _start(base: str, python: PythonVersion, what: str, jobs: int) -> None:
    properties = {
        "Type": "exec",
        "User": workbench.NAME,
        "WorkingDirectory": f"{base}/bench",
        "StandardOutput": f"append:{log(python)}",
        "StandardError": "inherit",
        "ProtectSystem": "strict",
        "ReadWritePaths": f"{base}/bench",
        "PrivateTmp": "yes",
        "PrivateNetwork": "yes",
        "ProtectHome": "yes",
        "NoNewPrivileges": "yes",
        "CPUWeight": "50",
        "RuntimeMaxSec": str(_LONGEST),
    }
    settings = {
        "SOURCE": f"{base}/source",
        "JOBS": str(jobs),
        # Debian's and the upstream's, without -g: nobody debugs interpreters on a hosting node.
        "OPT": "-DNDEBUG -fwrapv -O3 -Wall",
        "HOME": f"{base}/bench",
    }
    run(
        [
            "systemd-run",
            "--quiet",
            f"--unit={_unit(python)}",
            *(f"--property={key}={value}" for key, value in properties.items()),
            *(f"--setenv={key}={value}" for key, value in settings.items()),
            "/bin/sh",
            "-c",
            _SCRIPT.replace("$", "$$"),
            "hostel-build",
            *(argument.replace("$", "$$") for argument in configure(python)),
        ],
        what=f"{what}: starting the build",
    )


def _progress(base: str, python: PythonVersion) -> Progress:
    lines = _log(python).splitlines()
    stages = [line[len("hostel: ") :] for line in lines if line.startswith("hostel: ")]
    stage = stages[-1] if stages else "starting"
    if stage == "compiling":
        stage = f"compiling, {sum(line.startswith(('gcc ', 'cc ')) for line in lines)} files{_ABOUT[python.optimize]}"
    return Progress(python.version, stage, int(time.time() - os.lstat(f"{base}/identity").st_mtime), log(python))


def _is_of(base: str, python: PythonVersion) -> bool:
    found = files.read(f"{base}/identity")
    return isinstance(found, File) and found.content.decode() == identity(python)


def _finished(base: str) -> bool:
    return os.path.lexists(f"{base}/bench/finished")


def _state(unit: str) -> str:
    return run(["systemctl", "is-active", unit], what=f"asking for {unit}", check=False).stdout.strip()


def _log(python: PythonVersion) -> str:
    found = files.read(log(python))
    return found.content.decode("utf-8", "replace") if isinstance(found, File) else ""


def _unit(python: PythonVersion) -> str:
    return f"hostelbuild-python-{python.version}.service"
