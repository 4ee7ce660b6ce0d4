# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages that a node gets for the servers of its apps."""

from __future__ import annotations

from ansible_collections.hostel.python.plugins.filter.server_packages import server_packages


def test_each_package_once_for_the_servers_that_are_named():
    apps = [{"server": "mod_wsgi"}, {"server": "mod_wsgi", "state": "stopped"}, {"server": "uvicorn"}, {}]
    assert server_packages(apps) == ["apache2", "libapache2-mod-wsgi-py3"]


def test_a_compiler_only_where_something_is_compiled():
    assert "gcc" in server_packages([{"server": "mod_wsgi_express"}])
    assert server_packages([{"server": "mod_wsgi_express", "state": "absent"}]) == []
