# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quoting for lighttpd."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._syntax import lighttpd


def test_a_path_of_ours_is_a_string():
    assert lighttpd.literal("/var/lib/hostel/apps/my-blog/0123456789ab") == (
        '"/var/lib/hostel/apps/my-blog/0123456789ab"'
    )


@pytest.mark.parametrize("text", ["", 'a"', "a\\", "a$b", "a\nb", "a b", "ä", "a#b"])
def test_what_might_mean_something_is_refused(text):
    with pytest.raises(SpecError, match="must consist of letters"):
        lighttpd.literal(text)
