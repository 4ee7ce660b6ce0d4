# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks over all nodes of a scenario, as its operator runs them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

APPS = "hostel.python.apps"
Play = subprocess.CompletedProcess


@contextlib.contextmanager
def _command(arguments: tuple[str, ...], playbook: str, variables: Mapping[str, Any]) -> Iterator[list[str]]:
    inventory = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(variables, file)
        file.flush()
        yield ["ansible-playbook", "--inventory", str(inventory), "-e", f"@{file.name}", *arguments, playbook]


def _environment(scenario: Path) -> dict[str, str]:
    return {**os.environ, "MOLECULE_SCENARIO_DIRECTORY": str(scenario), "ANSIBLE_FORCE_COLOR": "0"}


def play(scenario: Path, *arguments: str, playbook: str = APPS, **variables: Any) -> Play[str]:
    """Run a playbook; the caller looks at how it ended. scenario: its folder."""
    with _command(arguments, playbook, variables) as command:
        return subprocess.run(command, capture_output=True, text=True, check=False, env=_environment(scenario))


@contextlib.contextmanager
def playing(scenario: Path, **variables: Any) -> Iterator[subprocess.Popen[str]]:
    """The apps' playbook in the background; it has ended when the ``with`` does."""
    with _command((), APPS, variables) as command:
        run = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment(scenario)
        )
        try:
            yield run
            run.communicate()
        finally:
            if run.poll() is None:
                run.send_signal(signal.SIGTERM)
                run.communicate()
