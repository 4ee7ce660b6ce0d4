# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding out, from the files of a source, what a server has to call."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.hostel.python.plugins.module_utils._discover.discover import discover
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._spec.app import App
from ansible_collections.hostel.python.plugins.module_utils._spec.hooks import Hook
from ansible_collections.hostel.python.plugins.module_utils._spec.source import Source
from ansible_collections.hostel.python.plugins.module_utils._spec.url import Url
from ansible_collections.hostel.python.tests.unit.discover.files import Files

APP = App(name="blog", tenant="alice", urls=(), python="3.13", source=Source("local", "blog"))

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
FASTAPI = "import fastapi\napp = fastapi.FastAPI()\n"
MANAGE = 'import os\ndef main():\n    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
DJANGO_WSGI = "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n"
DJANGO_ASGI = "from django.core.asgi import get_asgi_application\napplication = get_asgi_application()\n"
DJANGO = {
    "manage.py": MANAGE,
    "shop/__init__.py": "",
    "shop/settings.py": "INSTALLED_APPS = ['django.contrib.admin']\nWSGI_APPLICATION = 'shop.wsgi.application'\n",
    "shop/wsgi.py": DJANGO_WSGI,
    "shop/asgi.py": DJANGO_ASGI,
}


FOUND = {
    "passenger": (
        {"passenger_wsgi.py": "def application(environ, start_response):\n    pass\n"},
        "wsgi",
        "passenger_wsgi:application",
    ),
    "passenger imports": (
        {"passenger_wsgi.py": "from shop.wsgi import application\n", **DJANGO},
        "wsgi",
        "passenger_wsgi:application",
    ),
    "renamed import": (
        {"passenger_wsgi.py": "from site1 import app as application\n", "site1.py": FLASK},
        "wsgi",
        "passenger_wsgi:application",
    ),
    "passenger imports what is not in the source": (
        {"passenger_wsgi.py": "from radicale import application\n"},
        "wsgi",
        "passenger_wsgi:application",
    ),
    "a startup file wraps what is not known": (
        {"asgi.py": "from shop.main import app\napplication = Wrapped(app)\n", "shop/main.py": FASTAPI},
        "asgi",
        "asgi:application",
    ),
    "a startup file that binds another name": (
        {"passenger_wsgi.py": "import shop\nother = shop.app\n", "app.py": FLASK},
        "wsgi",
        "app:app",
    ),
    "an ASGI app in Passenger's file is none of WSGI": (
        {"passenger_wsgi.py": "from main import app as application\n", "main.py": FASTAPI},
        "asgi",
        "passenger_wsgi:application",
    ),
    "a script of mod_wsgi's": (
        {"index.wsgi": "import sys\nsys.path.insert(0, '.')\nfrom shop.web import make\napplication = make()\n"},
        "wsgi",
        "index.wsgi:application",
    ),
    "a script with Flask": ({"shop.wsgi": FLASK}, "wsgi", "shop.wsgi:app"),
    "flask": ({"app.py": FLASK}, "wsgi", "app:app"),
    "flask factory": (
        {"app.py": "import flask\ndef create_app(config=None):\n    app = flask.Flask('x')\n    return app\n"},
        "wsgi",
        "app:create_app()",
    ),
    "factory called": (
        {
            "wsgi.py": "from shop import create_app\napp = create_app()\n",
            "shop/__init__.py": FLASK.replace("app =", "def create_app():\n    return"),
        },
        "wsgi",
        "wsgi:app",
    ),
    "fastapi": ({"main.py": FASTAPI}, "asgi", "main:app"),
    "annotated": ({"main.py": "from fastapi import FastAPI\napp: FastAPI = FastAPI()\n"}, "asgi", "main:app"),
    "other name": ({"main.py": FASTAPI.replace("app =", "api =")}, "asgi", "main:api"),
    "starlette": (
        {"main.py": "from starlette.applications import Starlette as S\napp = S(debug=True)\n"},
        "asgi",
        "main:app",
    ),
    "litestar": ({"app.py": "from litestar import Litestar\napp = Litestar([])\n"}, "asgi", "app:app"),
    "quart": ({"app.py": "from quart import Quart\napp = Quart(__name__)\n"}, "asgi", "app:app"),
    "bottle": ({"app.py": "import bottle\napplication = bottle.default_app()\n"}, "wsgi", "app:application"),
    "pyramid": (
        {"app.py": "from pyramid.config import Configurator\nwith Configurator() as c:\n    app = c.make_wsgi_app()\n"},
        "wsgi",
        "app:app",
    ),
    "falcon": ({"app.py": "import falcon\napp = falcon.App()\n"}, "wsgi", "app:app"),
    "falcon asgi": ({"app.py": "import falcon.asgi\napp = falcon.asgi.App()\n"}, "asgi", "app:app"),
    "datasette": (
        {"asgi.py": "from datasette.app import Datasette\napp = Datasette(['a.db']).app()\n"},
        "asgi",
        "asgi:app",
    ),
    "datasette in steps": (
        {"app.py": "from datasette.app import Datasette\nds = Datasette([])\napp = ds.app()\n"},
        "asgi",
        "app:app",
    ),
    "dash": ({"app.py": "from dash import Dash\napp = Dash()\nserver = app.server\n"}, "wsgi", "app:server"),
    "plain asgi": ({"app.py": "async def app(scope, receive, send):\n    pass\n"}, "asgi", "app:app"),
    "asgi class": (
        {"app.py": "class A:\n    async def __call__(self, scope, receive, send): ...\napp = A()\n"},
        "asgi",
        "app:app",
    ),
    "wsgi class": (
        {"app.py": "class A:\n    def __call__(self, environ, start_response): ...\napp = A()\n"},
        "wsgi",
        "app:app",
    ),
    "middleware": ({"app.py": FASTAPI + "from x import Wrap\napp = Wrap(app, 1)\n"}, "asgi", "app:app"),
    "wrapped flask": (
        {"app.py": FLASK + "from asgiref.wsgi import WsgiToAsgi\napp = WsgiToAsgi(app)\n"},
        "asgi",
        "app:app",
    ),
    "nicegui": ({"main.py": FASTAPI + "from nicegui import ui\nui.run_with(app)\n"}, "asgi", "main:app"),
    "importer wins": ({"app.py": FLASK, "main.py": "from app import app\napp.route('/')\n"}, "wsgi", "main:app"),
    "package": ({"shop/__init__.py": "", "shop/main.py": FASTAPI}, "asgi", "shop.main:app"),
    "relative import": (
        {"shop/__init__.py": FLASK, "shop/wsgi.py": "from . import app as application\n"},
        "wsgi",
        "shop.wsgi:application",
    ),
    "not a module name": ({"my-site.py": FLASK}, "wsgi", "my-site.py:app"),
    "any file": ({"setup.py": "x=1\n", "hello.py": FASTAPI}, "asgi", "hello:app"),
    "try": (
        {"app.py": "try:\n    from fastapi import FastAPI\nexcept ImportError:\n    raise\napp = FastAPI()\n"},
        "asgi",
        "app:app",
    ),
    "newer syntax": ({"app.py": "match x:\n    case 1 if if:\n        pass\n" + FASTAPI}, "asgi", "app:app"),
    "django": (DJANGO, "wsgi", "shop.wsgi:application"),
    "django with channels": (
        {**DJANGO, "shop/settings.py": "INSTALLED_APPS = [\n  'channels',\n]\n"},
        "asgi",
        "shop.asgi:application",
    ),
    "django, asgi set up": (
        {**DJANGO, "shop/settings.py": "", "shop/settings/base.py": "ASGI_APPLICATION = 'shop.asgi.application'\n"},
        "asgi",
        "shop.asgi:application",
    ),
    "wagtail": (
        {name: text for name, text in DJANGO.items() if name != "shop/asgi.py"},
        "wsgi",
        "shop.wsgi:application",
    ),
    "link beside": ({"passenger_wsgi.py": None, "app.py": FLASK}, "wsgi", "app:app"),
}


