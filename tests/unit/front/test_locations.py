# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an app is told of a request, and what a client can't tell it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.hostel.python.plugins.module_utils._front import locations

LIES = ["Forwarded", "Proxy", "X-Forwarded-Host", "X-Hostel-Release", "X-Real-IP"]
NGINX = Path(__file__).parents[3] / "roles/node/templates/nginx.conf.j2"


@pytest.mark.parametrize("name", LIES)
def test_what_a_client_says_of_itself_is_cleared(name):
    assert f'proxy_set_header {name} "";' in locations.headers("$http_host", "$scheme", '""', '""', '""')


@pytest.mark.parametrize("name", LIES)
def test_it_is_cleared_for_apps_that_speak_uwsgi_or_fastcgi_too(name):
    cleared = {word for names in re.findall(r"for name in \[(.*?)\]", NGINX.read_text()) for word in names.split("'")}
    assert name.upper().replace("-", "_") in cleared


def test_the_clients_address_is_nginxs_own_and_never_added_to_what_it_says():
    told = locations.headers("$http_host", "$scheme", '""', '""', '""')
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in told
