# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between a WSGI server and the application: what the front server said about a request goes where PEP 3333 has it."""

from __future__ import annotations

from .host_header import split_host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Environ = dict[str, Any]
    App = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Front:
    """An application as the client sees it: behind the front server."""

    def __init__(self, app: App) -> None:
        self.app = app

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        describe(environ)
        return self.app(environ, start_response)


def describe(environ: Environ) -> None:
    """Set mount, client, server and scheme from the front server's headers; only the front can reach this socket.

    The server has decoded the whole public path into SCRIPT_NAME and PATH_INFO, as latin-1 of its bytes. The header
    with the mount goes no further, for middlewares that put it in front of SCRIPT_NAME would do so twice.
    """
    mount = environ.pop("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    environ["SCRIPT_NAME"], environ["PATH_INFO"] = split_path(path, mount)
    if "RAW_URI" in environ:
        environ.setdefault("REQUEST_URI", environ["RAW_URI"])
    client = environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    if client:
        environ["REMOTE_ADDR"] = client
        environ.pop("REMOTE_PORT", None)
    secure = environ.get("HTTP_X_FORWARDED_PROTO", "").strip().lower() == "https"
    environ["wsgi.url_scheme"] = "https" if secure else "http"
    environ.pop("HTTPS", None)
    if secure:
        environ["HTTPS"] = "on"
    host = environ.get("HTTP_HOST")
    if host:
        environ["SERVER_NAME"], environ["SERVER_PORT"] = split_host(host, secure)


def path_of(uri: str) -> str:
    """The decoded path of a request's first line, where a gateway has made another one of it; bytes as latin-1."""
    path = uri.partition("?")[0]
    if "%" not in path:
        return path
    # Not at the start, which somebody waits for.
    from urllib.parse import unquote_to_bytes  # noqa: PLC0415

    return unquote_to_bytes(path.encode("latin-1")).decode("latin-1")


def split_path(path: str, mount: str) -> tuple[str, str]:
    """SCRIPT_NAME and PATH_INFO of a decoded path. ``mount`` is "" or begins with a slash and ends with none."""
    if _below(path, mount):
        return mount, path[len(mount) :]
    # The front found the mount in the path without its empty and dot segments, but hands it on as the client sent it.
    plain = _resolved(path)
    if _below(plain, mount):
        return mount, plain[len(mount) :]
    return "", path


def _below(path: str, mount: str) -> bool:
    return path.startswith(mount) and path[len(mount) : len(mount) + 1] in ("", "/")


def _resolved(path: str) -> str:
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in ("", "."):
            kept.append(part)
    end = "/" if path.endswith(("/", "/.", "/..")) and kept else ""
    return "/" + "/".join(kept) + end
