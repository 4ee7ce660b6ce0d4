#!/usr/bin/python
# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: reverse_proxy
short_description: A front server's way to an application
description:
  - Has nginx, or Apache with mod_proxy, pass the requests for hosts or path prefixes to a unix socket or a port.
  - The application gets the path as the client sent it, encoded characters untouched, and is told the mount as
    C(X-Forwarded-Prefix), the scheme as C(X-Forwarded-Proto), the host as C(Host), and the client
    as C(X-Forwarded-For). What a client says of itself in these headers is dropped.
  - New files are checked by the server's own checker before they are in place. If it refuses, everything stays as it
    was, and the error has its words. One graceful reload takes all changes of a task.
  - Several proxies may share a host with different prefixes.
version_added: 0.1.0
author: Hostel contributors (@hostel-python)
extends_documentation_fragment:
  - hostel.python.attributes
attributes:
  check_mode:
    details:
      - The checker is asked in check mode too, if the server is installed.
options:
  name:
    description: Name of the proxy; part of the names of its files.
    type: str
    required: true
  urls:
    description:
      - Where the public finds the application. Each is a host, or a host and the path prefix of the mount, as
        V(www.example.org/blog). Needed with O(state=present).
      - A request for the prefix without a slash at its end is redirected to the one with it.
    type: list
    elements: str
    default: []
  upstream:
    description:
      - Where the application listens, as V(unix:/run/shop/http.sock) or V(127.0.0.1:8000). Needed with
        O(state=present).
    type: str
  backend:
    description:
      - The front server. It has to be installed.
      - Apache needs its modules alias, headers, proxy and proxy_http. On a node of this collection's hosting, a reload
        of Apache restarts all of Passenger's applications; use nginx there.
    type: str
    choices: [nginx, apache]
    default: nginx
  port:
    description: The public port. Apache has to listen to it already.
    type: int
    default: 80
  websocket:
    description: Let requests become WebSockets.
    type: bool
    default: true
  buffering:
    description:
      - Have the front server collect requests and answers, for applications that take one request at a time.
      - Without it, streams such as server-sent events pass as they come.
    type: bool
    default: false
  static:
    description: Folders that the front server serves itself, without hidden files, to C(GET) and C(HEAD) only.
    type: list
    elements: dict
    default: []
    suboptions:
      url:
        description: The path below each of the O(urls), as V(/static/).
        type: str
        required: true
      path:
        description: The folder on the node.
        type: path
        required: true
  timeouts:
    description: How long the front server waits for the application.
    type: dict
    default: {}
    suboptions:
      connect:
        description: For a connection, as C(10s) or in seconds.
        type: raw
      read:
        description: Between two pieces of an answer; also for a WebSocket on which nothing comes.
        type: raw
      send:
        description: Between two pieces of a request. Apache has only one timeout, that for reading.
        type: raw
  keepalive:
    description:
      - How long an idle connection to the application is kept. It has to be shorter than the application's own
        keep-alive, lest a request meets a connection that is being closed.
    type: raw
    default: 4s
  body_limit:
    description: The greatest body of a request, as C(20M), or V(unlimited). The server's default where it is left out.
    type: raw
  conf_dir:
    description:
      - The folder whose C(*.conf) the server includes at its top level; C(/etc/nginx/conf.d) or
        C(/etc/apache2/sites-enabled) where it is left out.
    type: path
  state:
    description: V(absent) removes the proxy, and the hosts that nothing else is mounted on.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Have nginx pass a host to an ASGI service, and serve its static files itself
  hostel.python.reverse_proxy:
    name: shop
    urls: [shop.example.org]
    upstream: unix:/run/hostel/shop/http.sock
    static:
      - url: /static/
        path: /srv/shop/static
    timeouts:
      read: 10m

- name: Mount another application below it
  hostel.python.reverse_proxy:
    name: wiki
    urls: [shop.example.org/wiki]
    upstream: 127.0.0.1:8000

- name: The same through Apache
  hostel.python.reverse_proxy:
    name: wiki
    urls: [wiki.example.org]
    upstream: 127.0.0.1:8000
    backend: apache
"""

RETURN = r"""
urls:
  description: The mounts as they are configured, hosts in their ASCII form.
  returned: O(state=present)
  type: list
  elements: str
  sample: [shop.example.org, www.example.org/shop]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.hostel.python.plugins.module_utils._converge.ending import end_with
from ansible_collections.hostel.python.plugins.module_utils._converge.reverse_proxy import converge
from ansible_collections.hostel.python.plugins.module_utils._spec.problems import alone
from ansible_collections.hostel.python.plugins.module_utils._spec.reverse_proxy import parse_reverse_proxy


def main() -> None:
    """Run the module."""
    waits = {name: {"type": "raw"} for name in ("connect", "read", "send")}
    folder = {"url": {"type": "str", "required": True}, "path": {"type": "path", "required": True}}
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "urls": {"type": "list", "elements": "str", "default": []},
            "upstream": {"type": "str"},
            "backend": {"type": "str", "choices": ["nginx", "apache"], "default": "nginx"},
            "port": {"type": "int", "default": 80},
            "websocket": {"type": "bool", "default": True},
            "buffering": {"type": "bool", "default": False},
            "static": {"type": "list", "elements": "dict", "default": [], "options": folder},
            "timeouts": {"type": "dict", "default": {}, "options": waits},
            "keepalive": {"type": "raw", "default": "4s"},
            "body_limit": {"type": "raw"},
            "conf_dir": {"type": "path"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    end_with(module, lambda: converge(alone(parse_reverse_proxy, module.params, "proxy"), module.check_mode))


if __name__ == "__main__":
    main()
