#!/usr/bin/python
# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: python_version
short_description: Python interpreters that apps may name
description:
  - Installs interpreters, each at C(/opt/hostel/python/<version>/bin/python3) whatever its source.
  - Several versions can be installed in one call, at the same time.
  - An interpreter is tried under an account without rights before it gets its name. What an interrupted run leaves is
    never taken for finished.
  - A changed declaration replaces the interpreter in one step. One that is used by an app is not removed.
  - A build goes on when the connection breaks; the next run finds it. While it compiles, its progress is shown.
version_added: 0.1.0
author: Hostel contributors (@hostel-python)
extends_documentation_fragment:
  - hostel.python.attributes
options:
  versions:
    description:
      - Several versions. Without it, the other options describe one.
    type: list
    elements: dict
    suboptions:
      version:
        description: As apps name it, like C("3.13"), or exact, like C("3.13.5"). The interpreter must be that version.
        type: str
        required: true
      source:
        description:
          - V(system) is the package of the node's distribution, V(uv) a prebuilt interpreter chosen and verified by uv.
          - V(archive) is an installed Python as a tar archive, for example one that was built and packed elsewhere.
          - V(build) compiles a source tarball or a Debian source package, under an account without rights.
        type: str
        choices: [system, uv, archive, build]
        default: system
      archive:
        description: URL, or path on the node, of the archive. Plain, gz, bz2, xz or zstd.
        type: str
      checksum:
        description: Of the archive or the source tarball, as C(sha256:) and 64 hex digits.
        type: str
      tarball:
        description:
          - URL, or path on the node, of CPython's source.
          - C(mirror:) followed by a path takes it from the Debian mirror that the node's own packages come from.
        type: str
      debian_package:
        description: Debian source package to build, like C(python3.14). apt fetches the suite's index and verifies it.
        type: str
      debian_suite:
        description: Debian suite that has the package, like C(sid). The node's own package sources stay as they are.
        type: str
      flags:
        description: More arguments for C(./configure). They come last and win.
        type: list
        elements: str
      optimize:
        description: Compile with profile guided and link time optimisation. Takes about ten times as long.
        type: bool
      mirror:
        description: URL or folder to take uv's prebuilt interpreters from.
        type: str
      downloads:
        description: URL or file with a list of prebuilt interpreters, to be used instead of uv's own.
        type: str
      pack:
        description: File on the node to pack a finished build into, ending in C(.tar.gz), C(.tar.xz) or C(.tar.zst).
        type: str
      state:
        description: V(absent) removes the interpreter. It is refused while an app uses it.
        type: str
        choices: [present, absent]
        default: present
  version:
    description: As apps name it, like C("3.13"), or exact, like C("3.13.5"). The interpreter must be that version.
    type: str
  source:
    description:
      - V(system) is the package of the node's distribution, V(uv) a prebuilt interpreter chosen and verified by uv.
      - V(archive) is an installed Python as a tar archive, for example one that was built and packed elsewhere.
      - V(build) compiles a source tarball or a Debian source package, under an account without rights.
    type: str
    choices: [system, uv, archive, build]
    default: system
  archive:
    description: URL, or path on the node, of the archive. Plain, gz, bz2, xz or zstd.
    type: str
  checksum:
    description: Of the archive or the source tarball, as C(sha256:) and 64 hex digits.
    type: str
  tarball:
    description:
      - URL, or path on the node, of CPython's source.
      - C(mirror:) followed by a path takes it from the Debian mirror that the node's own packages come from.
    type: str
  debian_package:
    description: Debian source package to build, like C(python3.14). apt fetches the suite's index and verifies it.
    type: str
  debian_suite:
    description: Debian suite that has the source package, like C(sid). The node's own package sources stay as they are.
    type: str
  flags:
    description: More arguments for C(./configure). They come last and win.
    type: list
    elements: str
  optimize:
    description: Compile with profile guided and link time optimisation. Takes about ten times as long.
    type: bool
  mirror:
    description: URL or folder to take uv's prebuilt interpreters from.
    type: str
  downloads:
    description: URL or file with a list of prebuilt interpreters, to be used instead of uv's own.
    type: str
  pack:
    description: File on the node to pack a finished build into, ending in C(.tar.gz), C(.tar.xz) or C(.tar.zst).
    type: str
  state:
    description: V(absent) removes the interpreter. It is refused while an app uses it.
    type: str
    choices: [present, absent]
    default: present
  build:
    description:
      - With V(false), what would have to be compiled is not, but named in RV(builds).
    type: bool
    default: true
  artifacts:
    description:
      - A folder on the controller for packed builds. What is compiled on one node is fetched into it, and every other
        node gets it from there without compiling.
      - An artifact is used on nodes with the same kind of processor and the same or a newer C library.
    type: path
  supplied:
    description:
      - Packed builds on the node, by version. Filled in by the action plugin.
    type: dict
  wait:
    description:
      - Seconds after which to come back from builds that go on. Filled in by the action plugin, which shows their
        progress.
    type: float
