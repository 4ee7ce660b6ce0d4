# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A WSGI application that tells what it is given and what it may do."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

VERSION = "1"
STARTED = time.time()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    path, query = environ["PATH_INFO"], parse_qs(environ["QUERY_STRING"])
    answer = {
        "version": VERSION,
        "pid": os.getpid(),
        "uid": os.getuid(),
        "cwd": os.getcwd(),
        "cgroup": Path("/proc/self/cgroup").read_text(),
        "value": os.environ.get("VALUE"),
        "script_name": environ["SCRIPT_NAME"],
        "path": path,
        "request_uri": environ.get("REQUEST_URI"),
        "query": environ["QUERY_STRING"],
        "host": environ["HTTP_HOST"],
        "scheme": environ["wsgi.url_scheme"],
        "client": environ["REMOTE_ADDR"],
        "headers": {name: value for name, value in environ.items() if name.startswith("HTTP_")},
        "body": len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))),
    }
    if path == "/eat":
        answer["eaten"] = len(b"x" * int(query["bytes"][0]))
    if path == "/write":
        with open(query["file"][0], "w") as file:
            file.write(query["text"][0])
    if path == "/read":
        try:
            with open(query["file"][0]) as file:
                answer["text"] = file.read()
        except OSError as error:
            answer["error"] = type(error).__name__
    if path == "/wait":
        time.sleep(float(query["seconds"][0]))
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]
