# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications that a library keeps for itself, which no name of a file stands for: what shows them."""

from __future__ import annotations

import ast

from .frameworks import BY_TRANSPORT
from .syntax import calls, dotted, guarded

_ROUTES = frozenset(f"bottle.{verb}" for verb in ("route", "get", "post", "put", "delete", "patch"))

# Arguments of FastMCP's run() by which its application is no other.
_OF_RUN = frozenset({"transport", "host", "port", "log_level", "show_banner"})

# What Gradio's launch() is told of the machine that it runs on; a password, say, is none of these.
_ON_THE_SPOT = frozenset({"server_name", "server_port", "share", "inbrowser", "debug", "quiet"})


def default_app(tree: ast.Module, names: dict[str, str]) -> str | None:
    """Bottle's default application, called as the file may call it, if the file has routes for it and runs it."""
    runs = any(dotted(call.func, names) == "bottle.run" and _is_bare(call) for call in calls(tree))
    if not runs or not any(_routes(statement, names) for statement in tree.body):
        return None
    spellings = {"bottle.default_app": "{}()", "bottle": "{}.default_app()"}
    return next((spellings[full].format(name) for name, full in names.items() if full in spellings), None)


def method_of_transport(tree: ast.Module, name: str, library: str) -> str | None:
    """The method of an MCP server that gives the application which the file itself would run: ``mcp.run("sse")``."""
    for call in calls(tree):
        if ast.unparse(call.func) in (f"{name}.run", f"{name}.run_async"):
            said = [*call.args, *(one.value for one in call.keywords if one.arg == "transport")]
            if len(said) != 1 or not isinstance(said[0], ast.Constant) or {one.arg for one in call.keywords} - _OF_RUN:
                return None
            return BY_TRANSPORT.get((library, said[0].value))
    return None


def page_to_launch(tree: ast.Module, names: dict[str, str]) -> str | None:
    """The page of ``with gradio.Blocks() as demo:``, where a file as a program does nothing but launch it."""
    for statement in tree.body:
        for item in statement.items if isinstance(statement, ast.With) else ():
            made = isinstance(item.context_expr, ast.Call) and dotted(item.context_expr.func, names) == "gradio.Blocks"
            if made and isinstance(item.optional_vars, ast.Name) and only_launches(tree, item.optional_vars.id):
                return item.optional_vars.id
    return None


def only_launches(tree: ast.Module, name: str) -> bool:
    """Whether all that a file does as a program is to launch a page of Gradio, with nothing said that would be lost."""
    launches = [call for call in calls(tree) if isinstance(call.func, ast.Attribute) and call.func.attr == "launch"]
    done = [one.value if isinstance(one, ast.Expr) else None for one in guarded(tree)]
    if len(launches) != 1 or done != launches:
        return False
    of = launches[0].func.value if isinstance(launches[0].func, ast.Attribute) else None
    told = {one.arg for one in launches[0].keywords}
    return isinstance(of, ast.Name) and of.id == name and not launches[0].args and told <= _ON_THE_SPOT


def _is_bare(call: ast.Call) -> bool:
    return not call.args and not any(one.arg in ("app", None) for one in call.keywords)


def _routes(statement: ast.stmt, names: dict[str, str]) -> bool:
    return isinstance(statement, ast.FunctionDef) and any(
        isinstance(one, ast.Call) and dotted(one.func, names) in _ROUTES for one in statement.decorator_list
    )
