# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One app on Passenger: compare, change, let go what ran before."""

from __future__ import annotations

import grp
import hashlib
import json
import os
import pwd
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import MissingAccount, NodeError
from .._node import files, passenger
from .._node.run import run
from .._plan.changes import file_diff, joined
from .._servers.passenger import Application, htaccess, snippet, wrapper
from .._servers.programs import serving
from .._spec.layout import PASSENGER_APPS, UID_MAX, UID_MIN
from .._spec.passenger_app import PassengerApp
from .._spec.resources import File, Resource
from .._syntax import environment

RECORD = "live.json"


@dataclass(frozen=True)
class Wanted:
    """tag: the process group ("name@digest"); settings: its own files and the programs; live: what Apache reads."""

    tag: str = ""
    settings: tuple[File, ...] = ()
    live: tuple[File, ...] = ()


def converge(spec: PassengerApp, check_mode: bool) -> dict[str, Any]:
    """Make the app as asked for. What differs gets a process group of its own, and the former one is let go after.

    Returns the module's result. Raises NodeError; a snippet that Apache refuses is taken back.
    """
    try:
        wanted = Wanted() if spec.state == "absent" else _wanted(spec)
    except MissingAccount:
        if check_mode:
            return _result(spec, Wanted(), [("", f"passenger app {spec.name}: {spec.state}\n")])
        raise
    former, settled = _recorded(spec)
    here = {one.path for one in wanted.live}
    found = files.read_all([*(one.path for one in (*wanted.settings, *wanted.live)), *former])
    differing = [one for one in (*wanted.settings, *wanted.live) if not files.holds(one, found.get(one.path))]
    surplus = [path for path in former if path in found and path not in here]
    tags = [f"{spec.name}@{name}" for name in files.names(f"{PASSENGER_APPS}/{spec.name}") if name != RECORD]
    old = [tag for tag in tags if tag != wanted.tag]
    restart = spec.state == "restarted" and wanted.tag in tags
    if not check_mode:
        if differing or surplus or not settled:
            _record(spec, here.union(former), settled=False)
            _apply(spec, wanted, found, differing, surplus)
            _record(spec, here, settled=True)
        if restart:
            path = f"{PASSENGER_APPS}/{wanted.tag.replace('@', '/')}/restart.txt"
            files.write(File(path, f"{time.time()}\n".encode()))
        _let_go(spec, wanted, old)
    sides = [file_diff(one, found.get(one.path)) for one in differing]
    sides += [file_diff(None, found[path]) for path in surplus]
    sides += [(f"process group {tag}\n", "") for tag in old]
    sides += [] if settled else [("", f"{spec.name}: an interrupted change is finished\n")]
    sides += [("", f"process group {wanted.tag}: restarted\n")] if restart else []
    return _result(spec, wanted, sides)


def _result(spec: PassengerApp, wanted: Wanted, sides: Sequence[tuple[str, str]]) -> dict[str, Any]:
    there = {} if spec.state == "absent" else {"group": wanted.tag, "paths": [one.path for one in wanted.live]}
    return {"changed": bool(sides), "diff": joined(sides), **there}


def _wanted(spec: PassengerApp) -> Wanted:
    try:
        account = pwd.getpwnam(spec.user)
        group = spec.group or grp.getgrgid(account.pw_gid).gr_name
        grp.getgrnam(group)
    except KeyError as error:
        raise MissingAccount(f"app {spec.name}: no such account or group on this node: {error.args[0]}") from None
    if not UID_MIN <= account.pw_uid <= UID_MAX:
        raise NodeError(
            f"app {spec.name}: user: {spec.user!r} has the uid {account.pw_uid}; Passenger starts processes only for "
            f"tenants, whose uids lie between {UID_MIN} and {UID_MAX} (the module tenant makes such accounts)"
        )
    own = {
        "HOME": account.pw_dir,
        "LANG": "C.UTF-8",
        "LOGNAME": spec.user,
        "PATH": f"{os.path.dirname(spec.python)}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONUNBUFFERED": "1",
        "USER": spec.user,
    }
    content = environment.render(sorted({**own, **dict(spec.env)}.items()))
    identity = _digest(spec, content, group)
    folder = f"{PASSENGER_APPS}/{spec.name}/{identity}"
    app = Application(
        group=f"{spec.name}@{identity}",
        log=f"hostel-{spec.name}",
        user=spec.user,
        user_group=group,
        folder=spec.app_root,
        python=spec.python,
        entrypoint=spec.entrypoint,
        wrapper=f"{folder}/python",
        environment_file=f"{folder}/environment",
        restart_folder=folder,
        processes=spec.processes,
        start_timeout=spec.start_timeout,
    )
    secrets = File(app.environment_file, content, mode=0o640, group=group, secret=True)
    if spec.style == "vhost":
        live = [File(spec.path, snippet(app, spec.prefix))]
    else:
        live = [htaccess(f"{spec.sites}/{url.host}{url.prefix}", app, url.prefix) for url in spec.urls]
    return Wanted(app.group, (*serving("passenger"), secrets, wrapper(app)), tuple(live))


def _digest(spec: PassengerApp, content: bytes, group: str) -> str:
    """12 hex digits that change whenever a running process would have to be another one."""
    parts = [spec.user, group, spec.app_root, spec.python, spec.entrypoint, content.decode()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def _apply(
    spec: PassengerApp, wanted: Wanted, found: Mapping[str, Resource], differing: list[File], surplus: list[str]
) -> None:
    for one in differing:
        files.write(one)
    for path in surplus:
        files.remove_with_folders(path, spec.sites)
    # A .htaccess is read at every request; only what lies elsewhere is a part of Apache's own configuration.
    if all(os.path.basename(path) == ".htaccess" for path in (*surplus, *(one.path for one in wanted.live))):
        return
    try:
        run(["apachectl", "configtest"], what=f"app {spec.name}: Apache refuses the new snippet; it is taken back")
    except NodeError:
        _put_back(wanted, found)
        raise
    run(["systemctl", "try-reload-or-restart", "apache2.service"], what=f"app {spec.name}: reloading Apache")


def _put_back(wanted: Wanted, found: Mapping[str, Resource]) -> None:
    for one in wanted.live:
        before = found.get(one.path)
        if before is None:
            files.remove(one.path)
        else:
            files.write(before)


def _recorded(spec: PassengerApp) -> tuple[list[str], bool]:
    """What an earlier run wrote for Apache, and whether it came to its end."""
    found = files.read(_record_path(spec))
    if not isinstance(found, File):
        return [], True
    record = json.loads(found.content)
    return record["paths"], record["settled"]


def _record(spec: PassengerApp, paths: Iterable[str], *, settled: bool) -> None:
    record = {"paths": sorted(paths), "settled": settled}
    files.write(File(_record_path(spec), (json.dumps(record) + "\n").encode()))


def _record_path(spec: PassengerApp) -> str:
    return f"{PASSENGER_APPS}/{spec.name}/{RECORD}"


def _let_go(spec: PassengerApp, wanted: Wanted, old: list[str]) -> None:
    """End earlier process groups, for nothing leads to them any more."""
    if old:
        passenger.retire(old, spec.stop_timeout, settings=PASSENGER_APPS)
    for tag in old:
        files.remove(f"{PASSENGER_APPS}/{tag.replace('@', '/')}")
    if not wanted.tag:
        files.remove(f"{PASSENGER_APPS}/{spec.name}")
