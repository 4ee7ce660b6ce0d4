# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All servers there are. A new one is a new file in this folder and one line here."""

from __future__ import annotations

from .cgi import CGI
from .command import COMMAND
from .daphne import DAPHNE
from .fastcgi import FASTCGI
from .granian import GRANIAN
from .gunicorn import GUNICORN
from .hypercorn import HYPERCORN
from .mod_wsgi import MOD_WSGI
from .mod_wsgi_express import MOD_WSGI_EXPRESS
from .model import Server
from .passenger import PASSENGER
from .uvicorn import UVICORN
from .uwsgi import UWSGI

SERVERS: dict[str, Server] = {
    server.name: server
    for server in (
        PASSENGER,
        UVICORN,
        GUNICORN,
        COMMAND,
        MOD_WSGI,
        MOD_WSGI_EXPRESS,
        UWSGI,
        FASTCGI,
        CGI,
        HYPERCORN,
        GRANIAN,
        DAPHNE,
    )
}
