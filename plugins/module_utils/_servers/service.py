# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two systemd units of a service that answers on a unix socket: systemd listens, the first request starts it."""

from __future__ import annotations

from dataclasses import dataclass

from .._spec.layout import FRONT_GROUP, MANAGED, UNITS
from .._spec.resources import File, Link
from .._spec.route import Mount
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

# A tenant's code gets no privilege, no device, no kernel knob and no look at other processes.
_SANDBOX = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
"""


@dataclass(frozen=True)
class Service:
    """What the units say.

    unit: their common name without the suffix; log: the identifier of its lines in the journal; folder: working
    directory; socket: path of the listening socket, which ``socket_group`` may connect to; writable: paths outside of
    which the file system is read-only, "-" in front of one that may be missing; mounts: folders bound over others;
    always: it runs from the boot on, not from the first request; restart: systemd's word for when to start it again.
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
    socket: str
    start_timeout: float
    stop_timeout: float
    always: bool
    socket_group: str = FRONT_GROUP
    writable: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    restart: str = "on-failure"

    @property
    def socket_unit(self) -> str:
        return f"{self.unit}.socket"

    @property
    def service_unit(self) -> str:
        return f"{self.unit}.service"


def units(service: Service) -> tuple[File, File]:
    """The unit files: socket, service."""
    return (
        File(f"{UNITS}/{service.socket_unit}", _socket(service).encode()),
        File(f"{UNITS}/{service.service_unit}", _service(service).encode()),
    )


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
    return f"""{MANAGED}
[Unit]
Description={systemd.value(service.description)} (socket)

[Socket]
ListenStream={systemd.value(service.socket)}
SocketUser=root
SocketGroup={systemd.value(service.socket_group)}
SocketMode=0660
DirectoryMode=0711
Backlog={BACKLOG}
RemoveOnStop=yes

[Install]
WantedBy=sockets.target
"""


def _service(service: Service) -> str:
    binds = "".join(f"BindPaths={systemd.bind(mount.source, mount.target)}\n" for mount in service.mounts)
    writable = "".join(f"ReadWritePaths={_optional_path(path)}\n" for path in service.writable)
    install = "\n[Install]\nWantedBy=multi-user.target\n" if service.always else ""
    return f"""{MANAGED}
[Unit]
Description={systemd.value(service.description)}
Requires={service.socket_unit}
After={service.socket_unit} network.target
CollectMode=inactive-or-failed
StartLimitIntervalSec=0

[Service]
Type=notify
User={systemd.value(service.user)}
Group={systemd.value(service.group)}
Slice={systemd.value(service.slice)}
SyslogIdentifier={systemd.value(service.log)}
WorkingDirectory={systemd.value(service.folder)}
EnvironmentFile={systemd.value(service.environment_file)}
ExecStart={systemd.command(service.argv)}
Restart={systemd.value(service.restart)}
RestartSec={RESTART_AFTER}s
TimeoutStartSec={span(service.start_timeout)}
TimeoutStopSec={span(service.stop_timeout + STOP_MARGIN)}
KillMode=mixed
UMask=0022
LimitNOFILE=65536
{binds}{writable}{_SANDBOX}{install}"""


def _optional_path(path: str) -> str:
    if path.startswith("-"):
        quoted = systemd.path(path[1:])
        return f'"-{quoted[1:]}'
    return systemd.path(path)


def span(seconds: float) -> str:
    """A time as systemd writes it, to the millisecond."""
    milliseconds = round(seconds * 1000)
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"