"""

EXAMPLES = r"""
- name: Have the distribution's Python and a newer one from Debian's sources
  hostel.python.python_version:
    versions:
      - version: "3.11"
      - version: "3.14"
        source: build
        debian_package: python3.14
        debian_suite: sid

- name: Unpack an interpreter that was built elsewhere
  hostel.python.python_version:
    version: "3.14"
    source: archive
    archive: https://artifacts.example.org/python-3.14.tar.xz
    checksum: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

- name: Take a prebuilt interpreter from a mirror of one's own
  hostel.python.python_version:
    version: "3.12"
    source: uv
    mirror: https://mirror.example.org/python-builds

- name: Remove a version
  hostel.python.python_version:
    version: "3.10"
    state: absent
"""

RETURN = r"""
pythons:
  description: The interpreters that are there now, of those that were asked for.
  returned: success
  type: list
  elements: dict
  contains:
    version:
      description: As declared.
      type: str
      returned: always
    full:
      description: What the interpreter itself says.
      type: str
      returned: always
    path:
      description: Its program.
      type: str
      returned: always
    pack:
      description: The packed build.
      type: str
      returned: when declared
    checksum:
      description: Of the packed build.
      type: str
      returned: when declared
  sample:
    - version: "3.14"
      full: 3.14.7
      path: /opt/hostel/python/3.14/bin/python3
changes:
  description: What is done, or would be, and why.
  returned: success
  type: list
  elements: str
  sample: ["python 3.14: missing"]
builds:
  description: The declared builds.
  returned: success
  type: list
  elements: dict
  contains:
    version:
      description: As declared.
      type: str
      returned: always
    artifact:
      description: Name that a packed build for this node has, up to the C library's version.
      type: str
      returned: always
    present:
      description: Whether it is there now, compiled here or elsewhere.
      type: bool
      returned: always
packed:
  description: The declared builds that are on this node, packed for O(artifacts).
  returned: with O(artifacts) and O(build=true)
  type: list
  elements: dict
  contains:
    version:
      description: As declared.
      type: str
      returned: always
    name:
      description: Name of the packed build.
      type: str
      returned: always
    path:
      description: Where it is on the node.
      type: str
      returned: always
building:
  description: Builds that go on.
  returned: success
  type: list
  elements: dict
  contains:
    version:
      description: As declared.
      type: str
      returned: always
    stage:
      description: What it does now.
      type: str
      returned: always
    seconds:
      description: How long it has been at work.
      type: int
      returned: always
    log:
      description: File on the node with all of its output.
      type: str
      returned: always
platform:
  description: What decides on which packed builds work on the node.
  returned: success
  type: dict
  contains:
    machine:
      description: Kind of processor.
      type: str
      returned: always
    libc:
      description: Version of the C library.
      type: str
      returned: always
  sample:
    machine: x86_64
    libc: "2.36"
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.hostel.python.plugins.module_utils._converge.ending import end_with
from ansible_collections.hostel.python.plugins.module_utils._converge.python_version import KEYS, converge


def main() -> None:
    """Run the module."""
    options = {**KEYS, "version": {"type": "str", "required": True}}
    module = AnsibleModule(
        argument_spec={
            "versions": {"type": "list", "elements": "dict", "options": options},
            **KEYS,
            "build": {"type": "bool", "default": True},
            "artifacts": {"type": "path"},
            "supplied": {"type": "dict"},
            "wait": {"type": "float"},
        },
        required_one_of=[("version", "versions")],
        mutually_exclusive=[("version", "versions")],
        supports_check_mode=True,
    )
    end_with(module, lambda: converge(module.params, module.check_mode))


if __name__ == "__main__":
    main()
