# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an app is mounted, and its static files there."""

from __future__ import annotations

from matrix import COLUMNS, SCENARIO, probe
from site_under_test import Site

MOUNTS = "Mounts"
DIGITS = (SCENARIO / "apps" / "probe" / "static" / "digits.txt").read_bytes()
MANY = "many.test"


def nested(site: Site) -> str:
    """Below the prefix of the column before it."""
    names = [column.name for column in COLUMNS]
    return f"/{names[names.index(site.column) - 1]}/inner/{site.column}"


def mounts(site: Site) -> tuple[tuple[str, str], ...]:
    return ((site.host, ""), (MANY, f"/{site.column}"), (MANY, nested(site)))


def _below(site: Site, mount: str) -> None:
    told = site.ask(f"{mount[1:]}/tell/inside?x=1", host=MANY).told
    assert told["mount"] == mount
    assert told["path"] == "/tell/inside"
    assert told["raw"] in (f"{mount}/tell/inside", "")
    assert told["headers"]["host"] == MANY
    assert told["home"].startswith(f"/srv/hostel/{site.tenant}/{site.app}/releases/")


@probe("a prefix is SCRIPT_NAME or root_path", MOUNTS)
def prefix(site: Site) -> None:
    _below(site, f"/{site.column}")
    assert site.ask(f"{site.column}x/tell", host=MANY).status == 404


@probe("a prefix below the prefix of an app of another server", MOUNTS)
def nested_prefix(site: Site) -> None:
    _below(site, nested(site))


@probe("a prefix with and without its final slash", MOUNTS)
def final_slash(site: Site) -> None:
    for mount in (f"/{site.column}", nested(site)):
        answer = site.ask(f"{mount[1:]}?x=1", method="POST", body=b"kept", host=MANY)
        assert (answer.status, answer.headers["Location"]) == (307, f"{mount}/?x=1")
        told = site.ask(f"{mount[1:]}/?x=1", method="POST", body=b"kept", host=MANY).told
        assert (told["mount"], told["path"], told["size"]) == (mount, "/", 4)


@probe("redirects stay below the mount", MOUNTS)
def redirects(site: Site) -> None:
    for host, mount in mounts(site):
        answer = site.ask(f"{mount[1:]}/redirect".lstrip("/"), host=host)
        location = answer.headers["Location"].replace(f"http://{host}", "")
        assert (answer.status, location) == (302, f"{mount}/tell")


@probe("static files at every mount", MOUNTS)
def static_files(site: Site) -> None:
    for host, mount in mounts(site):
        place = f"{mount}/static"[1:]
        answer = site.ask(f"{place}/digits.txt", host=host)
        assert (answer.status, answer.body) == (200, DIGITS)
        assert site.ask(f"{place}/digits.txt", method="HEAD", host=host).headers["Content-Length"] == "10000"
        assert site.ask(f"{place}/missing", host=host).status == 404
        again = site.ask(f"{place}/digits.txt", host=host, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status, again.body) == (304, b"")


@probe("ranges of static files", MOUNTS)
def ranges(site: Site) -> None:
    for host, mount in mounts(site):
        path = f"{mount}/static/digits.txt"[1:]
        answer = site.ask(path, host=host, headers={"Range": "bytes=5-11"})
        assert (answer.status, answer.body) == (206, b"5678901")
        assert answer.headers["Content-Range"] == "bytes 5-11/10000"
        assert site.ask(path, host=host, headers={"Range": "bytes=-3"}).body == b"789"
        assert site.ask(path, host=host, headers={"Range": "bytes=10000-"}).status == 416
        several = site.ask(path, host=host, headers={"Range": "bytes=0-1,10-12"})
        assert several.headers["Content-Type"].startswith("multipart/byteranges")
        whole = site.ask(path, host=host, headers={"Range": "bytes=0-1", "If-Range": '"another"'})
        assert (whole.status, whole.body) == (200, DIGITS)
