# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the syntax of one Python file says: statements, imports, names and signatures."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Union

from .frameworks import ASGI, FACTORIES, WSGI

# Words at the beginning of a line that belong to the statement before.
_GOES_ON = ("else", "elif", "except", "finally")

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def imported_modules(tree: ast.Module) -> set[str]:
    """What a file imports from anywhere, absolute names only: ``a.b`` for ``import a.b`` and ``from a.b import c``."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module)
    return found


def settings(tree: ast.Module) -> dict[str, str]:
    """Values of top-level assignments of plain strings and lists (as their source), as in Django's settings."""
    found = {}
    for statement in statements(tree.body):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    found[target.id] = ast.unparse(statement.value)
    return found


def bound_names(tree: ast.Module) -> set[str]:
    """The names that importing a file leaves in it by assignments and imports."""
    found: set[str] = set()
    for statement in statements(tree.body):
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            found.update(alias.asname or alias.name.partition(".")[0] for alias in statement.names)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found.update(target.id for target in targets if isinstance(target, ast.Name))
    return found


def strings_of_calls(tree: ast.Module, method: str) -> list[tuple[str, ...]]:
    """The plain string arguments of every call of ``….method(…)`` in a file."""
    return [
        tuple(one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    ]


def parse(text: str) -> ast.Module:
    """The syntax of a file; of one that this interpreter, perhaps older than the app's, can't parse, what it can."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pieces = [_parse_piece(piece) for piece in _pieces(text)]
        return ast.Module(body=[statement for piece in pieces for statement in piece], type_ignores=[])


def _parse_piece(text: str) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _pieces(text: str) -> Iterator[str]:
    """Top-level statements, as far as indentation shows them."""
    piece: list[str] = []
    for line in text.splitlines():
        begins = line[:1] not in ("", " ", "\t", ")", "]", "}", "#") and not line.startswith(_GOES_ON)
        if begins and piece and not piece[-1].startswith("@"):
            yield "\n".join(piece)
            piece = []
        piece.append(line)
    yield "\n".join(piece)


def statements(body: Sequence[ast.stmt], guarded: bool = False) -> Iterator[ast.stmt]:
    """Statements that run when a file is imported, also those within if, try and with; ``guarded``: as a program."""
    for statement in body:
        if isinstance(statement, ast.If):
            if guarded or not _is_main_guard(statement.test):
                yield from statements(statement.body, guarded)
            yield from statements(statement.orelse, guarded)
        elif isinstance(statement, ast.Try):
            handlers = (handler.body for handler in statement.handlers)
            for part in (statement.body, *handlers, statement.orelse, statement.finalbody):
                yield from statements(part, guarded)
        elif isinstance(statement, (ast.With, ast.AsyncWith)):
            yield from statements(statement.body, guarded)
        else:
            yield statement


def _is_main_guard(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call within a piece of syntax."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def imports(statement: ast.Import) -> dict[str, str]:
    """Local names of ``import a.b`` and ``import a.b as c``, by what they stand for."""
    return {
        alias.asname or alias.name.partition(".")[0]: alias.name if alias.asname else alias.name.partition(".")[0]
        for alias in statement.names
    }


def dotted(expression: ast.expr, names: dict[str, str]) -> str:
    """The full name of ``a.b.c``, where ``names`` says what is imported as what; "" for anything else."""
    parts: list[str] = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name) or expression.id not in names:
        return ""
    return ".".join([names[expression.id], *reversed(parts)])


def called_factories(tree: ast.Module) -> dict[str, str]:
    """Names at the top level for what an imported factory gives, by the factory's module: ``app = create_app()``."""
    modules: dict[str, str] = {}
    found: dict[str, str] = {}
    for statement in statements(tree.body):
        if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            modules.update(
                (one.asname or one.name, statement.module) for one in statement.names if one.name in FACTORIES
            )
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            called = statement.value.func
            if isinstance(called, ast.Name) and called.id in modules:
                names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
                found.update(dict.fromkeys(names, modules[called.id]))
    return found


def decorating(tree: ast.Module) -> set[str]:
    """Names whose methods decorate functions at the top level of a file: ``@app.cli.command()``."""
    decorators = [
        one
        for statement in tree.body
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef))
        for one in statement.decorator_list
    ]
    return {first_name(one.func if isinstance(one, ast.Call) else one) for one in decorators}


def first_name(expression: ast.expr) -> str:
    """``a`` of ``a.b.c``; "" for what does not begin with a name."""
    while isinstance(expression, ast.Attribute):
        expression = expression.value
    return expression.id if isinstance(expression, ast.Name) else ""


def guarded(tree: ast.Module) -> list[ast.stmt]:
    """What a file does only when it is started as a program."""
    return [
        inner
        for statement in tree.body
        if isinstance(statement, ast.If) and _is_main_guard(statement.test)
        for inner in statement.body
    ]


def names_in(call: ast.Call) -> set[str]:
    """The names that a call's arguments are made of."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return {node.id for argument in arguments for node in ast.walk(argument) if isinstance(node, ast.Name)}


def parameters(function: Function) -> list[str]:
    return [one.arg for one in (*function.args.posonlyargs, *function.args.args)]


def required(function: Function) -> bool:
    positional = len(parameters(function)) - len(function.args.defaults)
    return positional > 0 or any(default is None for default in function.args.kw_defaults)


def signature(function: Function, bound: int = 0) -> str | None:
    """The interface that a function's parameters show: PEP 3333 and the ASGI specification name them."""
    names = parameters(function)[bound:]
    if isinstance(function, ast.AsyncFunctionDef):
        return ASGI if len(names) == 3 and names[1:] == ["receive", "send"] else None
    if len(names) == 2 and (names[1] in ("start_response", "start") or (function.name == "application" and not bound)):
        return WSGI
    return None


def class_interface(definition: ast.ClassDef) -> str | None:
    for statement in definition.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name == "__call__":
            return signature(statement, bound=1)
    return None
