# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Want against observed: which changes a run makes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hostel.python.plugins.module_utils._plan.apps import (
    Live,
    Observed,
    drifted,
    plan_apps,
    settings_text,
    wanted_resources,
)
from ansible_collections.hostel.python.plugins.module_utils._plan.changes import diff_of
from ansible_collections.hostel.python.plugins.module_utils._plan.front import expected, front, ours, plan_front
from ansible_collections.hostel.python.plugins.module_utils._plan.identity import release_id
from ansible_collections.hostel.python.plugins.module_utils._plan.record import record_file
from ansible_collections.hostel.python.plugins.module_utils._spec.hosting import Hosting, parse
from ansible_collections.hostel.python.plugins.module_utils._spec.limits import Limits
from ansible_collections.hostel.python.plugins.module_utils._spec.release import Release
from ansible_collections.hostel.python.plugins.module_utils._spec.resources import File

HIDDEN = "swordfish"


def inventory(**changes):
    app = {
        "name": "blog",
        "tenant": "alice",
        "urls": ["blog.example.org", "www.example.org/blog"],
        "python": "3.11",
        "server": "uvicorn",
        "source": {"local": "blog", "digest": f"sha256:{'0' * 64}"},
        "env": {"PASSWORD": HIDDEN},
        "persist": ["db.sqlite3"],
    }
    app.update(changes)
    lists = {
        "python_versions": [{"version": "3.11", "source": "system"}],
        "tenants": [{"name": "alice", "limits": {"connections": 20}}],
        "apps": [{key: value for key, value in app.items() if value is not None}],
    }
    return parse(lists), {"blog": lists["apps"][0]}


def node(hosting, raw):
    """A node on which the first app of ``hosting`` is as it should be."""
    app = hosting.apps[0]
    release = Release(
        app=app, id=release_id(app), uid=20001, gid=20001, server="uvicorn", interface="asgi",
        entrypoint="main:app", venv="/var/lib/hostel/venvs/0", python="3.11",
    )  # fmt: skip
    resources = wanted_resources(release)
    live = Live(release, {"why": "found", "source": app.source.digest})
    record = record_file(release, raw["blog"], "found")
    found = {one.path: one for one in (*resources.settings, *resources.live, record)}
    active = frozenset(resources.sockets + resources.services)
    return Observed({"blog": live}, found, active, frozenset(), frozenset(), frozenset(), {}, {})


def planned(hosting, raw, observed):
    return [(change.name, change.action) for change in plan_apps(hosting.apps, raw, observed)]


def relisted(observed, hosting):
    """The same node, looked at with the apps of ``hosting``, as the observation does."""
    live = observed.live["blog"]
    app = hosting.apps[0]
    if app.state != "absent" and release_id(app) == live.release.id:
        live = replace(live, release=replace(live.release, app=app))
    return replace(observed, live={"blog": live})


NOTHING = Observed({}, {}, frozenset(), frozenset(), frozenset(), frozenset(), {}, {})


def test_a_new_app_is_deployed():
    hosting, raw = inventory()
    assert planned(hosting, raw, NOTHING) == [("blog", "deploy")]


def test_what_is_right_is_left_alone():
    hosting, raw = inventory()
    assert planned(hosting, raw, node(hosting, raw)) == []


def test_when_an_app_may_sleep_is_no_matter_of_its_processes():
    before, raw = inventory()
    hosting, after = inventory(idle_timeout="10m")
    (change,) = plan_apps(hosting.apps, after, relisted(node(before, raw), hosting))
    assert change.action == "repair"
    assert change.reason.startswith("/var/lib/hostel/idle/hostel-blog@")


