# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the protocols on the app's side do not have: the reasons for cells that are not probed."""

from __future__ import annotations

WSGI = "PEP 3333 knows a request and its answer, and no WebSockets"
CGI = "a CGI script answers one request and ends; it can hold no WebSocket"
NO_WEBSOCKETS = {"cgi": CGI, "wsgi": WSGI}

NO_LIFESPAN = {
    "wsgi": "PEP 3333 tells an application neither when its process starts nor when it stops",
    "cgi": "a CGI script lives as long as its request",
}
NO_WSGI_CALLS = {
    "asgi": "write() and exc_info are of PEP 3333; an ASGI application sends messages",
    "http": "write() and exc_info are of PEP 3333; this program speaks HTTP itself",
    "cgi": "write() and exc_info are of PEP 3333; a script writes to its standard output",
}
NO_SPECIFICATION = {
    "http": "the program speaks HTTP itself, and nothing is called by PEP 3333 or ASGI",
    "cgi": "a script is called by RFC 3875, not by PEP 3333 or ASGI",
}
NOTHING_AFTER = {
    "http": "the program speaks HTTP itself; when it closes its connections is its own matter",
    "wsgi": "a WSGI application has returned before its answer is sent; it may raise in its middle, and not after it",
    "cgi": "a CGI script's process is its answer: when one ends, the other does",
}

EMBEDDED = "mode: embedded runs inside of the Apache that trusted tenants share: its account, its limits, its processes"
SHARED = {"mode embedded": EMBEDDED}
ONE_REQUEST = {**SHARED, "server cgi": "a CGI process ends with its request"}
NO_ONE_START = {**SHARED, "server cgi": "CGI starts a process for each request, and no other"}
# Frames that are refused by the end of the connection, and with no word, or the wrong one, about why.
UNTOLD = {
    "server granian": "Granian's own code ends such a connection with 1000, whatever was wrong (RFC 6455 wants a reason"
    " where one can be given)",
}
# An upload that is taken whole before the app is called.
WHOLE_BODIES = {
    "server passenger": "nginx takes an upload whole before Passenger is asked: it has one process a request, which a"
    " slow client must not hold",
    "server daphne": "Twisted's web server, on which Daphne stands, takes a body whole before it calls",
    "server fastcgi": "uWSGI takes a body that comes by FastCGI whole before it calls",
    "server cgi": "CGI tells a process the length of its request's body, which is taken whole before it starts",
}
NO_RAW_PATH = {
    "granian-wsgi": "PEP 3333 has the decoded path alone; the raw one, which others add, Granian does not tell"
}
NO_FOREIGN_HEADERS = {"granian-wsgi": "Granian gives a WSGI application an empty string for a value that is not ASCII"}
MORE_STARTS = {
    "server passenger": "all are answered; Passenger starts a second process while requests wait for the first",
}
