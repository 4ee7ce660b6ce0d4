# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Byte code of the programs that start an app's server, for the Python that runs them.

No tenant can write it beside them, and without it each start compiles them anew: 10 ms, for which somebody waits.
"""

from __future__ import annotations

import base64
import functools
import json
import os

from .._spec.resources import File
from . import files, workbench
from .run import run

# PEP 552: Python looks whether the source is still the one that it was made of; what is out of date is only slower.
_COMPILE = """
import base64, importlib.util, json, marshal, sys
made = {}
for path in json.load(sys.stdin):
    with open(path, "rb") as file:
        source = file.read()
    code = marshal.dumps(compile(source, path, "exec", dont_inherit=True))
    head = importlib.util.MAGIC_NUMBER + (3).to_bytes(4, "little") + importlib.util.source_hash(source)
    made[path] = base64.b64encode(head + code).decode()
json.dump([sys.implementation.cache_tag, made], sys.stdout)
"""


@functools.cache
def compile_programs(python: str, paths: tuple[str, ...]) -> None:
    """Give the modules at ``paths``, all root's, byte code for the interpreter ``python``. Once a run: many apps have
    the same.

    An account without rights makes it: a prebuilt interpreter is trusted with no more.
    """
    if not paths:
        return
    ran = run(
        [python, "-I", "-S", "-B", "-c", _COMPILE],
        what="byte-compiling the programs that start servers",
        user=workbench.account(),
        stdin=json.dumps(paths).encode(),
    )
    tag, made = json.loads(ran.stdout)
    for path, content in made.items():
        folder, name = os.path.split(path)
        target = f"{folder}/__pycache__/{name[:-3]}.{tag}.pyc"
        files.write(File(target, base64.b64decode(content)), durable=False)
