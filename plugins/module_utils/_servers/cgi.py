# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CGI: a process for each request, of a WSGI application or of a plain script, behind a lighttpd of the app's own.

Of what Debian has lighttpd's mod_cgi is the one gateway that is right about bodies: a process is started when the whole
request is there, whose length CGI has to tell, so that it may answer before it reads; the answer goes out piece by
piece; and a process whose client has gone is ended. fcgiwrap 1.1 gives an answer that is ready before the body was read
as an error, waits for ever where both are long, and collects what should flow; Apache's mod_cgi does the second too.
lighttpd needs less than a megabyte, has no process while nothing is asked, and runs as the tenant, as all it starts.
"""

from __future__ import annotations

import shlex

from .._spec.layout import AWAKE, MANAGED, PROGRAMS
from .._spec.release import Release
from .._spec.resources import File
from .._syntax import lighttpd
from .programs import SERVE, command, serving
from .upstream import Program, SocketServer

START = f"{PROGRAMS}/start_cgi"
# The most processes at a time where the app does not say; further requests wait.
WORKERS = 4
# The greatest number that lighttpd takes: bytes of all headers of a request together; and seconds for the next piece of
# a body or of an answer, for it is the front that says how long that may take, and closes the connection then.
MOST = 65535

# lighttpd gives what it starts nothing of its own environment, so that is kept where a process finds it: as a script.
_START = f"""\
#!/bin/sh
{MANAGED}
# Usage: start_cgi CONFIGURATION
(unset LISTEN_FDS LISTEN_PID && export -p) >"$RUNTIME_DIRECTORY/environment" || exit
exec /usr/sbin/lighttpd -D -f "$1"
"""


class Cgi(SocketServer):
    """Requirements, route and resources: see Server in model.py."""

    name = "cgi"

    def program(self, release: Release) -> Program:
        configuration = f"{release.settings}/lighttpd.conf"
        files = (
            *serving("cgi"),
            File(START, _START.encode(), mode=0o755),
            File(f"{release.settings}/answer", _answer(release).encode(), mode=0o755),
            File(configuration, _configuration(release).encode()),
        )
        return Program((START, configuration), files=files, notify=False)


def _answer(release: Release) -> str:
    """The program that answers each request."""
    words = command(f"{release.venv}/bin/python", "cgi", entrypoint=release.entrypoint)
    if release.interface == "cgi":
        # No variable of the app's must lead the node's Python astray, nor a package of its own.
        words = ("/usr/bin/python3", "-E", "-s", "-S", SERVE, "script", f"--entrypoint={release.entrypoint}")
    environment = f"{AWAKE}/{release.unit}/environment"
    return f"""\
#!/bin/sh
{MANAGED}
. {shlex.quote(environment)}
cd {shlex.quote(release.folder)} && exec {shlex.join(words)}
"""


def _configuration(release: Release) -> str:
    return f"""\
{MANAGED}
server.modules = ("mod_rewrite", "mod_cgi")
server.systemd-socket-activation = "enable"
server.document-root = {lighttpd.literal(release.settings)}
server.upload-dirs = ("/var/tmp")
# One program answers whatever the path is; it reads the path from REQUEST_URI.
server.http-parseopts = ("url-normalize" => "disable", "host-strict" => "disable", "host-normalize" => "disable")
url.rewrite-once = ("^[^?]*(\\?.*)?$" => "/answer$1")
cgi.assign = ("" => "")
cgi.limits = ("tcp-fin-propagate" => "SIGTERM")
server.stream-response-body = 2
server.range-requests = "disable"
# A connection is a process, and none is kept for the next request.
server.max-connections = {release.app.workers or WORKERS}
server.max-keep-alive-requests = 0
server.max-request-field-size = {MOST}
server.max-read-idle = {MOST}
server.max-write-idle = {MOST}
"""


CGI = Cgi()
