# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Apache of one app's own, with mod_wsgi in daemon mode, wholly under the tenant's account.

Pure. mod_wsgi's daemons are children of the Apache whose configuration names them. In the Apache that all share, a new
app would need a reload, which restarts everybody's apps; so each app that is awake has an Apache, of Debian's binary
and with nothing in it but mod_wsgi: a parent, a child that speaks HTTP, and the processes that hold the app.

How it gets its requests. Debian's httpd can't take over a socket of systemd's: it is built without mod_systemd. But it
can listen at a path: APR takes a host name that begins with a slash for one (apr_sockaddr_info_get, since APR 1.6).
systemd-socket-proxyd joins the two, and no TCP port has to be guarded from other accounts. Two things have to be
known about such a listener:
- httpd reads its configuration twice and opens its listeners each time. A TCP listener of the first time is used again,
  known by its port; one with a path has none, and would be in its own way. So the first reading listens at a path of
  its own, which the second one finds there.
- Whoever closes such a socket removes its path (socket_cleanup in APR), and each child process closes it. So the path
  leads through /proc/self/task/<pid of the parent>, which is there in the parent alone.
"""

from __future__ import annotations

from .._launch import apache as loader
from .._launch import bounds, serve
from .._spec.layout import MANAGED, PROGRAMS
from .._spec.release import Release
from .._spec.resources import File
from .._syntax import apache
from .programs import serving
from .upstream import Program

START = f"{PROGRAMS}/own_apache"

_HTTPD = "/usr/sbin/apache2"
_MODULES = "/usr/lib/apache2/modules"
_PROXY = "/usr/lib/systemd/systemd-socket-proxyd"
# The front's limits of connections, a tenant's and a node's, come first.
_CONNECTIONS = 4096
# As many requests at once as the other servers' threads would, were they told nothing else.
_THREADS = 4
# Requests that the child may hold beyond those that the app works on. All others wait at the socket; each thread counts
# against the tenant's tasks.
_MORE = 4
# Seconds of silence, longer than any front waits: it is the front that gives up, by the app's own timeouts.
_PATIENCE = 25 * 3600
# mod_wsgi's limit of one response header; its own default is 32768.
_HEADER = 65536

# "sh -c" gives the proxy a process id that it can be told of (sd_listen_fds(3)). It waits until the app is loaded.
_START = f"""\
#!/bin/sh
{MANAGED}
# Usage: own_apache CONFIGURATION MODULE, in a unit with a RuntimeDirectory, the listening socket as descriptor 3.
# MODULE is a path, or a pattern that only that path matches.
set -eu
cd "$RUNTIME_DIRECTORY"
for HOSTEL_MODULE in $2; do :; done
HOSTEL_PID=$$
export HOSTEL_MODULE HOSTEL_PID
unset LISTEN_PID LISTEN_FDS PWD OLDPWD
mkfifo {loader.GATE}
/bin/sh -c '
    read -r loaded <{loader.GATE}
    unset NOTIFY_SOCKET
    LISTEN_FDS=1 LISTEN_PID=$$
    export LISTEN_FDS LISTEN_PID
    exec {_PROXY} --connections-max={_CONNECTIONS} "$RUNTIME_DIRECTORY/app.sock"
' &
exec {_HTTPD} -e error -f "$1" -D FOREGROUND 3<&-
"""

# Limits are nginx's to set; what passes there passes here.
_CONFIGURATION = """\
{managed}
ServerName localhost
ServerRoot "${{RUNTIME_DIRECTORY}}"
DefaultRuntimeDir "${{RUNTIME_DIRECTORY}}"
PidFile "${{RUNTIME_DIRECTORY}}/pid"
Mutex pthread

LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule wsgi_module "${{HOSTEL_MODULE}}"

<IfFile !"${{RUNTIME_DIRECTORY}}/first">
    Listen "/proc/self/task/${{HOSTEL_PID}}/cwd/first:80"
</IfFile>
<IfFile "${{RUNTIME_DIRECTORY}}/first">
    Listen "/proc/self/task/${{HOSTEL_PID}}/cwd/app.sock:80"
</IfFile>
ListenBacklog 2048
AcceptFilter http none

ServerLimit 1
StartServers 1
ThreadLimit {threads}
ThreadsPerChild {threads}
MaxRequestWorkers {threads}
MinSpareThreads 1
MaxSpareThreads {threads}
# A request that comes in on a kept connection while all threads are busy is not kept waiting: mpm_event closes the
# connection, for a browser would ask another child. A new connection waits.
KeepAlive Off
Timeout {patience}

LimitRequestBody 0
LimitRequestFields 0
LimitRequestFieldSize {head}
LimitRequestLine {head}
AllowEncodedSlashes On
EnableSendfile Off
EnableMMAP Off
FileETag None
ServerSignature Off
ServerTokens Prod

{log}
ErrorLogFormat "Apache [%m:%l] %M"
# A socket with a path has no TCP_NODELAY, which is a warning for each connection.
LogLevel warn core:error

WSGIRestrictEmbedded On
WSGISocketPrefix "${{RUNTIME_DIRECTORY}}/wsgi"
WSGIChunkedRequest On
WSGIPassAuthorization On
WSGIMapHEADToGET Off
WSGIScriptReloading Off
WSGIDaemonProcess app {options}
WSGIScriptAlias / {script} process-group=app application-group=%{{GLOBAL}}
"""


def program(release: Release, module: str) -> Program:
    """What runs a release in an Apache with the mod_wsgi of ``module``: a path, or a pattern that only it matches."""
    configuration = f"{release.settings}/apache.conf"
    script = f"{release.settings}/app.wsgi"
    return Program(
        argv=(START, configuration, module),
        files=(
            *serving("apache"),
            File(START, _START.encode(), mode=0o755),
            File(configuration, _configuration(release, script).encode()),
            File(script, _script(release).encode()),
        ),
    )


def _configuration(release: Release, script: str) -> str:
    app = release.app
    return _CONFIGURATION.format(
        managed=MANAGED,
        modules=_MODULES,
        threads=(app.workers or 1) * (app.threads or _THREADS) + _MORE,
        patience=_PATIENCE,
        head=bounds.LONGEST_HEAD,
        log=apache.directive("ErrorLog", f"syslog:user:hostel-{app.name}"),
        options=" ".join(apache.option(*pair) for pair in _options(release)),
        script=apache.argument(script),
    )


def _options(release: Release) -> list[tuple[str, str]]:
    """Of the processes that hold the app."""
    app = release.app
    # One that is said makes wsgi.multiprocess true.
    several = [("processes", str(app.workers))] if (app.workers or 1) > 1 else []
    return [
        *several,
        ("threads", str(app.threads or _THREADS)),
        ("display-name", f"hostel-{app.name}"),
        ("home", release.folder),
        ("python-home", release.venv),
        ("socket-timeout", str(_PATIENCE)),
        ("header-buffer-size", str(_HEADER)),
        ("listen-backlog", "2048"),
    ]


def _script(release: Release) -> str:
    return f"""{MANAGED}
import sys

sys.path.insert(0, {PROGRAMS!r})
from {serve.PACKAGE} import apache

application = apache.application({release.entrypoint!r})
"""
