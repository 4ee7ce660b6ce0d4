#!/usr/bin/python
# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: asgi_service
short_description: An ASGI application on uvicorn under systemd
description:
  - Runs an ASGI application with the uvicorn of its own virtual environment, under its own account and in that
    account's slice. systemd holds the listening unix socket, so that restarts refuse no request.
  - The unit counts as started once the application's lifespan has started. The module waits for that. If it fails, the
    service that ran before runs again, and the error shows the application's own traceback.
  - The process ends gracefully. Running requests are finished, kept-alive connections are closed by the front server,
    and WebSockets are closed with code 1012 after O(stop_timeout).
  - The file system is read-only to the process except for O(writable), its home and a temporary folder of its own.
  - Client address, scheme and mount are taken from the headers C(X-Forwarded-For), C(X-Forwarded-Proto) and
    C(X-Forwarded-Prefix), which the front server has to set. M(hostel.python.reverse_proxy) does.
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
    description:
      - Name of the service. The units are C(hostel-NAME.socket) and C(hostel-NAME.service), and the lines in the
        journal have the identifier C(hostel-NAME).
    type: str
    required: true
  user:
    description: The account that the application runs under. Needed unless O(state=absent).
    type: str
  group:
    description: The group that it runs under; the account's own where it is left out.
    type: str
  slice:
    description: The systemd slice whose limits hold for it; C(user-UID.slice) of the account where it is left out.
    type: str
  app_root:
    description: The working directory, first on the module search path. Needed unless O(state=absent).
    type: path
  venv:
    description: The virtual environment, with uvicorn in it. WebSockets need one of websockets and wsproto as well.
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
  socket:
    description: Path of the listening unix socket; C(/run/hostel/NAME/http.sock) where it is left out.
    type: path
  socket_group:
    description: The group that may connect to the socket, besides root.
    type: str
    default: www-data
  writable:
    description: Folders that the process may write to; O(app_root) where it is left out.
    type: list
    elements: path
  start_timeout:
    description: What the application gets to start, as C(30s) or in seconds.
    type: raw
    default: 30s
  stop_timeout:
    description: What running requests and WebSockets get when the process has to end.
    type: raw
    default: 30s
  idle_timeout:
    description:
      - After so long without a request and without an open connection the process ends. The next request starts it.
      - V(never) keeps it running, and starts it at boot.
    type: raw
    default: never
  restart:
    description: When systemd starts it again by itself.
    type: str
    choices: [on-failure, always, "no"]
    default: on-failure
  state:
    description:
      - V(started) makes the units and starts them, and restarts the service if anything about it changed.
      - V(stopped) makes the units and stops them.
      - V(restarted) is V(started), and restarts the service even if nothing changed, as after new code.
      - V(absent) stops the units and removes them.
    type: str
    choices: [started, stopped, restarted, absent]
    default: started
"""

EXAMPLES = r"""
- name: Serve a FastAPI application
  hostel.python.asgi_service:
    name: shop
    user: alice
    app_root: /srv/shop
    venv: /srv/shop/venv
    entrypoint: shop.main:app
    env:
      DATABASE_URL: "{{ shop_database_url }}"

- name: Serve one that sleeps when nobody asks for it
  hostel.python.asgi_service:
    name: board
    user: bob
    app_root: /srv/board
    venv: /srv/board/venv
    entrypoint: asgi.py:application
    writable: [/srv/board/data]
    idle_timeout: 10m

- name: Remove it
  hostel.python.asgi_service:
    name: board
    state: absent
"""

RETURN = r"""
socket:
  description: The unix socket that a front server passes requests to.
  returned: unless O(state=absent)
  type: str
  sample: /run/hostel/shop/http.sock
units:
  description: Names of the units.
  returned: always
  type: list
  elements: str
  sample: [hostel-shop.socket, hostel-shop.service]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.hostel.python.plugins.module_utils._converge.asgi_service import converge
from ansible_collections.hostel.python.plugins.module_utils._converge.ending import end_with
from ansible_collections.hostel.python.plugins.module_utils._spec.asgi_service import parse_asgi_service
from ansible_collections.hostel.python.plugins.module_utils._spec.problems import alone


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "user": {"type": "str"},
            "group": {"type": "str"},
            "slice": {"type": "str"},
            "app_root": {"type": "path"},
            "venv": {"type": "path"},
            "python": {"type": "path"},
            "entrypoint": {"type": "str"},
            "env": {"type": "dict", "default": {}, "no_log": True},
            "socket": {"type": "path"},
            "socket_group": {"type": "str", "default": "www-data"},
            "writable": {"type": "list", "elements": "path"},
            "start_timeout": {"type": "raw", "default": "30s"},
            "stop_timeout": {"type": "raw", "default": "30s"},
            "idle_timeout": {"type": "raw", "default": "never"},
            "restart": {"type": "str", "choices": ["on-failure", "always", "no"], "default": "on-failure"},
            "state": {"type": "str", "choices": ["started", "stopped", "restarted", "absent"], "default": "started"},
        },
        mutually_exclusive=[("venv", "python")],
        supports_check_mode=True,
    )
    end_with(module, lambda: converge(alone(parse_asgi_service, module.params, "service"), module.check_mode))


if __name__ == "__main__":
    main()
