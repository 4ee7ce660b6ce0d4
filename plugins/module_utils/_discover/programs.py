# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that serve HTTP by themselves: the command that has each of them listen at $PORT."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .._spec.app import App
from .module import Callable
from .pages import HOST, Program, page
from .syntax import calls, dotted, first_name, guarded, imports

# Calls that serve until the process ends, by their full name as imported; and the methods of an application that do.
_RUNNERS = frozenset(
    {
        "uvicorn.run", "waitress.serve", "aiohttp.web.run_app", "nicegui.ui.run", "bottle.run", "cherrypy.quickstart",
        "wsgiref.simple_server.make_server", "http.server.HTTPServer", "http.server.ThreadingHTTPServer",
        "gevent.pywsgi.WSGIServer", "eventlet.wsgi.server", "hypercorn.asyncio.serve", "tornado.httpserver.HTTPServer",
        "socketserver.TCPServer", "granian.Granian", "flet.app", "mesop.run", "bokeh.server.server.Server",
    }
)  # fmt: skip
_RUN_METHODS = frozenset({"run", "run_server", "launch", "listen", "serve_forever"})


def command_of(one: Callable, module: str, root: str) -> tuple[str, ...] | None:
    """The command for an application that a library's own server runs; None for one of no such library.

    module: how the file is imported from the folder ``root`` ("" for the working directory).
    """
    library = one.made_by.partition(".")[0]
    name = one.name.removesuffix("()")
    code = {
        "aiohttp": (
            f"import sys; from aiohttp import web; from {module} import {name}; "
            f"web.run_app({one.name}, host='{HOST}', port=int(sys.argv[1]))"
        ),
        "tornado": (
            f"import sys, tornado.ioloop; from {module} import {name}; "
            f"{one.name}.listen(int(sys.argv[1]), '{HOST}', xheaders=True); tornado.ioloop.IOLoop.current().start()"
        ),
        "gradio": (
            f"import sys; from {module} import {name}; "
            f"{one.name}.launch(server_name='{HOST}', server_port=int(sys.argv[1]), share=False)"
        ),
    }.get(library)
    argv: tuple[str, ...]
    variables = [f"PYTHONPATH={root}"] if root else []
    if code is not None:
        argv = ("python", "-c", code, "$PORT")
    elif library == "sanic":
        # One proxy is in front, whose word for the client's address counts.
        variables.append("SANIC_PROXIES_COUNT=1")
        factory = ("--factory",) if one.name.endswith("()") else ()
        argv = ("sanic", f"{module}:{name}", f"--host={HOST}", "--port=$PORT", "--single-process", *factory)
    else:
        return None
    return (*(("env", *variables) if variables else ()), *argv)


def program(tree: ast.Module, path: str, app: App) -> Program | None:
    """What a file without an application for a server is when started as a program, if it serves."""
    names = _imports(tree)
    drawn = page(tree, names, path, app)
    if drawn is not None:
        return drawn
    if any(name.startswith("gradio") for name in names.values()) and _launches(tree):
        return Program(_gradio(tree, path), "a page of Gradio", _listen(path))
    runs = [call for call in calls(tree) if _serves(call, names)]
    if not runs:
        return None
    what = min((f"{ast.unparse(call.func)}()" for call in runs), key=len)
    return Program(("python", path) if reads_port(tree) else None, f"a program that serves by {what}", _listen(path))


def _listen(path: str) -> str:
    return (
        f"have it listen at the port that it is told, int(os.environ['PORT']), and give command: [python, {path}]; or "
        "make the application at the top level of a file, where a server finds it"
    )


def run_by_guard(tree: ast.Module) -> set[str]:
    """The names of what a file runs when it is started as a program: ``app.run()``, ``socketio.run(app)``."""
    runs = [
        call
        for statement in guarded(tree)
        for call in calls(statement)
        if isinstance(call.func, ast.Attribute) and call.func.attr in _RUN_METHODS
    ]
    return {first_name(one) for call in runs for one in (call.func, *call.args)}


def runs_when_imported(tree: ast.Module, applications: frozenset[str]) -> ast.Call | None:
    """The call by which a file, imported for its application, would serve by itself and never come to an end."""
    names = _imports(tree)
    # Of an application that is an attribute, or comes of a method, the object is what is run: mcp.run().
    objects = {name.partition(".")[0] for name in applications}
    for statement in tree.body:
        if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
            continue
        call = statement.value
        method = (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in _RUN_METHODS - {"listen"}
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id in objects
        )
        if method or dotted(call.func, names) in _RUNNERS:
            return call
    return None


def started(tree: ast.Module) -> Iterator[tuple[ast.expr, bool, str]]:
    """What a file hands to a server that it starts: the expression, whether it is a factory, and the server's call."""
    names = _imports(tree)
    for call in calls(tree):
        full = dotted(call.func, names)
        if full in ("uvicorn.run", "uvicorn.Config", "waitress.serve", "granian.Granian") and call.args:
            factory = any(
                one.arg == "factory" and isinstance(one.value, ast.Constant) and one.value.value is True
                for one in call.keywords
            )
            yield call.args[0], factory, f"{full}()"


def named(what: ast.expr, tree: ast.Module) -> str | None:
    """``module:name`` for what is handed to a server: a string that says so, or a name that was imported."""
    if isinstance(what, ast.Constant):
        return what.value if isinstance(what.value, str) and ":" in what.value else None
    suffix = ""
    if isinstance(what, ast.Call) and not what.args:
        what, suffix = what.func, "()"
    module, _dot, name = dotted(what, _imports(tree)).rpartition(".")
    return f"{module}:{name}{suffix}" if module else None


def reads_port(tree: ast.Module) -> bool:
    """Whether a program asks its environment for PORT."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _is_port(node.slice) and "environ" in ast.unparse(node.value):
            return True
        if isinstance(node, ast.Call) and node.args and _is_port(node.args[0]):
            return True
    return False


def _is_port(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == "PORT"


def _gradio(tree: ast.Module, path: str) -> tuple[str, ...] | None:
    fixed = any(
        isinstance(call.func, ast.Attribute) and call.func.attr == "launch"
        and any(one.arg in ("server_port", "server_name") for one in call.keywords)
        for call in calls(tree)
    )  # fmt: skip
    if fixed:
        return ("python", path) if reads_port(tree) else None
    return ("env", f"GRADIO_SERVER_NAME={HOST}", "GRADIO_SERVER_PORT=$PORT", "python", path)


def _launches(tree: ast.Module) -> bool:
    return any(isinstance(call.func, ast.Attribute) and call.func.attr == "launch" for call in calls(tree))


def _serves(call: ast.Call, names: dict[str, str]) -> bool:
    full = dotted(call.func, names)
    if full in _RUNNERS:
        return True
    # http.server and its like have it of the object; asyncio.run and subprocess.run are no servers.
    if not isinstance(call.func, ast.Attribute) or full:
        return False
    return call.func.attr == "serve_forever" or (
        call.func.attr in _RUN_METHODS
        and any(re.fullmatch("host|port|address", one.arg or "") for one in call.keywords)
    )


def _imports(tree: ast.Module) -> dict[str, str]:
    """Local names by what they stand for, wherever in the file they are imported."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(imports(node))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return found
