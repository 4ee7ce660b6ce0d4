# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring an app's code into a folder. A program of its own: a tenant runs it, in its slice.

Its only argument is an order in JSON: ``kind`` and what that needs (see the functions). The answer, in JSON, is the
last line of its output; what went wrong is said in plain lines, with exit code 1.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import stat
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

# What most orders do not need is imported where it is: it would double the time that the program takes to start, and a
# first run starts it for every app.
if TYPE_CHECKING:
    import zipfile

MAX_DOWNLOAD = 2 << 30
MAX_UNPACKED = 4 << 30
MAX_MEMBERS = 200_000
CHUNK = 1 << 20
SECONDS = 60.0

# What version control and interpreters leave in a folder that is edited on the node.
LEFT_OUT = frozenset({".git", ".hg", ".svn", "__pycache__"})


class FetchError(Exception):
    """One line that says what is wrong with the source and what to do."""


class Member:
    """One entry of an archive. kind: file, folder or link; target: of a link; key: what its archive finds it by."""

    def __init__(self, name: str, kind: str, program: bool = False, target: str = "", key: Any = None) -> None:
        self.name, self.kind, self.program, self.target, self.key = name, kind, program, target, key


class Writer:
    """Writes members into a folder, and nothing outside of it."""

    def __init__(self, into: str) -> None:
        self.into = os.path.realpath(into)
        self.total = self.count = 0

    def path(self, name: str) -> str:
        """Where a member goes; its folder is made. Refuses names that lead out of the folder."""
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if name.startswith("/") or ".." in parts or "\0" in name or "\n" in name:
            raise FetchError(f"{name!r}: a name in the source leads out of it, or holds a newline; take it out")
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            raise FetchError(f"{name!r}: names in a source must be UTF-8") from None
        path = os.path.join(self.into, *parts)
        parent = os.path.dirname(path)
        if parts and os.path.realpath(parent) != parent:
            raise FetchError(f"{name!r}: lies behind a symbolic link of the source")
        if parts:
            os.makedirs(parent, exist_ok=True)
        self.count += 1
        if self.count > MAX_MEMBERS:
            raise FetchError(f"the source holds more than {MAX_MEMBERS} files")
        return path

    def folder(self, name: str) -> None:
        os.makedirs(self.path(name), exist_ok=True)

    def link(self, name: str, target: str) -> None:
        path = self.path(name)
        aim = os.path.normpath(os.path.join(os.path.dirname(path), target))
        if os.path.isabs(target) or (aim != self.into and not aim.startswith(self.into + "/")):
            raise FetchError(f"{name!r}: is a symbolic link to {target!r}, outside of the source; take it out")
        self.clear(path)
        os.symlink(target, path)

    def file(self, name: str, source: IO[bytes], program: bool, modified: float | None = None) -> None:
        path = self.path(name)
        self.clear(path)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o755 if program else 0o644)
        with os.fdopen(fd, "wb") as target:
            while True:
                piece = source.read(CHUNK)
                if not piece:
                    break
                self.total += len(piece)
                if self.total > MAX_UNPACKED:
                    raise FetchError(f"the source unpacks to more than {MAX_UNPACKED} bytes")
                target.write(piece)
        if modified is not None:
            os.utime(path, (modified, modified))

    @staticmethod
    def clear(path: str) -> None:
        """In an archive that holds a name twice, the last one counts."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def unpack(stream: IO[bytes], into: str, strip: bool) -> None:
    """Unpack a seekable tar (any compression that Python knows) or zip. strip: leave out a single top folder."""
    stream.seek(0)
    begins = stream.read(4)
    stream.seek(0)
    if begins == b"PK\x03\x04":
        _unpack_zip(stream, into, strip)
        return
    try:
        with tarfile.open(fileobj=stream, mode="r:*", encoding="utf-8") as tar:
            _write(_tar_members(tar), lambda member: _tar_content(tar, member), Writer(into), strip)
    except tarfile.ReadError as error:
        reason = str(error).partition("\n")[0]
        raise FetchError(f"is no sound tar (plain, gz, bz2, xz) or zip archive: {reason}") from error


def _unpack_zip(stream: IO[bytes], into: str, strip: bool) -> None:
    import zipfile  # noqa: PLC0415 (see the top)

    try:
        with zipfile.ZipFile(stream) as archive:
            _write(_zip_members(archive), lambda member: archive.open(member.key), Writer(into), strip)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise FetchError(f"is no sound zip archive: {error}") from error


def _write(members: list[Member], content: Any, writer: Writer, strip: bool) -> None:
    top = _single_top(members) if strip else None
    for member in members:
        name = member.name
        if top is not None:
            name = "/".join([part for part in name.split("/") if part not in ("", ".")][1:])
            if not name:
                continue
        if member.kind == "folder":
            writer.folder(name)
        elif member.kind == "link":
            writer.link(name, member.target)
        else:
            with content(member) as source:
                writer.file(name, source, member.program)


def _single_top(members: list[Member]) -> str | None:
    """The one folder that everything lies in; None if there is none."""
    tops = set()
    for member in members:
        parts = [part for part in member.name.split("/") if part not in ("", ".")]
        if not parts:
            continue
        if len(parts) == 1 and member.kind != "folder":
            return None
        tops.add(parts[0])
    return tops.pop() if len(tops) == 1 else None


def _tar_members(tar: tarfile.TarFile) -> list[Member]:
    found: list[Member] = []
    for info in tar:
        if len(found) > MAX_MEMBERS:
            raise FetchError(f"the archive holds more than {MAX_MEMBERS} files")
        if info.isdir():
            found.append(Member(info.name, "folder"))
        elif info.issym():
            found.append(Member(info.name, "link", target=info.linkname))
        elif info.isreg() or info.islnk():
            # A hard link becomes a copy of what it names.
            found.append(Member(info.name, "file", bool(info.mode & 0o100), key=info))
        else:
            raise FetchError(f"{info.name!r}: is a device or a pipe; a source holds files, folders and links only")
    return found


def _tar_content(tar: tarfile.TarFile, member: Member) -> IO[bytes]:
    try:
        content = tar.extractfile(member.key)
    except KeyError:
        content = None
    if content is None:
        raise FetchError(f"{member.name!r}: is a hard link to nothing in the archive")
    return content


def _zip_members(archive: zipfile.ZipFile) -> list[Member]:
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise FetchError(f"the archive holds more than {MAX_MEMBERS} files")
    found = []
    for info in infos:
        name, mode = _zip_name(info), info.external_attr >> 16
        if info.flag_bits & 1:
            raise FetchError(f"{name!r}: is encrypted")
        if info.is_dir():
            found.append(Member(name, "folder"))
        elif stat.S_ISLNK(mode):
            found.append(Member(name, "link", target=archive.read(info).decode("utf-8", "surrogateescape")))
        elif stat.S_IFMT(mode) in (0, stat.S_IFREG):
            found.append(Member(name, "file", bool(mode & 0o100), key=info))
        else:
            raise FetchError(f"{name!r}: is a device or a pipe; a source holds files, folders and links only")
    return found


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Many programs write UTF-8 names without saying so; zipfile then reads them as code page 437."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def fetch_tar(order: dict[str, Any]) -> None:
    """What comes on the standard input, a file."""
    unpack(sys.stdin.buffer, order["into"], strip=False)


def fetch_archive(order: dict[str, Any]) -> None:
    """``where``: a URL or a path; "" for the standard input. Verified before anything of it is unpacked."""
    where, into = order["where"], order["into"]
    with contextlib.ExitStack() as stack:
        if not where:
            stream: IO[bytes] = sys.stdin.buffer
        elif re.match(r"[a-z][a-z0-9+.-]*://", where, re.IGNORECASE):
            stream = stack.enter_context(tempfile.TemporaryFile(dir=into))
            _download(where, stream)
        else:
            stream = stack.enter_context(open(where, "rb"))
        _verify(stream, order["checksum"])
        unpack(stream, into, strip=True)


def _download(url: str, target: IO[bytes]) -> None:
    import urllib.request  # noqa: PLC0415 (see the top)

    if not url.lower().startswith(("http://", "https://", "ftp://", "file://")):
        raise FetchError(f"{url!r}: must begin with https://, http://, ftp:// or file://, or be a path on the node")
    got = 0
    with urllib.request.build_opener().open(url, timeout=SECONDS) as answer:  # only the schemes above
        while True:
            piece = answer.read(CHUNK)
            if not piece:
                break
            got += len(piece)
            if got > MAX_DOWNLOAD:
                raise FetchError(f"{url}: is larger than {MAX_DOWNLOAD} bytes")
            target.write(piece)


def _verify(stream: IO[bytes], checksum: str) -> None:
    import hashlib  # noqa: PLC0415 (see the top)

    stream.seek(0)
    total = hashlib.sha256()
    for piece in iter(lambda: stream.read(CHUNK), b""):
        total.update(piece)
    stream.seek(0)
    found = f"sha256:{total.hexdigest()}"
    if found != checksum:
        raise FetchError(
            f"its checksum is {found}, but {checksum} is wanted; check the archive, then correct the checksum"
        )


class Git:
    """git as the tenant, asking nothing and running nothing that a repository brings."""

    def __init__(self, scratch: str) -> None:
        # A file, because git does not hand options given with -c on to the other end of a local transport.
        self.settings = os.path.join(scratch, "gitconfig")
        with open(self.settings, "w", encoding="utf-8") as settings:
            settings.write(
                '[safe]\n\tdirectory = *\n[protocol "ext"]\n\tallow = never\n[protocol "file"]\n\tallow = always\n'
                "[core]\n\thooksPath = /dev/null\n\tfsmonitor = false\n\tsymlinks = true\n"
                "[advice]\n\tdetachedHead = false\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n"
            )
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": self.settings,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "/bin/false",
            "SSH_ASKPASS": "/bin/false",
            "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o ConnectTimeout=20",
            "LC_ALL": "C.UTF-8",
        }

    def __call__(self, *arguments: str, folder: str | None = None) -> str:
        import subprocess  # noqa: PLC0415 (see the top)

        argv = ["git", *(["-C", folder] if folder else []), *arguments]
        try:
            ran = subprocess.run(argv, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        except FileNotFoundError:
            raise FetchError("git is not installed on this node; run the playbook hostel.python.node first") from None
        if ran.returncode != 0:
            words = (ran.stderr or ran.stdout).decode("utf-8", "replace").strip()
            raise FetchError(words or f"git {arguments[0]} ended with code {ran.returncode}")
        return ran.stdout.decode("utf-8", "replace")


@contextlib.contextmanager
def _git() -> Iterator[Git]:
    with tempfile.TemporaryDirectory() as scratch:
        yield Git(scratch)


def resolve(order: dict[str, Any]) -> str:
    """The commit that ``version`` (a branch or tag; None: the default branch) of the repository ``where`` is now."""
    version = order["version"]
    with _git() as git:
        lines = git("ls-remote", "--", order["where"]).splitlines()
    refs = {name: commit for commit, _tab, name in (line.partition("\t") for line in lines)}
    if version is None:
        names = ["HEAD"]
    elif version.startswith("refs/"):
        names = [f"{version}^{{}}", version]
    else:
        names = [f"refs/tags/{version}^{{}}", f"refs/tags/{version}", f"refs/heads/{version}"]
    for name in names:
        if name in refs:
            return refs[name]
    raise FetchError(f"has no branch or tag {version!r}" if version else "has no default branch; name a version")


def fetch_git(order: dict[str, Any]) -> None:
    """Exactly the commit ``version`` of the repository ``where``, its submodules too, without its history."""
    into, where, commit = order["into"], order["where"], order["version"]
    with _git() as git:
        git("init", "--quiet", into)
        try:
            git("fetch", "--quiet", "--depth=1", "--no-tags", "--", where, commit, folder=into)
        except FetchError:
            # A server that gives only what a branch or tag names.
            git("fetch", "--quiet", "--no-tags", "--", where, "+refs/*:refs/hostel/*", folder=into)
        try:
            git("checkout", "--quiet", "--force", commit, folder=into)
        except FetchError as error:
            raise FetchError(f"has no commit {commit}: {error}") from error
        if os.path.lexists(os.path.join(into, ".gitmodules")):
            # Relative addresses of submodules start at the repository's own.
            git("remote", "add", "origin", where, folder=into)
            git("submodule", "--quiet", "update", "--init", "--recursive", "--depth=1", folder=into)
    for folder, folders, files in os.walk(into):
        if ".git" in folders:
            shutil.rmtree(os.path.join(folder, ".git"))
            folders.remove(".git")
        if ".git" in files:
            os.unlink(os.path.join(folder, ".git"))


def _entries(where: str, left_out: list[str]) -> Iterator[tuple[str, os.stat_result]]:
    """Everything in a folder, always in the same order, but for what tools and the app itself write there."""
    skipped = {path.strip("/") for path in left_out}
    pending = [""]
    while pending:
        relative = pending.pop()
        for name in sorted(os.listdir(os.path.join(where, relative))):
            path = os.path.join(relative, name)
            if name in LEFT_OUT or name.endswith(".pyc") or path in skipped:
                continue
            found = os.lstat(os.path.join(where, path))
            yield path, found
            if stat.S_ISDIR(found.st_mode):
                pending.append(path)


def digest(order: dict[str, Any]) -> str:
    """``sha256:<hex>`` of what ``copy`` would copy; ``left_out`` names what the app changes itself (persist)."""
    import hashlib  # noqa: PLC0415 (see the top)

    total = hashlib.sha256()
    for path, found in _entries(order["where"], order["left_out"]):
        full = os.path.join(order["where"], path)
        kind = "x" if stat.S_ISREG(found.st_mode) and found.st_mode & 0o100 else str(stat.S_IFMT(found.st_mode))
        total.update(f"{kind}{path}\0".encode("utf-8", "surrogateescape"))
        content = hashlib.sha256()
        if stat.S_ISLNK(found.st_mode):
            content.update(os.fsencode(os.readlink(full)))
        elif stat.S_ISREG(found.st_mode):
            with _plain(full) as source:
                for piece in iter(lambda: source.read(CHUNK), b""):
                    content.update(piece)
        total.update(content.digest())
    return f"sha256:{total.hexdigest()}"


def fetch_copy(order: dict[str, Any]) -> None:
    """A copy of the folder ``where``, which is edited on the node."""
    where, writer = order["where"], Writer(order["into"])
    if not os.path.isdir(where):
        raise FetchError("is not a folder that the tenant can read")
    for path, found in _entries(where, []):
        full = os.path.join(where, path)
        if stat.S_ISDIR(found.st_mode):
            writer.folder(path)
        elif stat.S_ISLNK(found.st_mode):
            writer.link(path, os.readlink(full))
        elif stat.S_ISREG(found.st_mode):
            with _plain(full) as source:
                writer.file(path, source, bool(found.st_mode & 0o100), found.st_mtime)
        else:
            raise FetchError(f"{path!r}: is a device, a pipe or a socket; a source holds files, folders and links only")


def _plain(path: str) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def seed(order: dict[str, Any]) -> list[str]:
    """Move the regular files among ``persist`` out of ``into``, to the folder ``files``, where no such file is yet.

    Answers with the paths that are files. An absent one's parent folder is made all the same, for the app to write to.
    """
    found: list[str] = []
    for path in order["persist"]:
        source, target = os.path.join(order["into"], path), os.path.join(order["files"], path)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if not stat.S_ISREG(os.lstat(source).st_mode):
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            # A link, as it never replaces: data that is there already stays.
            with contextlib.suppress(FileExistsError):
                os.link(source, target, follow_symlinks=False)
            os.unlink(source)
            found.append(path)
    for path in order["absent_files"]:
        os.makedirs(os.path.dirname(os.path.join(order["files"], path)), exist_ok=True)
    return found


def obey(order: dict[str, Any]) -> Any:
    """Carry out an order and return the answer."""
    os.umask(0o022)
    kind = order["kind"]
    if kind == "resolve":
        return resolve(order)
    if kind == "digest":
        return digest(order)
    fetch = {"tar": fetch_tar, "archive": fetch_archive, "git": fetch_git, "copy": fetch_copy}.get(kind)
    if fetch is not None:
        fetch(order)
    return seed(order)


def main() -> int:
    try:
        answer = obey(json.loads(sys.argv[1]))
    except FetchError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    except (OSError, EOFError, tarfile.TarError) as error:
        sys.stdout.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
