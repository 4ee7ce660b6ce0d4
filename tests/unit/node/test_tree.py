# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root at work in a tree that somebody else filled, and still alters."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import NodeError
from ansible_collections.hostel.python.plugins.module_utils._node import tree

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")

UID, GID = 54321, 54321

# Exchanges every name it can for a link to the victim, by descriptors that it opened before root began.
ATTACK = """
import os, sys
place, victim = sys.argv[1:]
folders = [os.dup(fd) for _path, _folders, _files, fd in os.fwalk(place)]
print("ready", flush=True)
while True:
    for fd in folders:
        for name in ("a", "b"):
            try:
                os.rename(name, "old", src_dir_fd=fd, dst_dir_fd=fd)
                os.symlink(victim, name, dir_fd=fd)
                os.unlink(name, dir_fd=fd)
                os.rename("old", name, src_dir_fd=fd, dst_dir_fd=fd)
            except OSError:
                continue
"""


@pytest.fixture
def top() -> Iterator[Path]:
    """A folder of root's that tenants can pass."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)  # noqa: S103 (tenants pass it)
        yield Path(name)


@pytest.fixture
def place(top: Path) -> Path:
    """A tree of the tenant's."""
    release = top / "release"
    for folder in ("", "static/css", "lib/deep"):
        (release / folder).mkdir(parents=True)
    for name in ("app.py", "static/css/a.css", "static/run", "lib/deep/x.py"):
        (release / name).write_text("x")
    (release / "manage.py").write_text("x")
    (release / "manage.py").chmod(0o6755)
    (release / "static/run").chmod(0o777)
    (release / "link").symlink_to("/etc/passwd")
    _give(release)
    return release


def _give(path: Path) -> None:
    for folder, _folders, names in os.walk(path):
        for name in ("", *names):
            # Not with its mode: a change of owner clears the set-id bits.
            one = os.path.join(folder, name)
            mode = os.lstat(one).st_mode
            os.chown(one, UID, GID, follow_symlinks=False)
            if not stat.S_ISLNK(mode):
                os.chmod(one, stat.S_IMODE(mode))


def _seal(place: Path, public: tuple[str, ...] = ()) -> tree.Sealed:
    with tree.opened(os.open(place, tree.OPEN_FOLDER)) as fd:
        return tree.seal(fd, UID, GID, public, str(place))


def _look(path: Path) -> tuple[int, int, str]:
    info = path.lstat()
    return info.st_uid, info.st_gid, f"{stat.S_IMODE(info.st_mode):04o}"


def test_seal(place: Path) -> None:
    sealed = _seal(place, ("static",))
    assert sealed == tree.Sealed(files=5, size=5)
    assert _look(place) == (0, GID, "0751")
    assert _look(place / "app.py") == (0, GID, "0640")
    assert _look(place / "manage.py") == (0, GID, "0750")
    assert _look(place / "lib/deep") == (0, GID, "0750")
    assert _look(place / "static/css") == (0, GID, "0755")
    assert _look(place / "static/css/a.css") == (0, GID, "0644")
    assert _look(place / "static/run") == (0, GID, "0755")
    assert _look(place / "link")[0] == UID
    assert _seal(place, ("static",)) == sealed


def test_seal_without_public(place: Path) -> None:
    _seal(place)
    assert _look(place) == (0, GID, "0750")
    assert _look(place / "static/css/a.css") == (0, GID, "0640")


def test_seal_takes_acls_away(place: Path) -> None:
    acl = (2).to_bytes(4, "little") + b"".join(
        tag.to_bytes(2, "little") + bits.to_bytes(2, "little") + who.to_bytes(4, "little", signed=True)
        for tag, bits, who in ((1, 7, -1), (2, 7, UID), (4, 7, -1), (16, 7, -1), (32, 7, -1))
    )
    try:
        os.setxattr(place / "app.py", "system.posix_acl_access", acl)
        os.setxattr(place / "lib", "system.posix_acl_default", acl)
    except OSError:
        pytest.skip("this file system has no ACLs")
    _seal(place)
    assert not [name for path in ("app.py", "lib") for name in os.listxattr(place / path) if "acl" in name]


def test_seal_gives_hard_links_a_file_of_their_own(place: Path, top: Path) -> None:
    other = top / "other"
    os.link(place / "app.py", other)
    os.utime(other, (1000, 2000))
    _seal(place)
    assert _look(other)[0] == UID
    assert (place / "app.py").stat().st_ino != other.stat().st_ino
    assert (place / "app.py").stat().st_mtime == 2000
    assert (place / "app.py").read_text() == "x"


def test_seal_refuses_what_is_not_the_tenants(place: Path, top: Path) -> None:
    os.chown(place / "app.py", 12345, GID)
    with pytest.raises(NodeError, match=r"app\.py: belongs to uid 12345"):
        _seal(place)
    os.unlink(place / "app.py")
    secret = top / "secret"
    secret.write_text("s")
    secret.chmod(0o600)
    os.link(secret, place / "app.py")
    with pytest.raises(NodeError, match=r"app\.py: is a hard link to a file that is not the tenant's"):
        _seal(place)
    assert _look(secret) == (0, 0, "0600")


