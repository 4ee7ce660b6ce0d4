# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept across releases, and what becomes of it in a release folder."""

from __future__ import annotations

import os
import pwd
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import NodeError
from ansible_collections.hostel.python.plugins.module_utils._node import persist, releases, tree
from ansible_collections.hostel.python.plugins.module_utils._spec import layout
from ansible_collections.hostel.python.plugins.module_utils._spec.app import App
from ansible_collections.hostel.python.plugins.module_utils._spec.source import Source
from ansible_collections.hostel.python.plugins.module_utils._spec.static import StaticFolder

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")

UID = 54321
APP = App(name="blog", tenant="alice", urls=(), python="3.13", source=Source("package", "x"))
FOLDER, FILE = True, False


def _account() -> pwd.struct_passwd:
    return pwd.struct_passwd(("alice", "x", UID, UID, "", "/home/alice", "/bin/sh"))


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An app's home below a folder that only root can alter, as on a node."""
    with tempfile.TemporaryDirectory(dir=Path.home()) as tenants:
        monkeypatch.setattr(layout, "TENANTS", tenants)
        path = Path(tenants, "alice", "blog")
        path.mkdir(parents=True)
        yield path


def _release(home: Path, name: str, files: dict[str, str]) -> Path:
    """A fetched release: the tenant's own."""
    release = home / "releases" / name
    release.mkdir(parents=True)
    for path, content in files.items():
        (release / path).parent.mkdir(parents=True, exist_ok=True)
        (release / path).write_text(content)
    for folder, _folders, names in os.walk(release):
        for one in ("", *names):
            os.chown(os.path.join(folder, one), UID, UID, follow_symlinks=False)
    return release


def _pin(app: App, release: Path, seeded: frozenset[str] = frozenset()) -> dict[str, bool]:
    persist.prepare(app, _account())
    return {kept.path: kept.folder for kept in persist.pin(app, str(release), _account(), seeded)}


def _owner_and_mode(path: Path) -> tuple[int, int, int]:
    info = path.lstat()
    return info.st_uid, info.st_gid, info.st_mode & 0o7777


def test_kinds_by_name(home: Path) -> None:
    app = replace(APP, persist=("db.sqlite3", "media", "cache.d/", "var/üm läut", "var/log.txt"))
    seeding = persist.prepare(app, _account())
    assert seeding.persist == ("db.sqlite3", "media", "var/üm läut", "var/log.txt")
    assert seeding.absent_files == ("db.sqlite3", "var/log.txt")
    release = _release(home, "r1", {"app.py": ""})
    assert _pin(app, release) == {
        "db.sqlite3": FILE,
        "media": FOLDER,
        "cache.d": FOLDER,
        "var/üm läut": FOLDER,
        "var/log.txt": FILE,
    }
    assert os.readlink(release / "var/log.txt") == f"{home}/data/.files/var/log.txt"
    assert os.readlink(home / "data/var/log.txt") == "../.files/var/log.txt"
    assert _owner_and_mode(home / "data/.files") == (UID, UID, 0o700)
    assert _owner_and_mode(home / "data") == (0, UID, 0o751)
    assert _owner_and_mode(home / "data/var") == (0, 0, 0o751)
    assert _owner_and_mode(home / "data/var/üm läut") == (UID, UID, 0o750)
    # The tenant may write beside what is kept, but not exchange it.
    assert _owner_and_mode(release) == (0, UID, 0o1770)
    assert _owner_and_mode(release / "var") == (0, UID, 0o1770)
    assert _owner_and_mode(release / "media") == (0, UID, 0o750)
    assert _owner_and_mode(release / "app.py")[0] == UID


