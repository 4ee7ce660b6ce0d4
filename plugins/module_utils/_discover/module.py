# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Python file defines that a server could call. Found by reading its syntax, never by running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Optional, Protocol

from .frameworks import (
    ATTRIBUTE_OF,
    FACTORIES,
    FIRST_OF,
    HOLDERS,
    HTTP,
    IN_OTHER_FILES,
    MADE_BY,
    MADE_BY_METHOD,
    MADE_BY_METHOD_OF,
    MOUNTS,
    STARTED,
    STARTED_IN,
    WSGI,
)
from .implied import default_app, method_of_transport, page_to_launch
from .syntax import (
    Function,
    bound_names,
    class_interface,
    dotted,
    imports,
    names_in,
    parameters,
    parse,
    required,
    signature,
    statements,
)

# What is said to have made an application of which only the file's name tells what it is.
BY_ITS_FILE = "by the name of its file"

# How many files an application may be imported through.
_MAX_HOPS = 5

# Whose source it is may make it cost what it can: a syntax tree takes up to 750 bytes and 9 microseconds a character.
# So much is read of one file, of all files, and kept for a second look.
_LONGEST, _MOST, _KEPT = 256 << 10, 2 << 20, 256 << 10

# A name in a file's table, behind that of a function that gives an application but wants arguments.
_WANTING = "(...)"

# (interface, made by, origin) of an expression that gives an application.
_Made = Optional[tuple[str, str, Optional[tuple[str, str]]]]


class Reader(Protocol):
    """The files of a source. paths: those that are there (bounded); text: content, None where nothing readable is."""

    @property
    def paths(self) -> Sequence[str]: ...

    def text(self, path: str) -> str | None: ...


@dataclass(frozen=True)
class Callable:
    """Something a server could call. name: "app" or "create_app()"; made_by: what it was recognised by;
    origin: (file, name) where another file of the source defines it; holds: names of this file that it wraps or mounts.
    """

    name: str
    interface: str
    made_by: str
    origin: tuple[str, str] | None = None
    holds: frozenset[str] = frozenset()


@dataclass
class _Scope:
    """What names mean at one place of a file. imports: dotted names; holders: variables by the library's class they are
    of; factories and classes: of this file, by how what they give is called; wanting: factories that need arguments;
    holds: which applications others have been put into; given: holders around an application that was made before."""

    imports: dict[str, str] = field(default_factory=dict)
    apps: dict[str, Callable] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    factories: dict[str, Callable] = field(default_factory=dict)
    wanting: dict[str, Callable] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    holds: dict[str, frozenset[str]] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)

    def inner(self) -> _Scope:
        return _Scope(
            dict(self.imports),
            dict(self.apps),
            dict(self.holders),
            dict(self.factories),
            dict(self.wanting),
            dict(self.classes),
            dict(self.holds),
            set(self.given),
        )


class Modules:
    """The Python files of a source. unread: those that were too large, or too many."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.paths = frozenset(reader.paths)
        self.unread: dict[str, None] = {}
        self._left = _MOST
        self._trees: dict[str, tuple[ast.Module, int]] = {}
        # With how many hops were left when the file was looked at: fewer show no more.
        self._offers: dict[str, tuple[int, dict[str, Callable]]] = {}

    def callables(self, path: str) -> dict[str, Callable]:
        """Every application, function and factory at the top level of a file, by its name in an entry point."""
        return {
            name: one
            for name, one in self.offers(path, _MAX_HOPS).items()
            if not name.endswith(")") or name[:-2] in FACTORIES or re.search(r"\.\w+\(\)$", name)
        }

    def out_of_reach(self, path: str) -> list[str]:
        """Why a server can't call the applications that a file does make: a clause for each, for a message."""
        reached = self.offers(path, _MAX_HOPS)
        found = {name: one for name, one in self._look(path, _MAX_HOPS, True).items() if name not in reached}
        clauses = [
            f"{path} makes {name} ({one.made_by}) under if __name__ == '__main__', which no server runs: move it out"
            for name, one in found.items()
        ]
        return clauses + [
            f"{path} has {name[: -len(_WANTING)]}({one.name}), which needs arguments: call it in a file of its own, "
            f"like wsgi.py with application = {name[: -len(_WANTING)]}(...)"
            for name, one in reached.items()
            if name.endswith(_WANTING) and name[: -len(_WANTING)] in FACTORIES
        ]

    def tree(self, path: str) -> ast.Module | None:
        """The syntax of a file, of as much of it as can be understood; None where there is no text."""
        if path in self._trees:
            return self._trees[path][0]
        text = self.reader.text(path)
        if text is None:
            return None
        size = len(text)
        if size > min(_LONGEST, self._left):
            self.unread[path] = None
            return None
        self._left -= size
        while self._trees and size + sum(kept for _tree, kept in self._trees.values()) > _KEPT:
            del self._trees[next(iter(self._trees))]
        self._trees[path] = parse(text), size
        return self._trees[path][0]

    def offers(self, path: str, hops: int) -> dict[str, Callable]:
        """The same as ``callables`` for other files: "create()" of any name, "create(...)" for what wants arguments."""
        known = self._offers.get(path)
        if known is None or known[0] < hops:
            # Whoever imports in a circle finds nothing there yet, as Python does.
            self._offers[path] = hops, {}
            self._offers[path] = hops, self._look(path, hops, False)
        return self._offers[path][1]

    def _look(self, path: str, hops: int, guarded: bool) -> dict[str, Callable]:
        tree = self.tree(path)
        if tree is None:
            return {}
        try:
            return _File(self, path, hops).look(tree, guarded)
        except RecursionError:
            return {}


