# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What gunicorn's ASGI worker does not do: see Asynchronous."""

from __future__ import annotations

from .entrypoint import report
from .gunicorn import BOOT_FAILED, Telling
from .lifecycle import Lifecycle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    class Worker(Telling):
        """What is relied on of gunicorn.workers.gasgi.ASGIWorker; every version since 25 has it."""

        servers: list[Any]

        async def _serve(self) -> None: ...
        async def _shutdown(self) -> None: ...

else:
    Worker = Telling


class Asynchronous(Worker):
    """Goes before gunicorn's ASGI worker, which loads the application before there is a loop, and closes WebSockets
    without a word."""

    # Connections without a request, when Lifecycle has ended all that had one.
    grace = 1

    def load_wsgi(self) -> None:
        self.asgi = Lifecycle()

    async def _serve(self) -> None:
        try:
            started = await self.asgi.start(self.app.entrypoint)
        except Exception as error:  # noqa: BLE001 - whatever the application raises: it cannot be served
            report(type(error), error, error.__traceback__)
            started = False
        if not started:
            raise SystemExit(BOOT_FAILED)
        await super()._serve()

    async def _shutdown(self) -> None:
        for server in self.servers:
            server.close()
        await self.asgi.leave()
        await super()._shutdown()
        await self.asgi.end()
