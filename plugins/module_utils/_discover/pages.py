# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a library's own program shows as a page, with a session for each visitor: no server can call them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from .._spec.app import App
from .syntax import calls, dotted, imported_modules

HOST = "127.0.0.1"

# Streamlit's own functions that only prepare something; who calls the others draws a page.
_NOT_A_PAGE = frozenset({"cache", "cache_data", "cache_resource", "fragment", "dialog", "experimental_fragment"})


@dataclass(frozen=True)
class Program:
    """A file that serves by itself. command: None where it can't be told its port, or its prefix; what: how it was
    recognised; advice: what to do where there is no command."""

    command: tuple[str, ...] | None
    what: str
    advice: str = ""


def page(tree: ast.Module, names: dict[str, str], path: str, app: App) -> Program | None:
    """What a file is that draws. names: what it imports, by local name.

    What has to know the hosts or the prefix that it is asked for is no command to be found: both may change without a
    new release, which a found command would not follow.
    """
    libraries = {name.partition(".")[0] for name in names.values()}
    prefix = next((url.prefix for url in app.urls if url.prefix), None)
    if "streamlit" in libraries and _draws(tree, names):
        if prefix is None:
            return Program(_streamlit(path), "a page of Streamlit")
        told = ", ".join([*_streamlit(path), f"--server.baseUrlPath={prefix}"])
        return Program(None, "a page of Streamlit", f"under a prefix it has to know it, so give command: [{told}]")
    if "shiny" in libraries and any(one.startswith("shiny.express") for one in _imported(tree, names)):
        # Its own program tells such a file from others by the same import.
        command = ("shiny", "run", path, f"--host={HOST}", "--port=$PORT", "--no-dev-mode")
        advice = "it knows no prefix, so give it a host of its own"
        return Program(command if prefix is None else None, "a page of Shiny Express", advice)
    hosts = ", ".join(f"--allow-websocket-origin={host}" for host in dict.fromkeys(url.host for url in app.urls))
    if "panel" in libraries and _calls_method(tree, "servable"):
        return _told(
            "a page of Panel", f"panel, serve, {path}, --address={HOST}, --port=$PORT, --use-xheaders, {hosts}"
        )
    if any(_is_document(call, names) for call in calls(tree)):
        return _told(
            "a document of Bokeh", f"bokeh, serve, {path}, --address={HOST}, --port=$PORT, --use-xheaders, {hosts}"
        )
    if any(dotted(call.func, names) == "marimo.App" for call in calls(tree)):
        return _told("a notebook of marimo", f"marimo, run, {path}, --headless, --host={HOST}, --port=$PORT")
    return None


def _told(what: str, command: str) -> Program:
    return Program(None, what, f"give command: [{command}]")


def _imported(tree: ast.Module, names: dict[str, str]) -> set[str]:
    return {*imported_modules(tree), *names.values()}


def _streamlit(path: str) -> tuple[str, ...]:
    return (
        "streamlit", "run", path, "--server.port=$PORT", f"--server.address={HOST}", "--server.headless=true",
        "--server.fileWatcherType=none", "--browser.gatherUsageStats=false",
    )  # fmt: skip


def _draws(tree: ast.Module, names: dict[str, str]) -> bool:
    for call in calls(tree):
        full = dotted(call.func, names)
        if full.startswith("streamlit.") and full.split(".")[1] not in _NOT_A_PAGE:
            return True
    return False


def _calls_method(tree: ast.Module, name: str) -> bool:
    return any(isinstance(call.func, ast.Attribute) and call.func.attr == name for call in calls(tree))


def _is_document(call: ast.Call, names: dict[str, str]) -> bool:
    """``curdoc().add_root(…)``, which is for Bokeh's own server; a program that starts one has documents of its own."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "add_root":
        return False
    of = call.func.value
    return isinstance(of, ast.Call) and dotted(of.func, names) in ("bokeh.io.curdoc", "bokeh.plotting.curdoc")
