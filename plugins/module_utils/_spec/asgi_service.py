# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One ASGI application as a service by itself, outside of a hosting's lists."""

from __future__ import annotations

from dataclasses import dataclass

from .entrypoint import entrypoint
from .environment import parse_env
from .fields import item
from .layout import FRONT_GROUP, SOCKETS
from .names import app_name
from .paths import absolute
from .problems import Problems
from .sizes import duration
from .values import choice, text
from .waiting import idle_timeout

STATES = ("started", "stopped", "restarted", "absent")
RESTART = ("on-failure", "always", "no")
# The kernel takes 108 bytes of a unix socket's path, with a NUL at the end.
SOCKET_LONGEST = 107
_HOUR = 3600.0


@dataclass(frozen=True)
class AsgiService:
    """group, slice: None for the user's own; python: path of the interpreter; socket_group: who may connect;
    writable: folders outside of which the file system is read-only; timeouts: seconds, idle None for never."""

    name: str
    user: str = ""
    group: str | None = None
    slice: str | None = None
    app_root: str = ""
    python: str = ""
    entrypoint: str = ""
    env: tuple[tuple[str, str], ...] = ()
    socket: str = ""
    socket_group: str = FRONT_GROUP
    writable: tuple[str, ...] = ()
    start_timeout: float = 30.0
    stop_timeout: float = 30.0
    idle_timeout: float | None = None
    restart: str = "on-failure"
    state: str = "started"


def parse_asgi_service(raw: object, problems: Problems, where: str = "service") -> AsgiService | None:
    """The module's arguments; None if they are no mapping. What is wrong goes to ``problems``."""
    fields = item(raw, "service", where, problems)
    if fields is None:
        return None
    name = fields.need("name", app_name, "")
    state = fields.get("state", choice(*STATES), "started")
    if state == "absent":
        return AsgiService(name, state=state)
    if fields.has("venv") == fields.has("python"):
        fields.wrong("venv", "give either venv or python, the path of an interpreter")
    venv = fields.get("venv", absolute, "")
    root = fields.need("app_root", absolute, "")
    socket = fields.get("socket", absolute, f"{SOCKETS}/{name}/http.sock")
    if len(socket.encode()) > SOCKET_LONGEST:
        fields.wrong("socket", f"too long: at most {SOCKET_LONGEST} bytes")
    service = AsgiService(
        name=name,
        user=fields.need("user", text, ""),
        group=fields.get("group", text, None),
        slice=fields.get("slice", text, None),
        app_root=root,
        python=fields.get("python", absolute, f"{venv}/bin/python"),
        entrypoint=fields.need("entrypoint", entrypoint, ""),
        env=parse_env(fields.section("env")),
        socket=socket,
        socket_group=fields.get("socket_group", text, FRONT_GROUP),
        writable=fields.each("writable", absolute) or (root,),
        start_timeout=fields.get("start_timeout", duration(1, _HOUR), 30.0),
        stop_timeout=fields.get("stop_timeout", duration(1, 900), 30.0),
        idle_timeout=fields.get("idle_timeout", idle_timeout, None),
        restart=fields.get("restart", choice(*RESTART), "on-failure"),
        state=state,
    )
    fields.done()
    return service
