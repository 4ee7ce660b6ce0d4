# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the application that an entry point names, and say where it failed."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType, TracebackType
    from typing import Any


class StartError(Exception):
    """The entry point does not name an application; says what is there instead."""


def load(entrypoint: str, base: str = "") -> Any:
    """Import ``module:callable``, ``module:factory()`` or ``path/to/file.py:callable``; a factory is called.

    base: the folder that paths are relative to, without a slash at its end; "" is the working directory.
    Raises StartError where nothing of that name can be called, and whatever the application's own code raises.
    """
    place, _colon, name = entrypoint.rpartition(":")
    path = os.path.join(base, place)
    found: Any = _load_file(path, base) if _is_file(place, path) else importlib.import_module(place)
    for part in name.removesuffix("()").split("."):
        if not hasattr(found, part):
            raise StartError(f"entry point {entrypoint}: {place} has no {part!r}")
        found = getattr(found, part)
    if name.endswith("()"):
        found = found()
    if not callable(found):
        raise StartError(f"entry point {entrypoint}: is a {type(found).__name__}, not an app that can be called")
    return found


def _is_file(place: str, path: str) -> bool:
    """Whether a place is a file's path. mysite.wsgi is Django's usual module, unless there is a file of that name."""
    return "/" in place or place.endswith(".py") or (place.endswith((".asgi", ".wsgi")) and os.path.isfile(path))


def _load_file(path: str, base: str) -> ModuleType:
    """Import a startup file by its path, whatever its suffix, under the name that ``import`` would know it by, so that
    it does not exist twice: a file of a package as part of that, from the folder above."""
    name, suffix = os.path.splitext(os.path.basename(path))
    folder, package = os.path.dirname(path), [] if name == "__init__" else [name]
    while folder != base and os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, parent = os.path.split(folder)
        package.insert(0, parent)
    if folder != base:
        # As ``python path`` has it.
        sys.path.insert(0, os.path.abspath(folder))
    if package != [name] and suffix == ".py":
        return importlib.import_module(".".join(package))
    name = "".join(letter if letter.isalnum() else "_" for letter in name)
    loader = importlib.machinery.SourceFileLoader(name, os.path.abspath(path))
    spec = importlib.util.spec_from_file_location(name, loader.path, loader=loader)
    if spec is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print what went wrong from the application's own first line on, without the way there (a ``sys.excepthook``)."""
    import traceback  # noqa: PLC0415 - needed only when all is lost

    traceback.print_exception(kind, error, own_part(trace))


def own_part(trace: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that is the application's own."""
    ours = os.path.dirname(__file__)
    own = trace
    while trace is not None:
        if os.path.dirname(trace.tb_frame.f_code.co_filename) == ours:
            own = trace.tb_next
        trace = trace.tb_next
    while own is not None and "importlib" in own.tb_frame.f_code.co_filename:
        own = own.tb_next
    return own
