# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Property tests of the quoting for nginx: its own reader, modelled here, gets back what was put in."""

from __future__ import annotations

import re

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._syntax import nginx
from hypothesis import given
from hypothesis import strategies as st

SPECIAL = "\"'\\${}();#~^=@*?[]|. abntr0é\U0001f600"
printable = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters=[chr(n) for n in range(32)] + ["\x7f"]), max_size=200
)
values = st.one_of(st.text(SPECIAL, max_size=200), printable)


def read(quoted: str) -> str:
    """One parameter in double quotes, as ngx_conf_read_token reads it; it must end where the text ends."""
    assert quoted[0] == '"'
    result = ""
    position = 1
    while quoted[position] != '"':
        if quoted[position] == "\\":
            position += 1
            known = {"t": "\t", "r": "\r", "n": "\n", '"': '"', "'": "'", "\\": "\\"}
            result += known.get(quoted[position], "\\" + quoted[position])
        else:
            result += quoted[position]
        position += 1
    assert position == len(quoted) - 1
    return result


def expand(text: str) -> str:
    """Variables, as ngx_http_script_compile finds them: there is one, and every other is an error."""
    found = re.sub(r"\$\{hostel_dollar\}", "\0", text)
    assert "$" not in found
    return found.replace("\0", "$")


@given(values)
def test_literal(text: str) -> None:
    assert read(nginx.literal(text)) == text


@given(values)
def test_string_has_no_variables_of_its_own(text: str) -> None:
    assert expand(read(nginx.string(text))) == text


@given(values)
def test_location(text: str) -> None:
    assert read(nginx.location("/" + text)) == "/" + text


@given(values, values)
def test_regex_matches_its_text_and_nothing_else(text: str, other: str) -> None:
    expression = re.compile(read(nginx.literal(nginx.regex(text))))
    assert expression.fullmatch(text)
    assert bool(expression.fullmatch(other)) == (text == other)


@pytest.mark.parametrize("quote", [nginx.literal, nginx.string, lambda text: nginx.location("/" + text)])
@pytest.mark.parametrize("code", [*range(32), 127, 0xD800])
def test_control_characters_are_refused(quote: object, code: int) -> None:
    assert callable(quote)
    with pytest.raises(SpecError, match="nginx"):
        quote(f"a{chr(code)}b")


@pytest.mark.parametrize("path", ["", "=/x", "~ x", "^~/x", "@name", "x"])
def test_location_begins_with_a_slash(path: str) -> None:
    with pytest.raises(SpecError, match="slash"):
        nginx.location(path)


def test_parameters_fit_into_the_buffer() -> None:
    assert len(nginx.literal("x" * nginx.LONGEST)) < 4096
    with pytest.raises(SpecError, match="at most"):
        nginx.literal("é" * nginx.LONGEST)


@pytest.mark.parametrize(("seconds", "written"), [(30, "30s"), (0.5, "500ms"), (1.25, "1250ms"), (300.0, "300s")])
def test_duration(seconds: float, written: str) -> None:
    assert nginx.duration(seconds) == written


@pytest.mark.parametrize("seconds", [0, -1, 0.0001, 1e9])
def test_duration_out_of_bounds(seconds: float) -> None:
    with pytest.raises(SpecError):
        nginx.duration(seconds)


def test_size() -> None:
    assert nginx.size(20 * 1024**2) == "20971520"
    with pytest.raises(SpecError):
        nginx.size(-1)
