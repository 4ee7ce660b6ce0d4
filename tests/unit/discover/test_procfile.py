# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a Procfile's line is taken over, and that the operator is told of the rest."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.hostel.python.plugins.module_utils._discover.discover import Found, discover
from ansible_collections.hostel.python.plugins.module_utils._discover.procfile import Web
from ansible_collections.hostel.python.plugins.module_utils._spec.app import App
from ansible_collections.hostel.python.plugins.module_utils._spec.source import Source
from ansible_collections.hostel.python.tests.unit.discover.files import Files

APP = App(
    name="shop",
    tenant="alice",
    urls=(),
    python="3.13",
    source=Source("local", "shop"),
    requirements=("flask",),
)
FLASK = "from flask import Flask\napp = Flask('x')\n"
FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
REST = "not taken over from that line: "


def found(line: str, files: dict[str, str] | None = None, **asked: Any) -> Found:
    given = {"app.py": FLASK} if files is None else files
    return discover(replace(APP, **asked), Files({**given, "Procfile": f"web: {line}\n"}))


# line → workers, threads
NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "gunicorn app:app": (None, None),
    "gunicorn -w 3 app:app": (3, None),
    "gunicorn -w3 app:app": (3, None),
    "gunicorn app:app --workers 64 --threads=256": (64, 256),
    "gunicorn --workers=2 --threads 100 app:app": (2, 100),
    "gunicorn -w 2 app:app -w 5": (5, None),
    "python -m gunicorn -w 3 app:app": (3, None),
    "python3 -m gunicorn -w 3 app:app": (3, None),
    "waitress-serve --threads=8 --port=$PORT app:app": (None, 8),
    "granian --interface wsgi --workers 2 app:app": (2, None),
}


@pytest.mark.parametrize("line", NUMBERS)
def test_workers_and_threads_are_taken_over(line: str) -> None:
    one = found(line)
    assert (one.entrypoint, one.interface, (one.workers, one.threads)) == ("app:app", "wsgi", NUMBERS[line])
    told = [f"{key}: {value}" for key, value in zip(("workers", "threads"), NUMBERS[line]) if value]
    assert one.why.endswith(f"; {' and '.join(told)} by that line" if told else "found in Procfile")


@pytest.mark.parametrize(
    "line", ["uvicorn app:app --workers 3", "hypercorn -w 3 app:app", "granian --workers=3 app:app"]
)
def test_workers_of_asgi_are_taken_over(line: str) -> None:
    assert found(line, {"app.py": FASTAPI}).workers == 3


# Options → what is told.
DROPPED = {
    "-w 65": "-w 65",
    "-w 0": "-w 0",
    "-w $WEB_CONCURRENCY": "-w $WEB_CONCURRENCY",
    "--threads 257": "--threads 257",
    "--threads=many": "--threads many",
    "-k gevent": "-k gevent",
    "-k eventlet --timeout 120": "-k eventlet, --timeout 120",
    "--worker-class=geventwebsocket.gunicorn.workers.GeventWebSocketWorker": (
        "--worker-class geventwebsocket.gunicorn.workers.GeventWebSocketWorker"
    ),
    "-c gunicorn.conf.py": "-c gunicorn.conf.py",
    "--preload": "--preload",
    "-t 90 --max-requests=1000": "-t 90, --max-requests 1000",
}


@pytest.mark.parametrize("options", DROPPED)
def test_what_is_not_taken_over_is_told(options: str) -> None:
    one = found(f"gunicorn {options} app:app")
    assert (one.entrypoint, one.interface, one.workers, one.threads) == ("app:app", "wsgi", None, None)
    assert one.why.endswith(f"; {REST}{DROPPED[options]}")


@pytest.mark.parametrize(
    "line",
    [
        "gunicorn --bind 0.0.0.0:$PORT -k gthread --log-file - --access-logfile=- app:app",
        "gunicorn --worker-class=sync -b :8000 --worker-tmp-dir /dev/shm app:app",
        "gunicorn app:app -k uvicorn.workers.UvicornWorker",
        "gunicorn app:app -k uvicorn_worker.UvicornH11Worker",
        "waitress-serve --listen=*:$PORT app:app",
        "uvicorn app:app --host 0.0.0.0 --port ${PORT:-8000} --proxy-headers",
    ],
)
def test_where_it_listens_and_logs_is_nobodys_concern(line: str) -> None:
    assert found(line).why.endswith("found in Procfile")


