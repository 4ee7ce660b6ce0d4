# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every server owes a WSGI application."""

from __future__ import annotations

import io

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import pep3333


def test_a_head_may_be_replaced_until_it_is_sent():
    error = ValueError("late")
    told = (ValueError, error, None)
    pep3333.check_start(None, called=False, sent=False)
    pep3333.check_start(told, called=True, sent=False)
    with pytest.raises(ValueError, match="late"):
        pep3333.check_start(told, called=True, sent=True)
    with pytest.raises(AssertionError, match="twice"):
        pep3333.check_start(None, called=True, sent=False)


def test_what_can_be_closed_is():
    file = io.BytesIO()
    pep3333.close(file)
    assert file.closed
    pep3333.close([b"x"])


def test_a_body_ends_where_its_length_says():
    read = io.BytesIO(b"one\ntwo\nthree").read
    body = io.BufferedReader(pep3333.Input(read, 8), 1024)
    assert list(body) == [b"one\n", b"two\n"]
    assert read() == b"three"


def test_a_body_without_a_length_ends_with_the_client():
    assert io.BufferedReader(pep3333.Input(io.BytesIO(b"all").read, None)).read() == b"all"


def test_a_body_that_breaks_off_is_no_whole_one():
    body = io.BufferedReader(pep3333.Input(io.BytesIO(b"half").read, 8))
    with pytest.raises(ConnectionResetError, match="in the middle of its request"):
        body.read()


def test_a_file_comes_in_pieces_and_is_closed():
    file = io.BytesIO(b"x" * 100)
    wrapper = pep3333.FileWrapper(file, 64)
    assert [len(piece) for piece in wrapper] == [64, 36]
    wrapper.close()
    assert file.closed
    assert not hasattr(pep3333.FileWrapper(iter(())), "close")
