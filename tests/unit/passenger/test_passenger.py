# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a release to what Passenger reads; environment files as a process of Passenger reads them."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._node import equipment
from ansible_collections.hostel.python.plugins.module_utils._servers.passenger import PASSENGER, application, snippet
from ansible_collections.hostel.python.plugins.module_utils._spec.layout import MANAGED
from ansible_collections.hostel.python.plugins.module_utils._spec.passenger_app import parse_passenger_app
from ansible_collections.hostel.python.plugins.module_utils._spec.problems import alone
from ansible_collections.hostel.python.plugins.module_utils._spec.release import Release
from ansible_collections.hostel.python.plugins.module_utils._spec.resources import File
from ansible_collections.hostel.python.plugins.module_utils._spec.url import Url
from ansible_collections.hostel.python.plugins.module_utils._supervise import adopt, enter_slice, mount_data
from ansible_collections.hostel.python.plugins.module_utils._syntax import environment
from ansible_collections.hostel.python.tests.unit.releases import BLOG, altered
from hypothesis import given
from hypothesis import strategies as st

RELEASE = altered(
    BLOG,
    app={"urls": (Url("blog.example.org"), Url("www.example.org", "/blog"))},
    server="passenger",
    interface="wsgi",
    entrypoint="blog/wsgi.py:application",
    folders=("media",),
)

values = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


def contents(release: Release) -> dict[str, str]:
    resources = PASSENGER.resources(release)
    files = [one for one in (*resources.settings, *resources.live) if isinstance(one, File)]
    return {file.path: file.content.decode() for file in files}


def test_every_mount_is_staged_and_live() -> None:
    own = sorted(path for path in contents(RELEASE) if not path.startswith("/opt/hostel/lib/"))
    assert own == [
        "/srv/hostel/sites/blog.example.org/.htaccess",
        "/srv/hostel/sites/www.example.org/blog/.htaccess",
        "/srv/hostel/staging/blog@0123456789ab/.htaccess",
        "/srv/hostel/staging/blog@0123456789ab/blog/.htaccess",
        "/var/lib/hostel/apps/blog/0123456789ab/python",
        "/var/lib/hostel/idle/hostel-blog@0123456789ab",
    ]


def test_each_mount_says_everything() -> None:
    found = {path: text for path, text in contents(RELEASE).items() if path.endswith(".htaccess")}
    names = {tuple(line.split()[0] for line in text.splitlines()[1:]) for text in found.values()}
    assert len(names) == 1
    assert all(text.startswith(MANAGED + "\n") for text in found.values())
    assert 'PassengerBaseURI "/blog"\n' in found["/srv/hostel/sites/www.example.org/blog/.htaccess"]
    assert 'PassengerBaseURI "/"\n' in found["/srv/hostel/sites/blog.example.org/.htaccess"]


def test_no_release_asks_for_processes_that_outlive_it() -> None:
    assert all('PassengerMinInstances "0"\n' in text for path, text in contents(RELEASE).items() if ".htaccess" in path)


def test_kept_folders_are_mounted() -> None:
    (mount,) = PASSENGER.resources(RELEASE).mounts
    assert mount.source == "/srv/hostel/alice/blog/data/media"
    assert mount.target == "/srv/hostel/alice/blog/releases/0123456789ab/media"


def test_the_wrapper_is_a_shell_script(tmp_path: Path) -> None:
    text = contents(RELEASE)["/var/lib/hostel/apps/blog/0123456789ab/python"]
    script = tmp_path / "python"
    script.write_text(text)
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    words = shlex.split(text.splitlines()[2])
    assert words[:5] == ["exec", "/usr/bin/python3", "-I", "-S", "/opt/hostel/lib/enter_slice.py"]
    assert words[-4:] == [
        f"{RELEASE.venv}/bin/python",
        "/opt/hostel/lib/serve.py",
        "passenger",
        f"--entrypoint={RELEASE.entrypoint}",
    ]


def test_snippet() -> None:
    text = snippet(application(RELEASE), "/blog").decode()
    assert text.splitlines()[1] == '<Location "/blog">'
    assert text.splitlines()[-1] == "</Location>"


@given(st.dictionaries(st.from_regex(r"[A-Z_][A-Z0-9_]{0,9}", fullmatch=True), values, max_size=6))
def test_environment_files_are_read_as_they_were_written(pairs: dict[str, str]) -> None:
    allowed = {key: value for key, value in pairs.items() if environment.check(key, value) is None}
    assert enter_slice.parse(environment.render(allowed.items()).decode()) == allowed


@pytest.mark.parametrize(
    ("field", "path"),
    [(b"/a", "/a"), (b"/a\\040b", "/a b"), (b"/a\\134040", "/a\\040"), (b"/\\011\\012", "/\t\n")],
)
def test_mountinfo(field: bytes, path: str) -> None:
    assert mount_data.unescape(field) == path


def test_mount_points_of_this_process() -> None:
    assert "/proc" in mount_data.targets("/proc/self/mountinfo")


def test_only_tenants_are_adopted() -> None:
    with pytest.raises(adopt.Refused, match="not a tenant's"):
        adopt.adopt(1, 0, range(20000, 60000))


def test_places_in_static_files() -> None:
    known = {"front_key": "abc", "memory_mib": "1000"}
    text = "key @front_key@ pool @memory_mib/96@ least @memory_mib/5000@ mail a@b.c"
    assert equipment.fill(text, known) == "key abc pool 10 least 1 mail a@b.c"


def test_passenger_app_says_all_that_is_wrong() -> None:
    raw = {"name": "a b", "venv": "/v", "python": "/p", "app_root": "x", "entrypoint": "-", "path": "/p"}
    raw = {**raw, "urls": ["x:1"]}
    with pytest.raises(SpecError) as raised:
        alone(parse_passenger_app, raw, "app")
    told = "\n".join(raised.value.lines)
    keys = ("name", "venv", "user", "app_root", "entrypoint", "path", "urls[0]")
    assert all(f" {key}: " in told for key in keys)