def test_seal_refuses_special_files(place: Path) -> None:
    os.mkfifo(place / "lib/pipe")
    os.chown(place / "lib/pipe", UID, GID)
    with pytest.raises(NodeError, match="lib/pipe: is a device, a pipe or a socket"):
        _seal(place)
    os.unlink(place / "lib/pipe")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(place / "s"))
    os.chown(place / "s", UID, GID)
    with pytest.raises(NodeError, match="s: is a device, a pipe or a socket"):
        _seal(place)


def test_seal_refuses_bottomless_trees(place: Path) -> None:
    (place / "/".join("d" * (tree.MAX_DEPTH + 2))).mkdir(parents=True)
    _give(place)
    with pytest.raises(NodeError, match="lies deeper than"):
        _seal(place)


def test_remove(top: Path) -> None:
    victim = top / "victim"
    victim.mkdir()
    (victim / "kept").touch()
    doomed = top / "doomed"
    (doomed / "a/b/c").mkdir(parents=True)
    (doomed / "a/b/file").touch()
    (doomed / "a/link").symlink_to(victim)
    (doomed / "a/b/c").chmod(0)
    with tree.opened(os.open(top, tree.OPEN_FOLDER)) as fd:
        tree.remove(fd, "doomed")
        tree.remove(fd, "doomed")
        (top / "link").symlink_to(victim)
        tree.remove(fd, "link")
    assert [path.name for path in top.iterdir()] == ["victim"]
    assert (victim / "kept").exists()


def test_remove_bottomless_trees(top: Path) -> None:
    dig = "import os\nfor i in range(3000):\n    os.mkdir('d'); os.chdir('d')\nopen('f', 'w').close()\n"
    (top / "doomed").mkdir()
    subprocess.run([sys.executable, "-c", dig], cwd=top / "doomed", check=True)
    with tree.opened(os.open(top, tree.OPEN_FOLDER)) as fd:
        tree.remove(fd, "doomed")
    assert not list(top.iterdir())


def test_open_beneath(place: Path) -> None:
    owners = frozenset((0, UID))
    with tree.opened(os.open(place, tree.OPEN_FOLDER)) as fd:
        assert tree.read_beneath(fd, "lib/deep/x.py", owners, 10) == b"x"
        assert tree.read_beneath(fd, "lib/none", owners, 10) is None
        assert tree.read_beneath(fd, "app.py/none", owners, 10) is None
        for path, wrong in (
            ("link", "is a symbolic link"),
            ("lib", "is not a regular file"),
            ("../x", "without '.' and '..'"),
        ):
            with pytest.raises(NodeError, match=wrong):
                tree.read_beneath(fd, path, owners, 10)
        (place / "app.py").write_text("x" * 11)
        with pytest.raises(NodeError, match="larger than 10 bytes"):
            tree.read_beneath(fd, "app.py", owners, 10)
        (place / "way").symlink_to("lib")
        with pytest.raises(NodeError, match="way: is a symbolic link"):
            tree.read_beneath(fd, "way/deep/x.py", owners, 10)
        os.chown(place / "lib", 12345, 12345)
        with pytest.raises(NodeError, match="lib: belongs to uid 12345"):
            tree.read_beneath(fd, "lib/deep/x.py", owners, 10)


def test_open_root_refuses_others_folders(place: Path) -> None:
    with pytest.raises(NodeError, match="writable by root alone"):
        tree.open_root(str(place))
    os.close(tree.open_root("/usr"))


def test_listing(place: Path) -> None:
    with tree.opened(os.open(place, tree.OPEN_FOLDER)) as fd:
        assert tree.listing(fd, 1, 100) == {"app.py": 1, "manage.py": 1, "static/run": 1}
        assert len(tree.listing(fd, 5, 2)) == 2


def test_nothing_of_roots_changes_under_attack(top: Path) -> None:
    """Sealing and removing while the tenant exchanges everything for links, by descriptors it holds."""
    victim = top / "victim"
    victim.mkdir()
    (victim / "a").write_text("root's")
    (victim / "a").chmod(0o600)
    victim.chmod(0o755)
    before = [_look(victim), _look(victim / "a")]
    with tree.opened(os.open(top, tree.OPEN_FOLDER)) as fd:
        for attempt in range(15):
            place = top / f"r{attempt}"
            for folder in ("a/a/b", "a/b", "b/a"):
                (place / folder).mkdir(parents=True)
                for number in range(50):
                    (place / folder / f"f{number}").touch()
            _give(place)
            attacker = subprocess.Popen(
                [sys.executable, "-c", ATTACK, str(place), str(victim)], user=UID, group=GID, stdout=subprocess.PIPE
            )
            try:
                assert attacker.stdout is not None
                attacker.stdout.readline()
                _seal(place)
                for path in place.rglob("*"):
                    assert path.is_symlink() or _look(path)[0] == 0
            finally:
                attacker.kill()
                attacker.communicate()
            tree.remove(fd, place.name)
    assert [_look(victim), _look(victim / "a")] == before
    assert (victim / "a").read_text() == "root's"
