# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where applications lie in a source, and which one of several is meant."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Callable as Function

from .._errors import SpecError
from .._spec.app import App
from . import advice, django, procfile, programs, toml
from .author import PYPROJECT
from .candidate import Candidate, entrypoint_of, module_of, of_callable
from .frameworks import ALSO_ASGI, ASGI, CGI, HTTP, IN_OTHER_FILES, IN_STARTUP_FILES, STARTED_IN, WSGI
from .implied import only_launches
from .module import BY_ITS_FILE, Callable, module_paths
from .pages import Program
from .source import Source
from .syntax import called_factories, decorating, imported_modules

STARTUP_FILE = "passenger_wsgi.py"
SERVER_FILES = ("wsgi.py", "asgi.py")
APP_FILES = ("app.py", "main.py", "application.py", "streamlit_app.py")
# Folders whose Python files are not the app, whatever they hold.
_ASIDE = frozenset(
    {
        "bin", "build", "dist", "doc", "docs", "env", "example", "examples", "migrations", "node_modules", "notebooks",
        "scripts", "static", "templates", "test", "tests", "tools", "venv",
    }
)  # fmt: skip
_NOT_APPS = frozenset(
    {"manage.py", "setup.py", "conftest.py", "gunicorn.conf.py", "noxfile.py", "fabfile.py", "tasks.py"}
)

# Python 3.12 (its release notes, "Removed").
_WITHOUT_IMP = 12

# How many reasons are given for finding nothing.
_MOST_CLAUSES = 5


