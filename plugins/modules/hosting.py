#!/usr/bin/python
# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: hosting
short_description: Converge all tenants and apps of a node in one call
description:
  - Takes the whole wanted state of a node, compares it with what is there, and changes only the difference.
  - Every mistake in the three lists is reported at once, before anything is touched.
  - A new release of an app is made beside the old one, started, asked for its health page through the real servers,
    and then switched in one atomic step. One that fails never goes live, and the other apps are done all the same.
  - The number of calls to the node is fixed, however many apps there are.
version_added: 0.1.0
author: Hostel contributors (@hostel-python)
extends_documentation_fragment:
  - hostel.python.attributes
options:
  python_versions:
    description:
      - The Python versions that apps may name. The keys are those of M(hostel.python.python_version).
      - A declared version that is missing is installed first.
    type: list
    elements: dict
    default: []
  tenants:
    description:
      - The customers. The keys are those of M(hostel.python.tenant).
    type: list
    elements: dict
    default: []
  apps:
    description:
      - The apps, each a dictionary with the keys that the user's guide lists.
      - What is on the node and not in this list is left alone, with a warning, unless O(prune=true).
    type: list
    elements: dict
    default: []
  prune:
    description:
      - Remove apps and tenants that are on the node and in no list. Their data is kept unless O(purge=true).
    type: bool
    default: false
  purge:
    description:
      - Remove C(data/) and the home too, where an app or a tenant is removed.
    type: bool
    default: false
  keep_releases:
    description:
      - How many earlier releases of an app keep their code on the node.
    type: int
    default: 2
  pypi_index:
    description:
      - The package index. Without it, uv's own default.
    type: str
  ca_bundle:
    description:
      - A file of certificates on the node, to be trusted when packages and archives are fetched.
    type: path
  source_root:
    description:
      - The folder on the controller at which relative names of C(source.local) start.
      - Without it, the folder of the inventory.
    type: path
  validate_only:
    description:
      - Look at the lists on the controller and do not go to the node at all.
    type: bool
    default: false
  wanted:
    description:
      - The three lists as JSON, with the digests of local sources. Filled in by the action plugin, for an app's
        environment is a secret and must not be logged with the module's arguments.
    type: str
  phase:
    description:
      - Whether to answer with the plan alone or to apply it, or V(check) for the plan on a node that the roles before
        would have changed first. Filled in by the action plugin.
    type: str
    choices: [check, plan, apply]
    default: plan
  only:
    description:
      - The apps of this slice. Filled in by the action plugin.
    type: list
    elements: str
  bundle:
    description:
      - The shipped local sources. Filled in by the action plugin.
    type: path
  settle:
    description:
      - Whether this is the last slice. Filled in by the action plugin.
    type: bool
    default: true
  identities:
    description:
      - What the sources were found to hold that only the node can look at, by app. Filled in by the action plugin.
    type: dict
    default: {}
  program:
    description:
      - The digest under which a run leaves the collection's code on the node, for later runs to call.
      - Filled in by the action plugin.
    type: str
  errors:
    description:
      - What failed in earlier slices. Filled in by the action plugin.
    type: list
    elements: str
    default: []
seealso:
  - module: hostel.python.hosting_info
"""

EXAMPLES = r"""
- name: Two tenants, two apps
  hostel.python.hosting:
    python_versions:
      - version: "3.11"
        source: system
    tenants:
      - name: alice
        limits: {memory: 512M, cpu: 100%, tasks: 100}
      - name: bob
    apps:
      - name: blog
        tenant: alice
        urls: [blog.example.org]
        python: "3.11"
        source: {local: apps/blog}
        persist: [db.sqlite3, media/]
        hooks:
          before_live: [[python, manage.py, migrate]]
      - name: data
        tenant: bob
        urls: [www.example.org/data]
        python: "3.11"
        source: {local: apps/data}
        requirements: [datasette]
"""

RETURN = r"""
changes:
  description: What was done, or in check mode would be done, one entry a change.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: What was changed, V(python), V(tenant), V(app), V(site) or V(upstream).
      type: str
    name:
      description: Its name.
      type: str
    action:
      description: What was done to it.
      type: str
    reason:
      description: Why.
      type: str
  sample: [{kind: app, name: blog, action: deploy, reason: new}]
found:
  description: For each app that was deployed, what was found by convention, and why.
  returned: when something was deployed
  type: dict
  sample: {blog: "manage.py names mysite.settings, so mysite/wsgi.py is started"}
errors:
  description: Each line says what went wrong with one app; what was live before is live still.
  returned: after an apply
  type: list
  elements: str
apps_to_change:
  description: The apps that the plan touches, in order.
  returned: in the answer to the plan
  type: list
  elements: str
identities:
  description: What git and in-place sources hold, by app.
  returned: always
  type: dict
sources_needed:
  description: The digests of the local sources that the node has to be sent.
  returned: in the answer to the plan
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._converge.program import answer
from ..module_utils._spec.hosting_arguments import ARGUMENTS


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
    )
    result = answer(module.params)
    if result.get("failed"):
        module.fail_json(msg=result["msg"])
    for warning in result.pop("warnings"):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
