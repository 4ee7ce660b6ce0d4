# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit of a program that listens where it is told."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._servers.bridge import BRIDGE, bridged
from ansible_collections.hostel.python.plugins.module_utils._servers.registry import SERVERS
from ansible_collections.hostel.python.plugins.module_utils._spec.resources import File
from ansible_collections.hostel.python.plugins.module_utils._spec.waiting import Health
from ansible_collections.hostel.python.tests.unit.releases import BLOG, altered

RELEASE = altered(
    BLOG,
    app={"name": "board", "server": "command"},
    server="command",
    interface="http",
    entrypoint="",
    command=("serve", "--port=$PORT", "100%"),
)


def files(release):
    return {one.path: one for one in SERVERS["command"].resources(release).settings if isinstance(one, File)}


def lines(release):
    return files(release)["/etc/systemd/system/hostel-board@0123456789ab.service"].content.decode().splitlines()


def test_the_command_goes_to_the_bridge_word_by_word():
    (line,) = (line for line in lines(RELEASE) if line.startswith("ExecStart="))
    assert line.endswith(f'"{BRIDGE}" "board" "27" "told" "serve" "--port=$$PORT" "100%%"')


def test_root_takes_the_port_and_gives_it_back():
    found = lines(RELEASE)
    ports = '/usr/bin/python3 "-I" "-S" "/opt/hostel/lib/ports.py"'
    assert f'ExecStartPre=+{ports} "take" "hostel-board@0123456789ab" "20001"' in found
    assert f'ExecStopPost=+{ports} "give" "hostel-board@0123456789ab"' in found
    environments = [line for line in found if line.startswith("EnvironmentFile=")]
    assert environments == ["EnvironmentFile=-/run/hostel-ports/hostel-board@0123456789ab"]


def test_the_bridge_is_shipped_as_it_is():
    compile(files(RELEASE)[BRIDGE].content, BRIDGE, "exec")


@pytest.mark.parametrize(("timeout", "patience"), [(60, "54"), (1, "0.9")])
def test_the_bridge_speaks_before_systemd_ends_it(timeout, patience):
    argv = bridged(altered(RELEASE, app={"health": Health(timeout=timeout)}), ("/usr/sbin/x",)).argv
    assert argv[-4:] == ("board", patience, "untold", "/usr/sbin/x")
