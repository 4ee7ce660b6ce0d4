# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How modules end."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.hostel.python.plugins.module_utils._converge.ending import end_with
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError


class Module:
    """Keeps what an AnsibleModule would say as it ends, and whether it would show an exception beside that."""

    def __init__(self):
        self.warned = []
        self.said = None

    def warn(self, text):
        self.warned.append(text)

    def _end(self, **said):
        self.said = {**said, "exception": sys.exc_info()[0]}
        raise SystemExit

    exit_json = _end

    def fail_json(self, **said):
        self._end(failed=True, **said)


@pytest.fixture
def ended():
    def with_work(work):
        module = Module()
        with pytest.raises(SystemExit):
            end_with(module, work)
        return module

    return with_work


def test_with_the_result(ended):
    module = ended(lambda: {"changed": True, "warnings": ["mind the gap"], "errors": []})
    assert module.said == {"changed": True, "errors": [], "exception": None}
    assert module.warned == ["mind the gap"]


def test_with_what_was_wrong_and_no_exception_beside_it(ended):
    def work():
        raise SpecError("one", "two")

    assert ended(work).said == {"failed": True, "msg": "one\ntwo", "errors": ["one", "two"], "exception": None}


def test_what_was_done_in_part_has_failed(ended):
    said = ended(lambda: {"changed": True, "errors": ["one", "two"]}).said
    assert said == {"failed": True, "msg": "one\ntwo", "changed": True, "errors": ["one", "two"], "exception": None}


def test_a_mistake_of_the_program_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        end_with(Module(), lambda: {"changed": 1 // 0})
