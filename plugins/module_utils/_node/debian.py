# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's packages: installing them, and finding a source that apt vouches for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .._errors import NodeError
from .._spec.layout import STATE
from .._spec.resources import File, Folder
from . import files
from .run import run

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
HELPER = "/usr/lib/apt/apt-helper"
# Another apt may be at work on a fresh machine (unattended-upgrades): wait for it.
_PATIENT = ("-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3")
_QUIET = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "l"}
_URI = re.compile(r"^'(?P<uri>[^']+)' (?P<name>\S+) (?P<size>\d+) SHA256:(?P<digest>[0-9a-f]{64})$", re.MULTILINE)

_UPSTREAM = re.compile(r".*\.orig\.tar\.[a-z0-9]+")


@dataclass(frozen=True)
class SourceFile:
    """A file of a source package, with the digest that the suite's signed index gives it."""

    uri: str
    name: str
    digest: str


def missing(packages: Iterable[str]) -> list[str]:
    """Return those of the packages that are not installed."""
    wanted = list(packages)
    shown = run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted], what="asking for packages", check=False
    )
    there = {line.split()[0] for line in shown.stdout.splitlines() if line.endswith(" installed")}
    return [one for one in wanted if one not in there]


def install(packages: Iterable[str], what: str) -> bool:
    """Install what is missing of some packages, without recommendations. Return whether there was anything to do.

    The lists are refreshed only when the packages cannot be had with those that are there. Raises NodeError.
    """
    wanted = missing(packages)
    if not wanted:
        return False
    command = ["apt-get", *_PATIENT, "-q", "-y", "--no-install-recommends", "install", *wanted]
    if run(command, what=what, env=_QUIET, timeout=1800, check=False).rc != 0:
        refresh(what)
        run(command, what=f"{what}: installing {' '.join(wanted)}", env=_QUIET, timeout=1800)
    return True


def refresh(what: str) -> None:
    """Fetch the node's package lists anew."""
    run(["apt-get", *_PATIENT, "-q", "update"], what=f"{what}: apt-get update", env=_QUIET, timeout=600)


def known(pattern: str) -> list[str]:
    """Return the names of all packages of the node's distribution that match a regular expression, sorted."""
    names = run(["apt-cache", "pkgnames"], what="asking apt for the names of packages").stdout.split()
    return sorted(name for name in names if re.fullmatch(pattern, name))


def mirror() -> str:
    """Return the URI of the mirror from which this node has its distribution, without a slash at the end."""
    release = _codename()
    listed = run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"],
        what="asking apt for the node's mirror",
    ).stdout
    for line in listed.splitlines():
        uri, _space, suite = line.partition(" ")
        if suite == release:
            return uri.rstrip("/")
    raise NodeError(f"apt: no source of {release} is configured on this node, so there is no mirror to use")


def sources(package: str, suite: str) -> list[SourceFile]:
    """Return the upstream tarballs of a source package in any suite, the newest version first.

    apt fetches and verifies the suite's index in folders of its own; the node's sources stay as they are.
    Raises NodeError, also when the suite has no such package.
    """
    what = f"source package {package} of {suite}"
    options = _own_apt(suite)
    run(["apt-get", *options, *_PATIENT, "-q", "update"], what=f"{what}: apt-get update", env=_QUIET, timeout=600)
    shown = run(["apt-cache", *options, "showsrc", "--only-source", package], what=what, check=False).stdout
    versions = [line.split(" ", 1)[1] for line in shown.splitlines() if line.startswith("Version: ")]
    if not versions:
        raise NodeError(f"{what}: {mirror()} has no such source package in {suite}; choose another suite or version")
    found: list[SourceFile] = []
    for version in reversed(versions):
        uris = run(["apt-get", *options, "-q", "source", "--print-uris", f"{package}={version}"], what=what).stdout
        found += [
            SourceFile(match["uri"], match["name"], match["digest"])
            for match in _URI.finditer(uris)
            if _UPSTREAM.fullmatch(match["name"])
        ]
    return found


def download(uri: str, path: str, what: str) -> None:
    """Fetch a URL with apt's own means: its proxies, its certificates, its account without rights. Not verified."""
    run([HELPER, *_PATIENT, "download-file", uri, path], what=f"{what}: fetching {uri}", timeout=1800)


def _own_apt(suite: str) -> list[str]:
    base = f"{STATE}/apt/{suite}"
    for folder in (base, f"{base}/lists", f"{base}/cache"):
        files.write(Folder(folder), durable=False)
    line = f"deb-src [signed-by={KEYRING}] {mirror()} {suite} main\n"
    files.write(File(f"{base}/sources.list", line.encode()), durable=False)
    settings = {
        "Dir::Etc::sourcelist": f"{base}/sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": f"{base}/lists",
        "Dir::Cache": f"{base}/cache",
    }
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def _codename() -> str:
    with open("/etc/os-release", encoding="utf-8") as lines:
        for line in lines:
            key, _equals, value = line.strip().partition("=")
            if key == "VERSION_CODENAME":
                return value.strip('"')
    raise NodeError("/etc/os-release: has no VERSION_CODENAME; this collection supports Debian 12 and 13")
