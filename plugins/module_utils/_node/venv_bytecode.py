# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Byte code for a venv, made without starting an interpreter in it.

``uv pip install --compile-bytecode`` and ``python -m compileall`` from the venv would run the ``.pth`` files of what
was just installed. Here the base interpreter is started with ``-I -S`` (no site, no environment), as the account that
installed; compiling reads source and runs none of it.

The byte code of a file depends on the interpreter and the file alone: it is unchecked-hash (PEP 552: no time stamp;
the venv is read-only), and the path in it is the one below the venv, which importing replaces by the real one
(``_imp._fix_co_filename``). So it is kept in the store, under a name made of what it was made of, and later venvs link
it.
"""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .._errors import NodeError
from .venv_builder import Builder
from .venv_files import FileStore, Taken, opened

_ISOLATED = ("-I", "-S", "-B")
_WHICH = "import sys, importlib.util as u; print(sys.implementation.cache_tag, u.MAGIC_NUMBER.hex())"
# A file that can't be compiled (a template, or syntax of another version) has no byte code, as with compileall.
_COMPILE = """
import json, py_compile, sys
for source, target, shown in json.load(sys.stdin):
    try:
        py_compile.compile(source, target, shown, True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    except (py_compile.PyCompileError, SyntaxError, ValueError, RecursionError, UnicodeError) as error:
        print(shown, type(error).__name__)
"""


@dataclass(frozen=True)
class _Job:
    """source: path inside the tree; target: where its byte code goes; stored: its name in the store."""

    source: str
    target: str
    stored: str


def add_bytecode(
    store: FileStore, taken: Taken, builder: Builder, python: str, installed: str, output: str, tree: str
) -> None:
    """Give every module of ``tree`` its byte code.

    installed: the account's own copy of the tree, which it compiles; output: a folder of the account's for the result.
    """
    tag, magic = builder.run([python, *_ISOLATED, "-c", _WHICH], "asking the interpreter", "/").stdout.split()
    jobs = [_job(source, digest, tag, magic, builder.scope, tree) for source, digest in taken.sources]
    for folder in {os.path.dirname(job.target) for job in jobs}:
        os.mkdir(folder, 0o755)
    missing = [job for job in jobs if not store.link(job.stored, job.target)]
    if missing:
        _compile(missing, builder, python, installed, output)
        _take(store, missing, output, taken)


def _job(source: str, digest: str, tag: str, magic: str, scope: str, tree: str) -> _Job:
    folder, name = os.path.split(source)
    # A tenant's compiler run is the tenant's code as far as others are concerned: its results are its own.
    made_of = "\0".join(["bytecode", scope, tag, magic, source, digest])
    key = hashlib.sha256(made_of.encode("utf-8", "surrogateescape")).hexdigest()
    return _Job(source, f"{tree}/{folder}/__pycache__/{name[:-3]}.{tag}.pyc", f"{key}.pyc")


def _compile(jobs: list[_Job], builder: Builder, python: str, installed: str, output: str) -> None:
    count = os.cpu_count() or 1
    work = [(f"{installed}/{job.source}", f"{output}/{number}", job.source) for number, job in enumerate(jobs)]
    shares = [share for share in (work[start::count] for start in range(count)) if share]

    def compile_share(share: list[tuple[str, str, str]]) -> None:
        argv = [python, *_ISOLATED, "-c", _COMPILE]
        builder.run(argv, "compiling to byte code", "/", stdin=json.dumps(share).encode())

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(compile_share, shares))


def _take(store: FileStore, jobs: list[_Job], output: str, taken: Taken) -> None:
    with opened(os.path.dirname(output)) as outer, opened(os.path.basename(output), outer) as folder:
        made = set(os.listdir(folder))
        for number, job in enumerate(jobs):
            if str(number) in made:
                try:
                    store.take_file(folder, str(number), job.target, job.stored, taken)
                except OSError as error:
                    raise NodeError(f"{job.source}: its byte code cannot be read: {error.strerror or error}") from error
