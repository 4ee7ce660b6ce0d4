# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one application of a tenant under one of the servers that its venv holds.

    python serve.py SERVER --entrypoint=module:callable [--workers=2 …]

Run by the python of the application's venv, under the tenant's account, with the release as working directory. On the
node this file lies beside the package ``hostel_launch``, whose module SERVER is asked to serve; what has no value on
the command line is not among its options. Only what that server needs is imported, so that it starts as fast as if
started by hand. An application that cannot be loaded ends the process with its traceback.
"""

from __future__ import annotations

import importlib
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGE = "hostel_launch"


def options(words: Sequence[str]) -> dict[str, str]:
    """``--name=value`` words by name; the units that this collection writes hold nothing else."""
    pairs = (word[2:].partition("=") for word in words)
    return {name: value for name, _equals, value in pairs}


def main(argv: Sequence[str]) -> int:
    """The exit code of the server that is named first."""
    server = importlib.import_module(f"{PACKAGE}.{argv[0]}")
    sys.excepthook = importlib.import_module(f"{PACKAGE}.entrypoint").report
    # In place of this program's own folder. The package stays where it was found.
    sys.path[0] = os.getcwd()
    code: int = server.serve(options(argv[1:]))
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
