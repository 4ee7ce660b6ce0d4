#!/usr/bin/python
# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: mod_wsgi_pool
short_description: Keep spare daemons of mod_wsgi ready for new tenants
description:
  - Makes spare accounts, and for each of them two daemons of mod_wsgi that run already and wait for an app. A new
    tenant with an app of C(server=mod_wsgi) and C(mode=pool) takes one of them, with no word to Apache.
  - Adding spare ones is one graceful reload of the pool's Apache. The apps of the pool end what they are doing and are
    started again by their next request.
  - Accounts that were given away are never given to another tenant. Refilling takes those of purged tenants away.
version_added: 0.1.0
author: Hostel contributors (@hostel-python)
extends_documentation_fragment:
  - hostel.python.attributes
attributes:
  diff_mode:
    support: none
options:
  size:
    description:
      - How many accounts are to be spare.
    type: int
    required: true
  threads:
    description:
      - Requests that each daemon handles at a time. Daemons that are there already keep what they have.
    type: int
    default: 15
  refill:
    description:
      - Whether to add what was given away. Otherwise only a pool that has no daemons at all is filled.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Have 5 spare accounts again
  hostel.python.mod_wsgi_pool:
    size: 5
"""

RETURN = r"""
added:
  description: The uids of the spare accounts that were made, or would be.
  returned: success
  type: list
  elements: int
removed:
  description: The uids of purged tenants, whose daemons were taken away, or would be.
  returned: success
  type: list
  elements: int
spare:
  description: How many accounts are spare now, or would be.
  returned: success
  type: int
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.hostel.python.plugins.module_utils._converge.ending import end_with
from ansible_collections.hostel.python.plugins.module_utils._converge.mod_wsgi_pool import converge


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "size": {"type": "int", "required": True},
            "threads": {"type": "int", "default": 15},
            "refill": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    size, threads, refill = (module.params[key] for key in ("size", "threads", "refill"))
    end_with(module, lambda: converge(size, threads, refill=refill, check_mode=module.check_mode))


if __name__ == "__main__":
    main()
