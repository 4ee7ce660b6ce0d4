# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes compile the interpreters that no controller has packed yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def build_hosts(hosts: Iterable[str], hostvars: Mapping[str, Any], register: str, chosen: str = "") -> list[str]:
    """Return one node for each kind of processor on which some node lacks a declared build; or the chosen one.

    What was compiled against an old C library runs with a newer one as well, so the oldest node compiles. Of equal
    ones, it is the node that has most of the builds already and only has to pack them.
    """
    answers = {host: hostvars[host].get(register) or {} for host in hosts}
    answers = {host: answer for host, answer in answers.items() if "builds" in answer}
    machines = {answer["platform"]["machine"] for answer in answers.values() if _lacks(answer)}
    if chosen:
        return [chosen] if machines else []
    builders = []
    for machine in sorted(machines):
        alike = [host for host, answer in answers.items() if answer["platform"]["machine"] == machine]
        builders.append(min(alike, key=lambda host: _rank(answers[host])))
    return builders


def _lacks(answer: Mapping[str, Any]) -> bool:
    return any(not build["present"] for build in answer["builds"])


def _rank(answer: Mapping[str, Any]) -> tuple[tuple[int, ...], int]:
    libc = tuple(int(part) for part in answer["platform"]["libc"].split(".") if part.isdigit())
    return libc, -sum(build["present"] for build in answer["builds"])


class FilterModule:
    """Filters of the roles."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"build_hosts": build_hosts}
