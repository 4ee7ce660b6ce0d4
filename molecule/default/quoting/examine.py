# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a node, as root: the real nginx, Apache, systemd and shell read the files; prints where they read otherwise.

Without an argument it examines; with ``dump`` it is what the unit and the shell start, and tells what reached it.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
UNITS = "/run/systemd/system"


class OverSocket(http.client.HTTPConnection):
    """HTTP to the server that listens on a unix socket here."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(f"{HERE}/nginx.sock")


def dump() -> None:
    """Arguments, environment, working directory, and which of the bound folders can be seen."""
    with open(f"{HERE}/expected.json", encoding="utf-8") as file:
        folders = json.load(file)["folders"]
    found = {
        "arguments": [os.fsencode(argument).hex() for argument in sys.argv[2:]],
        "environment": {key.decode(): value.hex() for key, value in os.environb.items()},
        "working_directory": os.getcwd(),
        "bound": [folder for folder in folders if os.path.exists(f"{folder}/bound")],
    }
    with open(f"{HERE}/source/dump.json", "w", encoding="utf-8") as file:
        json.dump(found, file)


def dumped() -> Any:
    with open(f"{HERE}/source/dump.json", encoding="utf-8") as file:
        return json.load(file)


def compare(what: str, expected: Any, found: Any) -> list[str]:
    return [] if expected == found else [f"{what}: expected {expected!r}, found {found!r}"]


def compare_environment(reader: str, expected: dict[str, str], found: dict[str, str]) -> list[str]:
    return [
        line
        for key, value in expected.items()
        for line in compare(f"{reader}: {key}", value.encode().hex(), found.get(key))
    ]


def examine_nginx(expected: dict[str, Any]) -> list[str]:
    for folder in expected["folders"]:
        with open(f"{folder}/name", "w", encoding="utf-8") as file:
            file.write(os.path.basename(folder))
    command = ["/usr/sbin/nginx", "-p", HERE, "-c", f"{HERE}/nginx.conf", "-e", "stderr"]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    if tested.returncode:
        return [f"nginx -t: {tested.stderr}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            return answers(expected)
        finally:
            server.terminate()


def answers(expected: dict[str, Any]) -> list[str]:
    wrong = []
    deadline = time.monotonic() + 20
    while not os.path.exists(f"{HERE}/nginx.sock") and time.monotonic() < deadline:
        time.sleep(0.05)
    connection = OverSocket("localhost")
    for path, value in {**expected["values"], **expected["pages"]}.items():
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read().decode()
        wrong += compare(f"nginx {path}", [200, value], [response.status, body])
        # A header's spaces at either end are not part of its value.
        if path in expected["values"] and value.isascii():
            wrong += compare(
                f"nginx {path}, header", value.strip(" "), (response.getheader("X-Value") or "").strip(" ")
            )
    return wrong


def examine_apache(expected: dict[str, Any]) -> list[str]:
    """After nginx, which has put a file into every folder."""
    command = ["/usr/sbin/apache2", "-f", f"{HERE}/apache2.conf"]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    if tested.returncode:
        return [f"apache2 -t: {tested.stderr}"]
    with subprocess.Popen([*command, "-D", "FOREGROUND"], stderr=subprocess.DEVNULL) as server:
        try:
            return apache_answers(expected)
        finally:
            server.terminate()


def apache_answers(expected: dict[str, Any]) -> list[str]:
    wrong = []
    deadline = time.monotonic() + 20
    while not os.path.exists(f"{HERE}/apache2.pid") and time.monotonic() < deadline:
        time.sleep(0.05)
    pages = {path: [200, name] for path, name in expected["aliases"].items()}
    pages.update({path: [403, None] for path in expected["denied"]})
    for path, (status, page) in pages.items():
        connection = http.client.HTTPConnection("127.0.0.1", expected["apache_port"])
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read().decode()
        wrong += compare(f"apache {path}", [status, page], [response.status, page and body])
        connection.close()
    return wrong


def examine_systemd(expected: dict[str, Any]) -> list[str]:
    unit = expected["unit"]
    os.makedirs(UNITS, exist_ok=True)
    shutil.copy(f"{HERE}/{unit}", UNITS)
    try:
        verified = subprocess.run(
            ["/usr/bin/systemd-analyze", "verify", "--man=no", f"{UNITS}/{unit}"],
            capture_output=True,
            text=True,
            check=False,
        )
        subprocess.run(["/usr/bin/systemctl", "daemon-reload"], check=True)
        started = subprocess.run(["/usr/bin/systemctl", "start", unit], capture_output=True, text=True, check=False)
        show = ["/usr/bin/systemctl", "show", "--property=Description", "--value", unit]
        described = subprocess.run(show, capture_output=True, text=True, check=True)
    finally:
        os.unlink(f"{UNITS}/{unit}")
        subprocess.run(["/usr/bin/systemctl", "daemon-reload"], check=True)
    wrong = compare("systemd-analyze verify", "", verified.stderr)
    wrong += compare("start", 0, started.returncode)
    if wrong:
        return wrong
    found = dumped()
    wrong += compare("description", expected["description"], described.stdout.rstrip("\n"))
    wrong += compare("working directory", expected["working_directory"], found["working_directory"])
    wrong += compare("bound folders", expected["bindable"], found["bound"])
    wrong += compare("number of arguments", len(expected["arguments"]), len(found["arguments"]))
    for argument, reached in zip(expected["arguments"], found["arguments"]):
        wrong += compare("argument", argument.encode().hex(), reached)
    wrong += compare_environment("EnvironmentFile", expected["environment"], found["environment"])
    return wrong + compare_environment("Environment", expected["lines"], found["environment"])


def examine_shell(expected: dict[str, Any]) -> list[str]:
    script = f"set -a; . {HERE}/environment; exec /usr/bin/python3 -I {HERE}/examine.py dump"
    subprocess.run(["/usr/bin/env", "-i", "/bin/sh", "-c", script], check=True)
    return compare_environment("sh", expected["environment"], dumped()["environment"])


def examine_names(expected: dict[str, Any]) -> list[str]:
    """systemd-escape prints its answers on one line each, and no escaped name has a newline in it."""
    names = list(expected["escaped"])
    run = subprocess.run(
        ["/usr/bin/systemd-escape", "--", *names], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return [
        line
        for name, real in zip(names, run.stdout.rstrip("\n").split(" "))
        for line in compare(f"systemd-escape {name!r}", expected["escaped"][name], real)
    ]


def main() -> None:
    if sys.argv[1:2] == ["dump"]:
        dump()
        return
    with open(f"{HERE}/expected.json", encoding="utf-8") as file:
        expected = json.load(file)
    os.umask(0o022)
    for folder in (f"{HERE}/source", *expected["folders"]):
        os.makedirs(folder, exist_ok=True)
    with open(f"{HERE}/source/bound", "w", encoding="utf-8"):
        wrong = examine_shell(expected)
    wrong += examine_nginx(expected) + examine_apache(expected)
    wrong += examine_systemd(expected) + examine_names(expected)
    json.dump({"values": len(expected["arguments"]), "wrong": wrong}, sys.stdout)


if __name__ == "__main__":
    main()
