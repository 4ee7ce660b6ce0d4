# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments on a node: root's alone, and made without running anything that a package brings."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

VENVS = "/var/lib/hostel/venvs"
WHEELS = "/var/hostile-wheels"
MARKS = "/var/hostile-marks"
TRAP = f"import os; open('{MARKS}/' + str(os.getuid()), 'w').close()\n"


def hostile_wheel() -> bytes:
    """A wheel that runs code wherever an interpreter starts beside it, and tries to bring a set-uid program."""
    traps = ["hostile.pth", "sitecustomize.py", "usercustomize.py", "py_compile.py", "json/__init__.py", "hostile.py"]
    members = dict.fromkeys(traps, (TRAP, 0o644))
    members["hostile-1.0.data/scripts/hostile"] = ("#!python\n", 0o104755)
    info = "hostile-1.0.dist-info"
    members[f"{info}/METADATA"] = ("Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n", 0o644)
    members[f"{info}/WHEEL"] = ("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n", 0o644)
    members[f"{info}/RECORD"] = ("".join(f"{name},,\n" for name in [*members, f"{info}/RECORD"]), 0o644)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as wheel:
        for name, (content, mode) in members.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            wheel.writestr(member, content)
    return packed.getvalue()


def venv(host: Host, **arguments: Any) -> dict[str, Any]:
    """Call the module on this node; a failed call's result too."""
    inventory = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
    name = host.backend.get_pytest_id().rpartition("://")[2]
    module = ["--module-name", "hostel.python.venv", "--args", json.dumps(arguments)]
    ran = subprocess.run(
        ["ansible", name, "--inventory", str(inventory), "--one-line", *module],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "ANSIBLE_CALLBACK_RESULT_FORMAT": "json", "ANSIBLE_FORCE_COLOR": "0"},
    )
    assert "=> " in ran.stdout, ran.stdout + ran.stderr
    result: dict[str, Any] = json.loads(ran.stdout.split("=> ", 1)[1])
    return result


@pytest.fixture
def wheels(host: Host) -> Iterator[str]:
    """A folder on the node with the wheel, as its URL, and a folder that every account may mark."""
    packed = base64.b64encode(hostile_wheel()).decode()
    host.check_output(f"install -d -m 0755 {WHEELS} && install -d -m 0777 {MARKS}")
    host.check_output(f"echo {packed} | base64 -d > {WHEELS}/hostile-1.0-py3-none-any.whl")
    yield f"file://{WHEELS}/hostile-1.0-py3-none-any.whl"
    venv(host, name="hostile", state="absent")
    host.check_output(f"rm -rf {WHEELS} {MARKS}")


def test_nothing_of_a_wheel_runs_while_it_is_installed(host: Host, wheels: str) -> None:
    made = venv(host, name="hostile", python="/usr/bin/python3", requirements=[f"hostile @ {wheels}"])
    assert made.get("changed") is True, made
    assert host.check_output(f"ls {MARKS}") == ""
    assert host.check_output(f"find {made['path']} -perm /7222 -not -type l") == ""
    assert host.check_output(f"find {made['path']} -not -user root") == ""
    assert host.check_output(f"find {made['path']} -name 'hostile.*.pyc'") != ""
    # The trap works: an interpreter that starts there springs it.
    host.check_output(f"setpriv --reuid=65534 --regid=65534 --clear-groups {made['path']}/bin/python -c ''")
    assert host.check_output(f"ls {MARKS}") == "65534"
    again = venv(host, name="hostile", python="/usr/bin/python3", requirements=[f"hostile @ {wheels}"])
    assert again["changed"] is False
    gone = venv(host, name="hostile", state="absent")
    assert gone["removed"] == [made["path"]]
    assert not host.file(made["path"]).exists


@pytest.mark.parametrize("requirement", [".", "git+https://example.org/x", "https://example.org/x-1.0.tar.gz"])
def test_building_has_to_be_allowed(host: Host, requirement: str) -> None:
    refused = venv(host, name="refused", python="/usr/bin/python3", requirements=[requirement])
    assert "build: true" in refused["msg"]


def test_every_venv_is_roots_and_read_only(host: Host) -> None:
    assert host.check_output(f"find {VENVS} -mindepth 1 -not -user root") == ""
    assert host.check_output(f"find {VENVS} -mindepth 1 -perm /222 -not -type l") == ""


def test_the_account_that_installs_can_do_nothing_else(host: Host) -> None:
    account = host.user("hostel-cache")
    assert account.shell == "/usr/sbin/nologin"
    assert account.groups == ["hostel-cache"]
    assert host.file("/var/lib/hostel/venv-files").mode == 0o700
    assert host.file("/var/lib/hostel/venv-files").user == "root"
