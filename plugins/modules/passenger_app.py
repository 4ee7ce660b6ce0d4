#!/usr/bin/python
# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: passenger_app
short_description: A WSGI application on Phusion Passenger
description:
  - Runs a WSGI application on Apache's Passenger, under its own account and in that account's slice, whose limits hold
    for every process from its first moment.
  - The application is called by a loader of this collection, so that every Python from 3.9 on works with the Passenger
    of Debian 12 and 13, and every kind of O(entrypoint).
  - A change gives it a new process group. Requests go over to it without a gap, the former processes finish theirs
    and end.
  - What the application writes to its output and errors is in the journal, C(journalctl -t hostel-NAME).
requirements:
  - a node that the role P(hostel.python.node#role) has prepared
version_added: 0.1.0
author: Hostel contributors (@hostel-python)
extends_documentation_fragment:
  - hostel.python.attributes
attributes:
  idempotent:
    details:
      - With O(state=restarted) it always restarts.
options:
  name:
    description: Name of the application.
    type: str
    required: true
  user:
    description:
      - The account that its processes run under. Needed unless O(state=absent).
      - Its uid lies between 20000 and 59999, as of the accounts that M(hostel.python.tenant) makes.
    type: str
  group:
    description: The group that they run under; the account's own where it is left out.
    type: str
  app_root:
    description: The working directory, first on the module search path. Needed unless O(state=absent).
    type: path
  venv:
    description: The virtual environment.
    type: path
  python:
    description: The interpreter, in place of O(venv).
    type: path
  entrypoint:
    description:
      - C(module:callable), C(module:factory(\)), or a path to a startup file below O(app_root) with C(:callable).
      - Needed unless O(state=absent).
    type: str
  env:
    description: Environment variables. Values reach the process byte for byte.
    type: dict
    default: {}
  style:
    description:
      - V(htaccess) writes a C(.htaccess) for each of O(urls) into the folders of the wildcard host of the role. It
        needs no reload of Apache.
      - V(vhost) writes a snippet for O(prefix), to be included by a virtual host of your own. It is checked by
        C(apachectl configtest) and taken back if that refuses it; then Apache is reloaded, which starts all processes
        of all applications on Passenger anew.
    type: str
    choices: [htaccess, vhost]
    default: htaccess
  urls:
    description: Where the application is mounted, each as C(host) or C(host/prefix). Needed with O(style=htaccess).
    type: list
    elements: str
  sites:
    description: The folder that holds a folder for each host.
    type: path
    default: /srv/hostel/sites
  prefix:
    description: The path that the application is mounted at in the virtual host; the root where it is left out.
    type: str
  path:
    description: Where the snippet is written; C(/etc/apache2/hostel-apps/NAME.conf) where it is left out.
    type: path
  processes:
    description:
      - How many processes are kept even when nobody asks for the application.
      - Passenger goes on trying to start as many for a former configuration too, until Apache is restarted.
    type: int
    default: 0
  start_timeout:
    description: What a process gets to start, as C(30s) or in seconds.
    type: raw
    default: 30s
  stop_timeout:
    description: What the former processes get to finish their requests.
    type: raw
    default: 30s
  state:
    description:
      - V(present) has the application served.
      - V(restarted) is V(present), and starts its processes anew, as after new code in the same folder.
      - V(absent) ends its processes and removes what this module wrote.
    type: str
    choices: [present, restarted, absent]
    default: present
"""

EXAMPLES = r"""
- name: Serve a Django site at a host, and at a path of another one
  hostel.python.passenger_app:
    name: blog
    user: alice
    app_root: /srv/blog
    venv: /srv/blog/venv
    entrypoint: mysite.wsgi:application
    urls: [blog.example.org, www.example.org/blog]
    env:
      DJANGO_SETTINGS_MODULE: mysite.settings
      SECRET_KEY: "{{ blog_secret_key }}"

- name: Write a snippet for a virtual host of one's own
  hostel.python.passenger_app:
    name: wiki
    user: bob
    app_root: /srv/wiki
    venv: /srv/wiki/venv
    entrypoint: passenger_wsgi.py:application
    style: vhost
    prefix: /wiki

- name: Remove it
  hostel.python.passenger_app:
    name: wiki
    state: absent
"""

RETURN = r"""
group:
  description: The process group that Passenger knows the application by.
  returned: unless O(state=absent)
  type: str
  sample: blog@0123456789ab
paths:
  description: What Apache reads of it.
  returned: unless O(state=absent)
  type: list
  elements: str
  sample: [/srv/hostel/sites/blog.example.org/.htaccess]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.hostel.python.plugins.module_utils._converge.ending import end_with
from ansible_collections.hostel.python.plugins.module_utils._converge.passenger_app import converge
from ansible_collections.hostel.python.plugins.module_utils._spec.passenger_app import parse_passenger_app
from ansible_collections.hostel.python.plugins.module_utils._spec.problems import alone


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "user": {"type": "str"},
            "group": {"type": "str"},
            "app_root": {"type": "path"},
            "venv": {"type": "path"},
            "python": {"type": "path"},
            "entrypoint": {"type": "str"},
            "env": {"type": "dict", "default": {}, "no_log": True},
            "style": {"type": "str", "choices": ["htaccess", "vhost"], "default": "htaccess"},
            "urls": {"type": "list", "elements": "str"},
            "sites": {"type": "path", "default": "/srv/hostel/sites"},
            "prefix": {"type": "str"},
            "path": {"type": "path"},
            "processes": {"type": "int", "default": 0},
            "start_timeout": {"type": "raw", "default": "30s"},
            "stop_timeout": {"type": "raw", "default": "30s"},
            "state": {"type": "str", "choices": ["present", "restarted", "absent"], "default": "present"},
        },
        mutually_exclusive=[("venv", "python")],
        supports_check_mode=True,
    )
    end_with(module, lambda: converge(alone(parse_passenger_app, module.params, "app"), module.check_mode))


if __name__ == "__main__":
    main()
