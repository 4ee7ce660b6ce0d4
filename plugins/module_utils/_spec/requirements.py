# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a list of requirements."""

from __future__ import annotations

import re

from .paths import inside
from .problems import Wrong
from .values import text

_FILE = re.compile(r"(-c|--constraint|-r|--requirement)(?:\s+|=)(\S.*)")
_HASH = re.compile(r"--hash=sha(?:256|384|512):[0-9a-f]+", re.ASCII)


def requirement(value: object) -> str:
    """One line as in a requirements file: a requirement with extras, marker, hashes or URL, the source itself ("."),
    or ``-c FILE`` / ``-r FILE`` with a file of the source. Other options are refused: they would change how everything
    is installed.
    """
    line = text(value).strip()
    if line.endswith("\\"):
        raise Wrong("must not end with a backslash; give the whole requirement in one string")
    if line.startswith("#"):
        raise Wrong("must be a requirement, not a comment")
    file = _FILE.fullmatch(line)
    if file:
        return f"{file[1]} {inside(file[2])}"
    if line.startswith("-"):
        raise Wrong("must not be an option, except -c FILE and -r FILE; put others into requirements_file")
    if line.startswith(("/", "file:")):
        raise Wrong("must not be a path outside the source; ship the file with it and name it like ./dist/x.whl")
    if line.startswith("./") and line != "./":
        inside(re.split(r"[\[;]|\s(?=[-#])", line[2:], maxsplit=1)[0].strip() or "x")
    elif line.startswith(".."):
        raise Wrong("must not lie outside the source")
    for word in line.split()[1:]:
        if word.startswith("-") and not _HASH.fullmatch(word):
            raise Wrong("must not have options behind the requirement, except --hash=sha256:<hexadecimal digits>")
    return line
