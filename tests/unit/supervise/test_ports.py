# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports of units, and the guard around them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from ansible_collections.hostel.python.plugins.module_utils._supervise import ports

ROLE = Path(__file__).parents[3] / "roles" / "node"
# Notes what it is asked for, and fails while a file named "broken" lies beside it, except for whole rule sets.
NFT = """\
#!/bin/sh
cd "$(dirname "$0")" || exit 9
if [ "$1" = --file ]; then cat "$2" >loaded; echo load >>asked; exit 0; fi
echo "$*" >>asked
[ ! -e broken ]
"""


@pytest.fixture
def node(tmp_path, monkeypatch):
    (tmp_path / "nft").write_text(NFT)
    (tmp_path / "nft").chmod(0o755)
    (tmp_path / "guard.nft").write_text("the rules\n")
    monkeypatch.setattr(ports, "NFT", str(tmp_path / "nft"))
    monkeypatch.setattr(ports, "RULES", str(tmp_path / "guard.nft"))
    monkeypatch.setattr(ports, "STATE", str(tmp_path / "state"))
    return tmp_path


def asked(node):
    return (node / "asked").read_text().splitlines()


def port_in(node, unit):
    comment, assignment = (node / "state" / unit).read_text().splitlines()
    assert assignment.startswith("HOSTEL_PORT=")
    return comment, int(assignment[len("HOSTEL_PORT=") :])


def test_a_unit_takes_a_port_and_gives_it_back(node):
    ports.main(["ports.py", "take", "hostel-blog@1", "20001"])
    comment, port = port_in(node, "hostel-blog@1")
    assert comment == "# uid 20001"
    assert ports.FIRST <= port <= ports.LAST
    assert (node / "state" / "hostel-blog@1").stat().st_mode & 0o777 == 0o600
    ports.main(["ports.py", "give", "hostel-blog@1"])
    assert asked(node) == [f"{verb} element inet hostel owners {{ 20001 . {port} }}" for verb in ("add", "delete")]
    assert ports.taken() == {}


def test_a_unit_that_comes_again_leaves_nothing_of_before(node):
    for _time in range(2):
        ports.main(["ports.py", "take", "hostel-blog@1", "20001"])
    assert list(ports.taken()) == ["hostel-blog@1"]
    assert [line.split()[0] for line in asked(node)] == ["add", "delete", "add"]


def test_giving_what_was_never_taken_is_fine(node):
    ports.main(["ports.py", "give", "hostel-blog@1"])
    assert not (node / "asked").exists()


def test_rules_that_are_gone_are_put_up_again_with_all_that_is_taken(node):
    ports.main(["ports.py", "take", "hostel-a@1", "20001"])
    (node / "broken").touch()
    ports.main(["ports.py", "take", "hostel-b@1", "20002"])
    pairs = {(20001, port_in(node, "hostel-a@1")[1]), (20002, port_in(node, "hostel-b@1")[1])}
    rules, *elements = (node / "loaded").read_text().splitlines()
    assert rules == "the rules"
    assert set(elements) == {f"add element inet hostel owners {{ {uid} . {port} }}" for uid, port in pairs}


def test_a_port_that_could_not_be_given_back_is_given_back_with_all_rules(node):
    ports.main(["ports.py", "take", "hostel-a@1", "20001"])
    (node / "broken").touch()
    ports.main(["ports.py", "give", "hostel-a@1"])
    assert (node / "loaded").read_text() == "the rules\n"


@pytest.mark.parametrize("address", ["127.0.0.1", "", "::1"])
def test_a_port_that_somebody_has_anywhere_is_not_free(address):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as stranger:
        stranger.bind((address, 0))
        assert not ports.is_free(stranger.getsockname()[1])


def test_a_port_is_neither_another_units_nor_in_use(monkeypatch):
    monkeypatch.setattr(ports, "LAST", ports.FIRST + 2)
    monkeypatch.setattr(ports, "is_free", {ports.FIRST: False, ports.FIRST + 1: True, ports.FIRST + 2: True}.get)
    assert ports.free_port({ports.FIRST + 1}) == ports.FIRST + 2
    with pytest.raises(SystemExit, match="no TCP port from 61000 to 61002 is free"):
        ports.free_port({ports.FIRST + 1, ports.FIRST + 2})


def test_the_first_port_is_by_chance(monkeypatch):
    monkeypatch.setattr(ports, "is_free", bool)
    assert len({ports.free_port(set()) for _time in range(20)}) > 10


def test_what_systemd_calls_a_protocol_error_is_explained(capsys):
    ports.explain("hostel-blog@1", {"SERVICE_RESULT": "exit-code"})
    assert capsys.readouterr().err == ""
    ports.explain("hostel-blog@1", {"SERVICE_RESULT": "protocol"})
    assert "it has to stay in the foreground" in capsys.readouterr().err


def test_the_guards_rules_are_of_these_ports():
    rules = (ROLE / "files" / "guard.nft").read_text()
    ranges = [word for word in rules.split() if "-" in word and word.replace("-", "").isdigit()]
    assert ranges == [f"{ports.FIRST}-{ports.LAST}"] * 3
