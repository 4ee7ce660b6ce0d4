#!/usr/bin/python
# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: node
short_description: Keep the static equipment of a node in one call
description:
  - Writes folders, files and links, removes what must not be there, and sees to it that units run, all in one call,
    so that a node where nothing differs costs one task.
  - What belongs to a daemon is checked by that daemon's own checker; if it is refused, what was there before is put
    back.
  - The daemon that ends the processes of idle apps is a part of every node.
  - If packages are missing, nothing is touched and they are returned, for M(ansible.builtin.apt) to install.
  - Used by the role P(hostel.python.node#role).
version_added: 0.1.0
author: Hostel contributors (@hostel-python)
extends_documentation_fragment:
  - hostel.python.attributes
options:
  packages:
    description:
      - Debian packages that have to be installed before anything else is done.
    type: list
    elements: str
    default: []
  paths:
    description:
      - Paths that should exist and that something else makes. The missing ones are returned.
    type: list
    elements: path
    default: []
  secret:
    description:
      - A file that holds a secret of this node. It is made when it is missing.
      - In the content of files V(@front_key@) stands for it, and V(@memory_mib/N@) for the node's memory in MiB
        divided by N.
    type: path
    required: true
  groups:
    description:
      - What belongs together, in this order.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What messages call it.
        type: str
        required: true
      folders:
        description: Folders that must be there.
        type: list
        elements: dict
        default: []
        suboptions:
          path:
            description: Where.
            type: path
            required: true
          mode:
            description: Octal digits.
            type: str
            default: "0755"
          owner:
            description: The owner's name.
            type: str
            default: root
          group:
            description: The group's name.
            type: str
            default: root
      files:
        description: Files that must be there.
        type: list
        elements: dict
        default: []
        suboptions:
          path:
            description: Where.
            type: path
            required: true
          content:
            description: The whole content.
            type: str
            required: true
          mode:
            description: Octal digits.
            type: str
            default: "0644"
          group:
            description: The group's name.
            type: str
            default: root
          secret:
            description: Whether the diff leaves the content out.
            type: bool
            default: false
      links:
        description: Symbolic links that must be there, target by path.
        type: dict
        default: {}
      absent:
        description: Files and links that must not be there; may hold shell patterns.
        type: list
        elements: path
        default: []
      check:
        description: A command that must succeed with the new files in place.
        type: list
        elements: str
        default: []
      apply:
        description: Commands to run after a change, one argument list each.
        type: list
        elements: list
        default: []
      units:
        description: Units of systemd that must be enabled and active.
        type: list
        elements: str
        default: []
"""

EXAMPLES = r"""
- name: Keep the static configuration of nginx
  hostel.python.node:
    packages: [nginx]
    secret: /var/lib/hostel/front.key
    groups:
      - name: nginx
        files:
          - path: /etc/nginx/nginx.conf
            content: "{{ lookup('ansible.builtin.template', 'nginx.conf.j2') }}"
        check: [nginx, -t, -q]
        apply:
          - [systemctl, reload-or-restart, nginx.service]
        units: [nginx.service]
"""

RETURN = r"""
missing_packages:
  description: Packages that have to be installed first. If there are any, nothing was touched.
  returned: always
  type: list
  elements: str
missing_paths:
  description: Those of O(paths) that do not exist.
  returned: always
  type: list
  elements: str
codename:
  description: The distribution's name for its release, as C(bookworm).
  returned: always
  type: str
changed_paths:
  description: What was written, removed, or would be.
  returned: always
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.hostel.python.plugins.module_utils._converge.ending import end_with
from ansible_collections.hostel.python.plugins.module_utils._converge.node import converge

FOLDER = {
    "path": {"type": "path", "required": True},
    "mode": {"type": "str", "default": "0755"},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "root"},
}
FILE = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str", "required": True},
    "mode": {"type": "str", "default": "0644"},
    "group": {"type": "str", "default": "root"},
    "secret": {"type": "bool", "default": False},
}
GROUP = {
    "name": {"type": "str", "required": True},
    "folders": {"type": "list", "elements": "dict", "default": [], "options": FOLDER},
    "files": {"type": "list", "elements": "dict", "default": [], "options": FILE},
    "links": {"type": "dict", "default": {}},
    "absent": {"type": "list", "elements": "path", "default": []},
    "check": {"type": "list", "elements": "str", "default": []},
    "apply": {"type": "list", "elements": "list", "default": []},
    "units": {"type": "list", "elements": "str", "default": []},
}
ARGUMENTS = {
    "packages": {"type": "list", "elements": "str", "default": []},
    "paths": {"type": "list", "elements": "path", "default": []},
    "secret": {"type": "path", "required": True, "no_log": False},
    "groups": {"type": "list", "elements": "dict", "required": True, "options": GROUP},
}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    end_with(module, lambda: converge(module.params, module.check_mode))


if __name__ == "__main__":
    main()
