# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request for a venv refuses, and what its digests depend on."""

from __future__ import annotations

import pwd
from dataclasses import replace

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._node.venv_request import (
    VenvRequest,
    check,
    input_digest,
    venv_digest,
)

ALICE = pwd.struct_passwd(("alice", "x", 20001, 20001, "", "/home/alice", "/bin/sh"))
BOB = pwd.struct_passwd(("bob", "x", 20002, 20002, "", "/home/bob", "/bin/sh"))
REQUEST = VenvRequest("app blog", "/opt/hostel/python/3.13/bin/python3", ("django", "six"))
PYTHON = "/opt/hostel/python/3.13/bin/python3 python3.13"
LOCK = "django==6.0 \\\n    --hash=sha256:00\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"requirements": (".",)}, "app blog: requirements: '.' has to be built from source; allow it with"),
        ({"requirements": ("-e .[dev]",)}, "has to be built"),
        ({"requirements": ("--index-url https://u:secret@example.org",)}, "options belong into a requirements file"),
        ({"requirements": ("six\n--no-binary :all:",)}, "one requirement an item"),
        ({"requirements": ("git+https://me:secret@example.org/x",)}, "has to be built"),
        ({"files": (("r.txt", b"--no-binary :all:\n"),)}, "app blog: r.txt: '--no-binary :all:': this option"),
        ({"files": (("r.txt", b"six\n./library\n"),)}, "app blog: r.txt: './library' has to be built"),
        ({"files": (("../r.txt", b"six\n"),)}, "not a path inside the source"),
        ({"files": (("r.txt", b"x @ https://example.org/${UV_INDEX}/x.whl\n"),)}, "variables are not replaced"),
        ({"requirements": ("x @ https://example.org/${UV_INDEX}/x.whl",)}, "variables are not replaced"),
        ({"build": True}, "build: true needs a tenant"),
        ({"build": True, "tenant": ALICE, "requirements": (".",)}, "no source folder"),
    ],
)
def test_refused_before_anything_is_started(changes: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        check(replace(REQUEST, **changes))  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        check(replace(REQUEST, requirements=(".", "-x"), files=(("r.txt", b"--what\n"),)))
    assert len(caught.value.lines) == 3


def test_the_source_itself_may_be_named_where_it_may_be_built() -> None:
    check(replace(REQUEST, requirements=("-e .[dev]",), build=True, tenant=ALICE, project="/srv/blog"))


@pytest.mark.parametrize(
    "changes",
    [
        {"requirements": ("django",)},
        {"files": (("r.txt", b"six"),)},
        {"extra": ("uvicorn",)},
        {"index_url": "https://example.org/simple"},
        {"build": True, "tenant": ALICE},
    ],
)
def test_another_question_has_another_digest(changes: dict[str, object]) -> None:
    assert input_digest(replace(REQUEST, **changes), PYTHON) != input_digest(REQUEST, PYTHON)  # type: ignore[arg-type]


def test_what_does_not_matter_is_no_part_of_the_question() -> None:
    same = replace(
        REQUEST, what="app shop", requirements=("six", "django"), tenant=ALICE, project="/srv/x", project_digest="1"
    )
    assert input_digest(same, PYTHON) == input_digest(REQUEST, PYTHON)


def test_a_new_password_moves_no_package() -> None:
    first = replace(REQUEST, index_url="https://me:old@example.org/simple")
    second = replace(REQUEST, index_url="https://me:new@example.org/simple")
    assert input_digest(first, PYTHON) == input_digest(second, PYTHON)


def test_what_was_built_is_one_tenants_alone() -> None:
    names = {
        venv_digest(REQUEST, PYTHON, LOCK),
        venv_digest(replace(REQUEST, build=True, tenant=ALICE), PYTHON, LOCK),
        venv_digest(replace(REQUEST, build=True, tenant=BOB), PYTHON, LOCK),
    }
    assert len(names) == 3


def test_wheels_alone_are_shared_whoever_asks() -> None:
    assert venv_digest(replace(REQUEST, tenant=ALICE), PYTHON, LOCK) == venv_digest(REQUEST, PYTHON, LOCK)


def test_a_built_source_is_named_by_its_content() -> None:
    one = replace(REQUEST, requirements=(".",), build=True, tenant=ALICE, project="/srv/x", project_digest="1")
    two = replace(one, project_digest="2")
    assert input_digest(one, PYTHON) != input_digest(two, PYTHON)
    assert venv_digest(one, PYTHON, ".\n") != venv_digest(two, PYTHON, ".\n")
