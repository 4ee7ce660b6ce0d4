# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications that a library keeps for itself, which no name of a file stands for: what shows them."""

from __future__ import annotations

import ast

from .frameworks import BY_TRANSPORT
from .syntax import calls, dotted

_ROUTES = frozenset(f"bottle.{verb}" for verb in ("route", "get", "post", "put", "delete", "patch"))

# Arguments of FastMCP's run() by which its application is no other.
_OF_RUN = frozenset({"transport", "host", "port", "log_level", "show_banner"})


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


def _is_bare(call: ast.Call) -> bool:
    return not call.args and not any(one.arg in ("app", None) for one in call.keywords)


def _routes(statement: ast.stmt, names: dict[str, str]) -> bool:
    return isinstance(statement, ast.FunctionDef) and any(
        isinstance(one, ast.Call) and dotted(one.func, names) in _ROUTES for one in statement.decorator_list
    )