def test_the_inventory_wins_and_its_server_takes_what_it_understands() -> None:
    line = "gunicorn -w 3 --threads 100 app:app"
    assert (found(line, threads=8).workers, found(line, threads=8).threads) == (3, 8)
    passenger = found(line, server="passenger")
    assert (passenger.server, passenger.workers, passenger.threads) == ("passenger", None, None)
    assert passenger.why.endswith(f"{REST}workers 3, threads 100")
    granian = found(line, server="granian")
    assert (granian.workers, granian.threads) == (3, 100)


def test_the_authors_table_wins() -> None:
    files = {"app.py": FLASK, "pyproject.toml": "[tool.hostel]\nworkers = 2\n"}
    assert found("gunicorn -w 3 app:app", files).workers == 2


def test_threads_are_not_for_asgi() -> None:
    one = found("gunicorn -k uvicorn.workers.UvicornWorker --threads 4 app:app", {"app.py": FASTAPI})
    assert (one.interface, one.threads) == ("asgi", None)
    assert one.why.endswith(f"{REST}threads 4")


def test_a_factory_is_called() -> None:
    files = {"shop.py": "from flask import Flask\ndef create_app():\n    return Flask('')\n"}
    assert found("waitress-serve --call --port=$PORT shop:create_app", files).entrypoint == "shop:create_app()"


BACKEND = {"backend/app.py": FLASK}
# Lines that are not followed, and why.
OTHERWISE = {
    "cd backend && gunicorn app:app": "it is more than one command",
    "gunicorn app:app | tee log": "it is more than one command",
    "gunicorn 'app:app": "its quotes are not closed",
    "gunicorn --chdir backend app:app": "with --chdir it imports from another folder",
    "gunicorn --chdir=backend app:app": "with --chdir it imports from another folder",
    "uvicorn --app-dir backend app:app": "with --app-dir it imports from another folder",
    "FLASK_ENV=production gunicorn backend.app:app": "it sets variables, which belong into env",
    "gunicorn -k aiohttp.GunicornWebWorker backend.app:app": "workers of the class aiohttp.GunicornWebWorker",
    "gunicorn --paste production.ini": "what gunicorn is to call can't be told",
    "python backend/app.py": "it starts a program that calls no application",
}


@pytest.mark.parametrize("line", OTHERWISE)
def test_a_line_that_is_not_followed_is_told_of(line: str) -> None:
    one = found(line, BACKEND)
    assert (one.entrypoint, one.workers) == ("backend.app:app", None)
    assert "; the line web: of Procfile is not followed: " in one.why
    assert OTHERWISE[line] in one.why


def test_a_line_that_something_else_comes_before_is_told_of() -> None:
    files = {"passenger_wsgi.py": FLASK.replace("app =", "application ="), "app.py": FLASK}
    one = found("gunicorn -w 3 app:app", files)
    assert (one.entrypoint, one.workers) == ("passenger_wsgi:application", None)
    assert one.why.endswith("; the line web: of Procfile is not followed: it starts app:app (wsgi)")


def test_without_a_line_nothing_is_told() -> None:
    one = discover(APP, Files({"app.py": FLASK, "Procfile": "worker: celery -A app worker\n"}))
    assert "Procfile" not in one.why


def test_an_entry_point_that_was_given_makes_the_line_no_matter() -> None:
    one = found("gunicorn -w 3 app:app", entrypoint="app:app")
    assert (one.workers, "Procfile" in one.why) == (None, False)


@pytest.mark.parametrize("line", ["cd / && pwd", "A=/ && echo $A", "HOME=/ env | grep -x HOME=/", "echo /"])
def test_any_line_is_a_command_of_the_shell(line: str) -> None:
    shell, *rest = Web(line).command
    ran = subprocess.run([shutil.which(shell) or shell, *rest], capture_output=True, text=True, check=True, timeout=10)
    assert "/" in ran.stdout


def test_a_single_program_takes_the_shells_place() -> None:
    assert Web("./serve --port $PORT").command == ("/bin/sh", "-c", "exec ./serve --port $PORT")
