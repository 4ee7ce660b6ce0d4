# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two systemd units of a service that answers on a unix socket: systemd listens, the first request starts it.

How stopping one loses no request is told in _supervise/turn.py.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from .._spec.layout import AWAKE, FRONT_GROUP, GATES, IDLE, MANAGED, PROGRAMS, UNITS
from .._spec.resources import File, Link, Resource
from .._spec.route import Mount
from .._supervise import turn
from .._syntax import systemd

# What systemd starts at a boot: all sockets, and then the system as a whole.
BOOT_TARGETS = ("sockets.target", "multi-user.target")

# As many requests as may wait while a process starts.
BACKLOG = 2048
# A process that failed is started again after this many seconds, for as long as it takes: a limit on starts would
# leave the socket dead after the cause is gone.
RESTART_AFTER = 2
# What a process gets beyond its stop timeout, to close WebSockets and end its lifespan.
STOP_MARGIN = 15
# Within so many seconds the front has closed every connection that carries no request (_front/sites.py).
LINGER = 5

START = f"{PROGRAMS}/start"
TURN = f"{PROGRAMS}/turn.py"
_RUNTIME = AWAKE.rpartition("/")[2]

# Puts the socket that the gate shows where a server expects the only one (sd_listen_fds(3)), without another process:
# somebody waits for this. The app's environment is read here, by the tenant, and is not the unit's: root's own commands
# would have it too, and a variable like LD_LIBRARY_PATH would have them load what the tenant wrote. The folder is
# entered here for the same reason; and each one that a unit names costs the service manager memory.
_START = f"""\
#!/bin/sh
{MANAGED}
# Usage: start GATE SECOND ENVIRONMENT FOLDER PROGRAM [ARGUMENT...]
# with the two sides of the gate as descriptors 3 and 4, the latter of which is called SECOND.
[ "$1" -ef "$2" ] && exec 3<&4
exec 4<&-
unset LISTEN_FDNAMES
LISTEN_FDS=1 LISTEN_PID=$$
export LISTEN_FDS LISTEN_PID
set -a
. "$3"
set +a
cd "$4" || exit 200
unset OLDPWD
shift 4
exec "$@"
"""

# A unit that only listens needs no control group to be counted in; with one of each controller a thousand sockets take
# 30 MB of the kernel's memory. A slice of their own keeps them out of those that their neighbours need.
_UNCOUNTED = """\
Slice=hostel-sockets.slice
CPUAccounting=no
IOAccounting=no
MemoryAccounting=no
TasksAccounting=no
"""

# A tenant's code gets no privilege, no device and no look at other processes. What ProtectKernelTunables=,
# ProtectKernelModules= and ProtectControlGroups= forbid takes root's rights or a capability, of which there are none
# here; they would make the mounts of every start take twice as long, and somebody waits for a start.
_SANDBOX = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
"""


@dataclass(frozen=True)
class Service:
    """What the units say.

    unit: their common name without the suffix; log: the identifier of its lines in the journal; folder: working
    directory; argv: gets the listening socket as descriptor 3; sides: paths of both sockets, which ``socket_group`` may
    connect to; alias: a path outside of our own folders that leads to the side in use; writable: paths outside of which
    the file system is read-only, "-" in front of one that may be missing; mounts: folders bound over others;
    idle_timeout: seconds after which it may sleep, None for never: then it runs from the boot on, not from the first
    request; restart: systemd's word for when to start it again; notify: it says itself when it is ready (sd_notify(3));
    more: further lines of [Service].
    """

    unit: str
    description: str
    log: str
    user: str
    group: str
    slice: str
    folder: str
    argv: tuple[str, ...]
    environment_file: str
    sides: tuple[str, str]
    start_timeout: float
    stop_timeout: float
    idle_timeout: float | None
    alias: str | None = None
    socket_group: str = FRONT_GROUP
    writable: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    restart: str = "on-failure"
    notify: bool = True
    more: tuple[str, ...] = ()

    @property
    def always(self) -> bool:
        return self.idle_timeout is None

    @property
    def gate(self) -> str:
        return f"{GATES}/{self.unit}"

    @property
    def socket_unit(self) -> str:
        return f"{self.unit}.socket"

    @property
    def service_unit(self) -> str:
        return f"{self.unit}.service"


def resources(service: Service) -> tuple[Resource, ...]:
    """The unit files, the gate and the programs that units start with and stop with."""
    first, second = service.sides
    return (
        File(START, _START.encode(), mode=0o755),
        File(TURN, inspect.getsource(turn).encode()),
        Link(service.gate, first, turned=second),
        idle(service.unit, service.idle_timeout),
        File(f"{UNITS}/{service.socket_unit}", _socket(service).encode()),
        File(f"{UNITS}/{service.service_unit}", _service(service).encode()),
    )


def idle(unit: str, timeout: float | None, kept_at: str = "") -> File:
    """What the sleeper (_supervise/sleeper.py) has to know of a unit, or of a release that Passenger runs.

    kept_at: host and mount by which Passenger's processes are started when there are none.
    """
    said = f"never {kept_at}".rstrip() if timeout is None else f"{timeout:g}"
    return File(f"{IDLE}/{unit}", f"{said}\n".encode())


def remains(unit: str) -> tuple[str, ...]:
    """The paths of all that belongs to one unit alone, for whoever takes it away."""
    return (f"{UNITS}/{unit}.socket", f"{UNITS}/{unit}.service", f"{GATES}/{unit}", f"{IDLE}/{unit}")


def wants(unit: str, always: bool) -> tuple[Link, ...]:
    """The links by which a service is there after a boot: listening, and running too if it ``always`` does."""
    sockets, services = BOOT_TARGETS
    listening = _want(sockets, f"{unit}.socket")
    return (listening, _want(services, f"{unit}.service")) if always else (listening,)


def slice_of(uid: int) -> str:
    """The slice that holds everything of one account, its logins too."""
    return f"user-{uid}.slice"


def _want(target: str, unit: str) -> Link:
    return Link(f"{UNITS}/{target}.wants/{unit}", f"{UNITS}/{unit}")


def _socket(service: Service) -> str:
    streams = "".join(f"ListenStream={systemd.value(side)}\n" for side in service.sides)
    return f"""{MANAGED}
