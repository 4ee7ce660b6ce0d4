# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the units of uvicorn and gunicorn run."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._servers.gunicorn import GUNICORN
from ansible_collections.hostel.python.plugins.module_utils._servers.uvicorn import UVICORN
from ansible_collections.hostel.python.plugins.module_utils._spec.waiting import Health
from ansible_collections.hostel.python.tests.unit.releases import BLOG, altered

RELEASE = altered(BLOG, server="gunicorn", interface="wsgi")
SERVE = ("/var/lib/hostel/venvs/0123/bin/python", "/opt/hostel/lib/serve.py")


def argv(server, interface, **keys):
    return server.program(altered(RELEASE, app=keys, interface=interface)).argv


def test_gunicorn_takes_workers_and_threads_and_knows_how_long_a_start_may_take():
    assert argv(GUNICORN, "wsgi", workers=3, threads=8, health=Health(timeout=90.5)) == (
        *SERVE,
        "gunicorn",
        "--entrypoint=blog.main:app",
        "--interface=wsgi",
        "--workers=3",
        "--threads=8",
        "--start-timeout=90.5",
    )


def test_what_nobody_asked_for_is_left_to_the_launcher():
    assert argv(GUNICORN, "asgi")[2:] == (
        "gunicorn",
        "--entrypoint=blog.main:app",
        "--interface=asgi",
        "--start-timeout=30",
    )
    assert argv(UVICORN, "asgi") == (*SERVE, "uvicorn", "--entrypoint=blog.main:app")


def test_uvicorn_takes_workers():
    assert argv(UVICORN, "asgi", workers=2)[-1] == "--workers=2"


@pytest.mark.parametrize("server", [GUNICORN, UVICORN], ids=lambda server: server.name)
def test_what_is_run_is_brought(server):
    brought = {file.path for file in server.program(RELEASE).files}
    assert {"/opt/hostel/lib/serve.py", f"/opt/hostel/lib/hostel_launch/{server.name}.py"} <= brought
