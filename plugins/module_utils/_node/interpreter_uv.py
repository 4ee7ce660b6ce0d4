# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Source ``uv``: prebuilt interpreters, chosen and verified by uv, from its own list and mirror or from others."""

from __future__ import annotations

import glob
import os

from .._errors import NodeError
from .._spec.layout import STATE, UV
from .._spec.python import PythonVersion
from .._spec.resources import Folder
from . import files, workbench
from .interpreter_stamp import folder
from .interpreter_tar import unpack
from .run import run

# Files in which uv, and whoever built the interpreter, wrote down where it lies.
_TOLD = ("bin/*", "lib/pkgconfig/*.pc", "lib/python3.*/_sysconfigdata*.py", "lib/python3.*/config-*/Makefile")


def install(python: PythonVersion, staging: str, what: str) -> str:
    """Let uv fetch an interpreter under an account without rights, take it over, and return its folder.

    Raises NodeError.
    """
    if not os.path.exists(UV):
        raise NodeError(f"{what}: source: uv is not installed at {UV}; apply the role hostel.python.node first")
    account = workbench.account()
    work = f"{STATE}/build/{python.version}.uv"
    files.remove(work)
    files.write(Folder(work, 0o700, account.pw_name, str(account.pw_gid)), durable=False)
    try:
        run(
            command(python, work),
            what=f"{what}: source: uv python install",
            user=account,
            env={"HOME": work, "UV_NO_CONFIG": "1", "UV_NO_PROGRESS": "1"},
            cwd=work,
            timeout=1800,
        )
        found = run(
            ["find", f"{work}/pythons", "-mindepth", "1", "-maxdepth", "1", "-type", "d", "-name", "cpython-*"],
            what=f"{what}: looking for what uv installed",
            user=account,
        ).stdout.splitlines()
        if len(found) != 1:
            raise NodeError(f"{what}: source: uv installed {len(found)} interpreters, expected one: {', '.join(found)}")
        prefix = f"{staging}/python"
        files.write(Folder(prefix), durable=False)
        with workbench.tar_of(found[0], account) as process:
            unpack(workbench.output(process, what), prefix, what)
        if process.returncode:
            raise NodeError(f"{what}: reading what uv installed: tar ended with code {process.returncode}")
        _move(prefix, found[0], folder(python.version))
        return prefix
    finally:
        files.remove(work)


def command(python: PythonVersion, work: str) -> list[str]:
    """Return the argument list. Pure."""
    argv = [UV, "python", "install", "--no-cache", "--system-certs", "--no-bin", "--install-dir", f"{work}/pythons"]
    if python.mirror is not None:
        argv += ["--mirror", f"file://{python.mirror}" if python.mirror.startswith("/") else python.mirror]
    if python.downloads is not None:
        argv += ["--python-downloads-json-url", python.downloads]
    return [*argv, python.version]


def _move(prefix: str, old: str, new: str) -> None:
    """Correct the paths in an interpreter that was installed elsewhere, for what is compiled against it."""
    for pattern in _TOLD:
        for path in glob.glob(f"{prefix}/{pattern}"):
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                content = file.read()
            if old.encode() in content and not content.startswith(b"\x7fELF"):
                with open(path, "wb") as file:
                    file.write(content.replace(old.encode(), new.encode()))
    # Byte-compiled from the files as they were.
    for path in glob.glob(f"{prefix}/lib/python3.*/__pycache__/_sysconfigdata*.pyc"):
        os.unlink(path)
