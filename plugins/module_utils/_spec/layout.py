# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where everything lies on a node. The table in docs/architecture.md says whose each folder is."""

from __future__ import annotations

MANAGED = "# Managed by hostel.python; changes are overwritten."

PYTHONS = "/opt/hostel/python"
UV = "/opt/hostel/uv/uv"
PROGRAMS = "/opt/hostel/lib"

STATE = "/var/lib/hostel"
VENVS = f"{STATE}/venvs"
VENV_FILES = f"{STATE}/venv-files"  # root's store of files by content, which all venvs are hard links of
VENV_LOCKS = f"{STATE}/locks"  # what requirements were resolved to, by the digest of what was asked
VENV_USERS = f"{STATE}/venv-users"  # links of venvs that are used by name and not by an app's release
VENV_WORK = f"{STATE}/venv-work"  # unfinished ones
CACHE = f"{STATE}/cache"  # of uv, for the account that installs what all share
APPS = f"{STATE}/apps"
ROUTES = f"{STATE}/routes"
GATES = f"{STATE}/gates"  # links, by unit, to the one of a service's two sockets that is in use
IDLE = f"{STATE}/idle"  # by unit: the seconds after which it may sleep
PASSENGER_APPS = f"{STATE}/passenger"  # of the module passenger_app; the converge leaves alone what these have

TENANTS = "/srv/hostel"
SITES = f"{TENANTS}/sites"
STAGING = f"{TENANTS}/staging"

SOCKETS = "/run/hostel"
AWAKE = "/run/hostel-awake"  # a folder for each service that runs, the tenant's to put sockets into
FRONT = "/run/hostel-front"

UNITS = "/etc/systemd/system"
NGINX = "/etc/nginx/hostel"

FRONT_GROUP = "www-data"
UID_MIN = 20000
UID_MAX = 59999


def app_home(tenant: str, app: str) -> str:
    """The folder of an app, with its releases and its data."""
    return f"{TENANTS}/{tenant}/{app}"
