# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a tenant's program is handed to systemd."""

from __future__ import annotations

import pwd
import re
import subprocess

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import NodeError
from ansible_collections.hostel.python.plugins.module_utils._node import jobs
from hypothesis import given, settings
from hypothesis import strategies as st


def _account() -> pwd.struct_passwd:
    return pwd.struct_passwd(("alice", "x", 20001, 20001, "", "/home/alice", "/bin/sh"))


def test_command() -> None:
    job = jobs.Job(
        "blog",
        ("python", "-c", "print('$HOME ${X} %n')"),
        _account(),
        folder="/srv/x",
        path="/venv/bin",
        environment_file="/etc/env",
        writable=("/srv/x",),
        binds=(('/a b:c"d', "/t\\"),),
        seconds=90,
    )
    argv = jobs.command(job)
    options, program = argv[: argv.index("--")], argv[argv.index("--") + 1 :]
    properties = [value for option, value in zip(options, options[1:]) if option == "--property"]
    for expected in (
        "User=20001",
        "Slice=user-20001.slice",
        "WorkingDirectory=/srv/x",
        "NoNewPrivileges=yes",
        "RuntimeMaxSec=90",
        "EnvironmentFile=/etc/env",
        'ReadWritePaths="-/srv/x"',
        'BindPaths="/a b:c\\"d":"/t\\\\"',
        'Environment="HOME=/home/alice"',
    ):
        assert expected in properties
    assert program[:2] == ["/bin/sh", "-c"]
    # Nothing in it means anything to systemd, whichever way it reads it.
    assert re.fullmatch(r'eval "`echo [A-Za-z0-9+/=]+ \| base64 -d`"', program[2])
    assert program[3:] == []
    (unit,) = (option for option in options if option.startswith("--unit="))
    assert re.fullmatch(r"--unit=hostel-job\.blog@[0-9a-f]{16}\.service", unit)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=4))
def test_arguments_arrive_as_they_are(arguments) -> None:
    job = jobs.Job("blog", ("printf", r"%s\0", "first", *arguments), _account(), path="/venv/it's b in")
    argv = jobs.command(job)
    ran = subprocess.run(argv[argv.index("--") + 1 :], stdout=subprocess.PIPE, check=True)
    assert ran.stdout.decode().split("\0")[:-1] == ["first", *arguments]


def test_newlines_cannot_be_bound() -> None:
    with pytest.raises(NodeError, match="newline"):
        jobs.command(jobs.Job("blog", ("x",), _account(), writable=("/a\nb",)))


ENDINGS = {
    "exit": (
        "Finished with result: exit-code\nMain processes terminated with: code=exited/status=3\n",
        3,
        "ended with exit code 3",
    ),
    "timeout": (
        "Finished with result: timeout\nMain processes terminated with: code=killed/status=TERM\n",
        1,
        "longer than 5 s",
    ),
    "memory": (
        "Finished with result: oom-kill\nMain processes terminated with: code=killed, status=9/KILL\n",
        1,
        "memory limit",
    ),
    "memory, older": (
        "Finished with result: signal\nMain processes terminated with: code=killed/status=KILL\n",
        1,
        "memory limit",
    ),
    "signal": (
        "Finished with result: success\nMain processes terminated with: code=killed, status=15/TERM\n",
        0,
        "signal (15/TERM)",
    ),
    "not started": ("Failed to start transient service unit: no\n", 1, "could not be started"),
}


@pytest.mark.parametrize("case", ENDINGS)
def test_endings(case: str) -> None:
    said, code, expected = ENDINGS[case]
    assert expected in jobs._ending(said, code, 5)