[Unit]
Description={systemd.value(service.description)} (socket)

[Socket]
{streams}SocketUser=root
SocketGroup={systemd.value(service.socket_group)}
SocketMode=0660
DirectoryMode=0711
{_UNCOUNTED}Backlog={BACKLOG}
RemoveOnStop=yes
{_alias(service)}"""


def _service(service: Service) -> str:
    binds = "".join(f"BindPaths={systemd.bind(mount.source, mount.target)}\n" for mount in service.mounts)
    writable = "".join(f"ReadWritePaths={_optional_path(path)}\n" for path in service.writable)
    ready = "Type=notify\nNotifyAccess=all" if service.notify else "Type=exec"
    more = "".join(f"{line}\n" for line in service.more)
    argv = (START, service.gate, service.sides[1], service.environment_file, service.folder, *service.argv)
    patience = f"{max(service.stop_timeout, LINGER):g}"
    stop = ("/usr/bin/python3", "-I", "-S", TURN, patience, service.gate, *service.sides)
    # OOMPolicy: a worker that is killed for its memory is its parent's to replace, and the others go on.
    return f"""{MANAGED}
[Unit]
Description={systemd.value(service.description)}
Requires={service.socket_unit}
After={service.socket_unit} network.target
CollectMode=inactive-or-failed
StartLimitIntervalSec=0

[Service]
{ready}
User={systemd.value(service.user)}
Group={systemd.value(service.group)}
Slice={systemd.value(service.slice)}
SyslogIdentifier={systemd.value(service.log)}
RuntimeDirectory={_RUNTIME}/{systemd.value(service.unit)}
RuntimeDirectoryMode=0700
ExecStart={systemd.command(argv)}
ExecStop=+{systemd.command(stop)}
Restart={systemd.value(service.restart)}
RestartSec={RESTART_AFTER}s
TimeoutStartSec={span(service.start_timeout)}
TimeoutStopSec={span(max(service.stop_timeout, LINGER) + STOP_MARGIN)}
KillMode=mixed
OOMPolicy=continue
UMask=0022
LimitNOFILE=65536
{more}{binds}{writable}{_SANDBOX}"""


def _alias(service: Service) -> str:
    """A link is made anew whenever the sockets are, for most such paths lie in a folder that a boot empties."""
    if service.alias is None:
        return ""
    folder = service.alias.rpartition("/")[0] or "/"
    make = systemd.command(("/usr/bin/mkdir", "-p", "-m", "0711", folder))
    lead = systemd.command(("/usr/bin/ln", "-sfn", service.gate, service.alias))
    leave = systemd.command(("/usr/bin/rm", "-f", service.alias))
    return f"ExecStartPost={make}\nExecStartPost={lead}\nExecStopPost={leave}\n"


def _optional_path(path: str) -> str:
    if path.startswith("-"):
        quoted = systemd.path(path[1:])
        return f'"-{quoted[1:]}'
    return systemd.path(path)


def span(seconds: float) -> str:
    """A time as systemd writes it, to the millisecond."""
    milliseconds = round(seconds * 1000)
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"
