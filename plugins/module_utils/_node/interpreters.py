# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python interpreters of a node, all at /opt/hostel/python/<version>/bin/python3 whatever their source.

An interpreter is made in a folder beside its place, tried by an account without rights, and gets its name in one step.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import secrets
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .._errors import HostelError, NodeError
from .._spec.layout import APPS, PYTHONS, VENVS
from .._spec.python import PythonVersion
from .._spec.resources import File, Folder
from . import debian, files, interpreter_build, interpreter_system, interpreter_uv
from .interpreter_build import Progress
from .interpreter_check import check
from .interpreter_fetch import obtain
from .interpreter_stamp import NAME, Stamp, folder, identity, read
from .interpreter_tar import digest, find_prefix, needs_zstd, opened, pack, unpack
from .lock import held

_LOCK = "/run/hostel-interpreters.lock"
_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


@dataclass(frozen=True)
class Artifact:
    """A packed build, as a file on the node."""

    path: str
    checksum: str


@dataclass
class Outcome:
    """What came of a call. changed: versions installed, replaced or packed; building: what goes on."""

    changed: list[str] = field(default_factory=list)
    building: list[Progress] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def path(version: str) -> str:
    """Return the path of a version's interpreter. Pure."""
    return f"{folder(version)}/bin/python3"


def observe() -> dict[str, str]:
    """Return the finished interpreters of this node: path by declared version. Starts no process."""
    versions = [version for version in files.names(PYTHONS) if os.path.exists(path(version))]
    return {version: path(version) for version in versions if read(folder(version))}


def lacking(python: PythonVersion) -> str | None:
    """Say why an interpreter has to be installed; None if it is there as declared. Starts no process."""
    stamp = read(folder(python.version))
    if stamp is None:
        return "missing"
    if not os.path.exists(path(python.version)):
        return "its program is gone"
    if not stamp.answers(python):
        return "declared otherwise than what is there"
    if python.pack is not None and not os.path.exists(python.pack):
        return f"not packed to {python.pack}"
    return None


def is_there(python: PythonVersion) -> bool:
    """Tell whether an interpreter is there as declared, a build wherever it was compiled. Starts no process."""
    stamp = read(folder(python.version))
    return stamp is not None and stamp.answers(python) and os.path.exists(path(python.version))


def removable(version: str, in_use: Collection[str] = ()) -> bool:
    """Tell whether there is an interpreter to remove. Raises NodeError while something uses it."""
    if not os.path.lexists(folder(version)):
        return False
    users = users_of(version)
    if version in in_use and not users:
        users = ["an app of this run"]
    if users:
        raise NodeError(
            f"python {version}: state: cannot be removed, for it is used by {', '.join(users)}; give those another "
            "version first"
        )
    return True


def have_packed(python: PythonVersion, target: str) -> bool:
    """Pack a finished build unless it is packed already; return whether there is one. Raises NodeError."""
    stamp = read(folder(python.version))
    if stamp is None or stamp.identity != identity(python):
        return False
    if not os.path.exists(target):
        _pack(python, target, f"python {python.version}")
    return True


def ensure(python: PythonVersion, in_use: Collection[str] = ()) -> bool:
    """Have one interpreter as declared; return whether anything changed. Waits for a build.

    in_use: versions that apps use according to the caller, beyond what the node knows itself.
    Raises NodeError.
    """
    if python.state == "absent":
        return remove(python.version, in_use)
    outcome = ensure_all([python])
    if outcome.errors:
        raise NodeError(*outcome.errors)
    return bool(outcome.changed)