@pytest.mark.parametrize("case", FOUND)
def test_what_is_found(case: str) -> None:
    files, interface, entrypoint = FOUND[case]
    found = discover(APP, Files(files))
    assert (found.interface, found.entrypoint) == (interface, entrypoint)
    assert entrypoint in found.why


GIVEN = {
    "module": ("app:app", {"app.py": FASTAPI}, "asgi"),
    "factory": (
        "shop:create_app()",
        {"shop/__init__.py": "from flask import Flask\ndef create_app():\n    return Flask('')\n"},
        "wsgi",
    ),
    "path": ("sub/my-app.py:app", {"sub/my-app.py": FLASK}, "wsgi"),
    "deep": ("a.b.c:app", {"a/b/c.py": FASTAPI}, "asgi"),
    "named after what it is": ("lib.wsgi:application", {}, "wsgi"),
}


@pytest.mark.parametrize("case", GIVEN)
def test_interface_of_a_given_entrypoint(case: str) -> None:
    entrypoint, files, interface = GIVEN[case]
    found = discover(replace(APP, entrypoint=entrypoint), Files(files))
    assert (found.interface, found.entrypoint) == (interface, entrypoint)


def test_asked_interface_decides() -> None:
    assert discover(replace(APP, interface="asgi"), Files(DJANGO)).entrypoint == "shop.asgi:application"
    assert discover(replace(APP, server="uvicorn"), Files(DJANGO)).entrypoint == "shop.asgi:application"
    assert discover(replace(APP, server="passenger"), Files(DJANGO)).entrypoint == "shop.wsgi:application"
    assert discover(replace(APP, entrypoint="x.y:z", server="uvicorn"), Files({})).interface == "asgi"


