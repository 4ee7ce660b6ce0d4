# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trying an interpreter, under an account without rights, before it gets its name."""

from __future__ import annotations

import re

from .._errors import NodeError
from . import debian, workbench
from .run import run, tail

# Without the first two no package can be installed; the others are what applications take for granted.
_NEEDED = ("zlib", "ssl")
_MODULES = (*_NEEDED, "hashlib", "sqlite3", "ctypes", "bz2", "lzma", "uuid", "readline", "curses")
_SCRIPT = """
import sys
v = sys.version_info
level = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(v.releaselevel)
print("version", "%d.%d.%d" % v[:3] + ("%s%d" % (level, v.serial) if level else ""))
for name in sys.argv[1:]:
    try:
        __import__(name)
    except ImportError as error:
        print("missing", name, error)
"""
# What a Python that was compiled on Debian 12 or 13 links to, where Debian has it. The names with "t64" that
# Debian 13 uses provide these.
_LIBRARIES = {
    "libbz2.so.1.0": "libbz2-1.0",
    "libcrypto.so.3": "libssl3",
    "libffi.so.8": "libffi8",
    "liblzma.so.5": "liblzma5",
    "libncursesw.so.6": "libncursesw6",
    "libpanelw.so.6": "libncursesw6",
    "libreadline.so.8": "libreadline8",
    "libsqlite3.so.0": "libsqlite3-0",
    "libssl.so.3": "libssl3",
    "libtinfo.so.6": "libtinfo6",
    "libuuid.so.1": "libuuid1",
    "libz.so.1": "zlib1g",
}
_SONAME = re.compile(r"(lib[A-Za-z0-9_+-]+\.so\.[0-9.]*[0-9]): cannot open shared object")


def check(program: str, version: str, what: str) -> str:
    """Start an interpreter and return the version it says, as "3.14.0" or "3.15.0rc1".

    Libraries of the distribution that it needs are installed. Raises NodeError when it does not start, is not the
    declared ``version``, or cannot do what every application needs.
    """
    said = _try(program)
    packages = {_LIBRARIES[name] for name in _SONAME.findall(said) if name in _LIBRARIES}
    if packages and debian.install(sorted(packages), what):
        said = _try(program)
    full = re.search(r"^version (\S+)$", said, re.MULTILINE)
    if full is None:
        raise NodeError(
            f"{what}: the interpreter does not start here. If it was built elsewhere, build it on the oldest "
            "distribution and on the same kind of processor as this node",
            *tail(said),
        )
    if not matches(version, full[1]):
        raise NodeError(f"{what}: version: the interpreter is {full[1]}, but {version} is declared; correct either")
    broken = [line for line in said.splitlines() if line.startswith(tuple(f"missing {name} " for name in _NEEDED))]
    if broken:
        raise NodeError(f"{what}: the interpreter lacks modules that every application needs", *broken)
    return full[1]


def matches(declared: str, full: str) -> bool:
    """Tell whether a full version is one of those that a declared one stands for. Pure."""
    return full == declared or (declared.count(".") == 1 and full.startswith(f"{declared}."))


def _try(program: str) -> str:
    ran = run(
        [program, "-I", "-B", "-c", _SCRIPT, *_MODULES],
        what="trying the interpreter",
        user=workbench.account(),
        timeout=60,
        check=False,
    )
    return ran.stdout + ran.stderr
