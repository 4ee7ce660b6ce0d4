# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requirements files: which files they include, which options they set, which hashes they give.

The format is pip's ("Requirements File Format" in pip's documentation); uv reads the same.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .._errors import SpecError

INCLUDES = ("-r", "--requirement", "-c", "--constraint")
EDITABLE = ("-e", "--editable")
# Where packages come from: these have to be given again when the lock is installed.
INDEXES = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-index")
# What is built from source: a file's --no-binary wins over uv's --only-binary, so it is refused where nothing may be.
BUILDS = ("--no-binary",)
# Without a meaning for the lock, or done anyway. Whatever is in none of these lists is refused.
HARMLESS = ("--pre", "--prefer-binary", "--only-binary", "--require-hashes", "--trusted-host", "--use-feature")

_HASH = re.compile(r"\s--hash[= ](\S+)")
_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(?:===?\s*([^\s;]+)|@\s*(\S+))")
_DIRECT = re.compile(r"[A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?\s*@\s*(\S+)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_COMMENT = re.compile(r"(^|\s)#.*$")
_OPTION = re.compile(r"(--[a-z-]+|-[a-z])[=\s]*(.*)", re.DOTALL)
_USERINFO = re.compile(r"(://)[^/\s@]+@")

Files = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Pin:
    """One package of a lock. requirement: as uv wrote it, without hashes; hashes: "sha256:<hex>", sorted."""

    requirement: str
    hashes: tuple[str, ...] = ()

    @property
    def name(self) -> str | None:
        """The normalised name; None for a requirement that is only a path (".")."""
        return name_of(self.requirement)

    def render(self) -> str:
        return " \\\n".join([self.requirement, *(f"    --hash={value}" for value in self.hashes)]) + "\n"


def name_of(requirement: str) -> str | None:
    """Return the normalised name (PEP 503) that a requirement begins with; None where it begins with a path or URL."""
    found = _NAME.match(requirement)
    if found is None or requirement[found.end():].startswith((":", "/")):
        return None
    return re.sub(r"[-_.]+", "-", found.group(1)).lower()


def redacted(text: str) -> str:
    """Return the text with every user and password in a URL replaced."""
    return _USERINFO.sub(r"\1***@", text)


def logical_lines(text: str) -> Iterator[str]:
    """Yield lines with continuations joined, comments and blank lines left out, in pip's order."""
    joined = re.sub(r"\\\r?\n", " ", text.lstrip("\ufeff"))
    for line in joined.splitlines():
        bare = _COMMENT.sub("", line).strip()
        if bare:
            yield bare


def option(line: str) -> tuple[str, str] | None:
    """Return an option line's name and value, None for a requirement."""
    if not line.startswith("-"):
        return None
    found = _OPTION.match(line)
    return (found.group(1), found.group(2).strip().strip("'\"")) if found else (line, "")


def gather(name: str, read: Callable[[str], bytes]) -> Files:
    """Return the file and all that it includes, each once, the file itself first.

    name: relative to the top of the source; read: gives the content of such a path, and may raise what it likes.
    Raises SpecError for an include that leads out of the source, is a URL or is not UTF-8.
    """
    found: dict[str, bytes] = {}
    todo = [posixpath.normpath(name)]
    while todo:
        path = todo.pop(0)
        if path in found:
            continue
        found[path] = read(path)
        if path.endswith((".toml", ".lock")):
            if posixpath.basename(path) == "uv.lock":
                todo.append(posixpath.join(posixpath.dirname(path), "pyproject.toml"))
            continue
        for line in logical_lines(decoded(path, found[path])):
            word = option(line)
            if word and word[0] in INCLUDES:
                todo.append(_included(path, word[1]))
    return tuple(found.items())


def decoded(path: str, content: bytes) -> str:
    """Return a requirements file's text. Raises SpecError where it is not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def _included(path: str, target: str) -> str:
    if "://" in target:
        raise SpecError(f"{path}: includes {redacted(target)}; only files of the source itself may be included")
    inner = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if posixpath.isabs(inner) or inner == ".." or inner.startswith("../"):
        raise SpecError(f"{path}: includes {target}, which lies outside of the source; move it inside")
    return inner


def names_source(requirement: str) -> bool:
    """Tell whether a requirement is a folder or file of the source itself: ".", ".[extra]", "-e .", "./library"."""
    return _location(requirement).startswith(".")


def needs_build(requirement: str) -> bool:
    """Tell whether a requirement can't come as a wheel: a folder, a repository, the URL of a source distribution."""
    place = _location(requirement)
    if place.startswith((".", "/")) or "+" in place.partition("://")[0]:
        return True
    return "://" in place and not place.partition("#")[0].partition("?")[0].endswith(".whl")


def _location(requirement: str) -> str:
    """Return the path or URL that a requirement names ("name @ URL" too); "" for one that names a package."""
    bare = without_editable(requirement).partition(" ;")[0]
    named = _DIRECT.match(bare)
    place = named.group(1) if named else bare
    return place.strip() if place.startswith((".", "/")) or _SCHEME.match(place) else ""


def without_editable(requirement: str) -> str:
    """Return "-e ." as ".": an immutable venv can't follow a folder that is edited."""
    word = option(requirement.strip())
    return word[1] if word and word[0] in EDITABLE else requirement.strip()


def options_refused(text: str, build: bool) -> list[str]:
    """Return the option lines of a requirements file that have no meaning here or, unless ``build``, cause builds."""
    known = (*INCLUDES, *EDITABLE, *INDEXES, *HARMLESS, *(BUILDS if build else ()))
    return [line for line in logical_lines(text) if (word := option(line)) and word[0] not in known]


def install_options(text: str) -> list[str]:
    """Return the option lines that installing needs as much as resolving: where packages come from, what is built."""
    return [line for line in logical_lines(text) if (word := option(line)) and word[0] in (*INDEXES, *BUILDS)]


def requirements_in(text: str) -> list[str]:
    """Return the requirements of a file: its logical lines that are no options; editable ones count."""
    return [line for line in logical_lines(text) if (word := option(line)) is None or word[0] in EDITABLE]


def plain(text: str) -> str:
    """Return the file as the lines that were understood here, editable ones made plain.

    This is what uv gets to read: where it and pip differ (a comment that ends in a backslash), nothing that was not
    checked slips through.
    """
    return "".join(f"{without_editable(line)}\n" for line in logical_lines(text))


def variables_in(text: str) -> list[str]:
    """Return the lines with ``${NAME}``: uv would put its own environment in, an index's password included."""
    return [line for line in logical_lines(text) if _VARIABLE.search(line)]


def hashes_in(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the hashes that files give, by normalised name."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for line in requirements_in(text):
            given = _HASH.findall(line)
            name = name_of(line)
            if given and name:
                found.setdefault(name, set()).update(given)
    return {name: tuple(sorted(values)) for name, values in found.items()}


def parse_lock(text: str) -> list[Pin]:
    """Read what ``uv pip compile --generate-hashes`` wrote."""
    return [
        Pin(_HASH.split(line, maxsplit=1)[0].strip(), tuple(sorted(set(_HASH.findall(line)))))
        for line in requirements_in(text)
    ]


def render_lock(pins: Iterable[Pin]) -> str:
    """Write pins so that the same set always gives the same text."""
    return "".join(pin.render() for pin in sorted(pins, key=lambda pin: (pin.name or "", pin.requirement)))


def versions(lock: str) -> dict[str, str]:
    """Return a lock's packages: normalised name to version, or to the (redacted) URL it comes from."""
    found = {}
    for pin in parse_lock(lock):
        match = _PIN.match(pin.requirement)
        if match and pin.name:
            found[pin.name] = match.group(2) or redacted(match.group(3))
    return dict(sorted(found.items()))
