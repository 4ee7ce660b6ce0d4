# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ASGI application from its loading to its end, the same under every server that leaves something of it undone.

Servers differ in what they do of the lifespan protocol (Daphne: nothing), and none of those that use this closes its
WebSockets with a word when it is told to end.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import sys
import traceback

from .asgi import Front
from .bounds import CANCEL, FORCE
from .entrypoint import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from .asgi import App, Message, Receive, Scope, Send

SERVICE_RESTART = 1012  # what a WebSocket is closed with (IANA's registry of close codes)


def new_loop() -> asyncio.AbstractEventLoop:
    """The event loop to run in: uvloop's, if the venv has it."""
    if importlib.util.find_spec("uvloop") is None:
        return asyncio.new_event_loop()
    uvloop: Any = importlib.import_module("uvloop")
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def run(main: Coroutine[Any, Any, int]) -> int:
    """Like asyncio.run(), in the best loop that there is (its own loop_factory came with Python 3.12)."""
    loop = new_loop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main)
    finally:
        loop.run_until_complete(end_tasks())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def end_tasks() -> None:
    """Cancel whatever still runs in this loop, as asyncio.run() does."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class Lifecycle:
    """The application that a server is given: started before it serves, ended when it serves no more."""

    def __init__(self) -> None:
        self._calls: set[asyncio.Task[Any]] = set()
        self._sockets: dict[asyncio.Task[Any], Send] = {}  # open WebSockets

    async def start(self, entrypoint: str) -> bool:
        """Load and start the application. False where it refuses to start; it has said why.

        Within the loop that will run it: an application may want that while it is imported.
        """
        app: App = load(entrypoint)
        self._lifespan = Lifespan(app)
        self._app = Front(app)
        return await self._lifespan.startup()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one WebSocket, or the server's own idea of a lifespan."""
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
            return
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("an ASGI server calls the application in a task")
        scope["state"] = self._lifespan.state.copy()
        self._calls.add(task)
        try:
            websocket = scope["type"] == "websocket"
            await self._app(scope, receive, self._noting(task, send) if websocket else send)
        finally:
            self._calls.discard(task)
            self._sockets.pop(task, None)

    def _noting(self, task: asyncio.Task[Any], send: Send) -> Send:
        """``send`` of a WebSocket, which notes whether it is open."""

        async def noting(message: Message) -> None:
            if message["type"] == "websocket.close":
                self._sockets.pop(task, None)
            await send(message)
            if message["type"] == "websocket.accept":
                self._sockets[task] = send

        return noting

    async def leave(self) -> None:
        """Close all WebSockets, let requests finish or cancel them; back when nothing runs, or after FORCE."""
        sockets = list(self._sockets.values())
        self._sockets.clear()
        await asyncio.gather(*map(_say_restart, sockets), return_exceptions=True)
        if self._calls:
            await asyncio.wait(self._calls, timeout=CANCEL)
        for task in self._calls:
            task.cancel()
        if self._calls:
            await asyncio.wait(self._calls, timeout=FORCE - CANCEL)

    async def end(self) -> None:
        """What the application does last (lifespan.shutdown)."""
        await self._lifespan.shutdown()


async def _say_restart(send: Send) -> None:
    await send({"type": "websocket.close", "code": SERVICE_RESTART, "reason": ""})


class Lifespan:
    """The lifespan protocol, seen from the server: https://asgi.readthedocs.io/en/latest/specs/lifespan.html"""

    def __init__(self, app: App) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self._said = ""  # the last message of the application

    async def startup(self) -> bool:
        """False where the application refuses to start. One that raises does not know the protocol, as it may."""
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        self._task = asyncio.ensure_future(self._live(scope))
        return await self._exchange("startup")

    async def _live(self, scope: Scope) -> None:
        """The application's part. One that is no coroutine function may raise as soon as it is called."""
        await self._app(scope, self._messages.get, self._answers.put)

    async def shutdown(self) -> None:
        """Where the application came up."""
        if self._said.endswith(".startup.complete"):
            await self._exchange("shutdown")

    async def _exchange(self, what: str) -> bool:
        """Say one thing and wait for the answer, or for the application's end; False where it says that it failed."""
        if self._task is None:
            raise RuntimeError("a lifespan begins with its startup")
        await self._messages.put({"type": f"lifespan.{what}"})
        answer = asyncio.ensure_future(self._answers.get())
        await asyncio.wait((answer, self._task), return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            # What it said as its last word before it returned or raised.
            await asyncio.sleep(0)
        if not answer.done():
            answer.cancel()
            self._tell_end(what)
            return True
        message = answer.result()
        self._said = message["type"]
        if message["type"] == f"lifespan.{what}.failed":
            sys.stderr.write(f"{message.get('message') or f'the application refused its {what}'}\n")
            return False
        return True

    def _tell_end(self, what: str) -> None:
        """What it raises at its startup says that it knows no lifespan; later it is a fault."""
        if self._task is None or self._task.cancelled():
            return
        error = self._task.exception()
        if error is not None and what != "startup":
            traceback.print_exception(type(error), error, error.__traceback__)


async def answer_lifespan(receive: Receive, send: Send) -> None:
    """Agree to whatever a server does of the lifespan by itself: it has been done, or will be."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
