# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that brings code into a folder: what it writes, and what it refuses."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hostel.python.plugins.module_utils._node import fetcher

IDENTITY = dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"), "x")


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def _tar(path: Path, members: dict[str, Any], mode: str = "w") -> str:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                info.mode = 0o4755 if name.endswith(".sh") else 0o600
                archive.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = content
                archive.addfile(info)
    return str(path)


def _fetch(archive: str, into: Path, **changed: str) -> list[str]:
    with open(archive, "rb") as content:
        checksum = "sha256:" + hashlib.sha256(content.read()).hexdigest()
    order = {
        "kind": "archive",
        "where": archive,
        "into": str(into),
        "checksum": checksum,
        "files": "",
        "persist": [],
        "absent_files": [],
    }
    fetcher.obey({**order, **changed})
    return sorted(str(path.relative_to(into)) for path in into.rglob("*"))


@pytest.mark.parametrize("compression", ["", ":gz", ":bz2", ":xz"])
def test_tar(tmp_path: Path, into: Path, compression: str) -> None:
    members = {
        "blog-1.0/app.py": b"code",
        "blog-1.0/run.sh": b"#!",
        "blog-1.0/.env": b"hidden",
        "blog-1.0/ü ñ/x": b"",
        "blog-1.0/same": (tarfile.LNKTYPE, "blog-1.0/app.py"),
        "blog-1.0/link": (tarfile.SYMTYPE, "ü ñ/x"),
    }
    archive = _tar(tmp_path / "a.tar", members, f"w{compression}")
    assert _fetch(archive, into) == [".env", "app.py", "link", "run.sh", "same", "ü ñ", "ü ñ/x"]
    assert (into / "same").read_bytes() == b"code"
    assert (into / "same").stat().st_nlink == 1
    assert os.stat(into / "run.sh").st_mode & 0o7777 == 0o755
    assert os.stat(into / ".env").st_mode & 0o7777 == 0o644


def test_only_a_single_top_folder_is_left_out(tmp_path: Path, into: Path) -> None:
    assert _fetch(_tar(tmp_path / "a.tar", {"one/a": b"", "b": b""}), into) == ["b", "one", "one/a"]


def test_zip(tmp_path: Path, into: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, mode, content in (("b/run", 0o100755, "x"), ("b/ünï", 0o100644, "y"), ("b/link", 0o120777, "run")):
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content)
        archive.writestr("b/empty/", "")
    assert _fetch(str(tmp_path / "a.zip"), into) == ["empty", "link", "run", "ünï"]
    assert os.access(into / "run", os.X_OK)
    assert os.readlink(into / "link") == "run"