def ensure_all(
    pythons: Sequence[PythonVersion], artifacts: Mapping[str, Artifact] | None = None, wait: float | None = None
) -> Outcome:
    """Install what is lacking of several interpreters, at once.

    artifacts: packed builds by version, used instead of compiling. wait: seconds after which to come back from builds
    that go on; None waits to their end.
    """
    deadline = None if wait is None else time.monotonic() + wait
    outcome = Outcome()
    wanted = [python for python in pythons if python.state == "present" and lacking(python)]
    if not wanted:
        return outcome
    packed = artifacts or {}
    builds = sum(one.source == "build" and one.version not in packed for one in wanted)
    jobs = max(1, (os.cpu_count() or 1) // max(1, builds))
    files.write(Folder(PYTHONS), durable=False)
    with held(_LOCK), ThreadPoolExecutor(max_workers=8) as pool:
        files.sweep(PYTHONS)
        work = [pool.submit(_install, one, packed.get(one.version), jobs, deadline) for one in wanted]
        for one, job in zip(wanted, work):
            try:
                progress = job.result()
            except HostelError as error:
                outcome.errors += error.lines
                continue
            if progress is not None:
                outcome.building.append(progress)
            else:
                outcome.changed.append(one.version)
    return outcome


def remove(version: str, in_use: Collection[str] = ()) -> bool:
    """Remove an interpreter; return whether there was one. Raises NodeError while something uses it."""
    if not removable(version, in_use):
        return False
    with held(_LOCK):
        files.remove(folder(version))
    return True


def users_of(version: str) -> list[str]:
    """Name the apps that use an interpreter, and the venvs made from it where no app is known."""
    apps = sorted(_apps_with(version))
    if apps:
        return [f"app {app}" for app in apps]
    home = folder(version)
    real = os.path.realpath(path(version))
    return [f"venv {name}" for name in files.names(VENVS) if _base(f"{VENVS}/{name}") & {home, real}]


def full_version(version: str) -> str | None:
    """Return the full version of an installed interpreter."""
    stamp = read(folder(version))
    return stamp.full if stamp else None


def _install(python: PythonVersion, artifact: Artifact | None, jobs: int, deadline: float | None) -> Progress | None:
    what = f"python {python.version}"
    if not is_there(python):
        staging = f"{PYTHONS}/{files.TEMPORARY}{secrets.token_hex(8)}"
        files.write(Folder(staging), durable=False)
        try:
            made = _make(python, artifact, staging, what, jobs, deadline)
            if isinstance(made, Progress):
                return made
            _place(made, python, what)
        finally:
            files.remove(staging)
        if python.source == "build":
            interpreter_build.forget(python)
    if python.pack is not None:
        _pack(python, python.pack, what)
    return None


def _make(
    python: PythonVersion, artifact: Artifact | None, staging: str, what: str, jobs: int, deadline: float | None
) -> str | Progress:
    if python.source == "system":
        return interpreter_system.install(python, staging, what)
    if python.source == "uv":
        return interpreter_uv.install(python, staging, what)
    if python.source == "archive":
        return _unpacked(python.archive or "", python.checksum or "", staging, what)
    if artifact is None:
        return interpreter_build.install(python, staging, what, jobs, deadline)
    prefix = _unpacked(artifact.path, artifact.checksum, staging, what)
    inner = read(prefix)
    if inner is None or not inner.answers(python):
        raise NodeError(f"{what}: {artifact.path} was not packed from the build that is declared")
    return prefix


def _unpacked(where: str, checksum: str, staging: str, what: str) -> str:
    local = f"{staging}/archive"
    obtain(where, checksum, local, what)
    if needs_zstd(local):
        debian.install(["zstd"], what)
    tree = f"{staging}/tree"
    files.write(Folder(tree), durable=False)
    with opened(local, what) as stream:
        unpack(stream, tree, what)
    return find_prefix(tree, what)


def _place(prefix: str, python: PythonVersion, what: str) -> None:
    """Try what was made, stamp it, and give it its name; what was there before goes away."""
    inner = read(prefix)
    full = check(f"{prefix}/bin/python3", python.version, what)
    stamp = Stamp(full, identity(python), inner.identity if inner else None)
    files.write(File(f"{prefix}/{NAME}", stamp.content()))
    os.chmod(prefix, 0o755)  # noqa: S103
    target = folder(python.version)
    if not os.path.lexists(target):
        os.rename(prefix, target)
        return
    # Apps may start at any time: there must be no moment without an interpreter.
    _exchange(prefix, target)


def _exchange(one: str, other: str) -> None:
    """Swap two paths in one step, renameat2(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(_AT_FDCWD, one.encode(), _AT_FDCWD, other.encode(), _RENAME_EXCHANGE) == 0:
        return
    code = ctypes.get_errno()
    if code not in (errno.EINVAL, errno.ENOSYS):
        raise NodeError(f"{other}: cannot be replaced: {os.strerror(code)}")
    # A filesystem that cannot swap: the shortest gap there is.
    os.rename(other, f"{one}.old")
    os.rename(one, other)


def _pack(python: PythonVersion, target: str, what: str) -> None:
    # Writing the folder checks that nobody but root can alter the way there.
    files.write(Folder(os.path.dirname(target)), durable=False)
    if needs_zstd(target):
        debian.install(["zstd"], what)
    pack(folder(python.version), target)


def checksum(target: str) -> str:
    """Return the checksum of a packed interpreter as an ``archive`` is declared with."""
    return f"sha256:{digest(target)}"


def artifact_name(python: PythonVersion) -> str:
    """Return the name that a packed build has for this kind of node, up to the C library's version."""
    return f"python-{python.version}-{identity(python)}-{os.uname().machine}"


def libc() -> str:
    """Return the version of the node's C library, as "2.36"."""
    return (os.confstr("CS_GNU_LIBC_VERSION") or "unknown 0").split()[-1]


def _apps_with(version: str) -> Iterable[str]:
    for app in files.names(APPS):
        records = files.read_all(f"{APPS}/{app}/{release}/release.json" for release in files.names(f"{APPS}/{app}"))
        for record in records.values():
            if isinstance(record, File) and _python_of(record) == version:
                yield app
                break


def _python_of(record: File) -> str | None:
    try:
        return str(json.loads(record.content)["python"])
    except (ValueError, KeyError, TypeError) as error:
        raise NodeError(
            f"{record.path}: does not say which Python it uses ({error!r}); remove it or repair it"
        ) from error


def _base(venv: str) -> set[str]:
    """Return the interpreter that a venv was made from, as its pyvenv.cfg and its link have it."""
    found = files.read(f"{venv}/pyvenv.cfg")
    bases = {os.path.realpath(f"{venv}/bin/python")}
    if isinstance(found, File):
        for line in found.content.decode("utf-8", "replace").splitlines():
            key, _equals, value = line.partition("=")
            if key.strip() == "home":
                bases.add(os.path.dirname(value.strip()))
    return bases
