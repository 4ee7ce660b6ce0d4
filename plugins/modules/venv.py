#!/usr/bin/python
# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: venv
short_description: Immutable, shared virtual environments
description:
  - Makes a virtual environment with uv. It is named by the digest of its interpreter and its resolved, hashed
    requirements, belongs to root, is read-only and compiled to byte code.
  - Whoever wants the same gets the same folder. The files of all virtual environments are hard links of one store.
  - Requirements are resolved once. The same question gets the same answer, without a process being started, until
    O(upgrade=true) asks anew.
  - Only wheels are installed, by an account of its own that runs nothing that came out of one. Building from source has
    to be allowed with O(build=true), is done under the account and limits of O(tenant), and only that tenant may read
    what comes out.
  - If any requirement has hashes, all must have them, and nothing else is installed.
  - The node needs uv in C(/opt/hostel/uv), which the role P(hostel.python.node#role) puts there.
version_added: 0.1.0
author: Hostel contributors (@hostel-python)
extends_documentation_fragment:
  - hostel.python.attributes
attributes:
  idempotent:
    details:
      - With O(upgrade=true) a second run changes nothing unless a package was published in between.
options:
  name:
    description:
      - The name under which the virtual environment is used. While the name is present, what it uses is not collected.
      - Letters, digits, dots, dashes and underscores; at most 64.
    type: str
    required: true
  python:
    description:
      - A version that M(hostel.python.python_version) installed, as V(3.13), or the path of an interpreter.
      - Needed with O(state=present).
    type: str
  requirements:
    description:
      - Requirements as pip knows them, with extras, markers, or the URL of a wheel.
      - With O(build=true), also source distributions, repositories, and O(project) as V(.).
    type: list
    elements: str
    default: []
  requirements_file:
    description:
      - Path on the node of a requirements file, a C(pyproject.toml) or a C(uv.lock), told apart by its name.
      - Included files (C(-r), C(-c)) must lie in the same folder or below. A C(uv.lock) is taken as it is, without
        resolving.
      - It is read as the O(tenant), if there is one. Otherwise the way to it must be root's alone.
    type: path
  build:
    description: Allow building from source, under the account and limits of O(tenant).
    type: bool
    default: false
  tenant:
    description: The account that builds and that the result is for. Needed with O(build=true).
    type: str
  project:
    description:
      - The folder that a requirement V(.) means; it has to be readable and writable for O(tenant).
      - If its content changes, the virtual environment is made anew. Folders named C(build) and C(*.egg-info), which
        building leaves there, do not count.
    type: path
  path:
    description:
      - A symbolic link to the virtual environment, switched in one atomic step.
      - The folder it lies in must be writable by root alone.
    type: path
  upgrade:
    description: Resolve the requirements anew, though they were resolved before.
    type: bool
    default: false
  index_url:
    description: The package index to use, with a user and password if it needs them.
    type: str
  extra_index_urls:
    description: Further package indexes, asked first, in this order.
    type: list
    elements: str
    default: []
  ca_bundle:
    description: A file with the certificate authorities to trust. The node's own are trusted where it is left out.
    type: path
  state:
    description:
      - V(absent) removes the name and O(path), and the virtual environment too if nothing else uses it.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Have a virtual environment with a link to it
  hostel.python.venv:
    name: reports
    python: "3.13"
    requirements: [pandas, "openpyxl>=3.1"]
    path: /srv/reports/venv

- name: Install exactly what a hashed requirements file says
  hostel.python.venv:
    name: wiki
    python: "3.13"
    requirements_file: /srv/wiki/requirements.txt

- name: Build from source, as the tenant and for the tenant alone
  hostel.python.venv:
    name: alice-tools
    python: "3.13"
    requirements: [uwsgi]
    build: true
    tenant: alice

- name: Take newer versions
  hostel.python.venv:
    name: reports
    python: "3.13"
    requirements: [pandas, "openpyxl>=3.1"]
    path: /srv/reports/venv
    upgrade: true
"""

RETURN = r"""
path:
  description: The virtual environment. In check mode it may not be there yet.
  returned: O(state=present), in check mode only if it can be known without resolving
  type: str
  sample: /var/lib/hostel/venvs/1675d0a3a1d09c9487df4ea44526cd39
digest:
  description: The name of its folder.
  returned: as RV(path)
  type: str
  sample: 1675d0a3a1d09c9487df4ea44526cd39
packages:
  description: Versions by package, or the URL a package comes from.
  returned: as RV(path)
  type: dict
  sample: {"pandas": "2.2.3"}
removed:
  description: The virtual environments that nothing used any more.
  returned: O(state=absent)
  type: list
  elements: str
  sample: [/var/lib/hostel/venvs/1675d0a3a1d09c9487df4ea44526cd39]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.hostel.python.plugins.module_utils._converge.ending import end_with
from ansible_collections.hostel.python.plugins.module_utils._converge.venv import converge


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "python": {"type": "str"},
            "requirements": {"type": "list", "elements": "str", "default": []},
            "requirements_file": {"type": "path"},
            "build": {"type": "bool", "default": False},
            "tenant": {"type": "str"},
            "project": {"type": "path"},
            "path": {"type": "path"},
            "upgrade": {"type": "bool", "default": False},
            "index_url": {"type": "str", "no_log": True},
            "extra_index_urls": {"type": "list", "elements": "str", "default": [], "no_log": True},
            "ca_bundle": {"type": "path"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ("python",)), ("build", True, ("tenant",))],
        supports_check_mode=True,
    )
    end_with(module, lambda: converge(module.params, module.check_mode))


if __name__ == "__main__":
    main()
