# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server needs of the node and of the interpreter."""

from __future__ import annotations

import pytest
from ansible_collections.hostel.python.plugins.module_utils._converge import server_needs
from ansible_collections.hostel.python.plugins.module_utils._errors import NodeError


@pytest.fixture(autouse=True)
def node(monkeypatch):
    """Packages that the node has."""
    installed = {"apache2", "apache2-dev", "gcc", "libc6-dev", "libapache2-mod-wsgi-py3", "python3-dev"}
    monkeypatch.setattr(server_needs, "missing_packages", lambda wanted: sorted(set(wanted) - installed))
    return installed


@pytest.fixture
def interpreter(tmp_path):
    """The path of an interpreter of the collection's own."""
    for folder in ("bin", "lib"):
        (tmp_path / folder).mkdir()
    program = tmp_path / "bin" / "python3.14"
    program.write_bytes(b"")
    (tmp_path / "bin" / "python3").symlink_to("python3.14")
    return str(tmp_path / "bin" / "python3")


def refused(server, python):
    with pytest.raises(NodeError) as caught:
        server_needs.check("blog", server, "3.14", python)
    (line,) = caught.value.lines
    return line


def test_what_the_node_lacks_is_named(node, interpreter):
    node.discard("apache2-dev")
    assert refused("mod_wsgi_express", interpreter) == (
        "app blog: server: 'mod_wsgi_express' needs package apache2-dev, which is missing on this node: run "
        "hostel.python.site, which installs what the servers of hostel_apps need"
    )
    node.discard("gcc")
    assert "packages apache2-dev, gcc, which are missing" in refused("mod_wsgi_express", interpreter)


def test_a_server_that_needs_nothing_more(node, interpreter):
    node.clear()
    server_needs.check("blog", "uvicorn", "3.14", interpreter)


def test_debians_module_is_for_debians_python(interpreter):
    assert refused("mod_wsgi", interpreter).startswith("app blog: server: 'mod_wsgi' can't run Python 3.14")
    server_needs.check("blog", "mod_wsgi", "3.14", "/usr/bin/python3.14")


def test_a_compiled_module_needs_the_interpreter_as_a_library(interpreter, tmp_path):
    assert refused("mod_wsgi_express", interpreter).startswith("app blog: server: 'mod_wsgi_express' can't run Python")
    (tmp_path / "lib" / "libpython3.13.so.1.0").write_bytes(b"")
    refused("mod_wsgi_express", interpreter)
    (tmp_path / "lib" / "libpython3.14.so.1.0").write_bytes(b"")
    server_needs.check("blog", "mod_wsgi_express", "3.14", interpreter)