REFUSED = {
    "climbing": ({"a/../../x": b""}, "leads out of it"),
    "absolute": ({"/etc/x": b"", "y": b""}, "leads out of it"),
    "newline": ({"a\nb": b"", "y": b""}, "newline"),
    "link to root": ({"a": (tarfile.SYMTYPE, "/etc"), "y": b""}, "outside of the source"),
    "link out": ({"d/a": (tarfile.SYMTYPE, "../../x"), "y": b""}, "outside of the source"),
    "through a link": ({"d": (tarfile.SYMTYPE, "."), "d/x": b""}, "behind a symbolic link"),
    "device": ({"d": (tarfile.BLKTYPE, ""), "x": b""}, "device or a pipe"),
    "pipe": ({"d": (tarfile.FIFOTYPE, ""), "x": b""}, "device or a pipe"),
    "lost link": ({"d": (tarfile.LNKTYPE, "nothing"), "x": b""}, "hard link to nothing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_members(tmp_path: Path, into: Path, case: str) -> None:
    members, wrong = REFUSED[case]
    with pytest.raises(fetcher.FetchError, match=wrong):
        _fetch(_tar(tmp_path / "a.tar", members), into)
    assert not (tmp_path / "x").exists()


def test_refused_archives(tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = _tar(tmp_path / "a.tar", {"a": b"12345", "b": b"12345"})
    with pytest.raises(fetcher.FetchError, match="its checksum is sha256:"):
        _fetch(archive, into, checksum="sha256:0")
    (tmp_path / "junk").write_bytes(b"junk")
    with pytest.raises(fetcher.FetchError, match="no sound tar"):
        _fetch(str(tmp_path / "junk"), into)
    (tmp_path / "zip").write_bytes(b"PK\x03\x04junk")
    with pytest.raises(fetcher.FetchError, match="no sound zip"):
        _fetch(str(tmp_path / "zip"), into)
    monkeypatch.setattr(fetcher, "MAX_UNPACKED", 9)
    with pytest.raises(fetcher.FetchError, match="unpacks to more than 9"):
        _fetch(archive, into)
    monkeypatch.setattr(fetcher, "MAX_MEMBERS", 0)
    with pytest.raises(fetcher.FetchError, match="more than 0 files"):
        _fetch(archive, into)


def test_download(tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = _tar(tmp_path / "a.tar", {"a": b"1"})
    assert _fetch(archive, into, where=f"file://{archive}") == ["a"]
    with pytest.raises(fetcher.FetchError, match="must begin with https://"):
        _fetch(archive, into, where="data://x")
    monkeypatch.setattr(fetcher, "MAX_DOWNLOAD", 9)
    with pytest.raises(fetcher.FetchError, match="larger than 9 bytes"):
        _fetch(archive, into, where=f"file://{archive}")


def test_seeds_never_replace(tmp_path: Path, into: Path) -> None:
    kept = tmp_path / "files"
    kept.mkdir()
    (kept / "old.db").write_text("live")
    for name in ("old.db", "new.db"):
        (into / name).write_text("from the source")
    (into / "folder").mkdir()
    order = {
        "kind": "package",
        "into": str(into),
        "files": str(kept),
        "persist": ["old.db", "new.db", "folder", "none"],
        "absent_files": ["var/x.db"],
    }
    assert fetcher.obey(order) == ["old.db", "new.db"]
    assert (kept / "old.db").read_text() == "live"
    assert (kept / "new.db").read_text() == "from the source"
    assert (kept / "var").is_dir()
    assert [path.name for path in into.iterdir()] == ["folder"]


def test_copy_and_digest(tmp_path: Path, into: Path) -> None:
    site = tmp_path / "site"
    for folder in ("media", ".git", "__pycache__"):
        (site / folder).mkdir(parents=True)
        (site / folder / "x").touch()
    (site / "app.py").write_text("1")
    (site / "run").touch()
    (site / "run").chmod(0o700)
    (site / "link").symlink_to("app.py")
    order = {"kind": "copy", "where": str(site), "into": str(into), "files": "", "persist": [], "absent_files": []}
    fetcher.obey(order)
    assert sorted(path.name for path in into.iterdir()) == ["app.py", "link", "media", "run"]
    assert os.access(into / "run", os.X_OK)

    def digest() -> str:
        return str(fetcher.obey({"kind": "digest", "where": str(site), "left_out": ["media/"]}))

    first = digest()
    (site / "media/x").write_text("uploaded")
    assert digest() == first
    (site / "app.py").write_text("2")
    second = digest()
    assert second != first
    (site / "run").chmod(0o600)
    assert digest() != second


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git(tmp_path: Path, into: Path) -> None:
    repository = tmp_path / "repository"

    def git(*arguments: str) -> str:
        ran = subprocess.run(
            ["git", "-C", str(repository), *arguments],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **IDENTITY},
        )
        return ran.stdout.strip()

    repository.mkdir()
    git("init", "--quiet", "--initial-branch=main")
    for version in ("1", "2"):
        (repository / "app.py").write_text(version)
        git("add", ".")
        git("commit", "--quiet", "-m", version)
        git("tag", "-a", f"v{version}", "-m", version)

    def resolve(version: str | None) -> str:
        return str(fetcher.obey({"kind": "resolve", "where": str(repository), "version": version}))

    assert resolve(None) == resolve("main") == resolve("v2") == resolve("refs/heads/main") == git("rev-parse", "HEAD")
    first = resolve("v1")
    assert first == git("rev-parse", "v1^{commit}")
    order = {
        "kind": "git",
        "where": str(repository),
        "into": str(into),
        "version": first,
        "files": "",
        "persist": [],
        "absent_files": [],
    }
    fetcher.obey(order)
    assert [path.name for path in into.iterdir()] == ["app.py"]
    assert (into / "app.py").read_text() == "1"
    for version, where, wrong in (
        ("v3", str(repository), "no branch or tag 'v3'"),
        (None, "ext::touch /x", "not allowed"),
    ):
        with pytest.raises(fetcher.FetchError, match=wrong):
            fetcher.obey({"kind": "resolve", "where": where, "version": version})
    with pytest.raises(fetcher.FetchError, match="has no commit"):
        fetcher.obey({**order, "version": "0" * 40})
