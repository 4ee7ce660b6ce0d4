# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to a plain CGI script (RFC 3875): finds the script that the path names, and becomes it.

Run as ``serve.py script --entrypoint=PATH`` by the node's own Python, under the tenant's account, in the release's
folder, with the request in the environment. PATH names the script that answers everything, or ends with a slash: then
the path below the mount names one in that folder, and what follows it is PATH_INFO. A folder's own script is index.cgi.
"""

from __future__ import annotations

import os
import sys

from .cgi import request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

INDEX = "index.cgi"
# Of the gateway's own doing: it leads every request to one program.
UNTOLD = (b"REDIRECT_URI", b"REMOTE_PORT", b"SERVER_ADDR")


class Refused(Exception):
    """Why no script is started. status: of the answer; the message is for the log."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


def find(entrypoint: str, path: str) -> tuple[str, str, str]:
    """The script's file below the working directory, its part of ``path``, and the rest; all decoded by latin-1.

    Raises Refused where there is none, or one that must not be started: hidden, without its executable bit, or
    elsewhere by a symbolic link.
    """
    if not entrypoint.endswith("/"):
        return _startable(entrypoint), "", path
    file, taken = entrypoint.rstrip("/"), ""
    segments = path.split("/")[1:]
    for index, segment in enumerate(segments):
        name = segment or (INDEX if index == len(segments) - 1 else "")
        if name.startswith("."):
            break
        file = f"{file}/{name}" if name else file
        taken = f"{taken}/{segment}"
        if os.path.isfile(_native(file)):
            return _startable(file), taken, "".join(f"/{one}" for one in segments[index + 1 :])
    raise Refused("404 Not Found", f"{path}: there is no such script in {entrypoint}")


def _startable(file: str) -> str:
    native = _native(file)
    here = os.path.realpath(b".")
    if not os.path.realpath(native).startswith(here + b"/"):
        raise Refused("403 Forbidden", f"{file} leads out of the release by a symbolic link")
    if not os.path.isfile(native):
        raise Refused("404 Not Found", f"{file}: there is no such script")
    if not os.access(native, os.X_OK):
        raise Refused("403 Forbidden", f"{file} is not executable; set its mode in the source (chmod +x)")
    return file


def _native(file: str) -> bytes:
    return file.encode("latin-1")


def environment(environb: Mapping[bytes, bytes], entrypoint: str) -> dict[bytes, bytes]:
    """The script's environment: the request as the client made it, and all that the application has beside that."""
    told = request(environb)
    file, taken, rest = find(entrypoint.encode().decode("latin-1"), told["PATH_INFO"])
    told.update(SCRIPT_NAME=told["SCRIPT_NAME"] + taken, PATH_INFO=rest)
    told["SCRIPT_FILENAME"] = os.path.abspath(_native(file)).decode("latin-1")
    told["DOCUMENT_ROOT"] = os.getcwdb().decode("latin-1")
    own = {name: value for name, value in environb.items() if not name.startswith(b"HTTP_") and name not in UNTOLD}
    request_only = {name.encode(): value.encode("latin-1") for name, value in told.items() if "." not in name}
    return {**own, **request_only}


def serve(options: Mapping[str, str]) -> int:
    """Become the script, or answer why not."""
    try:
        variables = environment(os.environb, options["entrypoint"])
        file = variables[b"SCRIPT_FILENAME"]
        try:
            os.chdir(os.path.dirname(file))
            os.execve(file, [file], variables)
        except OSError as error:
            reason = f"{os.fsdecode(file)} could not be started: {error.strerror}; is its first line right (#!)?"
            raise Refused("500 Internal Server Error", reason) from error
    except Refused as refused:
        sys.stderr.buffer.write(f"hostel: {refused}\n".encode("latin-1", "replace"))
        sys.stdout.write(f"Status: {refused.status}\r\nContent-Type: text/plain\r\n\r\n{refused.status}\n")
    return 0
