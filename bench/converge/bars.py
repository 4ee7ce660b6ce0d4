# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ratios that count, and how far each may go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rig.bars import Bar, at_least, at_most, lines

Results = Mapping[str, Mapping[str, Any]]


def judge(results: Results) -> list[Bar]:
    """Every bar that these results allow to be judged. Per app: seconds of a whole run through its number of apps."""
    ours = results["hostel"]
    judged = [
        at_most("nothing to do, against one ping", ours["idle"] / ours["ping"], 3),
        at_most("one app added, against one ping", ours["add"] / ours["ping"], 4),
        at_most("Apache reloads meanwhile", ours["add_apache_reloads"], 0),
        at_most("failed requests meanwhile", len(ours["add_failures"]), 0),
    ]
    if "stock" in results:
        stock = results["stock"]
        judged.append(at_least("nothing to do, per app, faster than stock", _faster(ours, stock, "idle"), 300))
        judged.append(at_least("first run, per app, faster than stock", _faster(ours, stock, "first"), 20))
    if "mitogen" in results:
        judged.append(
            at_least("nothing to do, per app, faster than Mitogen", _faster(ours, results["mitogen"], "idle"), 100)
        )
    return judged


def _faster(ours: Mapping[str, Any], peer: Mapping[str, Any], key: str) -> float:
    return float(peer[key] / peer["apps"]) / float(ours[key] / ours["apps"])


def table(results: Results, judged: list[Bar]) -> str:
    """Both tables for people: the seconds, and the bars."""
    heads = f"{'apps':>6}{'first run':>12}{'per app':>10}{'nothing to do':>15}{'per app':>10}{'one added':>11}"
    shown = ["", f"{'':10}{heads}"]
    for name, one in results.items():
        added = f"{one['add']:.2f} s" if "add" in one else ""
        shown.append(
            f"{name:10}{one['apps']:>6}{one['first']:>10.1f} s{one['first'] / one['apps']:>8.2f} s"
            f"{one['idle']:>13.2f} s{1000 * one['idle'] / one['apps']:>7.0f} ms{added:>11}"
        )
    ours = results["hostel"]
    slowest = 1000 * ours["add_slowest_request"]
    shown += [
        f"{'ping':10}{'':>6}{'':>12}{'':>10}{ours['ping']:>13.2f} s",
        "",
        f"whole site.yml with nothing to do: {ours['idle_site']:.2f} s",
        f"while apps were added: {ours['add_requests']} requests, the slowest took {slowest:.0f} ms",
        f"of these three runs, {ours['add_nginx_reloads']} reloaded nginx, {ours['add_apache_reloads']} Apache",
        "",
        *lines(judged),
    ]
    return "\n".join(shown)
