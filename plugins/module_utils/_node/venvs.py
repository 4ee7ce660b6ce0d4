# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments: immutable, root-owned, named by what is in them, shared by all apps that want the same.

A request is answered by two digests. The digest of what was asked leads to a lock (what it was resolved to), and the
digest of interpreter and lock is the name of the venv. Both answers are files, so that asking again starts no process.

A venv is made in a folder of its own and gets its name by one rename, when all is on the disk. What an interrupted run
leaves has no name that anything looks for, and is removed by the next run that makes one.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from .._errors import NodeError
from .._spec.layout import APPS, VENV_LOCKS, VENV_USERS, VENV_WORK, VENVS
from .._spec.resources import File, Folder, Link
from .._syntax.requirements import redacted, versions
from . import files
from .lock import held
from .run import run
from .venv_builder import Builder, builder, has_shared_account
from .venv_bytecode import add_bytecode
from .venv_files import FileStore, seal
from .venv_request import VenvRequest, check, input_digest, interpreter_identity, venv_digest
from .venv_resolve import needs_source_hint, refresh, requirements_to_install, resolve, write_inputs

__all__ = [
    "VenvRequest",
    "build",
    "can_foresee",
    "check",
    "collect",
    "foresee",
    "lookup",
    "packages",
    "release",
    "remove",
    "unused_without",
    "use",
    "used_by",
]

# On a tmpfs, so that no lock file outlives the machine's boot.
_MUTEXES = "/run/hostel-venvs"
_LOCK_COPY = "requirements.lock"
_DIGEST = re.compile(r"[0-9a-f]{32}")


def lookup(request: VenvRequest) -> str | None:
    """Return the path of the finished venv for exactly this request, None if there is none yet. Only reads."""
    record = _record(input_digest(request, interpreter_identity(request.python)))
    return _finished(record["venv"]) if record else None


def build(request: VenvRequest, upgrade: bool = False) -> str:
    """Return the path of the venv for this request, made if need be.

    upgrade: resolve anew, though the same was asked before. Safe in threads and processes: one
    makes it, the others wait.
    Raises SpecError or NodeError that name ``request.what`` and end with uv's own words.
    """
    check(request)
    if not os.path.exists(request.python):
        raise NodeError(f"{request.what}: {request.python}: there is no such interpreter; declare its version")
    interpreter = interpreter_identity(request.python)
    asked = input_digest(request, interpreter)
    with _alone(f"asked-{asked}"):
        record = None if upgrade else _record(asked)
        path = _finished(record["venv"]) if record else None
        if path:
            return path
        with _workplace() as work:
            who = _builder(request, work)
            inputs = f"{work}/inputs"
            write_inputs(request, who, inputs)
            lock = record["lock"] if record else resolve(request, who, inputs)
            digest = venv_digest(request, interpreter, lock)
            with _alone(f"venv-{digest}"):
                path = _finished(digest) or _make(request, who, work, digest, lock)
            _remember(asked, digest, lock)
    return path


def can_foresee(request: VenvRequest) -> bool:
    """Tell whether ``foresee`` changes nothing on the node: no account is made for it, and no tenant's build is run."""
    return request.builder is None and has_shared_account()


def foresee(request: VenvRequest) -> tuple[str, dict[str, str]]:
    """Resolve anew and return the path and packages that ``build(request, upgrade=True)`` would give; makes no venv."""
    check(request)
    with _workplace() as work:
        who = _builder(request, work)
        write_inputs(request, who, f"{work}/inputs")
        lock = resolve(request, who, f"{work}/inputs")
    return f"{VENVS}/{venv_digest(request, interpreter_identity(request.python), lock)}", versions(lock)


def packages(path: str) -> dict[str, str]:
    """Return what is in a venv: package to version."""
    try:
        with open(f"{path}/{_LOCK_COPY}", encoding="utf-8") as lock:
            return versions(lock.read())
    except FileNotFoundError:
        return {}


def use(name: str, path: str) -> bool:
    """Note that somebody uses a venv under this name, so that it isn't collected; True if that is new."""
    link = Link(f"{VENV_USERS}/{name}", path)
    if files.read(link.path) == link:
        return False
    files.write(link)
    return True


def used_by(name: str) -> str | None:
    """Return the path of the venv that is used under this name."""
    found = files.read(f"{VENV_USERS}/{name}")
    return found.target if isinstance(found, Link) else None


def release(name: str) -> None:
    """Forget that a venv is used under this name."""
    files.remove(f"{VENV_USERS}/{name}")


def collect(used: Iterable[str], only_tell: bool = False) -> list[str]:
    """Remove the venvs whose paths are not in ``used`` and that nobody uses by name; return their paths.

    ``only_tell``: remove nothing (check mode).
    """
    kept = {*used, *(path for name in files.names(VENV_USERS) if (path := used_by(name)))}
    paths = [f"{VENVS}/{name}" for name in files.names(VENVS) if _DIGEST.fullmatch(name)]
    unused = [path for path in paths if path not in kept]
    if unused and not only_tell:
        remove(unused)
    return unused


def unused_without(name: str) -> list[str]:
    """Return the path of the venv used under ``name`` if no release and no other name uses it."""
    path = used_by(name)
    others = {used_by(other) for other in files.names(VENV_USERS) if other != name}
    return [path] if path is not None and path not in others | _used_by_releases() else []


def remove(paths: Iterable[str]) -> None:
    """Remove venvs, what was remembered of them, and the files that no other venv has."""
    doomed = {os.path.basename(path) for path in paths}
    if not doomed:
        return
    for name in files.names(VENV_LOCKS):
        record = _record(name)
        if record is None or record["venv"] in doomed:
            files.remove(f"{VENV_LOCKS}/{name}")
    for name in sorted(doomed):
        with _alone(f"venv-{name}"):
            files.remove(f"{VENVS}/{name}")
    FileStore().collect()


