# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same for ASGI, with WebSockets that echo and a lifespan that is kept."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

VERSION = "1"
STATE = {"lifespan": False}


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "websocket":
        await echo(receive, send)
    else:
        await answer(scope, receive, send)


async def lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        STATE["lifespan"] = message["type"] == "lifespan.startup"
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def echo(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        await send({"type": "websocket.send", "text": message["text"]})


async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
    query = parse_qs(scope["query_string"].decode())
    body = 0
    while True:
        message = await receive()
        body += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    root = scope.get("root_path", "")
    told = {
        "version": VERSION,
        "pid": os.getpid(),
        "uid": os.getuid(),
        "cwd": os.getcwd(),
        "cgroup": Path("/proc/self/cgroup").read_text(),
        "value": os.environ.get("VALUE"),
        "script_name": root,
        "path": scope["path"],
        "raw_path": scope["raw_path"].decode("latin-1"),
        "query": scope["query_string"].decode(),
        "host": dict(scope["headers"]).get(b"host", b"").decode(),
        "scheme": scope["scheme"],
        "client": scope["client"][0],
        "headers": {name.decode(): value.decode("latin-1") for name, value in scope["headers"]},
        "lifespan": STATE["lifespan"],
        "body": body,
    }
    path = scope["path"][len(root) :]
    if path == "/eat":
        told["eaten"] = len(b"x" * int(query["bytes"][0]))
    if path == "/write":
        with open(query["file"][0], "w") as file:
            file.write(query["text"][0])
    if path == "/read":
        try:
            with open(query["file"][0]) as file:
                told["text"] = file.read()
        except OSError as error:
            told["error"] = type(error).__name__
    if path == "/wait":
        await asyncio.sleep(float(query["seconds"][0]))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})
