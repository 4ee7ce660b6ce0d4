#!/usr/bin/python
# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: hosting_info
short_description: Read which Python versions, tenants and apps a node has
description:
  - Reads what M(hostel.python.hosting) made of a node. Changes nothing, starts nothing of a tenant.
version_added: 0.1.0
author: Hostel contributors (@hostel-python)
extends_documentation_fragment:
  - hostel.python.attributes
attributes:
  diff_mode:
    support: N/A
    details:
      - Nothing is changed.
seealso:
  - module: hostel.python.hosting
"""

EXAMPLES = r"""
- name: Look at a node
  hostel.python.hosting_info:
  register: node

- name: Say which release of the blog is live
  ansible.builtin.debug:
    msg: "{{ node.apps.blog.release }}"
"""

RETURN = r"""
python_versions:
  description: The interpreters, by the version that they were declared with.
  returned: always
  type: dict
  sample: {"3.13": {"path": "/opt/hostel/python/3.13/bin/python3", "version": "3.13.9"}}
tenants:
  description: The accounts, by name.
  returned: always
  type: dict
  sample: {"alice": {"uid": 20001, "home": "/home/alice", "slice": "user-20001.slice"}}
apps:
  description: The apps that are live, by name.
  returned: always
  type: dict
  contains:
    tenant:
      description: Whose it is.
      type: str
    release:
      description: The id of the live release.
      type: str
    urls:
      description: Where it is mounted.
      type: list
      elements: str
    server:
      description: The program that runs it.
      type: str
    interface:
      description: How it is called, V(wsgi) or V(asgi).
      type: str
    entrypoint:
      description: What is called.
      type: str
    python:
      description: The declared version of its Python.
      type: str
    venv:
      description: The path of its virtual environment.
      type: str
    found:
      description: The sentence that says how entry point and server were found.
      type: str
    folder:
      description: The code of the live release.
      type: str
    data:
      description: The folder of what is kept across releases.
      type: str
    active:
      description: Units of it that listen or run; empty for an app of Passenger.
      type: list
      elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.hostel.python.plugins.module_utils._converge.ending import end_with
from ansible_collections.hostel.python.plugins.module_utils._converge.hosting_info import read_node


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    end_with(module, lambda: {"changed": False, **read_node()})


if __name__ == "__main__":
    main()
