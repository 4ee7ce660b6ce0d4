# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host and the path prefix that an app is mounted at."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from .problems import Wrong
from .values import text

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.ASCII)
# A segment is the name of a folder, a part of a location of nginx and of a header: what is plain in all of them. A dot
# in front would make it a hidden file, .htaccess among them, or a way upward.
_SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*", re.ASCII)
# Python's own IDNA codec follows the standard of 2003. These four are where browsers, which follow that of 2008,
# go to another host.
_DISPUTED = re.compile("[\u00df\u03c2\u200c\u200d]")

HOST_LONGEST = 253
LABEL_LONGEST = 63
PREFIX_LONGEST = 200


@dataclass(frozen=True)
class Url:
    """host: lower-case ASCII host name; prefix: "" for the root, else "/blog" (no slash at the end)."""

    host: str
    prefix: str = ""

    def __str__(self) -> str:
        return self.host + self.prefix


def url(value: object) -> Url:
    """``host`` or ``host/prefix``; a slash at the end is dropped. Hosts in other scripts become their ASCII form."""
    given = text(value)
    if "://" in given or given.startswith("//"):
        raise Wrong("must be given without a scheme: host or host/prefix")
    for mark, meaning in (("?", "a query"), ("#", "a fragment"), ("@", "a user")):
        if mark in given:
            raise Wrong(f"must not have {meaning} ({mark}): host or host/prefix")
    name, slash, rest = given.partition("/")
    if ":" in name:
        raise Wrong("must not have a port or an IPv6 address: host or host/prefix; ports are the node's")
    return Url(host(name), prefix(slash + rest))


def host(name: str) -> str:
    """A host name or IPv4 address in lower-case ASCII; a dot at the end is dropped."""
    if "*" in name:
        raise Wrong("must not have a wildcard; name each host")
    if not name:
        raise Wrong("must begin with a host name: host or host/prefix")
    ascii_name = (name if name.isascii() else _idna(name)).lower()
    if ascii_name.endswith("."):
        ascii_name = ascii_name[:-1]
    labels = ascii_name.split(".")
    if len(ascii_name) > HOST_LONGEST or any(len(label) > LABEL_LONGEST for label in labels):
        raise Wrong(f"host name too long: at most {LABEL_LONGEST} characters between dots, {HOST_LONGEST} in all")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise Wrong(
            "host names have letters, digits and dashes between single dots, and no dash at either end of a part"
        )
    if labels[-1].isdigit() and not _is_ipv4(ascii_name):
        raise Wrong("host names don't end in a number, unless they are IPv4 addresses")
    return ascii_name


def _idna(name: str) -> str:
    disputed = _DISPUTED.search(name)
    if disputed:
        raise Wrong(f"the standards disagree on {disputed.group()!r} in a host name; give its xn-- form")
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        raise Wrong("the host name has no ASCII form by IDNA; give its xn-- form") from None


def _is_ipv4(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


def prefix(given: str) -> str:
    """The path of a mount: "" or "/" for the root, "/blog", "/a/b"; one slash at the end is dropped."""
    path = given[:-1] if given.endswith("/") else given
    if not path:
        return ""
    if len(path) > PREFIX_LONGEST:
        raise Wrong(f"path too long: at most {PREFIX_LONGEST} characters")
    segments(path)
    return path


def segments(path: str) -> list[str]:
    """The parts between the slashes of an absolute URL path, all of them plain."""
    parts = path.split("/")[1:]
    for part in parts:
        if not part:
            raise Wrong("the path must not have two slashes in a row")
        if part in (".", ".."):
            raise Wrong(f"the path must not have {part!r} in it")
        if not _SEGMENT.fullmatch(part):
            raise Wrong(
                "the path may have letters, digits, dots, dashes, underscores and tildes between its slashes, "
                "no dot in front, and no encoding"
            )
    return parts
