# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which calls of which libraries give an application, and how servers call it."""

from __future__ import annotations

WSGI, ASGI, CGI, HTTP = "wsgi", "asgi", "cgi", "http"

# Dotted name of what is called, as imported: what the result is.
MADE_BY: dict[str, str] = {
    # Django
    "django.core.wsgi.get_wsgi_application": WSGI,
    "django.core.asgi.get_asgi_application": ASGI,
    "channels.routing.ProtocolTypeRouter": ASGI,
    "channels.routing.get_default_application": ASGI,
    # WSGI frameworks
    "flask.Flask": WSGI,
    "flask.app.Flask": WSGI,
    "apiflask.APIFlask": WSGI,
    "bottle.Bottle": WSGI,
    "bottle.app": WSGI,
    "bottle.default_app": WSGI,
    "falcon.App": WSGI,
    "falcon.API": WSGI,
    "falcon.app.App": WSGI,
    "cherrypy.Application": WSGI,
    "cherrypy.tree.mount": WSGI,
    "paste.deploy.loadapp": WSGI,
    "pyramid.paster.get_app": WSGI,
    # ASGI frameworks
    "fastapi.FastAPI": ASGI,
    "fastapi.applications.FastAPI": ASGI,
    "starlette.applications.Starlette": ASGI,
    "starlette.routing.Router": ASGI,
    "litestar.Litestar": ASGI,
    "litestar.app.Litestar": ASGI,
    "quart.Quart": ASGI,
    "quart_trio.QuartTrio": ASGI,
    "blacksheep.Application": ASGI,
    "blacksheep.server.Application": ASGI,
    "falcon.asgi.App": ASGI,
    "connexion.AsyncApp": ASGI,
    "shiny.App": ASGI,
    "strawberry.asgi.GraphQL": ASGI,
    "ariadne.asgi.GraphQL": ASGI,
    "fasthtml.FastHTML": ASGI,
    "fasthtml.common.FastHTML": ASGI,
    "fasthtml.core.FastHTML": ASGI,
    "gradio.mount_gradio_app": ASGI,
    "gradio.routes.App.create_app": ASGI,
    # What serves HTTP by itself (programs.py says how)
    "sanic.Sanic": HTTP,
    "sanic.app.Sanic": HTTP,
    "aiohttp.web.Application": HTTP,
    "tornado.web.Application": HTTP,
    "gradio.Blocks": HTTP,
    "gradio.Interface": HTTP,
    "gradio.ChatInterface": HTTP,
    "gradio.TabbedInterface": HTTP,
    # What wraps an application
    "socketio.WSGIApp": WSGI,
    "engineio.WSGIApp": WSGI,
    "whitenoise.WhiteNoise": WSGI,
    "werkzeug.middleware.dispatcher.DispatcherMiddleware": WSGI,
    "werkzeug.middleware.proxy_fix.ProxyFix": WSGI,
    "dj_static.Cling": WSGI,
    "a2wsgi.ASGIMiddleware": WSGI,
    "socketio.ASGIApp": ASGI,
    "engineio.ASGIApp": ASGI,
    "a2wsgi.WSGIMiddleware": ASGI,
    "asgiref.wsgi.WsgiToAsgi": ASGI,
    "hypercorn.middleware.AsyncioWSGIMiddleware": ASGI,
}

# What gives several things of which the application is the first: app, rt = fast_app().
FIRST_OF: dict[str, str] = {
    "fasthtml.fast_app": ASGI,
    "fasthtml.common.fast_app": ASGI,
    "fasthtml.fastapp.fast_app": ASGI,
}

# A method of an object of any kind that gives an application.
MADE_BY_METHOD: dict[str, str] = {
    "make_wsgi_app": WSGI,  # pyramid.config.Configurator
}

# A method of the object that a known call gives.
MADE_BY_METHOD_OF: dict[tuple[str, str], str] = {
    ("datasette.app.Datasette", "app"): ASGI,
    ("dash.Dash", "server"): WSGI,
    ("dash.Dash", "wsgi_app"): WSGI,
    ("web.application", "wsgifunc"): WSGI,
    ("mcp.server.fastmcp.FastMCP", "sse_app"): ASGI,
    ("mcp.server.fastmcp.FastMCP", "streamable_http_app"): ASGI,
    ("mcp.server.MCPServer", "streamable_http_app"): ASGI,
    ("mcp.server.mcpserver.MCPServer", "streamable_http_app"): ASGI,
    ("fastmcp.FastMCP", "http_app"): ASGI,
}
# An attribute that is the application, or a method that gives it, where nothing else is named so.
ATTRIBUTE_OF: dict[str, tuple[str, str]] = {"dash.Dash": ("server", WSGI), "web.application": ("wsgifunc()", WSGI)}

# The method that gives what an MCP server's run() serves, by the transport that it is told.
BY_TRANSPORT: dict[tuple[str, object], str] = {
    ("mcp.server.fastmcp.FastMCP", "sse"): "sse_app",
    ("mcp.server.fastmcp.FastMCP", "streamable-http"): "streamable_http_app",
    ("mcp.server.MCPServer", "streamable-http"): "streamable_http_app",
    ("mcp.server.mcpserver.MCPServer", "streamable-http"): "streamable_http_app",
    ("fastmcp.FastMCP", "http"): "http_app",
    ("fastmcp.FastMCP", "streamable-http"): "http_app",
}

HOLDERS = frozenset(name for name, _method in MADE_BY_METHOD_OF)

# Methods that put one application into another.
MOUNTS = frozenset({"mount", "add_app", "add_subapp", "add_sub_app", "add_websocket_route", "add_route"})

# Of those that serve HTTP by themselves, what ASGI servers can call too.
ALSO_ASGI = frozenset({"sanic.Sanic()", "sanic.app.Sanic()"})

# Names that people give to their application, the likeliest first.
# Files that servers import for one name alone, and how that is called.
STARTED_IN = {"passenger_wsgi.py": WSGI, "wsgi.py": WSGI, "asgi.py": ASGI}
STARTED = "application"
IN_STARTUP_FILES = ("application", "app", "create_application", "create_app", "make_app")
IN_OTHER_FILES = ("app", "application", "create_app", "create_application", "make_app")
FACTORIES = frozenset(
    {
        "create_app", "create_application", "make_app", "make_application", "build_app", "get_app", "get_application",
        "default_app",
    }
)  # fmt: skip
