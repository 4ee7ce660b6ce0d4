# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading requirements files: what they include, set, pin and hash."""

from __future__ import annotations

import string

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._syntax import requirements as reading
from hypothesis import given
from hypothesis import strategies as st

A = "sha256:" + "a" * 64
B = "sha256:" + "b" * 64


def test_gather_follows_includes_once_and_keeps_the_first_first() -> None:
    sources = {
        "deploy/all.txt": b"-r base.txt\n--constraint=../limits.txt\n-r ./base.txt\ndjango\n",
        "deploy/base.txt": b"-r all.txt\n-clocal.txt\nsix\n",
        "deploy/local.txt": b"six<2\n",
        "limits.txt": b"django<6\n",
    }
    found = reading.gather("deploy/all.txt", sources.__getitem__)
    assert [name for name, _content in found] == ["deploy/all.txt", "deploy/base.txt", "limits.txt", "deploy/local.txt"]


def test_a_uv_lock_brings_its_project_file() -> None:
    found = reading.gather("uv.lock", {"uv.lock": b"version = 1", "pyproject.toml": b"[project]"}.__getitem__)
    assert [name for name, _content in found] == ["uv.lock", "pyproject.toml"]


@pytest.mark.parametrize("target", ["../secret.txt", "/etc/shadow", "a/../../b", "https://example.org/r.txt"])
def test_includes_that_lead_out_are_refused(target: str) -> None:
    with pytest.raises(SpecError, match=r"top\.txt: includes"):
        reading.gather("top.txt", lambda _path: f"-r {target}\n".encode())


def test_latin_1_is_refused_with_the_place() -> None:
    with pytest.raises(SpecError, match="not UTF-8"):
        reading.gather("top.txt", lambda _path: "# grün\n".encode("latin-1"))


@pytest.mark.parametrize(
    "requirement",
    [
        ".",
        ".[extra]",
        "-e .",
        "--editable=./library",
        "../sibling",
        "/srv/code",
        "name @ ./library",
        "git+https://example.org/x",
        "name @ git+ssh://git@example.org/x@v1",
        "name[a,b] @ https://example.org/name-1.0.tar.gz",
        "https://example.org/name-1.0.zip#egg=name",
        "file:///srv/name-1.0.tar.gz",
        "hg+http://example.org/x",
    ],
)
def test_what_needs_a_build(requirement: str) -> None:
    assert reading.needs_build(requirement)


@pytest.mark.parametrize(
    "requirement",
    [
        "django",
        "django>=5,<6",
        'uvicorn[standard]~=0.30 ; python_version < "3.14"',
        "name @ https://example.org/name-1.0-py3-none-any.whl#sha256=00",
        "https://example.org/name-1.0-py3-none-any.whl",
        "file:///srv/name-1.0-py3-none-any.whl",
    ],
)
def test_what_needs_none(requirement: str) -> None:
    assert not reading.needs_build(requirement)
    assert not reading.names_source(requirement)


def test_options_that_cause_builds_are_refused_unless_allowed() -> None:
    text = "--index-url https://example.org\n--no-binary :all:\n--config-settings=x\nsix\n"
    assert reading.options_refused(text, build=False) == ["--no-binary :all:", "--config-settings=x"]
    assert reading.options_refused(text, build=True) == ["--config-settings=x"]


def test_a_continued_line_hides_no_option() -> None:
    assert reading.options_refused("--no-bi\\\nnary six\n--no-binary \\\n  six\n", build=False)


def test_hashes_belong_to_the_normalised_name() -> None:
    text = f"My_Package==1.0 \\\n    --hash={B} \\\n    --hash={A}\nother==2  # --hash={A}\n"
    assert reading.hashes_in([text]) == {"my-package": (A, B)}


def test_a_lock_is_the_same_text_whatever_order_it_came_in() -> None:
    one = f"b==1 \\\n    --hash={B} \\\n    --hash={A}\na==2 \\\n    --hash={A}\n"
    two = f"a==2 --hash={A}\nb==1 --hash={A} --hash={B}\n"
    assert reading.render_lock(reading.parse_lock(one)) == reading.render_lock(reading.parse_lock(two))
    assert reading.versions(one) == {"a": "2", "b": "1"}


def test_versions_show_no_password() -> None:
    assert reading.versions("x @ https://me:secret@example.org/x-1-py3-none-any.whl\n") == {
        "x": "https://***@example.org/x-1-py3-none-any.whl"
    }


@given(st.text(string.ascii_letters + string.digits + "!$%&*+-=_.~:", min_size=1))
def test_no_password_survives_redaction(password: str) -> None:
    shown = reading.redacted(f"cannot reach https://user:{password}@example.org/simple, sorry")
    assert shown == "cannot reach https://***@example.org/simple, sorry"


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)


@given(st.dictionaries(NAMES, st.lists(st.sampled_from([A, B]), unique=True), max_size=5))
def test_locks_round_trip(wanted: dict[str, list[str]]) -> None:
    pins = [reading.Pin(f"{name}==1.0", tuple(sorted(hashes))) for name, hashes in sorted(wanted.items())]
    assert reading.parse_lock(reading.render_lock(pins)) == pins


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    reading.options_refused(text, build=False)
    reading.hashes_in([text])
    reading.parse_lock(text)
    assert reading.options_refused(reading.plain(text), build=False) == reading.options_refused(text, build=False)


def test_what_a_comment_hides_from_us_it_hides_from_uv() -> None:
    text = "# a comment that goes on \\\n--no-binary :all:\nsix\n-e ./library\n"
    assert reading.plain(text) == "six\n./library\n"


def test_variables_are_found() -> None:
    assert reading.variables_in("six\nx @ https://example.org/${UV_DEFAULT_INDEX}/x.whl\n")
