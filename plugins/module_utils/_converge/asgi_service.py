# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One ASGI service: compare, change, prove that it starts, or put back what was there."""

from __future__ import annotations

import grp
import os
import pwd
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import MissingAccount, NodeError
from .._node import files, units
from .._plan.changes import file_diff, joined
from .._servers import sleeper
from .._servers.programs import command, serving
from .._servers.service import Service, remains, resources, slice_of, wants
from .._spec.asgi_service import AsgiService
from .._spec.layout import IDLE, SOCKETS, STATE, UNITS
from .._spec.resources import File, Resource
from .._syntax import environment

# Names of accounts and slices as systemd takes them.
_ACCOUNT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,30}", re.ASCII)
_SLICE = re.compile(r"[A-Za-z0-9_.-]+\.slice", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """unit: the common name of both units; resources: what should be there; gone: paths where nothing should be;
    always: the service runs from the boot on, not from the first request; sleeps: it needs the node's sleeper."""

    unit: str
    resources: tuple[Resource, ...]
    gone: tuple[str, ...]
    always: bool = False
    sleeps: bool = False

    @property
    def units(self) -> list[str]:
        return [f"{self.unit}.socket", f"{self.unit}.service"]

    @property
    def beside(self) -> list[str]:
        return [sleeper.UNIT] if self.sleeps else []


def converge(spec: AsgiService, check_mode: bool) -> dict[str, Any]:
    """Make the service as asked for and wait until it is ready. Returns the module's result.

    Raises NodeError when it does not start; then what ran before runs again.
    """
    try:
        wanted = _absent(spec) if spec.state == "absent" else _wanted(spec)
    except MissingAccount:
        if check_mode:
            return _result(spec, [("", f"{_unit(spec)}: {spec.state}\n")])
        raise
    found = files.read_all([*(one.path for one in wanted.resources), *wanted.gone])
    differing = [one for one in wanted.resources if not files.holds(one, found.get(one.path))]
    surplus = [path for path in wanted.gone if path in found]
    running = units.active(f"{wanted.unit}.*")
    verb = _verb(spec, wanted, differing, running)
    if not check_mode and (differing or surplus or verb):
        _apply(wanted, found, differing, surplus, verb, running)
    sides = [file_diff(one, found.get(one.path)) for one in differing]
    sides += [file_diff(None, found[path]) for path in surplus]
    if verb:
        becomes = "not active" if verb == "stop" else f"{verb}ed"
        sides.append((f"{wanted.unit}: {_states(running)}\n", f"{wanted.unit}: {becomes}\n"))
    return _result(spec, sides)


def _result(spec: AsgiService, sides: Sequence[tuple[str, str]]) -> dict[str, Any]:
    units = [f"{_unit(spec)}.socket", f"{_unit(spec)}.service"]
    listening = {} if spec.state == "absent" else {"socket": spec.socket}
    return {"changed": bool(sides), "diff": joined(sides), "units": units, **listening}


def _wanted(spec: AsgiService) -> Wanted:
    service = _service(spec)
    programs = f"{os.path.dirname(spec.python)}:/usr/local/bin:/usr/bin:/bin"
    own = {"LANG": "C.UTF-8", "PATH": programs, "PYTHONUNBUFFERED": "1"}
    content = environment.render(sorted({**own, **dict(spec.env)}.items()))
    secrets = File(service.environment_file, content, mode=0o640, group=service.group, secret=True)
    possible = wants(service.unit, always=True)
    watched = () if service.always else sleeper.resources()
    links = () if spec.state == "stopped" else wants(service.unit, service.always)
    return Wanted(
        service.unit,
        (*serving("uvicorn"), secrets, *resources(service), *watched, *links),
        tuple(link.path for link in possible if link not in links),
        service.always,
        sleeps=not service.always,
    )


def _absent(spec: AsgiService) -> Wanted:
    unit = _unit(spec)
    links = (link.path for link in wants(unit, always=True))
    return Wanted(unit, (), (*links, *remains(unit), _settings(spec)))


def _service(spec: AsgiService) -> Service:
    try:
        account = pwd.getpwnam(spec.user)
        group = spec.group or grp.getgrgid(account.pw_gid).gr_name
        grp.getgrnam(group)
        grp.getgrnam(spec.socket_group)
    except KeyError as error:
        raise MissingAccount(f"service {spec.name}: no such account or group on this node: {error.args[0]}") from None
    where = spec.slice or slice_of(account.pw_uid)
    for key, value, allowed in (("user", spec.user, _ACCOUNT), ("group", group, _ACCOUNT), ("slice", where, _SLICE)):
        if not allowed.fullmatch(value):
            raise NodeError(f"service {spec.name}: {key}: {value!r}: systemd takes no such name")
    return Service(
        unit=_unit(spec),
        description=f"ASGI service {spec.name}",
        log=_unit(spec),
        user=spec.user,
        group=group,
        slice=where,
        folder=spec.app_root,
        argv=command(spec.python, "uvicorn", entrypoint=spec.entrypoint),
        environment_file=f"{_settings(spec)}/environment",
        sides=(f"{SOCKETS}-services/{spec.name}.a.sock", f"{SOCKETS}-services/{spec.name}.b.sock"),
        start_timeout=spec.start_timeout,
        stop_timeout=spec.stop_timeout,
        idle_timeout=spec.idle_timeout,
        alias=spec.socket,
        socket_group=spec.socket_group,
        writable=tuple(f"-{path}" for path in dict.fromkeys([*spec.writable, account.pw_dir]) if path != "/"),
        restart=spec.restart,
    )


def _verb(spec: AsgiService, wanted: Wanted, differing: Sequence[Resource], running: Mapping[str, str]) -> str:
    """What systemd has to do: start, restart, stop or nothing."""
    if spec.state in ("stopped", "absent"):
        return "stop" if running else ""
    if spec.state == "restarted" or (running and any(_is_of_processes(one) for one in differing)):
        return "restart" if running else "start"
    needed = wanted.units if wanted.always else wanted.units[:1]
    ready = all(unit in running for unit in needed) and (not wanted.sleeps or units.active(sleeper.UNIT))
    return "" if ready else "start"


def _is_of_processes(resource: Resource) -> bool:
    """A link changes what happens at the next boot, and only the sleeper reads when a service may sleep."""
    return isinstance(resource, File) and not resource.path.startswith((f"{IDLE}/", f"{UNITS}/{sleeper.UNIT}"))


def _apply(
    wanted: Wanted,
    found: Mapping[str, Resource],
    differing: Sequence[Resource],
    surplus: Sequence[str],
    verb: str,
    running: Mapping[str, str],
) -> None:
    if verb == "stop":
        units.stop(wanted.units)
    for path in surplus:
        files.remove(path)
    try:
        _write(differing, found)
        if verb == "restart":
            # A service that is restarted alone keeps its socket, so that no request is refused.
            listening = f"{UNITS}/{wanted.unit}.socket"
            units.restart(wanted.units if any(one.path == listening for one in differing) else wanted.units[1:])
        if verb in ("start", "restart"):
            units.start([*wanted.beside, *wanted.units])
    except NodeError as error:
        _restore(wanted, found, differing, running)
        kept = "the former one runs again" if running else "nothing was left behind"
        raise NodeError(f"{wanted.unit}: does not start; {kept}", *error.lines) from error


def _restore(
    wanted: Wanted, found: Mapping[str, Resource], differing: Sequence[Resource], running: Mapping[str, str]
) -> None:
    units.stop(wanted.units)
    _write([found[one.path] for one in differing if one.path in found], {one.path: one for one in differing})
    for one in differing:
        if one.path not in found:
            files.remove(one.path)
    units.start(sorted(running))


def _write(resources: Sequence[Resource], before: Mapping[str, Resource]) -> None:
    for one in resources:
        files.write(one)
    # systemd reads a new unit's file by itself.
    changed = [one for one in resources if one.path in before and one.path.endswith((".socket", ".service"))]
    if any(isinstance(one, File) for one in changed):
        units.reload_daemon()


def _states(running: Mapping[str, str]) -> str:
    return ", ".join(f"{unit} {state}" for unit, state in sorted(running.items())) or "not active"


def _unit(spec: AsgiService) -> str:
    return f"hostel-{spec.name}"


def _settings(spec: AsgiService) -> str:
    return f"{STATE}/services/{spec.name}"
