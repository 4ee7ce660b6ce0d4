# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which server runs which Python."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._spec.hosting import parse

SYSTEM = {"version": "3.13", "source": "system"}
BUILT = {
    "version": "3.14",
    "source": "build",
    "tarball": "https://example.org/Python-3.14.tar.xz",
    "checksum": "sha256:" + "0" * 64,
}


def wanted(server: str, python: dict[str, Any], **changes: Any) -> dict[str, Any]:
    app = {
        "name": "blog",
        "tenant": "alice",
        "urls": ["blog.example.org"],
        "python": python["version"],
        "server": server,
        "source": {"package": "blog==1"},
        **changes,
    }
    return {"python_versions": [python], "tenants": [{"name": "alice", "uid": 20001}], "apps": [app]}


def refused(server: str, python: dict[str, Any], **changes: Any) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse(wanted(server, python, **changes))
    return caught.value.lines


@pytest.mark.parametrize("mode", [None, "daemon", "pool"])
def test_debians_mod_wsgi_runs_debians_python_alone(mode: str | None) -> None:
    chosen = {} if mode is None else {"mode": mode}
    found = refused("mod_wsgi", BUILT, **chosen)
    assert len(found) == 1
    assert found[0].startswith("app 'blog': server: 'mod_wsgi' can't run Python 3.14: it is Debian's own module, ")
    assert "use server: mod_wsgi_express or gunicorn" in found[0]
    assert parse(wanted("mod_wsgi", SYSTEM, **chosen)).apps[0].server == "mod_wsgi"


def test_a_compiled_module_needs_the_interpreter_as_a_library() -> None:
    found = refused("mod_wsgi_express", BUILT)
    assert len(found) == 1
    assert "app 'blog': server: 'mod_wsgi_express' can't run Python 3.14" in found[0]
    assert "flags: [--enable-shared]" in found[0]
    for python in (SYSTEM, {**BUILT, "flags": ["--enable-shared"]}):
        assert parse(wanted("mod_wsgi_express", python)).apps[0].python == python["version"]


def test_what_is_not_there_any_more_may_name_any_python() -> None:
    assert parse(wanted("mod_wsgi", BUILT, state="absent")).apps[0].state == "absent"


def test_other_servers_run_every_python() -> None:
    assert parse(wanted("gunicorn", BUILT)).apps[0].server == "gunicorn"
