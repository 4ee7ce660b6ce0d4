# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Property tests of the quoting for systemd: its own reader, modelled here, gets back what was put in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._syntax import systemd
from hypothesis import assume, given
from hypothesis import strategies as st

SPECIAL = "\"'\\$%{};:-@+!|#= \t\r\nabntx0é\U0001f600"
anything = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
values = st.one_of(st.text(SPECIAL), anything)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"'}


def words(line: str, separators: str = " ", escapes: bool = True) -> list[str]:
    """extract_first_word of src/basic/extract-word.c, for words in double quotes."""
    assert not CONTROL.search(line)
    found: list[str] = []
    position = 0
    while position < len(line):
        assert line[position] == '"'
        position += 1
        word = ""
        while line[position] != '"':
            if line[position] != "\\":
                word += line[position]
            elif not escapes:
                position += 1
                word += line[position]
            elif line[position + 1] == "x":
                word += chr(int(line[position + 2 : position + 4], 16))
                position += 3
            else:
                position += 1
                word += ESCAPES[line[position]]
            position += 1
        found.append(word)
        position += 1
        assert position == len(line) or line[position] in separators
        position += 1
    return found


def specifiers(text: str) -> str:
    """%% is a percent sign; any other % would be a specifier."""
    assert "%" not in text.replace("%%", "")
    return text.replace("%%", "%")


def variables(text: str) -> str:
    """$$ is a dollar sign; any other $ would be a variable."""
    assert "$" not in text.replace("$$", "")
    return text.replace("$$", "$")


@given(values)
def test_argument(text: str) -> None:
    (word,) = words(systemd.argument(text))
    assert variables(specifiers(word)) == text


@given(st.lists(values))
def test_command(arguments: list[str]) -> None:
    program, _space, rest = systemd.command(["/usr/bin/env", *arguments]).partition(" ")
    assert program == "/usr/bin/env"
    assert [variables(specifiers(word)) for word in words(rest)] == arguments


@pytest.mark.parametrize(
    "program", ["env", "-/bin/env", "@/bin/env", "/bin/e nv", "/bin/$x", "/bin/%n", "", "/bin/é", "/b\n"]
)
def test_programs_are_plain_absolute_paths(program: str) -> None:
    with pytest.raises(SpecError, match="program"):
        systemd.command([program])


@given(values)
def test_environment(text: str) -> None:
    assume(not CONTROL.search(text.replace("\n", "").replace("\t", "")))
    (word,) = words(systemd.environment("KEY", text))
    assert specifiers(word) == f"KEY={text}"


@given(values)
def test_path_and_bind(text: str) -> None:
    assume(not CONTROL.search(text))
    (word,) = words(systemd.path("/" + text), escapes=False)
    assert specifiers(word) == "/" + text
    assume(not any(character in text for character in systemd.UNBINDABLE))
    assert [specifiers(each) for each in words(systemd.bind("/" + text, "/b"), ":", escapes=False)] == [
        "/" + text,
        "/b",
    ]


@pytest.mark.parametrize("text", ["a'b", 'a"b', "a\\b"])
def test_bind_refuses_what_systemd_loses(text: str) -> None:
    for ends in (("/" + text, "/x"), ("/x", "/" + text)):
        with pytest.raises(SpecError, match="quote"):
            systemd.bind(*ends)


@given(values)
def test_value(text: str) -> None:
    assume(not CONTROL.search(text) and text == text.strip() and not text.endswith("\\"))
    assert specifiers(systemd.value(text)) == text


@pytest.mark.parametrize("text", ["a\nb", " a", "a ", "a\\", "a\tb", "a\0", "\udc80"])
def test_what_a_plain_line_cannot_hold(text: str) -> None:
    with pytest.raises(SpecError, match="systemd"):
        systemd.value(text)


@pytest.mark.parametrize(
    "quote", [systemd.argument, systemd.value, systemd.escape, lambda text: systemd.path("/" + text)]
)
@pytest.mark.parametrize("text", ["a\0b", "\udc80"])
def test_what_nothing_can_hold(quote: Callable[[str], str], text: str) -> None:
    with pytest.raises(SpecError, match="systemd"):
        quote(text)


@pytest.mark.parametrize("text", ["relative", "", "/a\nb"])
def test_paths_are_absolute_and_on_one_line(text: str) -> None:
    with pytest.raises(SpecError, match="path"):
        systemd.path(text)


@pytest.mark.parametrize(("key", "text"), [("1A", "x"), ("A-B", "x"), ("A\n", "x"), ("A", "\r"), ("A", "\x7f")])
def test_environment_refuses_what_systemd_would_drop(key: str, text: str) -> None:
    with pytest.raises(SpecError, match="systemd"):
        systemd.environment(key, text)


@given(values)
def test_escape(text: str) -> None:
    escaped = systemd.escape(text)
    assert re.fullmatch(r"[A-Za-z0-9:_.\\-]*", escaped)
    parts = re.findall(r"\\x[0-9a-f]{2}|.", escaped)
    restored = [
        bytes([int(part[2:], 16)]) if len(part) > 1 else b"/" if part == "-" else part.encode() for part in parts
    ]
    assert b"".join(restored) == text.encode()


def test_escape_hides_a_dot_in_front() -> None:
    assert systemd.escape(".a.b-c") == r"\x2ea.b\x2dc"