def root_of(path: str, paths: Collection[str]) -> str:
    """The folder from which a file is imported: above all packages that it lies in; "" for the top of the source."""
    folder = path.rpartition("/")[0]
    while folder and f"{folder}/__init__.py" in paths:
        folder = folder.rpartition("/")[0]
    return folder


def module_paths(module: str) -> tuple[str, str]:
    """The files that may hold a module of the source."""
    base = module.replace(".", "/")
    return f"{base}.py", f"{base}/__init__.py"


class _File:
    """The reading of one file."""

    def __init__(self, modules: Modules, path: str, hops: int) -> None:
        self.modules, self.path, self.hops = modules, path, hops
        self.root = root_of(path, modules.paths)

    def look(self, tree: ast.Module, guarded: bool = False) -> dict[str, Callable]:
        """What the file offers: "app", "create_app()", and "create_app(...)" for one that wants arguments."""
        scope = _Scope()
        for statement in statements(tree.body, guarded):
            self.read(statement, scope)
        offered = {
            **{f"{name}{_WANTING}": made for name, made in scope.wanting.items()},
            **{f"{name}()": made for name, made in scope.factories.items()},
            **{name: replace(one, holds=scope.holds.get(name, frozenset())) for name, one in scope.apps.items()},
        }
        for name, library in scope.holders.items():
            if name in scope.given:
                continue
            if library in ATTRIBUTE_OF and not any(one.made_by.startswith(f"{name}.") for one in offered.values()):
                attribute, interface = ATTRIBUTE_OF[library]
                offered[f"{name}.{attribute}"] = Callable(f"{name}.{attribute}", interface, f"{library}()")
        if not scope.apps:
            offered.update(self.implied(tree, scope))
        started = WSGI if self.path.endswith(".wsgi") else STARTED_IN.get(self.path.rpartition("/")[2])
        if started and STARTED not in offered and STARTED in bound_names(tree):
            # Wherever it comes from (another file by its path, a package of the venv): this file is for nothing else.
            offered[STARTED] = Callable(STARTED, started, BY_ITS_FILE)
        return offered

    def implied(self, tree: ast.Module, scope: _Scope) -> dict[str, Callable]:
        """What a file without an application of its own runs all the same."""
        default = default_app(tree, scope.imports)
        found = {default: Callable(default, WSGI, "bottle.default_app()")} if default else {}
        page = page_to_launch(tree, scope.imports)
        if page:
            found[page] = Callable(page, HTTP, "gradio.Blocks()")
        for name, library in scope.holders.items():
            method = method_of_transport(tree, name, library)
            if method:
                entry = f"{name}.{method}()"
                found[entry] = Callable(entry, MADE_BY_METHOD_OF[library, method], f"{library}()")
        return found

    def read(self, statement: ast.stmt, scope: _Scope) -> None:
        if isinstance(statement, ast.Import):
            scope.imports.update(imports(statement))
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
            self.definition(statement, scope)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            self.mount(statement.value, scope)

    def definition(self, statement: ast.ClassDef, scope: _Scope) -> None:
        bases = (MADE_BY.get(dotted(base, scope.imports)) for base in statement.bases)
        interface = class_interface(statement) or next((base for base in bases if base), None)
        if interface:
            scope.classes[statement.name] = interface

    def mount(self, call: ast.Call, scope: _Scope) -> None:
        """``app.mount("/api", api)``: the one is inside the other from now on."""
        if isinstance(call.func, ast.Attribute) and call.func.attr in MOUNTS and isinstance(call.func.value, ast.Name):
            outer = call.func.value.id
            if outer in scope.apps:
                self.hold(outer, call, scope)

    def hold(self, outer: str, call: ast.Call, scope: _Scope) -> None:
        inner = {name for name in names_in(call) if name in scope.apps and name != outer}
        if inner:
            scope.holds[outer] = scope.holds.get(outer, frozenset()) | inner

    def import_from(self, statement: ast.ImportFrom, scope: _Scope) -> None:
        module = self.absolute(statement)
        for alias in statement.names:
            if alias.name == "*" and self.source_of(module) is None:
                known = [name for name in (*MADE_BY, *FIRST_OF) if name.rpartition(".")[0] == module]
                scope.imports.update({name.rpartition(".")[2]: name for name in known})
            name = alias.asname or alias.name
            scope.imports[name] = f"{module}.{alias.name}"
            where = self.source_of(module)
            if where is None or self.hops == 0 or where == self.path:
                continue
            there = self.modules.offers(where, self.hops - 1)
            if alias.name in there:
                made = there[alias.name]
                scope.apps[name] = Callable(name, made.interface, made.made_by, made.origin or (where, alias.name))
            if f"{alias.name}()" in there:
                scope.factories[name] = there[f"{alias.name}()"]
            if f"{alias.name}{_WANTING}" in there:
                scope.wanting[name] = there[f"{alias.name}{_WANTING}"]

    def absolute(self, statement: ast.ImportFrom) -> str:
        if not statement.level:
            return statement.module or ""
        package = self.path.split("/")[: -statement.level]
        return ".".join([*package, *([statement.module] if statement.module else [])])

    def source_of(self, module: str) -> str | None:
        """The file of a module that is imported here: from the top of the source, or from where this file belongs."""
        below = f"{self.root}/" if self.root else ""
        places = [*module_paths(module), *(below + path for path in module_paths(module))]
        return next((path for path in places if path in self.modules.paths), None)

    def elsewhere(self, name_of: str, called: bool) -> _Made:
        """What ``package.module.name`` is in another file of the source; ``called``: what it gives."""
        module, _dot, name = name_of.rpartition(".")
        where = self.source_of(module) if module else None
        if where is None or self.hops == 0 or where == self.path:
            return None
        there = self.modules.offers(where, self.hops - 1)
        spellings = (f"{name}()", f"{name}{_WANTING}") if called else (name,)
        one = next((there[spelling] for spelling in spellings if spelling in there), None)
        return (one.interface, one.made_by, one.origin or (where, one.name)) if one else None

    def assign(self, target: ast.expr, value: ast.expr, scope: _Scope) -> None:
        if isinstance(target, ast.Tuple) and target.elts and isinstance(value, ast.Call):
            self.assign_first(target.elts[0], value, scope)
        if not isinstance(target, ast.Name):
            return
        holder = self.holder(value, scope)
        if holder:
            scope.holders[target.id] = holder
            if isinstance(value, ast.Call) and self.is_given(value, scope):
                scope.given.add(target.id)
        made = self.made(value, scope)
        if made is None and (target.id in scope.apps or target.id in IN_OTHER_FILES):
            made = self.wrapped(value, scope)
        if made is None:
            return
        interface, made_by, origin = made
        scope.apps[target.id] = Callable(target.id, interface, made_by, origin)
        if isinstance(value, ast.Call):
            self.hold(target.id, value, scope)

    def assign_first(self, target: ast.expr, call: ast.Call, scope: _Scope) -> None:
        """``app, rt = fast_app()``"""
        full = dotted(call.func, scope.imports)
        if full in FIRST_OF and isinstance(target, ast.Name):
            scope.apps[target.id] = Callable(target.id, FIRST_OF[full], f"{full}()")

    def wrapped(self, value: ast.expr, scope: _Scope) -> _Made:
        """``app = AnyMiddleware(app)``: what comes out is called as what went in. This is for names of applications
        only: ``db = SQLAlchemy(app)`` is none."""
        if isinstance(value, ast.Call) and value.args:
            inner = self.made(value.args[0], scope) or self.wrapped(value.args[0], scope)
            if inner is not None:
                return inner[0], inner[1], None
        return None

    def made(self, value: ast.expr, scope: _Scope) -> _Made:
        """(interface, made by, origin) of what an expression gives, if that is an application."""
        if isinstance(value, ast.Await):
            return self.made(value.value, scope)
        if isinstance(value, ast.Name):
            known = scope.apps.get(value.id)
            return (known.interface, known.made_by, known.origin) if known else None
        if isinstance(value, ast.Attribute):
            interface = MADE_BY_METHOD_OF.get((self.holder(value.value, scope) or "", value.attr))
            if interface:
                return interface, f"{ast.unparse(value)}", None
            return self.elsewhere(dotted(value, scope.imports), called=False)
        return self.made_by_call(value, scope) if isinstance(value, ast.Call) else None

    def made_by_call(self, call: ast.Call, scope: _Scope) -> _Made:
        full = dotted(call.func, scope.imports)
        if full in MADE_BY:
            return MADE_BY[full], f"{full}()", None
        if isinstance(call.func, ast.Attribute):
            holder = self.holder(call.func.value, scope)
            interface = MADE_BY_METHOD.get(call.func.attr) or MADE_BY_METHOD_OF.get((holder or "", call.func.attr))
            if interface:
                of = f"{call.func.value.id}." if isinstance(call.func.value, ast.Name) else ""
                return interface, f"{of}{call.func.attr}()", None
        if isinstance(call.func, ast.Name):
            if call.func.id in scope.classes:
                return scope.classes[call.func.id], f"class {call.func.id}", None
            factory = scope.factories.get(call.func.id) or scope.wanting.get(call.func.id)
            if factory:
                return factory.interface, factory.made_by, None
            return None
        made = self.elsewhere(full, called=True)
        return (made[0], made[1], None) if made else None

    def holder(self, value: ast.expr, scope: _Scope) -> str | None:
        """The library class that an expression is an object of, for those whose methods give applications."""
        if isinstance(value, ast.Name):
            return scope.holders.get(value.id)
        if isinstance(value, ast.Call):
            full = dotted(value.func, scope.imports)
            # web.py's module has a name that files of a source have as well.
            return full if full in HOLDERS and self.source_of(full.rpartition(".")[0]) is None else None
        return None

    def is_given(self, call: ast.Call, scope: _Scope) -> bool:
        """``Dash(server=server)`` adds itself to an application that there is, ``server=False`` to one that comes
        later: it holds none of its own."""
        handed = [*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg == "server")]
        return any(
            (isinstance(one, ast.Constant) and one.value is False) or self.made(one, scope) is not None
            for one in handed
            if isinstance(one, (ast.Constant, ast.Name))
        )

    def function(self, function: Function, scope: _Scope) -> None:
        interface = signature(function)
        if interface:
            taken = ", ".join(parameters(function))
            scope.apps[function.name] = Callable(function.name, interface, f"{function.name}({taken})")
            return
        returned = self.returned(function, scope.inner())
        # aiohttp alone takes a coroutine for an application.
        if returned is None or (isinstance(function, ast.AsyncFunctionDef) and returned[0] != HTTP):
            return
        if required(function):
            scope.wanting[function.name] = Callable(", ".join(parameters(function)), returned[0], returned[1])
        else:
            scope.factories[function.name] = Callable(f"{function.name}()", returned[0], returned[1])

    def returned(self, function: Function, scope: _Scope) -> _Made:
        """What a function gives, if that is an application."""
        for statement in statements(function.body):
            if isinstance(statement, ast.Return) and statement.value is not None:
                made = self.made(statement.value, scope) or self.wrapped(statement.value, scope)
                if made is not None:
                    return made
            elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                self.read(statement, scope)
        return None