def test_a_folder_of_the_source_seeds_once(home: Path) -> None:
    app = replace(APP, persist=("media.d",), static=(StaticFolder("/media/", "media.d/public"),))
    assert _pin(app, _release(home, "r1", {"media.d/a": "seed"})) == {"media.d": FOLDER}
    kept = home / "data/media.d"
    assert (kept / "a").read_text() == "seed"
    assert _owner_and_mode(kept) == (UID, UID, 0o755)
    (kept / "a").write_text("changed")
    second = _release(home, "r2", {"media.d/a": "seed", "media.d/b/c": "seed"})
    assert _pin(app, second) == {"media.d": FOLDER}
    assert [path.name for path in kept.iterdir()] == ["a"]
    assert (kept / "a").read_text() == "changed"
    assert not list((second / "media.d").iterdir())


def test_an_interrupted_run_is_made_good(home: Path) -> None:
    (home / "data/media").mkdir(parents=True, mode=0o700)
    assert _pin(replace(APP, persist=("media",)), _release(home, "r1", {})) == {"media": FOLDER}
    assert _owner_and_mode(home / "data/media") == (UID, UID, 0o750)


def test_a_file_of_the_source(home: Path) -> None:
    """The fetching program has moved it by then; a name without a suffix is a file all the same."""
    app = replace(APP, persist=("counter",))
    release = _release(home, "r1", {})
    assert _pin(app, release, frozenset({"counter"})) == {"counter": FILE}
    assert os.path.islink(release / "counter")
    assert _pin(app, _release(home, "r2", {})) == {"counter": FILE}


def test_nothing_to_keep_leaves_the_release_alone(home: Path) -> None:
    release = _release(home, "r1", {})
    assert _pin(APP, release) == {}
    assert _owner_and_mode(release)[0] == UID


REFUSED = {
    "link": (("media",), {}, {"media": "/etc"}, "'media' is a symbolic link in the source"),
    "through link": (("var/media",), {}, {"var": "/etc"}, "leads through 'var'"),
    "through file": (("var/media",), {"var": ""}, {}, "leads through 'var'"),
    "file, slash": (("media/",), {"media": ""}, {}, "is a file in the source"),
    "quotation mark": (("me'dia",), {}, {}, "quotation mark"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(home: Path, case: str) -> None:
    names, files, links, wrong = REFUSED[case]
    release = _release(home, "r1", files)
    for name, target in links.items():
        (release / name).symlink_to(target)
        os.chown(release / name, UID, UID, follow_symlinks=False)
    with pytest.raises(NodeError, match=f"app blog: persist: .*{wrong}"):
        _pin(replace(APP, persist=names), release)


def test_a_file_does_not_become_a_folder(home: Path) -> None:
    app = replace(APP, persist=("x",))
    _pin(app, _release(home, "r1", {}), frozenset({"x"}))
    with pytest.raises(NodeError, match="is a folder in the source, but data/ has a file"):
        _pin(app, _release(home, "r2", {"x/y": ""}))


def test_releases_are_listed_kept_and_removed(home: Path) -> None:
    names = [f"{number:012x}" for number in range(4)]
    for name in names:
        _release(home, name, {"app.py": ""})
        os.chown(home / "releases" / name, 0, 0)
    (home / "releases" / f".unfinished-{names[3]}").touch()
    (home / "current").symlink_to(f"releases/{names[0]}")
    assert releases.current(APP) == names[0]
    assert releases.finished(APP) == [names[2], names[1], names[0]]
    assert releases.superseded(APP, 2) == [names[1], names[3]]
    assert releases.superseded(APP, 1) == [names[2], names[1], names[3]]
    for name in releases.superseded(APP, 1):
        releases.remove(APP, name)
        releases.remove(APP, name)
    assert os.listdir(home / "releases") == [names[0]]


def test_sealing_keeps_the_pins(home: Path) -> None:
    app = replace(APP, persist=("var/db.sqlite3", "media"))
    release = _release(home, "r1", {"var/x": ""})
    _pin(app, release)
    with tree.opened(tree.open_folder(str(release), UID)) as fd:
        tree.seal(fd, UID, UID, (), str(release))
    assert _owner_and_mode(release) == _owner_and_mode(release / "media") == (0, UID, 0o750)
    assert (release / "var/db.sqlite3").lstat().st_uid == 0
