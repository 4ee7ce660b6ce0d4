#!/usr/bin/python
# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: tenant
short_description: Account, home and enforced limits of a hosting tenant
description:
  - Makes a tenant's Unix account, its group of the same number, its home, and the folder of its apps.
  - Limits hold for everything that runs under the account, apps, hooks, builds, logins and cron jobs alike, because all
    of it belongs to the account's systemd slice. Changed limits reach running processes at once.
  - An idle tenant costs no memory. There is no lingering user manager.
  - Accounts that this collection did not make are never adopted, changed or removed.
version_added: 0.1.0
author: Hostel contributors (@hostel-python)
extends_documentation_fragment:
  - hostel.python.attributes
options:
  name:
    description:
      - Name of the tenant and of its account. At most 31 lower-case letters, digits, dashes and underscores.
      - Names of system accounts are refused.
    type: str
    required: true
  uid:
    description:
      - The number of the account and its group, from 20000 to 59999.
      - Without it the node chooses one that depends on the name, so that nodes agree. A tenant that was removed and
        comes back gets its former number.
    type: int
  limits:
    description:
      - What the tenant may use. What is left out is not limited, but O(limits.tasks) keeps the distribution's share
        for each user.
      - A limit that cannot hold on this node, for want of a disk or of quotas, is reported as a warning.
    type: dict
    default: {}
    suboptions:
      memory:
        description: Memory of all processes together, as C(512M) or in bytes. Swap is not allowed on top.
        type: raw
      cpu:
        description: Processor time, in percent of one core, as C(150%).
        type: raw
      tasks:
        description: Processes and threads together.
        type: int
      io_read:
        description: Bytes read each second from the disk of the apps' data, as C(20M).
        type: raw
      io_write:
        description: Bytes written each second to the disk of the apps' data, as C(20M).
        type: raw
      connections:
        description: Concurrent requests at the front server. Used where the tenant's apps get their sites.
        type: int
      disk:
        description: Bytes on the filesystem of the apps' data, as C(2G). The filesystem has to keep quotas.
        type: raw
  trusted:
    description:
      - Whether apps of the tenant may run inside of an Apache that they share with those of other trusted tenants.
    type: bool
    default: false
  state:
    description:
      - V(absent) ends all processes of the tenant and takes the account and the limits away.
      - It is refused while apps of the tenant are live.
    type: str
    choices: [present, absent]
    default: present
  purge:
    description:
      - With O(state=absent), remove the home and the data of the apps as well. This cannot be undone.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Have a tenant with limits
  hostel.python.tenant:
    name: alice
    limits:
      memory: 512M
      cpu: 100%
      tasks: 100

- name: Remove a tenant with all its data
  hostel.python.tenant:
    name: alice
    state: absent
    purge: true
"""

RETURN = r"""
tenant:
  description: The account, where the tenant is present and not only would be.
  returned: O(state=present) and not in check mode for a new tenant
  type: dict
  contains:
    name:
      description: Name of the account and its group.
      type: str
      returned: always
    uid:
      description: Number of the account.
      type: int
      returned: always
    gid:
      description: Number of the group, the same.
      type: int
      returned: always
    home:
      description: The home folder.
      type: str
      returned: always
    slice:
      description: The systemd slice that holds the limits.
      type: str
      returned: always
  sample:
    name: alice
    uid: 20001
    gid: 20001
    home: /home/alice
    slice: user-20001.slice
reason:
  description: What was missing or altered.
  returned: changed
  type: str
  sample: limits
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.hostel.python.plugins.module_utils._converge.ending import end_with
from ansible_collections.hostel.python.plugins.module_utils._converge.tenant import converge
from ansible_collections.hostel.python.plugins.module_utils._spec.problems import alone
from ansible_collections.hostel.python.plugins.module_utils._spec.tenant import parse_tenant


def main() -> None:
    """Run the module."""
    limits = {name: {"type": "raw"} for name in ("memory", "cpu", "io_read", "io_write", "disk")}
    limits.update({name: {"type": "int"} for name in ("tasks", "connections")})
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "uid": {"type": "int"},
            "limits": {"type": "dict", "default": {}, "options": limits},
            "trusted": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "purge": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    given = {key: module.params[key] for key in ("name", "uid", "trusted", "state") if module.params[key] is not None}
    given["limits"] = {key: value for key, value in (module.params["limits"] or {}).items() if value is not None}

    def work() -> dict[str, Any]:
        tenant = alone(parse_tenant, given, "tenant")
        return converge(tenant, purge=module.params["purge"], check_mode=module.check_mode)

    end_with(module, work)


if __name__ == "__main__":
    main()