def _builder(request: VenvRequest, work: str) -> Builder:
    with _alone("account"):
        who = builder(request, work)
    # Nobody else passes: what a tenant built is not to be seen, not even before it is finished.
    files.write(Folder(work, 0o710, "root", str(who.account.pw_gid)), durable=False)
    return who


def _used_by_releases() -> set[str | None]:
    """Return the venvs that the records of the apps' releases name."""
    settings = [f"{APPS}/{app}/{identity}" for app in files.names(APPS) for identity in files.names(f"{APPS}/{app}")]
    found = files.read_all(f"{folder}/release.json" for folder in settings).values()
    try:
        return {json.loads(record.content)["venv"] for record in found if isinstance(record, File)}
    except (ValueError, KeyError, TypeError) as error:
        raise NodeError(f"{APPS}: a release's record is damaged ({error}); converge the node's apps first") from error


def _record(asked: str) -> dict[str, str] | None:
    found = files.read(f"{VENV_LOCKS}/{asked}")
    if not isinstance(found, File):
        return None
    try:
        record = json.loads(found.content)
        return {"venv": str(record["venv"]), "lock": str(record["lock"])}
    except (ValueError, KeyError, TypeError):
        return None  # Not ours, or damaged: resolved anew and overwritten.


def _remember(asked: str, digest: str, lock: str) -> None:
    content = json.dumps({"venv": digest, "lock": lock}, indent=1).encode()
    # A lock may name a URL with credentials.
    files.write(File(f"{VENV_LOCKS}/{asked}", content, 0o600, secret=True))


def _finished(digest: str) -> str | None:
    """Return the path of a venv if it is there, still root's alone, and its interpreter still exists."""
    path = f"{VENVS}/{digest}"
    found = files.read(path)
    whole = isinstance(found, Folder) and found.owner == "root" and not found.mode & 0o022
    return path if whole and os.path.exists(f"{path}/bin/python") else None


def _make(request: VenvRequest, who: Builder, work: str, digest: str, lock: str) -> str:
    out, tree, path = f"{work}/out", f"{work}/tree", f"{VENVS}/{digest}"
    owner, group = str(who.account.pw_uid), str(who.account.pw_gid)
    for folder in (out, f"{work}/bytecode"):
        files.write(Folder(folder, 0o700, owner, group), durable=False)
    _install(request, who, work, lock)
    store = FileStore()
    store.prepare()
    try:
        taken = store.take_tree(out, "venv", tree, request.python, request.what)
        add_bytecode(store, taken, who, request.python, f"{out}/venv", f"{work}/bytecode", tree)
    except OSError as error:
        raise NodeError(f"{request.what}: taking over the venv: {error.filename}: {error.strerror or error}") from error
    files.write(File(f"{tree}/{_LOCK_COPY}", redacted(lock).encode(), 0o444), durable=False)
    seal(tree)
    # Others get in through the top folder only, so its mode decides for all below it.
    files.write(Folder(tree, 0o550 if who.scope else 0o555, "root", group if who.scope else "root"), durable=False)
    run(["sync", "--file-system", tree], what=f"{request.what}: writing the venv to the disk")
    store.keep(taken)
    files.write(Folder(VENVS, 0o755), durable=False)
    files.remove(path)  # Only there if it is damaged.
    os.rename(tree, path)
    return path


def _install(request: VenvRequest, who: Builder, work: str, lock: str) -> None:
    """Install a lock with uv. The venv is empty whenever an interpreter starts in it, and none does afterwards."""
    venv, listed = f"{work}/out/venv", f"{work}/inputs/lock.txt"
    wanted = requirements_to_install(request, lock)
    files.write(File(listed, wanted.encode(), 0o640, "root", str(who.account.pw_gid), secret=True), durable=False)
    cwd = request.folder or f"{work}/inputs"
    # Relocatable: no file holds the venv's path, so it may be renamed, and its scripts are the same files in each venv.
    who.uv(["venv", "--relocatable", "--python", request.python, venv], "making the venv", cwd)
    if not lock:
        return
    arguments = [
        "pip", "install", "--no-deps", "--no-compile-bytecode", "--python", f"{venv}/bin/python",
        "--requirement", listed,
        *request.built, *(() if request.build else ("--require-hashes",)), *refresh(request),
    ]  # fmt: skip
    try:
        who.uv(arguments, "installing the packages", cwd)
    except NodeError as error:
        raise NodeError(*error.lines, *needs_source_hint(request, error.lines)) from error


@contextmanager
def _alone(name: str) -> Iterator[None]:
    files.write(Folder(_MUTEXES, 0o700), durable=False)
    with held(f"{_MUTEXES}/{name}"):
        yield


@contextmanager
def _workplace() -> Iterator[str]:
    """Make a folder for one piece of work, locked while it lasts; first remove those that nobody works in any more."""
    path = f"{VENV_WORK}/{secrets.token_hex(8)}"
    with _alone("work"):
        files.write(Folder(VENV_WORK, 0o711), durable=False)
        for name in files.names(VENV_WORK):
            _remove_abandoned(f"{VENV_WORK}/{name}")
        files.write(Folder(path, 0o700), durable=False)
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(fd, fcntl.LOCK_SH)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)  # What resists is removed by the next run.
        os.close(fd)


def _remove_abandoned(path: str) -> None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:  # Its owner was done just now.
        return
    try:
        with suppress(BlockingIOError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(fd)