class Search:
    """The search for what an app runs that has neither entry point nor command. allowed: its possible interfaces."""

    def __init__(self, app: App, allowed: frozenset[str], source: Source) -> None:
        self.app, self.allowed, self.source = app, allowed, source
        self.project = django.project(source)
        self.passed: list[str] = []
        self.others: list[Candidate] = []

    def found(self) -> tuple[Candidate, str]:
        """The one candidate of the first rank that has any, and why it is that.

        Raises SpecError where there are several, or none.
        """
        for rank in self._ranks():
            found = self._distinct(rank())
            if self.project and {one.interface for one in found} == {WSGI, ASGI} and len(found) == 2:
                return self._one_of_django(found)
            if len(found) > 1:
                raise SpecError(
                    f"app {self.app.name}: entrypoint: the source holds {len(found)} applications: "
                    f"{', '.join(map(str, found))}; say which, like {found[0].written}"
                )
            if found:
                one = self._importable(found[0])
                return one, self._reason(one)
        raise SpecError(f"app {self.app.name}: entrypoint: {self._nothing()}")

    def _ranks(self) -> Iterator[Function[[], list[Candidate]]]:
        """The likeliest first; what is in one rank counts alike."""
        source = self.source
        packages = self._packages()
        top = [path for path in source.paths if "/" not in path and path.endswith(".py") and _may_be_app(path)]
        if CGI in self.allowed and CGI in (self.app.server, self.app.interface):
            yield self._scripts
        yield lambda: self._in_files([STARTUP_FILE])
        yield lambda: self._in_procfile(caller=True)
        yield self._of_fastapi
        if self.project:
            files = self.project.files
            yield lambda: self._in_files(files)
        yield lambda: self._in_files([*SERVER_FILES, *(path for path in source.paths if _is_script(path))])
        yield lambda: self._in_files(APP_FILES)
        yield lambda: self._in_files(f"{package}/{name}" for package in packages for name in SERVER_FILES)
        # It may read a .env first, and give the factory arguments.
        yield lambda: self._in_files(path for path in top if self._finishes(path))
        yield lambda: self._in_files(
            f"{package}/{name}" for package in packages for name in (*APP_FILES, "__init__.py")
        )
        yield self._in_scripts
        yield lambda: self._in_files(top)
        inner = [
            path
            for path in source.paths
            if path.endswith(".py") and path.rpartition("/")[0] in packages and _may_be_app(path.rpartition("/")[2])
        ]
        yield lambda: self._in_files(inner)
        yield lambda: self._in_procfile(caller=False)

    def _packages(self) -> list[str]:
        """Folders that may be the app's package, with or without __init__.py, at the top or in src/."""
        folders = {
            path.rpartition("/")[0]
            for path in self.source.paths
            if path.endswith(".py") and (path.count("/") == 1 or (path.count("/") == 2 and path.startswith("src/")))
        }
        return sorted(
            folder
            for folder in folders
            if not any(part in _ASIDE or part.startswith((".", "_")) for part in folder.split("/"))
        )

    def _in_files(self, paths: Iterable[str]) -> list[Candidate]:
        there = [path for path in paths if path in self.source.present]
        return [one for path in there for one in self._in_file(path)]

    def _in_file(self, path: str) -> list[Candidate]:
        """What a file is for: the application that it makes, or that it starts, or itself as a program."""
        found = self._callable(path)
        if found is not None:
            return [found]
        tree = self.source.modules.tree(path)
        if tree is None or self.source.modules.callables(path):
            return []
        led_to = self._led_to(path)
        if led_to:
            return led_to
        self.passed += self.source.modules.out_of_reach(path)
        program = programs.program(tree, path, self.app)
        if program is None:
            return []
        if program.command is None:
            self._pass(path, program)
            return []
        one = Candidate(path, HTTP, "", program.what, program.command)
        if HTTP not in self.allowed:
            self.others.append(one)
            return []
        return [one]

    def _finishes(self, path: str) -> bool:
        """Whether a file calls a factory of the source, and adds to what comes out or starts it.

        A script that fills the database calls it too, and does neither.
        """
        tree = self.source.modules.tree(path)
        made = called_factories(tree) if tree else {}
        names = {name for name, module in made.items() if self._path(module)}
        return tree is not None and bool(names & (decorating(tree) | programs.run_by_guard(tree)))

    def _callable(self, path: str) -> Candidate | None:
        """The application of one file: the one with the usual name, or else the only one, that is in no other."""
        found: dict[str, Callable] = {}
        for name, one in self.source.modules.callables(path).items():
            also = one.made_by in ALSO_ASGI and HTTP not in self.allowed
            fitting = replace(one, interface=ASGI) if also else one
            if fitting.interface in self.allowed:
                found[name] = fitting
            else:
                self.others.append(of_callable(self.source, path, one))
        inner = frozenset().union(*(one.holds for one in found.values()))
        found = {name: one for name, one in found.items() if name not in inner}
        chosen = self._usual(path, found)
        if chosen is None:
            return None
        if chosen.made_by == BY_ITS_FILE and self._wants_imp(path):
            self.passed.append(f"{path} imports imp, which Python has no more since 3.12 (importlib is instead)")
            return None
        candidate = of_callable(self.source, path, chosen)
        if chosen.interface != HTTP:
            return candidate
        command = self._command(path, chosen)
        return replace(candidate, command=command, entrypoint="") if command else None

    def _wants_imp(self, path: str) -> bool:
        """Whether a startup file that a panel wrote some years ago can't run any more; what it loads may."""
        tree = self.source.modules.tree(path)
        minor = int(self.app.python.split(".")[1])
        return minor >= _WITHOUT_IMP and tree is not None and "imp" in imported_modules(tree)

    def _command(self, path: str, one: Callable) -> tuple[str, ...] | None:
        """How the library's own server runs an application that no other can call."""
        tree = self.source.modules.tree(path)
        gradio = tree is not None and one.made_by.startswith("gradio.")
        own = programs.program(tree, path, self.app) if tree and gradio else None
        if tree and own and (own.command is not None or not only_launches(tree, one.name)):
            # A script that launches its page does more than make it.
            if own.command is None:
                self._pass(path, own)
            return own.command
        module, root = module_of(self.source, path)
        return programs.command_of(one, module, root) if module else None

    def _pass(self, path: str, program: Program) -> None:
        self.passed.append(f"{path} is {program.what}: {program.advice}")

    def _usual(self, path: str, found: dict[str, Callable]) -> Callable | None:
        starts = path.rpartition("/")[2] in STARTED_IN or _is_script(path)
        usual = IN_STARTUP_FILES if starts else IN_OTHER_FILES
        for name in usual:
            for spelling in (name, f"{name}()"):
                if spelling in found:
                    return found[spelling]
        if len(found) > 1:
            first = entrypoint_of(self.source, path, next(iter(found)))
            raise SpecError(
                f"app {self.app.name}: entrypoint: {path} holds {len(found)} applications: {', '.join(sorted(found))}; "
                f"say which, like entrypoint: {first}"
            )
        return next(iter(found.values()), None)

    def _led_to(self, path: str) -> list[Candidate]:
        """Applications in other files that a file hands to a server: ``uvicorn.run("shop.main:app")``."""
        tree = self.source.modules.tree(path)
        if tree is None:
            return []
        found = []
        for what, factory, call in programs.started(tree):
            target = programs.named(what, tree)
            one = self._target(target + ("()" if factory and not target.endswith("()") else "")) if target else None
            if one is not None:
                found.append(replace(one, what=f"{one.what}, which {path} starts by {call}"))
        return found

    def _of_fastapi(self) -> list[Candidate]:
        """What FastAPI's own program would run: ``[tool.fastapi]`` of a pyproject.toml."""
        text = self.source.text(PYPROJECT)
        if text is None or ASGI not in self.allowed:
            return []
        target = toml.table(toml.read(text, PYPROJECT, needed=False), "tool", "fastapi").get("entrypoint")
        one = self._target(target) if isinstance(target, str) else None
        return [replace(one, what=f"{one.what}, tool.fastapi.entrypoint of {PYPROJECT}")] if one else []

    def _in_scripts(self) -> list[Candidate]:
        """What [project.scripts] of a pyproject.toml leads to, if it serves."""
        text = self.source.text(PYPROJECT)
        if text is None:
            return []
        scripts = toml.table(toml.read(text, PYPROJECT, needed=False), "project", "scripts")
        found = []
        for name, target in scripts.items():
            if isinstance(target, str):
                one = self._target(target) or self._target(f"{target}()")
                path = self._path(target.partition(":")[0])
                led_to = [one] if one else self._led_to(path) if path else []
                found += [replace(each, what=f"{each.what}, the script {name} of {PYPROJECT}") for each in led_to]
        return found

    def _target(self, target: str) -> Candidate | None:
        """The application of the source that ``module:name`` or ``module:factory()`` names."""
        module, _colon, name = target.partition(":")
        path = self._path(module)
        one = self.source.modules.callables(path).get(name) if path else None
        if path is None or one is None or one.interface not in self.allowed or one.interface == HTTP:
            return None
        return of_callable(self.source, path, one)

    def _path(self, module: str) -> str | None:
        places = [*module_paths(module), *(f"src/{path}" for path in module_paths(module))]
        return next((path for path in places if path in self.source.present), None)

    def _in_procfile(self, caller: bool) -> list[Candidate]:
        """The line ``web:``. caller: only if it calls an application; else its command, which listens at $PORT."""
        web = procfile.web(self.source)
        if web is None or (web.entrypoint is None) is caller:
            return []
        if web.entrypoint is None:
            if HTTP not in self.allowed:
                return []
            return [Candidate(procfile.PROCFILE, HTTP, "", "its line web:", web.command)]
        if web.interface not in self.allowed:
            return []
        path = self._path(web.entrypoint.partition(":")[0])
        name = web.entrypoint.partition(":")[2]
        entrypoint = entrypoint_of(self.source, path, name) if path else web.entrypoint
        return [Candidate(procfile.PROCFILE, web.interface, entrypoint, "its line web:", server=web.server, name=name)]

    def _scripts(self) -> list[Candidate]:
        """Plain CGI scripts: at the top or in cgi-bin/."""
        return [
            Candidate(path, CGI, path, "a CGI script")
            for path in self.source.paths
            if path.endswith(".cgi") and (path.count("/") == 0 or path.rpartition("/")[0] == "cgi-bin")
        ]

    def _distinct(self, found: list[Candidate]) -> list[Candidate]:
        """Without doubles, without a file whose application another one imports, for that one may have added to it, and
        without programs that another one imports."""
        origins = {one.origin for one in found}
        seen: dict[tuple[str, tuple[str, ...]], Candidate] = {}
        for one in found:
            if (one.path, one.name) not in origins:
                seen.setdefault((one.entrypoint, one.command), one)
        programs_found = [one for one in seen.values() if one.command]
        trees = (self.source.modules.tree(one.path) for one in programs_found)
        imported = {module for tree in trees if tree for module in imported_modules(tree)}
        return [one for one in seen.values() if not (one.command and module_of(self.source, one.path)[0] in imported)]

    def _one_of_django(self, found: list[Candidate]) -> tuple[Candidate, str]:
        """startproject makes a wsgi.py and an asgi.py for every project; ASGI is meant where the settings use it."""
        by_interface = {one.interface: one for one in found}
        path = self.project.asgi if self.project else None
        chosen = by_interface[ASGI if path else WSGI]
        which = (
            f"of its wsgi.py and asgi.py the latter, as {path} sets up ASGI"
            if path
            else "of its wsgi.py and asgi.py the former, as nothing in its settings uses ASGI (set interface: asgi to "
            "have it)"
        )
        return chosen, f"{self._reason(chosen)}; {which}"

    def _reason(self, one: Candidate) -> str:
        if self.project and one.path in self.project.files:
            return f"{one}, the Django project that manage.py names"
        if one.command:
            return f"{one.path} ({one.interface}, {one.what}), served by {' '.join(one.command)}"
        return f"{one}, found in {one.path}"

    def _importable(self, one: Candidate) -> Candidate:
        """The candidate, or the program that its file is: one that starts a server of its own whenever it is imported,
        and never comes to an end, can be nothing else."""
        tree = self.source.modules.tree(one.path) if one.path.endswith(".py") else None
        if tree is None or one.command[:1] in (("streamlit",), ("shiny",)):
            return one
        call = programs.runs_when_imported(tree, frozenset(self.source.modules.callables(one.path)))
        if call is None or one.command[-1:] == (one.path,):
            return one
        if programs.reads_port(tree) and HTTP in self.allowed:
            what = f"a program that serves by {ast.unparse(call.func)}()"
            return Candidate(one.path, HTTP, "", what, ("python", one.path))
        raise SpecError(
            f"app {self.app.name}: entrypoint: {one.path}, line {call.lineno}, starts a server of its own when it is "
            "imported, and never comes to an end; put that line under if __name__ == '__main__':"
        )

    def _nothing(self) -> str:
        """Why nothing was found, and what to do."""
        if self.others:
            asked = " or ".join(sorted(self.allowed)).upper()
            there = ", ".join(dict.fromkeys(map(str, self.others)))
            return (
                f"{asker(self.app)} asks for {asked}, but the source holds {there}; change it, or name the entrypoint"
            )
        nested = advice.django_below(self.source)
        if nested is None and not self.passed:
            nested = advice.application_below(self.source, (*SERVER_FILES, *APP_FILES), _ASIDE)
        if nested:
            return nested
        self.passed += [
            f"{path} was not read: it is too large, or there is too much" for path in self.source.modules.unread
        ]
        top = [path for path in self.source.paths if "/" not in path and path.endswith(".py") and _may_be_app(path)]
        self.passed += advice.known(self.source, top)
        if self.passed:
            clauses = list(dict.fromkeys(self.passed))
            more = "; ..." if len(clauses) > _MOST_CLAUSES else ""
            return f"none was found that a server can call: {'; '.join(clauses[:_MOST_CLAUSES])}{more}"
        instead = advice.pyramid(self.source) or advice.unknown(self.source, top)
        if instead:
            return f"none was found: {instead}"
        return (
            f"none was found in {STARTUP_FILE}, {', '.join(SERVER_FILES + APP_FILES)} or any other file at the top of "
            f"the source{advice.seen(self.source.paths)}; give one, like entrypoint: module:callable"
        )


def asker(app: App) -> str:
    """Which key it is that wants some interface."""
    return f"interface: {app.interface}" if app.interface else f"server: {app.server}"


def _is_script(path: str) -> bool:
    """Whether a file is what mod_wsgi's documentation calls a WSGI script file."""
    return "/" not in path and path.endswith(".wsgi")


def _may_be_app(name: str) -> bool:
    return name not in _NOT_APPS and not name.startswith("test") and not name.endswith("_test.py")
