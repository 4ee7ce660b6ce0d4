# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Property tests: an environment file means the same to a POSIX shell and to systemd, and just what was put in."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._spec.layout import MANAGED
from ansible_collections.hostel.python.plugins.module_utils._syntax import environment
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SPECIAL = "\"'\\$`%!#;&|<>(){}[]*?~=: \t\na0é\u2028\U0001f600"
passable = st.text(st.characters(exclude_categories=("Cs",), exclude_characters=[chr(n) for n in range(32)] + ["\x7f"]))
values = st.one_of(st.text(SPECIAL), passable)


def read_by_shell(file: Path) -> dict[bytes, bytes]:
    """What a process has in its environment that a shell starts after reading the file."""
    script = f'set -a; . "{file}"; exec /usr/bin/env -0'
    run = subprocess.run(["/usr/bin/env", "-i", "/bin/sh", "-c", script], capture_output=True, check=True)
    assert run.stderr == b""
    return dict(pair.split(b"=", 1) for pair in run.stdout.split(b"\0") if pair)


def read_as_systemd_does(file: bytes) -> dict[str, str]:
    """parse_env_file_internal of systemd's src/basic/env-file.c, for double-quoted values."""
    found = {}
    text = file.decode()
    position = 0
    while position < len(text):
        if text[position] == "#":
            position = text.index("\n", position) + 1
            continue
        start = text.index("=", position)
        key = text[position:start]
        assert text[start + 1] == '"'
        position = start + 2
        value = ""
        while text[position] != '"':
            if text[position] == "\\":
                position += 1
                value += text[position] if text[position] in '"\\`$' else "\\" + text[position]
            else:
                value += text[position]
            position += 1
        assert text[position + 1] == "\n"
        position += 2
        found[key] = value
    return found


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(values, min_size=1, max_size=40))
def test_shell_and_systemd_read_what_was_put_in(tmp_path: Path, wanted: list[str]) -> None:
    file = tmp_path / "environment"
    pairs = [(f"K{number}", value) for number, value in enumerate(wanted)]
    file.write_bytes(environment.render(pairs))
    by_shell = read_by_shell(file)
    assert [by_shell[key.encode()] for key, _value in pairs] == [value.encode() for value in wanted]
    assert read_as_systemd_does(file.read_bytes()) == dict(pairs)


def test_the_shell_keeps_every_character_of_the_basic_plane(tmp_path: Path) -> None:
    # dash marks quoted characters with bytes of its own, which are also bytes of UTF-8.
    file = tmp_path / "environment"
    blocks = ["".join(chr(code) for code in range(start, start + 256)) for start in range(0x100, 0xD800, 256)]
    file.write_bytes(environment.render((f"K{number}", block) for number, block in enumerate(blocks)))
    by_shell = read_by_shell(file)
    assert [by_shell[f"K{number}".encode()].decode() for number in range(len(blocks))] == blocks


def test_first_line_says_whose_it_is() -> None:
    assert environment.render([("A", "1")]) == f'{MANAGED}\nA="1"\n'.encode()


def test_order_is_kept() -> None:
    assert environment.render([("B", ""), ("A", "")]).splitlines()[1:] == [b'B=""', b'A=""']


@pytest.mark.parametrize("key", ["", "1A", "A-B", "A B", "A=B", "A\n", "É", "A.B", "OPTIND", "UID"])
def test_names_that_cannot_be_passed(key: str) -> None:
    with pytest.raises(SpecError, match="environment variable"):
        environment.render([(key, "x")])


@given(st.sampled_from([code for code in range(32) if chr(code) not in "\t\n"] + [127]), passable, passable)
def test_control_characters_are_refused_without_telling_the_value(code: int, before: str, after: str) -> None:
    with pytest.raises(SpecError) as caught:
        environment.render([("KEY", f"secret{before}{chr(code)}{after}")])
    assert "secret" not in str(caught.value)
    assert re.search(rf"U\+{code:04X}", str(caught.value))


def test_too_long_for_the_kernel() -> None:
    assert environment.check("K", "x" * (environment.LONGEST - 3)) is None
    assert "bytes" in str(environment.check("K", "x" * (environment.LONGEST - 2)))


def test_broken_unicode_is_refused() -> None:
    assert environment.check("K", "\udc80") == "the value is not valid Unicode text"
