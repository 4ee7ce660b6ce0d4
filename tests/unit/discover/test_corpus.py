# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources as people upload them, and what is found in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from ansible_collections.hostel.python.plugins.module_utils._discover import module
from ansible_collections.hostel.python.plugins.module_utils._discover.discover import discover
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._spec.app import App
from ansible_collections.hostel.python.plugins.module_utils._spec.hooks import Hook
from ansible_collections.hostel.python.plugins.module_utils._spec.source import Source
from ansible_collections.hostel.python.plugins.module_utils._spec.url import Url
from ansible_collections.hostel.python.tests.unit.discover.files import Files

APP = App(name="blog", tenant="alice", urls=(Url("blog.example.org"),), python="3.13", source=Source("local", "blog"))

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
FACTORY = "from flask import Flask\ndef create_app(config=None):\n    app = Flask(__name__)\n    return app\n"
MAIN = "if __name__ == '__main__':\n"


def django(package: str = "shop", below: str = "", settings: str = "") -> dict[str, str]:
    """What ``django-admin startproject`` writes."""
    call = "import os\nfrom django.core.{0} import get_{0}_application\n"
    call += f"os.environ.setdefault('DJANGO_SETTINGS_MODULE', '{package}.settings')\n"
    call += "application = get_{0}_application()\n"
    return {
        f"{below}manage.py": "#!/usr/bin/env python\nimport os\ndef main():\n"
        f"    os.environ.setdefault('DJANGO_SETTINGS_MODULE', '{package}.settings')\n",
        f"{below}{package}/__init__.py": "",
        f"{below}{package}/settings.py": f"WSGI_APPLICATION = '{package}.wsgi.application'\n{settings}",
        f"{below}{package}/urls.py": "urlpatterns = []\n",
        f"{below}{package}/wsgi.py": call.format("wsgi"),
        f"{below}{package}/asgi.py": call.format("asgi"),
    }


@dataclass(frozen=True)
class Case:
    """files → what is found: "interface entrypoint", or "http" and words of the command; why: words of the sentence;
    asked: keys of the inventory; also: further attributes of what is found."""

    files: Mapping[str, str | None]
    found: str
    why: tuple[str, ...] = ()
    asked: Mapping[str, Any] = field(default_factory=dict)
    also: Mapping[str, Any] = field(default_factory=dict)


