# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own code, kept on the node under the digest of its content.

Ansible packs, sends, unpacks and compiles a module anew for every task. For the one module that an operator runs many
times a day that is more than half of a run with nothing to do, so a run leaves the code here, compiled, and later ones
call it. The digest is the controller's, of the code that it would send; another version is another folder.
"""

from __future__ import annotations

import os
import py_compile
import secrets
import sys
import zipfile

from .._spec.layout import PROGRAMS
from .._spec.resources import File, Folder
from . import files
from .run import run

FOLDER = f"{PROGRAMS}/hosting"

_PACKAGE = "ansible_collections/"
_MAIN = b"""from ansible_collections.hostel.python.plugins.module_utils._converge.program import main

main()
"""


def keep(digest: str) -> None:
    """Leave the running code on the node, in place of other versions, unless it is there already."""
    sources = _running()
    path = f"{FOLDER}/{digest}"
    if not sources or isinstance(files.read(path), Folder):
        return
    files.write(Folder(FOLDER))
    making = f"{FOLDER}/{files.TEMPORARY}{secrets.token_hex(8)}"
    for name, content in {**sources, "__main__.py": _MAIN}.items():
        files.write(File(f"{making}/{name}", content), durable=False)
        py_compile.compile(
            f"{making}/{name}",
            dfile=f"{path}/{name}",
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    run(["sync", "--file-system", making], what="keeping the program on the node")
    os.rename(making, path)
    for name in files.names(FOLDER):
        if name != digest:
            files.remove(f"{FOLDER}/{name}")
    files.sweep(FOLDER)


def _running() -> dict[str, bytes]:
    """The collection's modules by path, out of the archive that Ansible has sent; {} where they come from elsewhere."""
    archive = getattr(sys.modules[__name__].__loader__, "archive", None)
    if archive is None:
        return {}
    with zipfile.ZipFile(archive) as packed:
        names = [name for name in packed.namelist() if name.startswith(_PACKAGE) and name.endswith(".py")]
        return {name: packed.read(name) for name in names if "/plugins/modules/" not in name}
