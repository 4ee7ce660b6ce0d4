# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module hosting without Ansible around it: parameters as JSON on the input, the result as JSON on the output.

Runs as root from a folder that an earlier run has left on the node (_node/program.py).
"""

from __future__ import annotations

import json
import sys
from typing import Any

from .._errors import HostelError
from .hosting import converge


def main() -> None:
    json.dump(answer(json.load(sys.stdin)), sys.stdout)


def answer(params: dict[str, Any]) -> dict[str, Any]:
    """The module's result, as AnsibleModule would give it."""
    try:
        return converge(params)
    except HostelError as error:
        return {"failed": True, "changed": False, "msg": str(error)}
