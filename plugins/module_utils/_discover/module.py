# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Python file defines that a server could call. Found by reading its syntax, never by running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Union

from .frameworks import ASGI, FACTORIES, HOLDERS, MADE_BY, MADE_BY_METHOD, MADE_BY_METHOD_OF, WSGI

# How many files an application may be imported through.
_MAX_HOPS = 5

# Words at the beginning of a line that belong to the statement before.
_GOES_ON = ("else", "elif", "except", "finally")

_Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


class Reader(Protocol):
    """The files of a source. paths: those that are there (bounded); text: content, None where nothing readable is."""

    @property
    def paths(self) -> Sequence[str]: ...

    def text(self, path: str) -> str | None: ...


@dataclass(frozen=True)
class Callable:
    """Something a server could call. name: "app" or "create_app()"; made_by: what it was recognised by;
    origin: (file, name) where another file of the source defines it."""

    name: str
    interface: str
    made_by: str
    origin: tuple[str, str] | None = None


@dataclass
class _Scope:
    """What names mean at one place of a file. imports: dotted names; holders: variables by the library's class they are
    of; factories and classes: of this file, by how what they give is called."""

    imports: dict[str, str] = field(default_factory=dict)
    apps: dict[str, Callable] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    factories: dict[str, Callable] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)

    def inner(self) -> _Scope:
        return _Scope(dict(self.imports), dict(self.apps), dict(self.holders), dict(self.factories), dict(self.classes))


def callables(reader: Reader, path: str) -> dict[str, Callable]:
    """Every application, function and factory at the top level of a file, by the name that an entry point gives it."""
    return _look(reader, path, _MAX_HOPS)


def settings(text: str) -> dict[str, str]:
    """Values of top-level assignments of plain strings and lists (as their source), as in Django's settings."""
    found = {}
    for statement in _statements(_parse(text).body):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    found[target.id] = ast.unparse(statement.value)
    return found


def strings_of_calls(text: str, method: str) -> list[tuple[str, ...]]:
    """The plain string arguments of every call of ``….method(…)`` in a file."""
    return [
        tuple(one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))
        for node in ast.walk(_parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    ]


def module_paths(module: str) -> tuple[str, str]:
    """The files that may hold a module of the source."""
    base = module.replace(".", "/")
    return f"{base}.py", f"{base}/__init__.py"


def _look(reader: Reader, path: str, hops: int) -> dict[str, Callable]:
    text = reader.text(path)
    if text is None:
        return {}
    try:
        return _File(reader, path, hops).look(_parse(text))
    except RecursionError:
        return {}


