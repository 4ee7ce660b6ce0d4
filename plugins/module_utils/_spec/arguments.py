# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of the modules that take one tenant, one Python version or one app.

Two ways of checking meet here. The module ``hosting`` takes whole lists, and everything wrong in them must come at
once; but AnsibleModule ends at its first error, and changes values before anybody sees them (3.10 becomes "3.1"). So
there the action plugin parses the lists as they stand in the inventory, before any argument specification is looked
at, and the lists need no options of their own.

The modules that take one noun have typed options, as people expect of a module. What Ansible would change on the way is
``raw``: sizes and durations (a number means something else than a string) and versions (3.10). Everything else is left
to the same parse functions; a value of None means left out there.
"""

from __future__ import annotations

from typing import Any

from .python import SOURCES
from .servers import INTERFACES

Options = dict[str, dict[str, Any]]

TENANT: Options = {
    "name": {"type": "str", "required": True},
    "uid": {"type": "int"},
    "limits": {
        "type": "dict",
        "options": {
            "memory": {"type": "raw"},
            "cpu": {"type": "raw"},
            "tasks": {"type": "int"},
            "io_read": {"type": "raw"},
            "io_write": {"type": "raw"},
            "connections": {"type": "int"},
            "disk": {"type": "raw"},
        },
    },
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}

PYTHON: Options = {
    "version": {"type": "raw", "required": True},
    "source": {"type": "str", "choices": list(SOURCES), "default": "system"},
    "archive": {"type": "str"},
    "checksum": {"type": "str"},
    "tarball": {"type": "str"},
    "debian_package": {"type": "str"},
    "debian_suite": {"type": "str"},
    "flags": {"type": "list", "elements": "str"},
    "optimize": {"type": "bool", "default": False},
    "mirror": {"type": "str"},
    "downloads": {"type": "str"},
    "pack": {"type": "path"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}

# The values of ``env`` are secret, but ``no_log`` here would have Ansible replace each of them wherever it occurs in an
# answer, and a value of "1" occurs everywhere. A module with this option is made with AnsibleModule(no_log=True), which
# keeps the arguments out of the node's log, and answers with invocation=shown(module.params).
APP: Options = {
    "name": {"type": "str", "required": True},
    "tenant": {"type": "str"},
    "urls": {"type": "list", "elements": "str"},
    "python": {"type": "raw"},
    "interface": {"type": "str", "choices": list(INTERFACES)},
    "entrypoint": {"type": "str"},
    "env": {"type": "dict"},
    "static": {
        "type": "list",
        "elements": "dict",
        "options": {"url": {"type": "str", "required": True}, "path": {"type": "str", "required": True}},
    },
    "persist": {"type": "list", "elements": "str"},
    "health": {
        "type": "dict",
        "options": {"path": {"type": "str"}, "status": {"type": "raw"}, "timeout": {"type": "raw"}},
    },
    "timeouts": {
        "type": "dict",
        "options": {name: {"type": "raw"} for name in ("connect", "read", "send", "stop")},
    },
    "body_limit": {"type": "raw"},
    "idle_timeout": {"type": "raw"},
    "state": {"type": "str", "choices": ["started", "stopped", "absent"], "default": "started"},
}


def shown(params: dict[str, Any]) -> dict[str, Any]:
    """A module's arguments as its answer may show them: of ``env`` the names alone."""
    env = params.get("env")
    return {"module_args": {**params, "env": sorted(env) if isinstance(env, dict) else None}}
