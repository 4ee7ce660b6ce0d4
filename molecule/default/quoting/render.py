# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files with hard values, made by the quoting functions, and what the real readers have to make of them."""

from __future__ import annotations

import json
import os
import urllib.parse
from typing import Any

import corpus
from ansible_collections.hostel.python.plugins.module_utils._syntax import apache, environment, nginx, systemd

ROOT = "/run/hostel-quoting"
UNIT = "hostel-quoting.service"
APACHE_PORT = 18999


def files() -> dict[str, bytes]:
    """By path: the configurations, the unit, the environment file, and the expectations for ``examine.py``."""
    with open(os.path.join(os.path.dirname(__file__), "examine.py"), "rb") as program:
        examine = program.read()
    return {
        f"{ROOT}/examine.py": examine,
        f"{ROOT}/nginx.conf": _nginx().encode(),
        f"{ROOT}/apache2.conf": _apache().encode(),
        f"{ROOT}/environment": environment.render(environment_pairs()),
        f"{ROOT}/{UNIT}": _unit().encode(),
        f"{ROOT}/expected.json": json.dumps(_expected()).encode(),
    }


def environment_pairs() -> list[tuple[str, str]]:
    return [(f"FILE_{number}", value) for number, value in enumerate(corpus.with_lines())]


def folders() -> list[str]:
    return [f"{ROOT}/folders/{name}" for name in corpus.segments()]


def bindable() -> list[str]:
    return [folder for folder in folders() if not any(character in folder for character in systemd.UNBINDABLE)]


def working_directory() -> str:
    return f"{ROOT}/folders/" + next(name for name in corpus.segments() if "%" in name and " " in name)


def _nginx() -> str:
    """For every value: a header and a body, an exact location, a regular expression, and a folder behind ``alias``."""
    lines = [
        f"user root; pid {ROOT}/nginx.pid; error_log stderr; daemon off; master_process off;",
        f"events {{}} http {{ access_log off; {nginx.DOLLAR_DEFINITION}",
        f"server {{ listen unix:{ROOT}/nginx.sock;",
    ]
    for number, value in enumerate(corpus.one_line()):
        quoted = nginx.string(value)
        lines.append(f"location = /value/{number} {{ add_header X-Value {quoted}; return 200 {quoted}; }}")
    for number, name in enumerate(corpus.segments()):
        alias = nginx.string(f"{ROOT}/folders/{name}/")
        exact = nginx.location(f"/exact/{number}/{name}")
        expression = nginx.literal(f"^/regex/{number}/{nginx.regex(name)}$")
        lines += [
            f"location {nginx.location(f'/folder/{number}/{name}/')} {{ alias {alias}; }}",
            f"location = {exact} {{ return 200 exact; }}",
            f"location ~ {expression} {{ return 200 regex; }}",
        ]
    return "\n".join([*lines, "}}", ""])


def aliased() -> list[str]:
    return [name for name in corpus.segments() if "${" not in name]


def located() -> list[str]:
    return [name for name in aliased() if not any(character in name for character in "*?[]\\")]


def _apache() -> str:
    """For every name: a folder behind ``Alias``, and a location that nobody may see."""
    modules = "/usr/lib/apache2/modules"
    lines = [
        apache.directive("ServerName", "localhost"),
        apache.directive("Listen", f"127.0.0.1:{APACHE_PORT}"),
        apache.directive("DefaultRuntimeDir", ROOT),
        apache.directive("PidFile", f"{ROOT}/apache2.pid"),
        apache.directive("ErrorLog", "/dev/stderr"),
        apache.directive("User", "www-data"),
        apache.directive("Group", "www-data"),
        apache.directive("LoadModule", "mpm_event_module", f"{modules}/mod_mpm_event.so"),
        apache.directive("LoadModule", "authz_core_module", f"{modules}/mod_authz_core.so"),
        apache.directive("LoadModule", "alias_module", f"{modules}/mod_alias.so"),
    ]
    for number, name in enumerate(aliased()):
        lines.append(apache.directive("Alias", f"/alias/{number}/", f"{ROOT}/folders/{name}/"))
    for number, name in enumerate(located()):
        lines += apache.location(f"/location/{number}/{name}", ["Require all denied"])
    return "\n".join([*lines, ""])


def _unit() -> str:
    environment_lines = [
        f"Environment={systemd.environment(f'LINE_{number}', value)}"
        for number, value in enumerate(corpus.with_lines())
    ]
    binds = [f"BindPaths={systemd.bind(f'{ROOT}/source', folder)}" for folder in bindable()]
    writable = [f"ReadWritePaths={systemd.path(folder)}" for folder in folders()]
    command = systemd.command(["/usr/bin/python3", "-I", f"{ROOT}/examine.py", "dump", *corpus.every()])
    return "\n".join(
        [
            "[Unit]",
            f"Description={systemd.value(_description())}",
            "[Service]",
            "Type=oneshot",
            f"WorkingDirectory={systemd.value(working_directory())}",
            f"EnvironmentFile={systemd.value(f'{ROOT}/environment')}",
            *environment_lines,
            *binds,
            *writable,
            f"ExecStart={command}",
            "",
        ]
    )


def _description() -> str:
    return "\"quoted' $HOME %n ; # é \\ end"


def _expected() -> dict[str, Any]:
    names = corpus.segments()
    return {
        "root": ROOT,
        "unit": UNIT,
        "folders": folders(),
        "bindable": bindable(),
        "apache_port": APACHE_PORT,
        "aliases": {f"/alias/{number}/name": name for number, name in enumerate(aliased())},
        "denied": [f"/location/{number}/{urllib.parse.quote(name, safe='')}" for number, name in enumerate(located())],
        "description": _description(),
        "working_directory": working_directory(),
        "arguments": corpus.every(),
        "environment": dict(environment_pairs()),
        "lines": {f"LINE_{number}": value for number, value in enumerate(corpus.with_lines())},
        "values": {f"/value/{number}": value for number, value in enumerate(corpus.one_line())},
        "pages": {
            f"/{kind}/{number}/{urllib.parse.quote(name, safe='')}{more}": page
            for number, name in enumerate(names)
            for kind, more, page in (("folder", "/name", name), ("exact", "", "exact"), ("regex", "", "regex"))
        },
        "escaped": {value: systemd.escape(value) for value in corpus.every() if value},
    }
