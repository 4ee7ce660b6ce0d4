# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What else lets an app sleep: Passenger, uWSGI's on-demand vassals, a gunicorn that systemd starts at a connection.

The latter two are set up here as their manuals say, and asked at their own sockets, with no proxy. They run the code
and the venv of an app of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rig.apps import Case
from rig.installed import Installed
from rig.node import Node
from rig.servers import column

Found = Iterable[tuple[Case, Installed]]

# As the sleeper does it.
_PASSENGER_SLEEPS = """python3 -I -c '
import sys, time
sys.path.insert(0, "/opt/hostel/lib")
import passenger_pool
for group in passenger_pool.groups() or ():
    passenger_pool.let_go(group, 0.0, time.time() + 1)
'"""

# Its emperor hands it the socket as its standard input; it ends after a second without a request.
_VASSAL = """\
[uwsgi]
plugin = python3
master = true
uid = {here.tenant}
gid = {here.tenant}
chdir = {here.folder}
virtualenv = {here.venv}
module = {case.entrypoint}
need-app = true
single-interpreter = true
enable-threads = true
disable-logging = true
http-socket = fd://0
idle = 1
die-on-idle = true
"""
_VASSALS = "/etc/bench-vassals"
_EMPEROR = f"""\
[Service]
ExecStart=/usr/bin/uwsgi --emperor {_VASSALS} --emperor-on-demand-extension .socket
"""

# https://docs.gunicorn.org/en/stable/deploy.html
_GUNICORN_SOCKET = """\
[Socket]
ListenStream={socket}
"""
_GUNICORN = """\
[Service]
Type=notify
NotifyAccess=main
User={here.tenant}
Group={here.tenant}
WorkingDirectory={here.folder}
ExecStart={here.venv}/bin/gunicorn {case.entrypoint} --worker-class=gthread --threads=4
KillMode=mixed
TimeoutStopSec=5
"""


def passenger(wanted: Iterable[Case]) -> list[Case]:
    """Apps for Passenger, one for each framework that is measured by WSGI."""
    frameworks = dict.fromkeys(case.framework for case in wanted if case.column.interface == "wsgi")
    return [Case(column("passenger"), framework) for framework in frameworks]


def prepare(node: Node, found: Found, port: int) -> list[dict[str, Any]]:
    """Set them up beside the apps whose code they run; what the stopwatch has to do with them."""
    found = list(found)
    jobs: list[dict[str, Any]] = [
        {"name": case.name, "host": case.host, "at": port, "sleep": _PASSENGER_SLEEPS}
        for case in passenger(case for case, _here in found)
    ]
    vassals = [(case, here) for case, here in found if case.column.name == "uwsgi"]
    if vassals:
        node.tell("DEBIAN_FRONTEND=noninteractive apt-get install -y -qq uwsgi-core uwsgi-plugin-python3 >&2")
        jobs += [_vassal(node, case, here) for case, here in vassals]
        _write(node, "/etc/systemd/system/bench-emperor.service", _EMPEROR)
        node.tell("systemctl daemon-reload; systemctl start bench-emperor")
    jobs += [_gunicorn(node, case, here) for case, here in found if case.column.name == "gunicorn-wsgi"]
    return jobs


def _vassal(node: Node, case: Case, here: Installed) -> dict[str, Any]:
    name = f"vassal-{case.framework}"
    socket = f"/run/{name}.sock"
    path = f"{_VASSALS}/{name}.ini"
    _write(node, f"{path}.socket", f"{socket}\n")
    _write(node, path, _VASSAL.format(case=case, here=here))
    gone = f"while pgrep -u {here.tenant} -f '{name}[.]ini' >/dev/null; do sleep 0.1; done"
    return {"name": f"uwsgi-{name}", "host": case.host, "at": socket, "sleep": gone}


def _gunicorn(node: Node, case: Case, here: Installed) -> dict[str, Any]:
    name = f"bench-gunicorn-{case.framework}"
    socket = f"/run/{name}.sock"
    _write(node, f"/etc/systemd/system/{name}.socket", _GUNICORN_SOCKET.format(socket=socket))
    _write(node, f"/etc/systemd/system/{name}.service", _GUNICORN.format(case=case, here=here))
    node.tell(f"systemctl daemon-reload; systemctl start {name}.socket")
    return {
        "name": f"gunicorn-socket-{case.framework}",
        "host": case.host,
        "at": socket,
        "sleep": f"systemctl stop {name}.service 2>/dev/null",
    }


def _write(node: Node, path: str, text: str) -> None:
    node.tell(f"mkdir -p $(dirname {path}); cat >{path} <<'END'\n{text}END")
