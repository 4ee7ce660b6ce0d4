# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Property tests of the quoting for Apache: its own reader, modelled here, gets back what was put in."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._syntax import apache
from hypothesis import assume, given
from hypothesis import strategies as st

SPECIAL = "\"'\\${}%<>#;=*?[] abn0é\U0001f600"
printable = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters=[chr(n) for n in range(32)] + ["\x7f"]), max_size=200
)
values = st.one_of(st.text(SPECIAL, max_size=200), printable).filter(lambda text: "${" not in text)


def words(line: str) -> list[str]:
    """ap_getword_conf of Apache's server/util.c, for words in double quotes."""
    found = []
    position = 0
    while position < len(line):
        assert line[position] == '"'
        position += 1
        word = ""
        while line[position] != '"':
            if line[position] == "\\" and line[position + 1] in '"\\':
                position += 1
            word += line[position]
            position += 1
        found.append(word)
        position += 1
        assert position == len(line) or line[position] == " "
        position += 1
    return found


@given(values)
def test_argument(text: str) -> None:
    assert words(apache.argument(text)) == [text]


@given(st.lists(values, min_size=1, max_size=5))
def test_directive(arguments: list[str]) -> None:
    name, _space, rest = apache.directive("PassengerAppRoot", *arguments).partition(" ")
    assert name == "PassengerAppRoot"
    assert words(rest) == arguments


@given(values)
def test_location(text: str) -> None:
    assume(not any(character in text for character in "*?[]\\"))
    first, inside, last = apache.location("/" + text, ["Require all granted"])
    assert first.startswith("<Location ")
    assert words(first[len("<Location ") : -1]) == ["/" + text]
    assert (inside, last) == ("    Require all granted", "</Location>")


@pytest.mark.parametrize("text", ["${x}", "a${", "\udc80", *(f"a{chr(code)}b" for code in (*range(32), 127))])
def test_what_apache_cannot_hold(text: str) -> None:
    with pytest.raises(SpecError, match="Apache"):
        apache.argument(text)


def test_arguments_fit_into_a_line() -> None:
    with pytest.raises(SpecError, match="at most"):
        apache.argument("x" * apache.LONGEST)


@pytest.mark.parametrize("name", ["", "lower", "A B", "A\n", "<Location", "É"])
def test_names_of_directives(name: str) -> None:
    with pytest.raises(SpecError, match="directive"):
        apache.directive(name)


@pytest.mark.parametrize("path", ["", "x", "~ /x", "/a*", "/a?", "/[a]", "/a\\"])
def test_locations_are_no_patterns(path: str) -> None:
    with pytest.raises(SpecError, match="location"):
        apache.location(path, [])


@given(values)
def test_option(text: str) -> None:
    name, _equals, value = apache.option("display-name", text).partition("=")
    assert name == "display-name"
    assert words(value) == [text]


@pytest.mark.parametrize("name", ["", "Home", "home=", "a b", "-x", "home\n"])
def test_names_of_options(name: str) -> None:
    with pytest.raises(SpecError):
        apache.option(name, "x")