@pytest.mark.parametrize(
    "changes",
    [
        {"env": {"PASSWORD": "other"}},
        {"requirements": ["django"]},
        {"source": {"local": "blog", "digest": f"sha256:{'1' * 64}"}},
        {"hooks": {"before_live": [["true"]]}},
        {"persist": ["db.sqlite3", "media"]},
        {"idle_timeout": "never"},
        {"static": [{"url": "/static/", "path": "static"}]},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_processes_depend_on_makes_a_release(changes):
    before, raw = inventory()
    hosting, after = inventory(**changes)
    assert planned(hosting, after, relisted(node(before, raw), hosting)) == [("blog", "deploy")]


@pytest.mark.parametrize(
    "changes",
    [{"urls": ["other.example.org"]}, {"health": {"path": "/up"}}, {"timeouts": {"read": "5m"}}, {"body_limit": "1M"}],
    ids=lambda changes: next(iter(changes)),
)
def test_what_only_the_front_needs_makes_none(changes):
    before, raw = inventory()
    hosting, after = inventory(**changes)
    observed = relisted(node(before, raw), hosting)
    assert planned(hosting, after, observed) == [("blog", "repair")]
    assert [one.path.rpartition("/")[2] for one in drifted(observed.live["blog"], after["blog"], observed)] == [
        "release.json"
    ]


def test_drift_is_named_path_by_path():
    hosting, raw = inventory()
    observed = node(hosting, raw)
    unit = next(path for path in observed.files if path.endswith(".service"))
    found = {**observed.files, unit: replace(observed.files[unit], content=b"altered\n")}
    (change,) = plan_apps(hosting.apps, raw, replace(observed, files=found))
    assert (change.action, change.reason) == ("repair", unit)
    assert "altered" in change.before


def test_what_does_not_run_beside_drift_is_told_with_it():
    hosting, raw = inventory()
    observed = node(hosting, raw)
    unit = next(path for path in observed.files if path.endswith(".service"))
    found = {path: file for path, file in observed.files.items() if path != unit}
    (change,) = plan_apps(hosting.apps, raw, replace(observed, files=found, active=frozenset()))
    first, *missing = change.reason.split(", ")
    assert (change.action, first) == ("repair", unit)
    assert missing
    assert change.before == "".join(f"{name}: not there\n" for name in missing)
    assert change.after.startswith(f"{unit} root:root 0644\n")
    assert change.after.endswith("".join(f"{name}: there\n" for name in missing))


def test_stop_start_tidy_and_remove():
    hosting, raw = inventory()
    observed = node(hosting, raw)
    assert planned(hosting, raw, replace(observed, active=frozenset())) == [("blog", "start")]
    assert planned(hosting, raw, replace(observed, strays={"blog": ("0" * 12,)})) == [("blog", "tidy")]
    assert planned(hosting, raw, replace(observed, outdated={"gone": ("/x/.htaccess",)})) == [("gone", "tidy")]
    stopped, after = inventory(state="stopped")
    looked = relisted(observed, stopped)
    looked = replace(looked, files={**looked.files, **{
        one.path: one for one in [record_file(looked.live["blog"].release, after["blog"], "found")]
    }})  # fmt: skip
    assert planned(stopped, after, looked) == [("blog", "stop")]
    absent, after = inventory(state="absent")
    assert planned(absent, after, relisted(observed, absent)) == [("blog", "remove")]
    assert planned(absent, after, NOTHING) == []


def test_no_secret_reaches_a_diff_or_a_record():
    hosting, raw = inventory()
    observed = node(hosting, raw)
    changes = plan_apps(hosting.apps, raw, NOTHING)
    environment = next(path for path in observed.files if path.endswith("/environment"))
    broken = {**observed.files, environment: File(environment, b'PASSWORD="swordfish"\n')}
    changes += plan_apps(hosting.apps, raw, replace(observed, files=broken))
    assert len(changes) == 2
    assert HIDDEN not in str(diff_of(changes))
    assert HIDDEN not in settings_text(hosting.apps[0], "0")
    assert HIDDEN.encode() not in record_file(observed.live["blog"].release, raw["blog"], "found").content


def test_the_front_follows_what_is_live():
    hosting, raw = inventory()
    observed = node(hosting, raw)
    files = front(hosting, observed.live, {}).files
    names = {path.rpartition("/")[2] for path in files}
    (shared,) = (name[: -len(".conf")] for name in names if name.startswith("_shared-"))
    assert names == {"blog.conf", f"{shared}.conf", "www.example.org.conf"}
    assert plan_front(expected(hosting, observed.live, {}), files) == []
    assert [change.name for change in plan_front(expected(hosting, {}, {}), {})] == [shared, "www.example.org", "blog"]


def test_a_host_that_gets_something_of_its_own_leaves_the_shared_file_in_the_same_step():
    hosting, raw = inventory()
    files = front(hosting, node(hosting, raw).live, {}).files
    wanted, raw = inventory(static=[{"url": "/static/", "path": "static"}])
    changes = plan_front(front(wanted, node(wanted, raw).live, {}), files)
    shared = next(path for path in files if "/_shared-" in path)
    assert {("remove", shared), ("write", "/etc/nginx/hostel/sites/blog.example.org.conf")} <= {
        (change.action, change.reason) for change in changes
    }


def test_an_app_that_could_not_be_deployed_keeps_its_path_from_its_neighbours():
    hosting, _raw = inventory()
    site = front(hosting, {}, {}).files["/etc/nginx/hostel/sites/www.example.org.conf"].content.decode()
    assert "return 503;" in site


def test_what_the_source_decides_is_told_as_such():
    hosting, _raw = inventory(server=None)
    changes = plan_front(expected(hosting, {}, {}), {})
    assert [change.after for change in changes if change.kind == "site"] == [
        "(depends on what is found in the source)\n"
    ] * 2


def test_where_requirements_decide_it_is_told_as_such():
    hosting, _raw = inventory(server=None, interface="wsgi")
    sites = [change for change in plan_front(expected(hosting, {}, {}), {}) if change.kind == "site"]
    assert [change.after for change in sites] == ["(depends on what is found in the source)\n"] * 2


@pytest.mark.parametrize("known", [{"interface": "asgi"}, {"interface": "wsgi", "workers": 1}])
def test_where_requirements_decide_nothing_the_site_is_foreseen(known):
    hosting, _raw = inventory(server=None, **known)
    sites = [change for change in plan_front(expected(hosting, {}, {}), {}) if change.kind == "site"]
    assert sites
    assert not [change.after for change in sites if "depends on" in change.after]


def test_files_of_others_in_nginxs_folders_are_left_alone():
    hosting, raw = inventory()
    files = front(hosting, node(hosting, raw).live, {}).files
    foreign = File("/etc/nginx/hostel/sites/mine.conf", b"server {}\n")
    assert set(ours({**files, foreign.path: foreign}, ["blog"])) == set(files)


def test_a_tenant_in_no_list_keeps_its_limit_of_connections():
    hosting, raw = inventory()
    live = node(hosting, raw).live
    limited = replace(hosting, tenants=tuple(replace(one, limits=Limits(connections=7)) for one in hosting.tenants))
    files = front(limited, live, {}).files
    assert any(b"limit_conn hostel_tenants 7;" in file.content for file in files.values())
    unlisted = Hosting(pythons=(), tenants=(), apps=())
    assert plan_front(expected(unlisted, live, files), files) == []
    assert front(unlisted, live, files).files == files
