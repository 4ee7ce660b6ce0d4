# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release of mode embedded or pool lays on a node."""

from __future__ import annotations

import json
from dataclasses import replace

from ansible_collections.hostel.python.plugins.module_utils._node import site_map
from ansible_collections.hostel.python.plugins.module_utils._plan.apps import (
    Live,
    Observed,
    plan_apps,
    wanted_resources,
)
from ansible_collections.hostel.python.plugins.module_utils._plan.identity import release_id
from ansible_collections.hostel.python.plugins.module_utils._plan.record import record_file
from ansible_collections.hostel.python.plugins.module_utils._spec.hosting import parse
from ansible_collections.hostel.python.plugins.module_utils._spec.route import Mount
from ansible_collections.hostel.python.plugins.module_utils._spec.shared_wsgi import Seat
from ansible_collections.hostel.python.tests.unit.releases import BLOG

TAG = f"shop@{BLOG.id}"


def release(**changes):
    app = {
        "name": "shop",
        "tenant": "alice",
        "urls": ["shop.example.org", "www.example.org/shop"],
        "python": "3.11",
        "server": "mod_wsgi",
        "mode": "pool",
        "source": {"local": "shop", "digest": f"sha256:{'0' * 64}"},
        "env": {"PASSWORD": "swordfish"},
        "idle_timeout": "90s",
        **changes,
    }
    hosting = parse(
        {
            "python_versions": [{"version": "3.11", "source": "system"}],
            "tenants": [{"name": "alice", "trusted": True}],
            "apps": [app],
        }
    )
    persisted = tuple(changes.get("persist", ()))
    return replace(BLOG, app=hosting.apps[0], server="mod_wsgi", interface="wsgi", folders=persisted)


def files(resources):
    return {one.path: one for one in (*resources.settings, *resources.live)}


def told(one):
    return json.loads(files(wanted_resources(one))[f"{one.settings}/shared_wsgi.json"].content)


def test_a_release_of_the_pool_needs_a_daemon_of_its_account_and_its_lines_of_the_map():
    one = release(persist=["up"])
    resources = wanted_resources(one)
    assert resources.seats == (Seat(TAG, 20001),)
    assert resources.route.upstream == "hostel_pool"
    assert resources.mounts == (Mount(f"{one.data}/up", f"{one.folder}/up"),)
    entry = files(resources)["/var/lib/hostel/shared_wsgi/sites/shop"]
    assert site_map.parse(entry.content) == {
        "shop.example.org": TAG,
        "www.example.org/shop": TAG,
    }
    assert told(one)["environment"] == f"{one.settings}/environment"
    assert (told(one)["idle_timeout"], told(one)["stopped"]) == (90.0, False)


def test_an_embedded_release_has_an_environment_that_its_apache_alone_reads():
    one = release(mode="embedded")
    resources = wanted_resources(one)
    assert resources.seats == ()
    assert resources.route.upstream == "hostel_embedded"
    environment = files(resources)[told(one)["environment"]]
    assert (environment.owner, environment.group, environment.mode) == ("root", "hostel-embedded", 0o640)
    assert environment.secret
    assert environment.content == files(resources)[one.environment_file].content
    assert files(resources)[one.environment_file].group == "alice"
    assert told(one)["idle_timeout"] is None


def test_a_stopped_app_is_not_loaded():
    assert told(release(state="stopped"))["stopped"] is True


def test_what_is_told_holds_no_secret():
    for mode in ("pool", "embedded"):
        for one in files(wanted_resources(release(mode=mode))).values():
            assert getattr(one, "secret", False) or b"swordfish" not in getattr(one, "content", b"")


def planned(one, seats):
    """What a run does about an app whose files are all right, on a node where ``seats`` have daemons."""
    raw = {"name": "shop", "tenant": "alice"}
    one = replace(one, id=release_id(one.app))
    live = Live(one, {"why": "found"})
    resources = wanted_resources(one)
    wanted = (*resources.settings, *resources.live, record_file(one, raw, "found"))
    nothing = frozenset()
    observed = Observed(
        live={"shop": live}, files={each.path: each for each in wanted}, active=nothing, mounts=nothing,
        groups=nothing, enabled=nothing, strays={}, outdated={}, seats=frozenset(Seat(one.tag, uid) for uid in seats),
    )  # fmt: skip
    return [(change.action, change.reason) for change in plan_apps([one.app], {"shop": raw}, observed)]


def test_a_release_without_its_daemon_is_started_and_a_stopped_one_gives_it_up():
    assert planned(release(), [20001]) == []
    for seats in ([], [20002]):
        ((action, reason),) = planned(release(), seats)
        assert (action, reason.partition("@")[0]) == ("start", "not there: a daemon for shop")
    assert planned(release(state="stopped"), []) == []
    ((action, reason),) = planned(release(state="stopped"), [20001])
    assert (action, reason.partition("@")[0]) == ("stop", "state: stopped, but active: shop")