CASES = {
    # The startup file of a hosting panel.
    "panel's own file": Case(
        {
            "passenger_wsgi.py": "import sys, os\nsys.path.insert(0, os.path.dirname(__file__))\n"
            "from app import app as application\n",
            "app.py": FLASK,
        },
        "wsgi passenger_wsgi:application",
        ("passenger_wsgi.py",),
    ),
    "panel's file as cPanel writes it": Case(
        {
            "passenger_wsgi.py": "import imp\nimport os\nwsgi = imp.load_source('wsgi', 'blog/wsgi.py')\n"
            "application = wsgi.application\n",
            "app.py": FLASK,
        },
        # There is no imp any more.
        "wsgi app:app",
    ),
    "panel's file as cPanel writes it, for an old Python": Case(
        {
            "passenger_wsgi.py": "import imp\nimport os\nwsgi = imp.load_source('wsgi', 'blog/wsgi.py')\n"
            "application = wsgi.application\n",
            "app.py": FLASK,
        },
        "wsgi passenger_wsgi:application",
        asked={"python": "3.11"},
    ),
    "panel's file as CloudLinux writes it": Case(
        {
            "passenger_wsgi.py": "import importlib.util as iu\nspec = iu.spec_from_file_location('wsgi', 'app.py')\n"
            "wsgi = iu.module_from_spec(spec)\nspec.loader.exec_module(wsgi)\napplication = wsgi.app\n",
            "app.py": FLASK,
        },
        "wsgi passenger_wsgi:application",
    ),
    "panel's file for Django": Case(
        {**django(), "passenger_wsgi.py": "import shop.wsgi\napplication = shop.wsgi.application\n"},
        "wsgi passenger_wsgi:application",
    ),
    "wsgi beside app": Case(
        {"wsgi.py": "from app import app as application\n", "app.py": FLASK}, "wsgi wsgi:application"
    ),
    # Flask
    "two names for one": Case(
        {"app.py": "from flask import Flask\napplication = app = Flask(__name__)\n"}, "wsgi app:app", ("flask.Flask()",)
    ),
    "two names for one, in wsgi.py": Case(
        {"wsgi.py": "from flask import Flask\napplication = app = Flask(__name__)\n"}, "wsgi wsgi:application"
    ),
    "extensions are no applications": Case(
        {
            "site.py": "from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\n"
            "from flask_login import LoginManager\n"
            "web = Flask(__name__)\ndb = SQLAlchemy(web)\nlogin = LoginManager(web)\n",
        },
        "wsgi site:web",
    ),
    "proxy fix": Case(
        {
            "app.py": FLASK
            + "from werkzeug.middleware.proxy_fix import ProxyFix\napp.wsgi_app = ProxyFix(app.wsgi_app)\n"
        },
        "wsgi app:app",
    ),
    "factory with defaults": Case(
        {
            "shop/__init__.py": "from flask import Flask\ndef create_app(config='prod'):\n"
            "    app = Flask(__name__)\n    return app\n"
        },
        "wsgi shop:create_app()",
    ),
    "factory with arguments, called": Case(
        {
            "wsgi.py": "import os\nfrom shop import create_app\napp = create_app(os.environ['STAGE'])\n",
            "shop/__init__.py": "from flask import Flask\ndef create_app(stage):\n    app = Flask(__name__)\n"
            "    return app\n",
        },
        "wsgi wsgi:app",
    ),
    "factory of another name, called": Case(
        {
            "app.py": "from core.web import new\napp = new()\n",
            "core/web.py": "from flask import Flask\ndef new():\n    return Flask('web')\n",
        },
        "wsgi app:app",
    ),
    "factory of a module": Case(
        {
            "app.py": "from core import web\napp = web.create_app()\n",
            "core/web.py": "from flask import Flask\ndef create_app():\n    return Flask('web')\n",
        },
        "wsgi app:app",
    ),
    "application in a package": Case(
        {"app/__init__.py": FLASK + "from app import views\n", "app/views.py": ""}, "wsgi app:app"
    ),
    "package of the core": Case(
        {
            "app/__init__.py": "from .core import app\n",
            "app/core.py": FLASK,
            "run.py": f"from app import app\n{MAIN}    app.run()\n",
        },
        "wsgi app:app",
    ),
    "subclass": Case(
        {"app.py": "from flask import Flask\nclass Shop(Flask):\n    pass\napp = Shop(__name__)\n"}, "wsgi app:app"
    ),
    "guarded development server": Case({"app.py": FLASK + MAIN + "    app.run(debug=True)\n"}, "wsgi app:app"),
    "under a condition": Case(
        {
            "app.py": "import os\nfrom flask import Flask\nif os.environ.get('X'):\n    app = Flask('x')\n"
            "else:\n    app = Flask('y')\n"
        },
        "wsgi app:app",
    ),
    "dash without server": Case({"app.py": "import dash\napp = dash.Dash(__name__)\n"}, "wsgi app:app.server"),
    "dash with server": Case(
        {"app.py": "from dash import Dash\napp = Dash(__name__)\nserver = app.server\n"}, "wsgi app:server"
    ),
    "dash around flask": Case(
        {
            "app.py": "import dash\nfrom flask import Flask\nserver = Flask(__name__)\n"
            f"app = dash.Dash(__name__, server=server)\n{MAIN}    app.run(debug=True)\n"
        },
        "wsgi app:server",
        ("flask.Flask()",),
    ),
    "dash around a flask of another file": Case(
        {
            "app.py": "from dash import Dash\nfrom web import server\napp = Dash(server=server)\n",
            "web.py": FLASK.replace("app =", "server ="),
        },
        "wsgi app:server",
    ),
    "dash around a flask that is made for it": Case(
        {"app.py": "from dash import Dash\nfrom flask import Flask\napp = Dash(server=Flask('x'))\n"},
        "wsgi app:app.server",
    ),
    "dash that comes to a flask later": Case(
        {
            "app.py": "from dash import Dash\nfrom flask import Flask\ndashes = Dash(server=False)\n"
            "server = Flask('x')\ndashes.init_app(server)\n"
        },
        "wsgi app:server",
    ),
    "dash below a prefix": Case(
        {"app.py": "from dash import Dash\napp = Dash(__name__)\nserver = app.server\n"},
        "wsgi app:server",
        ("env: {DASH_REQUESTS_PATHNAME_PREFIX: /data/}",),
        {"urls": (Url("a.example", "/data"),)},
    ),
    "dispatcher": Case(
        {
            "app.py": "from werkzeug.middleware.dispatcher import DispatcherMiddleware\nfrom a import one\n"
            "from b import two\n"
            "application = DispatcherMiddleware(one, {'/b': two})\n",
            "a.py": FLASK.replace("app =", "one ="),
            "b.py": FLASK.replace("app =", "two ="),
        },
        "wsgi app:application",
    ),
    # Other WSGI
    "bottle": Case(
        {"app.py": "from bottle import Bottle, run\napp = Bottle()\n" + MAIN + "    run(app, host='0.0.0.0')\n"},
        "wsgi app:app",
    ),
    "bottle's default": Case(
        {"app.py": "import bottle\n@bottle.route('/')\ndef i(): ...\napp = bottle.default_app()\n"}, "wsgi app:app"
    ),
    "bottle without an object": Case(
        {
            "app.py": "from bottle import route, run, template, default_app\n@route('/hello/<name>')\n"
            f"def index(name):\n    return template('x', name=name)\n{MAIN}    run(host='localhost', port=8080)\n"
        },
        "wsgi app:default_app()",
        ("bottle.default_app()",),
    ),
    "bottle as a module": Case(
        {
            "hello.py": "import bottle\n@bottle.get('/')\ndef i(): ...\n"
            f"{MAIN}    bottle.run(host='localhost', port=8080)\n"
        },
        "wsgi hello:bottle.default_app()",
    ),
    "bottle with an object, routes by the module": Case(
        {
            "app.py": "import bottle\napplication = bottle.default_app()\n@bottle.route('/')\ndef i(): ...\n"
            f"{MAIN}    bottle.run()\n"
        },
        "wsgi app:application",
    ),
    "web.py": Case(
        {
            "code.py": "import web\nurls = ('/(.*)', 'hello')\napp = web.application(urls, globals())\n"
            f"class hello:\n    def GET(self, name): ...\n{MAIN}    app.run()\n"
        },
        "wsgi code:app.wsgifunc()",
        ("web.application()",),
    ),
    "web.py with its function": Case(
        {"code.py": "import web\napp = web.application((), globals())\napplication = app.wsgifunc()\n"},
        "wsgi code:application",
    ),
    "pyramid main": Case(
        {
            "app.py": "from pyramid.config import Configurator\ndef create_app():\n    with Configurator() as config:\n"
            "        return config.make_wsgi_app()\n",
        },
        "wsgi app:create_app()",
    ),
    "pyramid with ini": Case(
        {"wsgi.py": "from pyramid.paster import get_app\napplication = get_app('production.ini', 'main')\n"},
        "wsgi wsgi:application",
    ),
    "falcon": Case({"main.py": "import falcon\napp = application = falcon.App()\n"}, "wsgi main:app"),
    "falcon asgi": Case({"main.py": "from falcon.asgi import App\napp = App()\n"}, "asgi main:app"),
    "falcon asgi by attribute": Case(
        {"main.py": "import falcon\nimport falcon.asgi\napp = falcon.asgi.App()\n"}, "asgi main:app"
    ),
    "plain wsgi": Case(
        {"app.py": "def application(environ, start_response):\n    return []\n"}, "wsgi app:application"
    ),
    # FastAPI and its like
    "folder without __init__": Case(
        {"app/main.py": FASTAPI + "from app.db import x\n", "app/db.py": ""}, "asgi app.main:app"
    ),
    "folder that is its own top": Case(
        {"backend/main.py": FASTAPI + "import db\n", "backend/db.py": ""}, "asgi backend/main.py:app"
    ),
    "src with package": Case(
        {"src/shop/__init__.py": "", "src/shop/main.py": FASTAPI + "from shop.db import x\n", "src/shop/db.py": ""},
        "asgi src/shop/main.py:app",
    ),
    "src with import of itself": Case(
        {"src/shop/__init__.py": FLASK, "src/shop/wsgi.py": "from shop import app as application\n"},
        "wsgi src/shop/wsgi.py:application",
    ),
    "src without package": Case(
        {"src/main.py": FASTAPI + "from routes import r\n", "src/routes.py": ""}, "asgi src/main.py:app"
    ),
    "annotated": Case({"main.py": "from fastapi import FastAPI\napp: FastAPI = FastAPI(title='x')\n"}, "asgi main:app"),
    "mounted": Case(
        {
            "main.py": "from fastapi import FastAPI\nfrom starlette.applications import Starlette\n"
            "from starlette.routing import Mount\n"
            "api = FastAPI()\nsite = Starlette(routes=[Mount('/api', app=api)])\n"
        },
        "asgi main:site",
        ("starlette.applications.Starlette()",),
    ),
    "mounted later": Case(
        {"main.py": "from fastapi import FastAPI\napi = FastAPI()\nweb = FastAPI()\nweb.mount('/api', api)\n"},
        "asgi main:web",
    ),
    "flask within fastapi": Case(
        {
            "main.py": FLASK.replace("app =", "old =")
            + FASTAPI
            + "from a2wsgi import WSGIMiddleware\napp.mount('/', WSGIMiddleware(old))\n"
        },
        "asgi main:app",
    ),
    "socketio around fastapi": Case(
        {"main.py": FASTAPI + "import socketio\nsio = socketio.AsyncServer()\nsio_app = socketio.ASGIApp(sio, app)\n"},
        "asgi main:sio_app",
        ("socketio.ASGIApp()",),
    ),
    "socketio by the same name": Case(
        {
            "main.py": FASTAPI
            + "import socketio\nsio = socketio.AsyncServer()\napp = socketio.ASGIApp(sio, other_asgi_app=app)\n"
        },
        "asgi main:app",
    ),
    "mcp": Case(
        {
            "server.py": "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('Demo', json_response=True)\n"
            f"@mcp.tool()\ndef add(a: int): ...\n{MAIN}    mcp.run(transport='streamable-http')\n"
        },
        "asgi server:mcp.streamable_http_app()",
    ),
    "mcp by the older transport": Case(
        {"server.py": f"from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n{MAIN}    mcp.run('sse')\n"},
        "asgi server:mcp.sse_app()",
    ),
    "mcp with its application": Case(
        {
            "server.py": "from mcp.server.mcpserver import MCPServer\nmcp = MCPServer('Demo')\n"
            f"app = mcp.streamable_http_app()\n{MAIN}    mcp.run(transport='streamable-http')\n"
        },
        "asgi server:app",
    ),
    "mcp 2": Case(
        {
            "server.py": "from mcp.server.mcpserver import MCPServer\nmcp = MCPServer('Demo')\n"
            f"{MAIN}    mcp.run(transport='streamable-http', port=3000)\n"
        },
        "asgi server:mcp.streamable_http_app()",
    ),
    "fastmcp": Case(
        {
            "server.py": "from fastmcp import FastMCP\nmcp = FastMCP('Demo')\n@mcp.tool\ndef add(a: int): ...\n"
            f"{MAIN}    mcp.run(transport='http', host='0.0.0.0', port=8000)\n"
        },
        "asgi server:mcp.http_app()",
    ),
    "mcp within starlette": Case(
        {
            "main.py": "from starlette.applications import Starlette\nfrom starlette.routing import Mount\n"
            "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n"
            f"site = Starlette(routes=[Mount('/', app=mcp.streamable_http_app())])\n"
            f"{MAIN}    mcp.run(transport='streamable-http')\n"
        },
        "asgi main:site",
    ),
    "fasthtml": Case(
        {
            "main.py": "from fasthtml.common import *\napp, rt = fast_app()\n@rt('/')\n"
            "def get(): return Titled('FastHTML')\nserve()\n"
        },
        "asgi main:app",
        ("fasthtml.common.fast_app()",),
    ),
    "fasthtml with a database": Case(
        {
            "main.py": "from fasthtml.common import *\n"
            "app, rt, todos, Todo = fast_app('data/todos.db', id=int, pk='id')\nserve()\n"
        },
        "asgi main:app",
    ),
    "fasthtml by its class": Case(
        {"main.py": "from fasthtml.common import *\napp = FastHTML(hdrs=())\nrt = app.route\nserve()\n"},
        "asgi main:app",
    ),
    "flask by a star": Case({"app.py": "from flask import *\napp = Flask(__name__)\n"}, "wsgi app:app"),
    "socketio around flask": Case(
        {
            "app.py": FLASK
            + "import socketio\nsio = socketio.Server()\napp.wsgi_app = socketio.WSGIApp(sio, app.wsgi_app)\n"
        },
        "wsgi app:app",
    ),
    "wsgi wrapped for asgi": Case(
        {"app.py": FLASK + "from asgiref.wsgi import WsgiToAsgi\nasgi_app = WsgiToAsgi(app)\n"}, "asgi app:asgi_app"
    ),
    "wsgi wrapped for asgi, wsgi asked": Case(
        {"app.py": FLASK + "from asgiref.wsgi import WsgiToAsgi\nasgi_app = WsgiToAsgi(app)\n"},
        "wsgi app:app",
        asked={"interface": "wsgi"},
    ),
    "litestar": Case(
        {
            "app.py": "from litestar import Litestar, get\n@get('/')\nasync def i() -> str: ...\n"
            "app = Litestar(route_handlers=[i])\n"
        },
        "asgi app:app",
    ),
    "quart factory": Case(
        {"app.py": "from quart import Quart\ndef create_app() -> Quart:\n    app = Quart(__name__)\n    return app\n"},
        "asgi app:create_app()",
    ),
    "started by name": Case(
        {
            "main.py": "import uvicorn\n"
            f"{MAIN}    uvicorn.run('web.server:api', host='0.0.0.0', port=8000, reload=True)\n",
            "web/server.py": FASTAPI.replace("app =", "api ="),
            "web/admin.py": FASTAPI,
        },
        "asgi web.server:api",
        ("main.py starts by uvicorn.run()",),
    ),
    "started as a factory": Case(
        {
            "run.py": f"import uvicorn\n{MAIN}    uvicorn.run('web.server:make', factory=True)\n",
            "web/server.py": "from fastapi import FastAPI\ndef make_app():\n    return FastAPI()\nmake = FastAPI()\n",
            "main.py": f"import uvicorn\n{MAIN}    uvicorn.run('web.server:make_app', factory=True)\n",
        },
        "asgi web.server:make_app()",
    ),
    "started by an imported name": Case(
        {
            "main.py": f"from waitress import serve\nfrom web.site import site\n{MAIN}    serve(site, port=8080)\n",
            "web/site.py": FLASK.replace("app =", "site ="),
        },
        "wsgi main:site",
    ),
    "started by a function": Case(
        {
            "main.py": "def main():\n    import waitress\n    from web.site import site\n    waitress.serve(site)\n",
            "web/site.py": FLASK.replace("app =", "site ="),
        },
        "wsgi web.site:site",
    ),
    "fastapi's own program": Case(
        {
            "pyproject.toml": "[project]\nname = 'x'\nversion = '1'\n"
            "[tool.fastapi]\nentrypoint = 'backend.web:api'\n",
            "backend/__init__.py": "",
            "backend/web.py": "from fastapi import FastAPI\napi = FastAPI()\nadmin = FastAPI()\n",
            "main.py": FASTAPI,
        },
        "asgi backend.web:api",
        ("tool.fastapi.entrypoint of pyproject.toml",),
    ),
    "fastapi's own program, at what is not there": Case(
        {"pyproject.toml": "[tool.fastapi]\nentrypoint = 'backend.web:api'\n", "main.py": FASTAPI}, "asgi main:app"
    ),
    "file that finishes what a factory makes": Case(
        {
            "microblog.py": "import sqlalchemy as sa\nfrom app import create_app, db\napp = create_app()\n"
            "@app.shell_context_processor\ndef make_shell_context():\n    return {'sa': sa, 'db': db}\n",
            "app/__init__.py": FACTORY,
            "config.py": "class Config: ...\n",
        },
        "wsgi microblog:app",
    ),
    "file that starts what a factory makes": Case(
        {
            "run.py": f"from shop import create_app\napp = create_app('production')\n{MAIN}    app.run(debug=True)\n",
            "shop/__init__.py": FACTORY,
        },
        "wsgi run:app",
    ),
    "file that fills the database": Case(
        {
            "seed.py": "from shop import create_app\napp = create_app()\nwith app.app_context():\n    fill()\n",
            "shop/__init__.py": FACTORY,
        },
        "wsgi shop:create_app()",
    ),
    "a script of the project": Case(
        {
            "pyproject.toml": "[project]\nname = 'shop'\nversion = '1'\n[project.scripts]\nshop = 'shop.cli:main'\n",
            "src/shop/__init__.py": "",
            "src/shop/cli.py": "import uvicorn\ndef main():\n    uvicorn.run('shop.web:site')\n",
            "src/shop/web.py": FASTAPI.replace("app =", "site ="),
            "src/shop/admin.py": FASTAPI,
        },
        "asgi src/shop/web.py:site",
        ("the script shop of pyproject.toml",),
    ),
    "a script that serves nothing": Case(
        {
            "pyproject.toml": "[project]\nname = 'shop'\nversion = '1'\n[project.scripts]\nshop = 'shop.cli:main'\n",
            "shop/cli.py": "def main():\n    print(1)\n",
            "hello.py": FLASK,
        },
        "wsgi hello:app",
    ),
    # Django
    "django": Case(django(), "wsgi shop.wsgi:application", ("manage.py names", "set interface: asgi")),
    "django asgi asked": Case(django(), "asgi shop.asgi:application", asked={"server": "uvicorn"}),
    "django channels": Case(
        {
            **django(settings="ASGI_APPLICATION = 'shop.asgi.application'\n"),
            "shop/asgi.py": "from channels.routing import ProtocolTypeRouter\n"
            "from django.core.asgi import get_asgi_application\n"
            "django_asgi = get_asgi_application()\napplication = ProtocolTypeRouter({'http': django_asgi})\n",
        },
        "asgi shop.asgi:application",
        ("shop/settings.py sets up ASGI", "ProtocolTypeRouter"),
    ),
    "django with settings in parts": Case(
        {
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings.local')\n",
            "config/__init__.py": "",
            "config/settings/base.py": "WSGI_APPLICATION = 'site1.wsgi.application'\n",
            "config/settings/local.py": "from .base import *\n",
            "site1/wsgi.py": "from django.core.wsgi import get_wsgi_application\n"
            "application = get_wsgi_application()\n",
        },
        "wsgi site1.wsgi:application",
    ),
    "django beside an app called app": Case(
        {**django(), "app/__init__.py": "", "app/main.py": "def helper(): ...\n"}, "wsgi shop.wsgi:application"
    ),
    "whitenoise": Case(
        {
            **django(),
            "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\nfrom whitenoise import WhiteNoise\n"
            "application = get_wsgi_application()\napplication = WhiteNoise(application, root='static')\n",
        },
        "wsgi shop.wsgi:application",
        ("whitenoise.WhiteNoise()",),
        {"interface": "wsgi"},
    ),
    # What serves by itself
    "sanic": Case(
        {"server.py": "from sanic import Sanic\napp = Sanic('blog')\n"},
        "http sanic server:app --host=127.0.0.1 --port=$PORT --single-process",
        ("sanic.Sanic()",),
    ),
    "sanic factory": Case(
        {"app.py": "from sanic import Sanic\ndef create_app():\n    app = Sanic('blog')\n    return app\n"},
        "http sanic app:create_app --factory",
    ),
    "sanic by asgi": Case(
        {"app.py": "from sanic import Sanic\napp = Sanic('x')\n"}, "asgi app:app", asked={"server": "uvicorn"}
    ),
    "aiohttp": Case(
        {"app.py": f"from aiohttp import web\napp = web.Application()\n{MAIN}    web.run_app(app)\n"},
        "http python -c $PORT",
        ("aiohttp.web.Application()", "from app import app; web.run_app(app, host='127.0.0.1'"),
    ),
    "aiohttp, made by a coroutine": Case(
        {"main.py": "from aiohttp import web\nasync def create_app():\n    app = web.Application()\n    return app\n"},
        "http python -c $PORT",
        ("from main import create_app; web.run_app(create_app(), ",),
    ),
    "tornado": Case(
        {"app.py": "import tornado.web\ndef make_app():\n    return tornado.web.Application([])\n"},
        "http python -c $PORT",
        ("from app import make_app; make_app().listen(",),
    ),
    "streamlit": Case(
        {
            "streamlit_app.py": "import streamlit as st\nst.title('Hi')\n",
            "pages/one.py": "import streamlit as st\nst.write(1)\n",
        },
        "http streamlit run streamlit_app.py --server.port=$PORT --server.headless=true",
        ("a page of Streamlit",),
    ),
    "streamlit in a function": Case(
        {"app.py": "import streamlit as st\ndef main():\n    st.write(1)\nmain()\n"}, "http streamlit run app.py"
    ),
    "shiny express": Case(
        {
            "app.py": "from shiny.express import input, render, ui\nui.input_slider('n', 'N', 0, 100, 20)\n"
            "@render.text\ndef txt():\n    return input.n()\n"
        },
        "http shiny run app.py --host=127.0.0.1 --port=$PORT",
        ("a page of Shiny Express",),
    ),
    "shiny": Case(
        {"app.py": "from shiny import App, ui\napp_ui = ui.page_fluid()\napp = App(app_ui, None)\n"}, "asgi app:app"
    ),
    "marimo within fastapi": Case(
        {
            "main.py": FASTAPI + "import marimo\nserver = marimo.create_asgi_app()\napp.mount('/', server.build())\n",
            "pages/index.py": f"import marimo\napp = marimo.App()\n{MAIN}    app.run()\n",
        },
        "asgi main:app",
    ),
    "bokeh's server within a program": Case(
        {
            "main.py": "import os\nfrom bokeh.server.server import Server\ndef draw(doc):\n    doc.add_root(None)\n"
            "server = Server({'/': draw}, port=int(os.environ['PORT']))\nserver.run_until_shutdown()\n"
        },
        "http python main.py",
    ),
    "a program under a prefix": Case(
        {"server.py": "from sanic import Sanic\napp = Sanic('blog')\n"},
        "http sanic server:app",
        ("gets paths with /data in front",),
        {"urls": (Url("a.example", "/data"), Url("b.example", "/data"))},
    ),
    "streamlit that imports another": Case(
        {
            "Home.py": "import streamlit as st\nfrom parts import bar\nst.title('x')\n",
            "parts.py": "import streamlit as st\ndef bar():\n    st.write(1)\n",
        },
        "http streamlit run Home.py",
    ),
    "gradio": Case(
        {"app.py": "import gradio as gr\nwith gr.Blocks() as demo:\n    gr.Markdown('x')\ndemo.launch()\n"},
        "http env GRADIO_SERVER_PORT=$PORT python app.py",
    ),
    "gradio that is not launched": Case(
        {"app.py": "import gradio as gr\ndemo = gr.Interface(fn=str, inputs='text', outputs='text')\n"},
        "http python -c $PORT",
        ("demo.launch(server_name='127.0.0.1'",),
    ),
    "gradio that is launched by its author at a port": Case(
        {
            "app.py": "import gradio as gr\ndemo = gr.Interface(fn=str, inputs='text', outputs='text')\n"
            f"{MAIN}    demo.launch(server_name='0.0.0.0', server_port=7860)\n"
        },
        "http python -c $PORT",
        ("from app import demo; demo.launch(server_name='127.0.0.1'",),
    ),
    "gradio's blocks, launched by their author at a port": Case(
        {
            "app.py": "import gradio as gr\nwith gr.Blocks() as demo:\n    gr.Textbox()\n"
            f"{MAIN}    demo.launch(server_name='0.0.0.0', server_port=7860)\n"
        },
        "http python -c $PORT",
        ("from app import demo; demo.launch(server_name='127.0.0.1'",),
    ),
    "gradio in fastapi": Case(
        {
            "main.py": FASTAPI + "import gradio as gr\nio = gr.Interface(str, 'text', 'text')\n"
            "app = gr.mount_gradio_app(app, io, path='/')\n"
        },
        "asgi main:app",
    ),
    "a program that is told its port": Case(
        {
            "server.py": "import os\nfrom http.server import HTTPServer\n"
            "HTTPServer(('', int(os.environ['PORT'])), H).serve_forever()\n"
        },
        "http python server.py",
        ("a program that serves by HTTPServer()",),
    ),
    "nicegui that is told its port": Case(
        {
            "main.py": "import os\nfrom nicegui import ui\nui.label('x')\n"
            "ui.run(port=int(os.getenv('PORT', 8080)), show=False)\n"
        },
        "http python main.py",
    ),
    "flask that serves when imported, told its port": Case(
        {"app.py": FLASK + "import os\napp.run(host='0.0.0.0', port=int(os.environ.get('PORT', 5000)))\n"},
        "http python app.py",
        ("app.run()",),
    ),
    # Procfile
    "procfile": Case(
        {
            "Procfile": "release: python manage.py migrate\n"
            "web: gunicorn -w 4 --bind 0.0.0.0:$PORT shop.web:site --log-file -\n",
            "shop/web.py": FLASK.replace("app =", "site ="),
            "app.py": FASTAPI,
        },
        "wsgi shop.web:site",
        ("Procfile",),
    ),
    "procfile of Django": Case({**django(), "Procfile": "web: gunicorn shop.wsgi\n"}, "wsgi shop.wsgi:application"),
    "procfile with uvicorn": Case(
        {
            "Procfile": "web: uvicorn web.server:api --host 0.0.0.0 --port ${PORT:-8000} --proxy-headers\n",
            "web/server.py": FASTAPI.replace("app =", "api ="),
        },
        "asgi web.server:api",
        also={"server": "uvicorn"},
    ),
    "procfile with a worker for asgi": Case(
        {"Procfile": "web: gunicorn main:app -k uvicorn.workers.UvicornWorker\n", "main.py": FASTAPI}, "asgi main:app"
    ),
    "procfile with a factory": Case(
        {
            "Procfile": "web: gunicorn 'shop:create_app()'\n",
            "shop/__init__.py": "from flask import Flask\ndef create_app():\n    return Flask('')\n",
        },
        "wsgi shop:create_app()",
    ),
    "procfile with any program": Case(
        {"Procfile": "web: ./serve --port $PORT\n", "serve": ""}, "http /bin/sh -c", ("Procfile", "exec ./serve")
    ),
    "procfile with a program, beside an app": Case(
        {"Procfile": "web: python app.py\n", "app.py": FLASK}, "wsgi app:app"
    ),
    # [tool.hostel]
    "author's entry point": Case(
        {
            "pyproject.toml": "[tool.hostel]\nentrypoint = 'web:site'\n",
            "web.py": FLASK.replace("app =", "site ="),
            "app.py": FASTAPI,
        },
        "wsgi web:site",
        ("entrypoint by pyproject.toml: tool.hostel",),
    ),
    "author's server and workers": Case(
        {"pyproject.toml": "[tool.hostel]\nserver = 'uvicorn'\nworkers = 3\n", "main.py": FASTAPI},
        "asgi main:app",
        ("server, workers by pyproject.toml: tool.hostel",),
        also={"server": "uvicorn", "workers": 3},
    ),
    "author's command": Case(
        {"pyproject.toml": "[tool.hostel]\ncommand = ['python', 'serve.py', '$PORT']\n", "serve.py": ""},
        "http python serve.py $PORT",
        ("as pyproject.toml: tool.hostel asks for",),
    ),
    "author against operator": Case(
        {
            "pyproject.toml": "[tool.hostel]\nentrypoint = 'web:site'\nserver = 'uvicorn'\nworkers = 3\n",
            "app.py": FLASK,
        },
        "wsgi app:app",
        asked={"server": "passenger", "entrypoint": "app:app"},
        also={"server": "passenger", "workers": None},
    ),
    "operator's command": Case(
        {"pyproject.toml": "[tool.hostel]\nentrypoint = 'web:site'\n"},
        "http python x.py",
        ("as asked for",),
        {"server": "command", "command": Hook(("python", "x.py"))},
    ),
    # What is beside the app
    "tests and examples": Case(
        {
            "app.py": FLASK,
            "tests/app.py": FASTAPI,
            "examples/main.py": FASTAPI,
            "docs/conf.py": "",
            "test_app.py": FASTAPI,
        },
        "wsgi app:app",
    ),
    "only beside tests": Case(
        {"web/__init__.py": FLASK, "tests/__init__.py": FLASK, "scripts/app.py": FASTAPI}, "wsgi web:app"
    ),
    "one imports the other": Case(
        {"app.py": FLASK, "main.py": "from app import app\n@app.get('/')\ndef i(): ...\n"}, "wsgi main:app"
    ),
    "byte order mark and cookie": Case(
        {"app.py": "# -*- coding: latin-1 -*-\n" + FLASK + "x = '\ufffd'\n"}, "wsgi app:app"
    ),
    "syntax of Python 2 elsewhere": Case(
        {"app.py": FLASK, "old.py": "print 'x'\n", "main.py": "exec 'x'\n"}, "wsgi app:app"
    ),
    "a syntax error beside": Case({"app.py": FLASK + "def broken(:\n    pass\n"}, "wsgi app:app"),
    "a huge file beside": Case({"main.py": None, "app.py": FLASK}, "wsgi app:app"),
    "windows line ends": Case({"app.py": FLASK.replace("\n", "\r\n")}, "wsgi app:app"),
    "name that is no module": Case({"my-app.py": FLASK}, "wsgi my-app.py:app"),
    "given for a package": Case(
        {},
        "asgi datasette.app:x",
        asked={"source": Source("package", "datasette==0.65"), "entrypoint": "datasette.app:x", "interface": "asgi"},
        also={"packages": frozenset({"datasette"}), "requirements_file": None},
    ),
    "cgi script": Case(
        {"cgi-bin/index.cgi": "#!/usr/bin/python3\n", "index.html": ""},
        "cgi cgi-bin/index.cgi",
        asked={"interface": "cgi"},
    ),
    "cgi script, given": Case({"a.pl": ""}, "cgi a.pl", asked={"server": "cgi", "entrypoint": "a.pl"}),
    "cgi folder, given": Case({"b/a.pl": ""}, "cgi b/", asked={"server": "cgi", "entrypoint": "b/"}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_found(name: str) -> None:
    case = CASES[name]
    found = discover(replace(APP, **case.asked), Files(case.files))
    interface, *words = case.found.split()
    if interface == "http":
        assert (found.interface, found.entrypoint) == ("http", "")
        assert not [word for word in words if word not in found.command], found.command
    else:
        assert (found.interface, found.entrypoint, found.command) == (interface, words[0], ())
    assert not [word for word in case.why if word not in found.why], found.why
    assert {key: getattr(found, key) for key in case.also} == case.also


@dataclass(frozen=True)
class Refused:
    """files → words of the error."""

    files: Mapping[str, str | None]
    words: tuple[str, ...]
    asked: Mapping[str, Any] = field(default_factory=dict)


REFUSED = {
    "two applications": Refused(
        {"app.py": FLASK, "main.py": FASTAPI},
        ("2 applications", "app:app (wsgi", "main:app (asgi", "like entrypoint: app:app"),
    ),
    "backend and frontend": Refused(
        {"main.py": FASTAPI, "streamlit_app.py": "import streamlit as st\nst.title('x')\n"},
        ("2 applications", "main:app", "streamlit_app.py (http, a page of Streamlit)"),
    ),
    "two in one file": Refused(
        {"web.py": "from flask import Flask\na = Flask('a')\nb = Flask('b')\n"},
        ("web.py holds 2 applications: a, b", "entrypoint: web:a"),
    ),
    "dash beside a flask of its own": Refused(
        {
            "web.py": "from dash import Dash\nfrom flask import Flask\nsite = Flask('x')\nboard = Dash(__name__)\n",
        },
        ("web.py holds 2 applications: board.server, site",),
    ),
    "under the guard": Refused(
        {"app.py": f"from flask import Flask\n{MAIN}    app = Flask('x')\n    app.run()\n"},
        ("app.py makes app (flask.Flask()) under if __name__", "move it out"),
    ),
    "factory that wants arguments": Refused(
        {"shop/__init__.py": "from flask import Flask\ndef create_app(config):\n    return Flask(config)\n"},
        ("create_app(config)", "needs arguments", "application = create_app(...)"),
    ),
    "serves when imported": Refused(
        {"app.py": FLASK + "app.run()\n"}, ("app.py, line 3", "app.py", "if __name__ == '__main__'")
    ),
    "listens where it likes": Refused(
        {"main.py": "from nicegui import ui\nui.label('x')\nui.run()\n"}, ("main.py", "ui.run()", "os.environ['PORT']")
    ),
    "bottle without an object": Refused(
        {"app.py": "from bottle import route, run\n@route('/')\ndef i(): ...\nrun(host='0.0.0.0')\n"},
        ("app.py", "run()", "os.environ['PORT']"),
    ),
    "bottle's routes, run by another file": Refused(
        {
            "views.py": "import bottle\n@bottle.route('/')\ndef i(): ...\n",
            "app.py": f"import bottle\nimport views\n{MAIN}    bottle.run(port=8080)\n",
        },
        ("app.py", "bottle.run()", "os.environ['PORT']"),
    ),
    "bottle that runs another application": Refused(
        {"app.py": f"import bottle\nfrom x import y\n@bottle.route('/')\ndef i(): ...\n{MAIN}    bottle.run(app=y)\n"},
        ("app.py", "bottle.run()"),
    ),
    "a web.py of the source's own": Refused(
        {"code.py": "import web\napp = web.application((), globals())\n", "web.py": "def application(a): ...\n"},
        ("none was found",),
    ),
    "mcp on a pipe": Refused(
        {"server.py": f"from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n{MAIN}    mcp.run()\n"},
        ("none was found", "no path", "interface: asgi"),
    ),
    "mcp at a path of its own": Refused(
        {
            "server.py": "from fastmcp import FastMCP\nmcp = FastMCP('x')\n"
            f"{MAIN}    mcp.run(transport='http', path='/tools')\n"
        },
        ("none was found", "no path", "interface: asgi"),
    ),
    "mcp that serves when imported": Refused(
        {"server.py": "from fastmcp import FastMCP\nmcp = FastMCP('x')\nmcp.run(transport='http')\n"},
        ("server.py, line 3", "if __name__ == '__main__'"),
    ),
    "fast_app of the source's own": Refused(
        {
            "main.py": "from fasthtml.common import *\napp, rt = fast_app()\n() = fast_app()\n",
            "fasthtml/common.py": "def fast_app(): ...\n",
        },
        ("none was found",),
    ),
    "fast_app in one piece": Refused(
        {"main.py": "from fasthtml.common import *\napp = fast_app()\n"}, ("none was found",)
    ),
    "tuple of something else": Refused(
        {"main.py": "from flask import Flask\napp, login = Flask(__name__)\n"}, ("none was found",)
    ),
    "two files that start what a factory makes": Refused(
        {
            **dict.fromkeys(
                ("run.py", "site.py"), f"from shop import create_app\napp = create_app()\n{MAIN}    app.run()\n"
            ),
            "shop/__init__.py": FACTORY,
        },
        ("2 applications", "run:app", "site:app"),
    ),
    "gradio at a port, with a password": Refused(
        {
            "app.py": "import gradio as gr\ndemo = gr.Interface(fn=str, inputs='text', outputs='text')\n"
            f"{MAIN}    demo.launch(server_port=7860, auth=('a', 'b'))\n"
        },
        ("app.py is a page of Gradio", "os.environ['PORT']"),
    ),
    "gradio's blocks at a port, in a function": Refused(
        {
            "app.py": "import gradio as gr\ndef main():\n    with gr.Blocks() as demo:\n        gr.Textbox()\n"
            f"    demo.launch(server_port=7860)\n{MAIN}    main()\n"
        },
        ("app.py is a page of Gradio",),
    ),
    "gradio at a port, with more to do": Refused(
        {
            "app.py": "import gradio as gr\ndemo = gr.Interface(fn=str, inputs='text', outputs='text')\n"
            f"{MAIN}    load()\n    demo.launch(server_port=7860)\n"
        },
        ("app.py is a page of Gradio",),
    ),
    "panel": Refused(
        {"app.py": "import panel as pn\npn.panel('x').servable()\n"},
        ("panel, serve, app.py", "--allow-websocket-origin=blog.example.org"),
    ),
    "shiny express under a prefix": Refused(
        {"app.py": "import shiny.express\n"}, ("a host of its own",), {"urls": (Url("a.example", "/data"),)}
    ),
    "bokeh": Refused(
        {
            "main.py": "from bokeh.io import curdoc\nfrom bokeh.plotting import figure\np = figure()\n"
            "curdoc().add_root(p)\n"
        },
        ("main.py is a document of Bokeh", "[bokeh, serve, main.py, ", "--allow-websocket-origin=blog.example.org]"),
    ),
    "marimo": Refused(
        {"nb.py": f"import marimo\napp = marimo.App()\n@app.cell\ndef __(): ...\n{MAIN}    app.run()\n"},
        ("nb.py is a notebook of marimo", "[marimo, run, nb.py, --headless, --host=127.0.0.1, --port=$PORT]"),
    ),
    "streamlit under a prefix": Refused(
        {"app.py": "import streamlit as st\nst.write(1)\n"},
        ("app.py is a page of Streamlit", "give command: [streamlit, run, app.py", "--server.baseUrlPath=/data]"),
        {"urls": (Url("a.example"), Url("b.example", "/data"))},
    ),
    "project in a folder": Refused(
        {**django(below="site/"), "site/requirements.txt": "", "README.md": ""},
        (
            "in the folder site",
            "make that folder the source",
            "entrypoint: site/shop/wsgi.py:application",
            "requirements_file: site/requirements.txt",
        ),
    ),
    "application in a folder": Refused(
        {
            "backend/requirements.txt": "fastapi\n",
            "backend/app/__init__.py": "",
            "backend/app/main.py": FASTAPI + "from app.core import NAME\n",
            "backend/app/core.py": "NAME = 'x'\n",
            "backend/tests/app.py": FASTAPI,
            "frontend/package.json": "{}",
        },
        (
            "the source holds backend/app/main.py with app",
            "make the folder backend the source",
            "entrypoint: backend/app/main.py:app and requirements_file: backend/requirements.txt",
        ),
    ),
    "applications in two folders": Refused(
        {"a/web/app.py": FLASK, "a/requirements.txt": "", "b/web/app.py": FLASK, "b/requirements.txt": ""},
        ("none was found in passenger_wsgi.py", "it holds a/, b/"),
    ),
    "settings for Paste": Refused(
        {
            "production.ini": "[app:main]\nuse = egg:shop\n[server:main]\nuse = egg:waitress#main\n",
            "setup.py": "from setuptools import setup\nsetup()\n",
            "shop/__init__.py": "from pyramid.config import Configurator\ndef main(global_config, **settings):\n"
            "    with Configurator(settings=settings) as config:\n        config.scan()\n"
            "    return config.make_wsgi_app()\n",
        },
        ("production.ini describes", "application = get_app('production.ini', 'main')", "requirements: ['.']"),
    ),
    "another ini": Refused({"production.ini": "[server]\nuse = egg:x\n"}, ("it holds production.ini",)),
    "a framework that is not known": Refused(
        {"app.py": "import os\nfrom emmett import App\nimport views\napp = App(__name__)\n", "views.py": ""},
        ("none was found: app.py imports emmett, and makes no", "give entrypoint, like app:app, and interface"),
    ),
    "connexion": Refused(
        {
            "app.py": "import connexion\napp = connexion.FlaskApp(__name__, specification_dir='spec/')\n"
            f"{MAIN}    app.run(port=8080)\n"
        },
        ("app.py imports connexion", "by ASGI from version 3 on and by WSGI before"),
    ),
    "a file of data": Refused(
        {"app.py": FLASK + f"data = '{'x' * 300_000}'\n"}, ("app.py was not read: it is too large",)
    ),
    "nothing": Refused({"index.html": ""}, ("none was found in passenger_wsgi.py", "it holds index.html")),
    "other interface": Refused(
        {"main.py": FASTAPI + MAIN + "    import uvicorn\n    uvicorn.run(app)\n"},
        ("server: passenger asks for WSGI", "main:app"),
        {"server": "passenger"},
    ),
    "asked for wsgi, a page of streamlit": Refused(
        {"app.py": "import streamlit as st\nst.title('x')\n"}, ("asks for WSGI", "Streamlit"), {"interface": "wsgi"}
    ),
    "entry point that serves by itself": Refused(
        {"app.py": "from aiohttp import web\napp = web.Application()\n"},
        ("'app:app'", "serves HTTP by itself"),
        {"entrypoint": "app:app"},
    ),
    "author's unknown key": Refused(
        {"pyproject.toml": "[tool.hostel]\nmemory = '1G'\n", "app.py": FLASK},
        ("pyproject.toml: tool.hostel.memory: unknown key", "allowed are server"),
    ),
    "author's rights": Refused(
        {"pyproject.toml": "[tool.hostel]\nidle_timeout = 'never'\nmode = 'embedded'\n", "app.py": FLASK},
        ("tool.hostel.idle_timeout", "tool.hostel.mode"),
    ),
    "author's bad value": Refused(
        {"pyproject.toml": "[tool.hostel]\nworkers = 'many'\n", "app.py": FLASK},
        ("tool.hostel.workers: 'many': must be a whole number from 1 to 64",),
    ),
    "author's bad server": Refused(
        {"pyproject.toml": "[tool.hostel]\nserver = 'nodejs'\n", "app.py": FLASK},
        ("tool.hostel.server: 'nodejs': must be one of", "passenger"),
    ),
    "author's contradiction": Refused(
        {"pyproject.toml": "[tool.hostel]\nserver = 'passenger'\ninterface = 'asgi'\n"},
        ("tool.hostel.server: 'passenger' runs wsgi, not asgi",),
    ),
    "author's typing error": Refused(
        {"pyproject.toml": "[tool.hostel\n", "app.py": FLASK}, ("pyproject.toml: tool.hostel: is no valid TOML",)
    ),
    "author's list": Refused(
        {"pyproject.toml": "[tool]\nhostel = 3\n", "app.py": FLASK},
        ("pyproject.toml: tool.hostel: must be a table, not a number",),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    case = REFUSED[name]
    with pytest.raises(SpecError) as error:
        discover(replace(APP, **case.asked), Files(case.files))
    assert all(line.startswith("app blog: ") for line in error.value.lines)
    assert not [word for word in case.words if word not in str(error.value)], str(error.value)


LOCK = """
[[package]]
name = "shop"
source = { virtual = "." }
dependencies = [{ name = "fastapi", extra = ["standard"] }]
[package.dev-dependencies]
dev = [{ name = "daphne" }]
[[package]]
name = "fastapi"
source = { registry = "x" }
[package.optional-dependencies]
standard = [{ name = "hypercorn" }]
[[package]]
name = "hypercorn"
[[package]]
name = "daphne"
"""

EXTRAS = {"channels", "daphne", "uvicorn", "celery"}

PACKAGES: dict[str, tuple[Mapping[str, Any], dict[str, str], set[str]]] = {
    "file": (
        {},
        {
            "requirements.txt": "Flask[async]>=2\n-r more/extra.txt\nuvicorn[standard]==0.30 ; python_version > '3'\n",
            "more/extra.txt": "hypercorn\n",
        },
        {"flask", "uvicorn", "hypercorn"},
    ),
    "inline": (
        {"requirements": ("Typing_Extensions", "-r extra.txt")},
        {"extra.txt": "daphne"},
        {"typing-extensions", "daphne"},
    ),
    "project": (
        {},
        {"pyproject.toml": "[project]\nname='x'\ndependencies=['granian>=1', 'litestar[standard]']\n"},
        {"granian", "litestar", "uvicorn"},
    ),
    "extras": ({}, {"requirements.txt": "Channels[ daphne ,redis]>=4\nuvicorn_[x]\ncelery[daphne]\n"}, EXTRAS),
    "the source itself": (
        {"requirements": (".[prod]", "gunicorn")},
        {"pyproject.toml": "[project]\nname='x'\ndependencies=['fastapi[standard]>=0.115', '.']\n"},
        {"gunicorn", "fastapi", "uvicorn"},
    ),
    "another folder": (
        {"requirements": ("./vendor/x",)}, {"pyproject.toml": "[project]\nname='x'\ndependencies=['granian']\n"}, set()
    ),
    "lock": ({}, {"uv.lock": LOCK, "pyproject.toml": "[project]\nname='shop'\n"}, {"shop", "fastapi", "hypercorn"}),
    "broken": ({}, {"requirements.txt": "-r https://example.org/x.txt\n"}, set()),
    "none": ({}, {}, set()),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_packages_that_requirements_name(name: str) -> None:
    asked, files, packages = PACKAGES[name]
    assert discover(replace(APP, **asked), Files({"app.py": FLASK, **files})).packages == packages


POETRY = "[tool.poetry]\nname = 'x'\n[tool.poetry.dependencies]\npython = '^3.11'\nFlask = '^3.0'\n"

LACKING: dict[str, tuple[dict[str, str], str]] = {
    "nothing": ({}, "; no requirements were found"),
    "poetry": (
        {"pyproject.toml": POETRY},
        "but there is pyproject.toml, where they are Poetry's own and not those of [project]",
    ),
    "pipfile": ({"Pipfile": "[packages]\nflask = '*'\n"}, "but there is Pipfile, which is not read"),
    "folder": (
        {"requirements/base.txt": "flask\n", "requirements/production.txt": "-r base.txt\n"},
        "there is requirements/base.txt, for requirements_file and requirements/production.txt, for requirements_file",
    ),
    "another name": ({"requirements-dev.txt": ""}, "there is requirements-dev.txt, for requirements_file"),
}


@pytest.mark.parametrize("name", LACKING)
def test_lacking_requirements_are_said(name: str) -> None:
    files, words = LACKING[name]
    assert discover(APP, Files({"app.py": FLASK, **files})).why.endswith(words)


@pytest.mark.parametrize("asked", [{"requirements": ("flask",)}, {"requirements_file": "requirements/base.txt"}])
def test_given_requirements_are_not_lacking(asked: Mapping[str, Any]) -> None:
    files = {"app.py": FLASK, "requirements/base.txt": "flask\n"}
    assert "no requirements" not in discover(replace(APP, **asked), Files(files)).why


def test_what_reading_costs_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source can make a syntax tree as large as its author likes."""
    monkeypatch.setattr(module, "_MOST", 10_000)
    files = {f"m{number}.py": "x = [" + "a," * 500 + "]\n" for number in range(50)}
    with pytest.raises(
        SpecError, match=r"m9\.py was not read: it is too large, or there is too much; .*; \.\.\.$"
    ) as error:
        discover(APP, Files(files))
    assert len(str(error.value)) < 500


def test_sources_that_import_each_other_everywhere_are_read_once() -> None:
    """Every file imports every other, and none makes an application."""
    names = [f"m{number}" for number in range(60)]
    files = {f"{name}.py": "".join(f"from {other} import app, x\n" for other in names) for name in names}
    with pytest.raises(SpecError):
        discover(APP, Files(files))