WRONG = {
    "nothing": (APP, {"readme.txt": ""}, ["entrypoint", "passenger_wsgi.py", "readme.txt"]),
    "empty": (APP, {}, ["holds no file"]),
    "two files": (APP, {"app.py": FLASK, "main.py": FASTAPI}, ["app:app", "main:app", "2 applications"]),
    "two in one": (APP, {"app.py": FASTAPI.replace("app =", "a =") + "b = fastapi.FastAPI()\n"}, ["a, b"]),
    "other interface": (
        replace(APP, server="passenger"),
        {"main.py": FASTAPI},
        ["server: passenger", "WSGI", "main:app"],
    ),
    "given, other": (replace(APP, server="uvicorn", entrypoint="app:app"), {"app.py": FLASK}, ["'app:app'", "ASGI"]),
    "given, unknown": (replace(APP, entrypoint="pkg.cli:serve"), {}, ["'pkg.cli:serve'", "interface: wsgi"]),
    "no such script": (replace(APP, server="cgi", entrypoint="b/"), {"a.pl": ""}, ["'b/'", "no such file or folder"]),
    "folder of scripts": (replace(APP, server="cgi", entrypoint="b"), {"b/a.pl": ""}, ["'b'", "write 'b/'"]),
    "main guard": (
        APP,
        {"app.py": "import flask\nif __name__ == '__main__':\n    app = flask.Flask('')\n"},
        ["none was found"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_refused(case: str) -> None:
    app, files, words = WRONG[case]
    with pytest.raises(SpecError) as error:
        discover(app, Files(files))
    for word in ("app blog: entrypoint:", *words):
        assert word in str(error.value)


@pytest.mark.parametrize(
    "source",
    ["a" + "+a" * 100_000, "not " * 50_000 + "a", "(" * 5000, "a" + ".b" * 100_000, "app = \0", "x" * 10 + "\n" * 1000],
)
def test_hostile_files_are_passed_over(source: str) -> None:
    assert discover(APP, Files({"passenger_wsgi.py": source, "app.py": FLASK})).entrypoint == "app:app"


def test_import_circles_end() -> None:
    files = {"app.py": "from main import app\n", "main.py": "from app import app\n"}
    with pytest.raises(SpecError):
        discover(APP, Files(files))


REQUIREMENTS = {
    "file": ({"requirements.txt": "", "pyproject.toml": "[project]\n"}, "requirements.txt"),
    "lock": ({"uv.lock": "", "pyproject.toml": "[project]\n"}, "uv.lock"),
    "project": ({"pyproject.toml": "[build-system]\n[ project ]\nname='x'\n"}, "pyproject.toml"),
    "tools only": ({"pyproject.toml": "[tool.ruff]\n"}, None),
    "none": ({}, None),
}


@pytest.mark.parametrize("case", REQUIREMENTS)
def test_requirements_file(case: str) -> None:
    files, expected = REQUIREMENTS[case]
    assert discover(APP, Files({"app.py": FLASK, **files})).requirements_file == expected


def test_given_requirements_win() -> None:
    files = Files({"app.py": FLASK, "requirements.txt": ""})
    assert discover(replace(APP, requirements=("flask",)), files).requirements_file is None
    assert discover(replace(APP, requirements_file="deep/r.txt"), files).requirements_file == "deep/r.txt"
    package = replace(APP, source=Source("package", "moin"), entrypoint="app:app")
    assert discover(package, files).requirements_file is None


def test_a_command_below_a_prefix_is_told_of_its_paths():
    urls = tuple(Url("blog.example.org", prefix) for prefix in ("", "/b", "/a"))
    served = replace(APP, urls=urls, server="command", command=Hook(("serve",)))
    told = "its command serves it, as asked for; it gets paths with /a, /b in front"
    assert discover(served, Files({})).why.startswith(told)
    assert "in front" not in discover(replace(served, urls=urls[:1]), Files({})).why
