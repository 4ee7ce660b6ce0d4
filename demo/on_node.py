# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a node, read from standard input by its python3: prints what serves each live app, as JSON.

Only root's own records and the names of the packages are read; nothing of a tenant is run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from glob import glob
from typing import Any

APPS = "/var/lib/hostel/apps"
DIST_INFO = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.dist-info")


def output(*argv: str) -> str:
    return subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def packages(venv: str) -> dict[str, str]:
    names = (os.path.basename(path) for path in glob(venv + "/lib/python*/site-packages/*.dist-info"))
    found = (DIST_INFO.fullmatch(name) for name in names)
    return {match["name"].lower(): match["version"] for match in found if match}


def live(record: dict[str, Any]) -> bool:
    link = "/srv/hostel/{}/{}/current".format(record["app"]["tenant"], record["app"]["name"])
    return os.path.islink(link) and os.readlink(link) == "releases/" + record["id"]


def read(path: str) -> Any:
    with open(path, encoding="utf-8") as text:
        return json.load(text)


def served(record: dict[str, Any]) -> dict[str, Any]:
    interpreter = "/opt/hostel/python/{}/bin/python3".format(record["app"]["python"])
    return {
        "tenant": record["app"]["tenant"],
        "python": output(interpreter, "-I", "-c", "import platform; print(platform.python_version())"),
        "server": record["server"],
        "packages": packages(record["venv"]),
    }


records = [read(path) for path in sorted(glob(APPS + "/*/*/release.json"))]
with open("/etc/os-release") as lines:
    system = dict(line.rstrip().replace('"', "").split("=", 1) for line in lines if "=" in line)
print(json.dumps({
    "system": "{} {}".format(system["ID"].capitalize(), system["VERSION_ID"]),
    "passenger": output("dpkg-query", "-W", "-f", "${source:Upstream-Version}", "libapache2-mod-passenger"),
    "apps": {record["app"]["name"]: served(record) for record in records if live(record)},
}))
