# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apps that Apache hands on to their own socket."""

from __future__ import annotations

import re

import pytest
from ansible_collections.hostel.python.plugins.module_utils._servers.uvicorn import UVICORN
from ansible_collections.hostel.python.plugins.module_utils._spec.problems import Wrong
from ansible_collections.hostel.python.plugins.module_utils._spec.rewrite import Rewrite, rewrite
from ansible_collections.hostel.python.plugins.module_utils._spec.route import Route
from ansible_collections.hostel.python.plugins.module_utils._spec.url import Url
from ansible_collections.hostel.python.tests.unit.releases import BLOG, altered

RELEASE = altered(
    BLOG,
    app={
        "urls": (Url("blog.example.org"), Url("www.example.org", "/blog")),
        "route": "apache",
        "rewrite": (Rewrite("^old/(.*)$", "new/$1", ("R=301", "L")),),
    },
)


def htaccess(path: str) -> list[str]:
    resources = UVICORN.resources(RELEASE)
    found = {one.path: one for one in (*resources.settings, *resources.live)}
    return found[f"{path}/.htaccess"].content.decode().splitlines()


def test_what_is_live_follows_the_apps_route_and_what_is_staged_the_release() -> None:
    live = htaccess("/srv/hostel/sites/www.example.org/blog")
    staged = htaccess("/srv/hostel/staging/blog@0123456789ab/blog")
    assert all("unix:/var/lib/hostel/routes/blog|" in line for line in live if "unix:" in line)
    gate = "/var/lib/hostel/gates/hostel-blog@0123456789ab"
    assert all(f"unix:{gate}|" in line for line in staged if "unix:" in line)
    assert len([line for line in live if "unix:" in line]) == 4


def test_a_path_that_no_rule_changed_goes_on_as_it_was_sent() -> None:
    lines = htaccess("/srv/hostel/sites/blog.example.org")
    (last,) = (index for index, line in enumerate(lines) if "|http://localhost%1" in line)
    assert lines[last - 1] == 'RewriteCond "%{THE_REQUEST}" "^[^ ]+ (/[^ ?]*)"'
    assert '"[P,NE,' in lines[last]


def test_the_operators_rules_come_first_and_see_paths_below_the_mount() -> None:
    lines = htaccess("/srv/hostel/sites/www.example.org/blog")
    assert lines.index('RewriteBase "/blog/"') < lines.index('RewriteRule "^old/(.*)$" "new/$1" "[R=301,L]"')
    assert lines.index('RewriteRule "^old/(.*)$" "new/$1" "[R=301,L]"') < min(
        index for index, line in enumerate(lines) if "unix:" in line
    )


def test_the_route_is_apache_with_websockets() -> None:
    assert UVICORN.route(RELEASE.app) == Route("apache", streams=True)
    assert UVICORN.route(BLOG.app) == Route("socket")


def test_a_rule_is_read_as_mod_rewrite_has_it() -> None:
    assert rewrite("^a$ /b") == Rewrite("^a$", "/b", ())
    assert rewrite(r"^a\.html$ - [G]") == Rewrite(r"^a\.html$", "-", ("G",))


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("^a$", "PATTERN TARGET"),
        ("^a$ b c d", "PATTERN TARGET"),
        ("^a$ /b L", "PATTERN TARGET"),
        ("^a$ http://other/ [P]", "flag 'P' is not allowed"),
        ("^a$ /b [E=HTTPS:on]", "flag 'E=HTTPS:on' is not allowed"),
        ("^(a$ /b", "no regular expression"),
        (7, "must be"),
    ],
)
def test_rules_that_are_refused(value: object, complaint: str) -> None:
    with pytest.raises(Wrong, match=re.escape(complaint)):
        rewrite(value)
