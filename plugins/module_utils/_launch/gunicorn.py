# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""gunicorn, with three things that it has not: systemd is told when a worker has loaded the application, not when the
parent is there; a traceback begins with the application's own lines; threads that no client waits for don't hold up
those who come after.

Exit codes: 0 asked to end, 3 the application could not be loaded or refused to start (lifespan).
"""

from __future__ import annotations

import importlib
import os
import select

from .bounds import FORCE, KEEP_ALIVE, STARTUP_FAILED
from .entrypoint import load, report
from .systemd import inherited_socket, notifier
from .wsgi import Front

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

# What a worker ends with so that the parent ends too, and all other workers with it (Arbiter.WORKER_BOOT_ERROR).
BOOT_FAILED = STARTUP_FAILED

# Enough that some slow requests don't hold up the others; they are started when they are needed. Each may hold a
# connection to a database.
THREADS = 4
# Seconds for a worker to say that it lives: loading the application counts, and so does an event loop that is blocked.
HEARTBEAT = 60
# What the parent gives its workers beyond what they take themselves, before it kills them.
MARGIN = 4
# All threads work for clients that have gone: the front gave up, and nothing can be answered. After so many seconds
# the worker is replaced.
DESERTED = 10
# What the front lets through is taken: 8 buffers of 32k (large_client_header_buffers). 0 is for unlimited.
LONGEST_LINE, MOST_FIELDS, LONGEST_FIELD = 0, 32768, 65536

if TYPE_CHECKING:

    class Worker:
        """What is relied on of gunicorn.workers.base.Worker and of its thread worker; every version since 20 has it."""

        log: Any
        cfg: Any
        app: Any

        def __init__(self, *given: Any) -> None: ...
        def init_process(self) -> None: ...
        def notify(self) -> None: ...
        def handle_request(self, req: Any, conn: Any) -> Any: ...

    class Base:
        """What is relied on of gunicorn.app.base.BaseApplication."""

        cfg: Any

        def run(self) -> None: ...

else:
    Worker = Base = object


class Telling(Worker):
    """Goes before a class of gunicorn's workers: says when it is ready. They give their first sign of life in their
    main loop, when the application is loaded, its lifespan has begun, and the socket is accepted from."""

    ready: Callable[[], None]
    told = False
    # Seconds for what runs when the process is told to end: it has had its time (ExecStop=).
    grace = int(FORCE)

    def init_process(self) -> None:
        # The parent goes by the same setting, in a process of its own; it must not be faster.
        self.cfg.set("graceful_timeout", self.grace)
        super().init_process()

    def notify(self) -> None:
        super().notify()
        if not self.told:
            self.told = True
            self.ready()


class Threaded(Telling):
    """Goes before gunicorn's thread worker, which goes on to say that it lives when all its threads hang."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.served: dict[Any, None] = {}
        self.deserted = 0

    def handle_request(self, req: Any, conn: Any) -> Any:
        self.served[conn] = None
        try:
            return super().handle_request(req, conn)
        finally:
            del self.served[conn]

    def notify(self) -> None:
        """Called once a second."""
        super().notify()
        served = tuple(self.served)
        if len(served) < self.cfg.threads or not all(gone(conn.sock.fileno()) for conn in served):
            self.deserted = 0
            return
        self.deserted += 1
        if self.deserted >= DESERTED:
            self.log.error("All %d threads work for clients that have gone; this is where:", len(served))
            importlib.import_module("faulthandler").dump_traceback()
            os._exit(1)


def gone(descriptor: int) -> bool:
    """Whether the other end has closed its side of a connection."""
    if descriptor < 0:
        return True
    asking = select.poll()
    asking.register(descriptor, select.POLLRDHUP)
    return bool(asking.poll(0))


class Served(Base):
    """Goes before gunicorn's BaseApplication: no configuration is read but our own."""

    entrypoint: str
    settings: dict[str, Any]

    def load_config(self) -> None:
        for name, value in self.settings.items():
            # Other versions have other settings, and do without what they don't know.
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Front:
        try:
            return Front(load(self.entrypoint))
        except Exception as error:  # noqa: BLE001 - whatever the application raises: it cannot be served
            report(type(error), error, error.__traceback__)
            raise SystemExit(BOOT_FAILED) from None


def worker_class(interface: str, ready: Callable[[], None]) -> type:
    """The class of gunicorn's that speaks ``interface``, which calls ``ready``."""
    if interface == "wsgi":
        base: Any = importlib.import_module("gunicorn.workers.gthread").ThreadWorker
        return type("Worker", (Threaded, base), {"ready": staticmethod(ready)})
    try:
        base = importlib.import_module("gunicorn.workers.gasgi").ASGIWorker
    except ModuleNotFoundError:
        version = importlib.import_module("gunicorn").__version__
        raise SystemExit(
            f"hostel: gunicorn {version} runs no asgi; ask for gunicorn>=25 in the requirements, or use server: uvicorn"
        ) from None
    own = importlib.import_module(".gunicorn_asgi", __package__).Asynchronous
    return type("Worker", (own, base), {"ready": staticmethod(ready)})


def settings(options: Mapping[str, str], worker: str) -> dict[str, Any]:
    """gunicorn's settings by name (https://docs.gunicorn.org/en/stable/settings.html)."""
    return {
        "worker_class": worker,
        "workers": int(options.get("workers", "1")),
        "threads": int(options.get("threads", THREADS)) if options["interface"] == "wsgi" else 1,
        "timeout": max(HEARTBEAT, int(float(options["start-timeout"]) + 1)),
        "graceful_timeout": int(FORCE) + MARGIN,
        "keepalive": KEEP_ALIVE,
        "limit_request_line": LONGEST_LINE,
        "limit_request_fields": MOST_FIELDS,
        "limit_request_field_size": LONGEST_FIELD,
        # Where the sign of life is given: no disk must be waited for.
        "worker_tmp_dir": os.environ.get("RUNTIME_DIRECTORY"),
        "control_socket_disable": True,
        # What the front says is understood by the Front alone.
        "secure_scheme_headers": {},
        "forwarder_headers": "",
    }


def serve(options: Mapping[str, str]) -> int:
    """Serve ``entrypoint`` by ``interface`` with ``workers`` processes (1) of ``threads`` each until SIGTERM.

    ``start-timeout``: seconds that the application may take to load.
    """
    # gunicorn takes the socket itself. Where there is none it would open a port.
    inherited_socket(dict(os.environ))
    notify = notifier(os.environ)
    base: Any = importlib.import_module("gunicorn.app.base").BaseApplication
    application: Any = type("Application", (Served, base), {})
    application.entrypoint = options["entrypoint"]
    # Up to 22 a class of workers can be asked for by its name alone.
    globals()["Chosen"] = worker_class(options["interface"], lambda: notify("READY=1"))
    application.settings = settings(options, f"{__name__}.Chosen")
    application().run()
    return 0