def _parse(text: str) -> ast.Module:
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


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when a file is imported, those within if, try and with included."""
    for statement in body:
        if isinstance(statement, ast.If):
            if not _is_main_guard(statement.test):
                yield from _statements(statement.body)
            yield from _statements(statement.orelse)
        elif isinstance(statement, ast.Try):
            handlers = (handler.body for handler in statement.handlers)
            for part in (statement.body, *handlers, statement.orelse, statement.finalbody):
                yield from _statements(part)
        elif isinstance(statement, ast.With):
            yield from _statements(statement.body)
        else:
            yield statement


def _is_main_guard(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


class _File:
    """The reading of one file."""

    def __init__(self, reader: Reader, path: str, hops: int) -> None:
        self.reader, self.path, self.hops = reader, path, hops

    def look(self, tree: ast.Module) -> dict[str, Callable]:
        scope = _Scope()
        for statement in _statements(tree.body):
            self.read(statement, scope)
        return {**{f"{name}()": made for name, made in scope.factories.items() if name in FACTORIES}, **scope.apps}

    def read(self, statement: ast.stmt, scope: _Scope) -> None:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                scope.imports[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(statement, ast.ImportFrom):
            self.import_from(statement, scope)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                self.assign(target, statement.value, scope)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            self.assign(statement.target, statement.value, scope)
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.function(statement, scope)
        elif isinstance(statement, ast.ClassDef):
            interface = _class_interface(statement)
            if interface:
                scope.classes[statement.name] = interface

    def import_from(self, statement: ast.ImportFrom, scope: _Scope) -> None:
        module = self.absolute(statement)
        for alias in statement.names:
            name = alias.asname or alias.name
            scope.imports[name] = f"{module}.{alias.name}"
            where = self.source_of(module)
            if where is None or self.hops == 0 or where == self.path:
                continue
            there = _look(self.reader, where, self.hops - 1)
            if alias.name in there:
                made = there[alias.name]
                scope.apps[name] = Callable(name, made.interface, made.made_by, made.origin or (where, alias.name))
            if f"{alias.name}()" in there:
                scope.factories[name] = there[f"{alias.name}()"]

    def absolute(self, statement: ast.ImportFrom) -> str:
        if not statement.level:
            return statement.module or ""
        package = self.path.split("/")[: -statement.level]
        return ".".join([*package, *([statement.module] if statement.module else [])])

    def source_of(self, module: str) -> str | None:
        return next((path for path in module_paths(module) if path in self.reader.paths), None)

    def assign(self, target: ast.expr, value: ast.expr, scope: _Scope) -> None:
        if not isinstance(target, ast.Name):
            return
        holder = self.holder(value, scope)
        if holder:
            scope.holders[target.id] = holder
        made = self.made(value, scope)
        if made is not None:
            interface, made_by, origin = made
            scope.apps[target.id] = Callable(target.id, interface, made_by, origin)

    def made(self, value: ast.expr, scope: _Scope) -> tuple[str, str, tuple[str, str] | None] | None:
        """(interface, made by, origin) of what an expression gives, if that is an application."""
        if isinstance(value, ast.Await):
            return self.made(value.value, scope)
        if isinstance(value, ast.Name):
            known = scope.apps.get(value.id)
            return (known.interface, known.made_by, known.origin) if known else None
        if isinstance(value, ast.Attribute):
            interface = MADE_BY_METHOD_OF.get((self.holder(value.value, scope) or "", value.attr))
            return (interface, f"{ast.unparse(value)}", None) if interface else None
        return self.made_by_call(value, scope) if isinstance(value, ast.Call) else None

    def made_by_call(self, call: ast.Call, scope: _Scope) -> tuple[str, str, tuple[str, str] | None] | None:
        dotted = _dotted(call.func, scope.imports)
        if dotted in MADE_BY:
            return MADE_BY[dotted], f"{dotted}()", None
        if isinstance(call.func, ast.Attribute):
            holder = self.holder(call.func.value, scope)
            interface = MADE_BY_METHOD.get(call.func.attr) or MADE_BY_METHOD_OF.get((holder or "", call.func.attr))
            if interface:
                return interface, f"{call.func.attr}()", None
        if isinstance(call.func, ast.Name):
            if call.func.id in scope.classes:
                return scope.classes[call.func.id], f"class {call.func.id}", None
            if call.func.id in scope.factories:
                factory = scope.factories[call.func.id]
                return factory.interface, factory.made_by, None
        # Some middleware around an application: what comes out is called in the same way.
        for argument in call.args[:1]:
            inner = self.made(argument, scope)
            if inner is not None:
                return inner[0], inner[1], None
        return None

    def holder(self, value: ast.expr, scope: _Scope) -> str | None:
        """The library class that an expression is an object of, for those whose methods give applications."""
        if isinstance(value, ast.Name):
            return scope.holders.get(value.id)
        if isinstance(value, ast.Call):
            dotted = _dotted(value.func, scope.imports)
            return dotted if dotted in HOLDERS else None
        return None

    def function(self, function: _Function, scope: _Scope) -> None:
        interface = _signature(function)
        if interface:
            parameters = ", ".join(_parameters(function))
            scope.apps[function.name] = Callable(function.name, interface, f"{function.name}({parameters})")
            return
        if _required(function):
            return
        returned = self.returned(function, scope.inner())
        if returned is not None:
            scope.factories[function.name] = Callable(f"{function.name}()", returned[0], returned[1])

    def returned(self, function: _Function, scope: _Scope) -> tuple[str, str, tuple[str, str] | None] | None:
        """What a function without arguments gives, if that is an application."""
        if isinstance(function, ast.AsyncFunctionDef):
            return None
        for statement in _statements(function.body):
            if isinstance(statement, ast.Return) and statement.value is not None:
                made = self.made(statement.value, scope)
                if made is not None:
                    return made
            elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self.read(statement, scope)
        return None


def _dotted(expression: ast.expr, imports: dict[str, str]) -> str:
    """The full name of ``a.b.c`` after the file's imports; "" for anything else."""
    parts: list[str] = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name) or expression.id not in imports:
        return ""
    return ".".join([imports[expression.id], *reversed(parts)])


def _parameters(function: _Function) -> list[str]:
    return [one.arg for one in (*function.args.posonlyargs, *function.args.args)]


def _required(function: _Function) -> bool:
    positional = len(_parameters(function)) - len(function.args.defaults)
    return positional > 0 or any(default is None for default in function.args.kw_defaults)


def _signature(function: _Function, bound: int = 0) -> str | None:
    """The interface that a function's parameters show: PEP 3333 and the ASGI specification name them."""
    names = _parameters(function)[bound:]
    if isinstance(function, ast.AsyncFunctionDef):
        return ASGI if len(names) == 3 and names[1:] == ["receive", "send"] else None
    if len(names) == 2 and (names[1] in ("start_response", "start") or (function.name == "application" and not bound)):
        return WSGI
    return None


def _class_interface(definition: ast.ClassDef) -> str | None:
    for statement in definition.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name == "__call__":
            return _signature(statement, bound=1)
    return None
