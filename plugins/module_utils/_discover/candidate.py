# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One way to run a source, and how an operator would write it."""

from __future__ import annotations

from dataclasses import dataclass

from .module import Callable
from .source import Source
from .syntax import imported_modules


@dataclass(frozen=True)
class Candidate:
    """path: the file that it was found in; interface, entrypoint, command: as in Found; what: how it was recognised;
    origin: (file, name) where another file defines the application; server: what its author starts it with."""

    path: str
    interface: str
    entrypoint: str
    what: str
    command: tuple[str, ...] = ()
    origin: tuple[str, str] | None = None
    name: str = ""
    server: str | None = None

    @property
    def written(self) -> str:
        """As it would be written into the inventory."""
        if self.command:
            return f"command: [{', '.join(self.command)}]"
        return f"entrypoint: {self.entrypoint}"

    def __str__(self) -> str:
        return f"{self.entrypoint or self.path} ({self.interface}, {self.what})"


def entrypoint_of(source: Source, path: str, name: str) -> str:
    """``name`` of a file as an entry point: by its module, or by its path where it is imported from another folder."""
    module, root = module_of(source, path)
    return f"{path if root or not module else module}:{name}"


def module_of(source: Source, path: str) -> tuple[str, str]:
    """How a file is imported: its dotted name ("" where it has none), and the folder to import it from."""
    root = source.root(path)
    if not path.endswith(".py"):
        return "", root
    if root and root == path.rpartition("/")[0] and not _imports_beside(source, path, root):
        # A folder without __init__.py is a package all the same.
        root = ""
    inner = path[len(root) + 1 :] if root else path
    inner = inner[: -len("/__init__.py")] if inner.endswith("/__init__.py") else inner[: -len(".py")]
    module = inner.replace("/", ".")
    return (module if all(map(str.isidentifier, module.split("."))) else ""), root


def _imports_beside(source: Source, path: str, folder: str) -> bool:
    """Whether a file imports those beside it by their bare names, as a program does that is started where it lies."""
    tree = source.modules.tree(path)
    names = {module.partition(".")[0] for module in imported_modules(tree)} if tree else set()
    return any(source.holds(name, folder) and not source.holds(name) for name in names)


def of_callable(source: Source, path: str, one: Callable) -> Candidate:
    return Candidate(path, one.interface, entrypoint_of(source, path, one.name), one.made_by, (), one.origin, one.name)
