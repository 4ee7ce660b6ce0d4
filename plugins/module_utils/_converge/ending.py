# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module ends: with its result, or with what was wrong in words for whoever runs it."""

from __future__ import annotations

from typing import Any, Callable

from .._errors import HostelError


def end_with(module: Any, work: Callable[[], dict[str, Any]]) -> None:
    """End ``module``, an AnsibleModule, with the result of ``work``.

    Its ``warnings`` are shown; where it has ``errors``, not all of it was done, and the module has failed.
    """
    failure: HostelError | None = None
    result: dict[str, Any] = {}
    try:
        result = work()
    except HostelError as error:
        failure = error
    # Not inside of "except": ansible-core would call it an unexpected exception.
    if failure is not None:
        module.fail_json(msg=str(failure), errors=failure.lines)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.get("errors"):
        module.fail_json(msg="\n".join(result["errors"]), **result)
    module.exit_json(**result)
