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

import os
import pwd
import re
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.hostel.python.plugins.module_utils._errors import HostelError, SpecError
from ansible_collections.hostel.python.plugins.module_utils._node import files, venvs
from ansible_collections.hostel.python.plugins.module_utils._node.run import run
from ansible_collections.hostel.python.plugins.module_utils._spec.layout import PYTHONS
from ansible_collections.hostel.python.plugins.module_utils._spec.resources import File, Link
from ansible_collections.hostel.python.plugins.module_utils._syntax.requirements import Files, gather

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def request_of(params: dict[str, Any]) -> venvs.VenvRequest:
    """Make the request from the module's arguments; reads the requirements file."""
    what = f"venv {params['name']}"
    tenant = _account(what, params["tenant"])
    return venvs.VenvRequest(
        what=what,
        python=_interpreter(what, params["python"]),
        requirements=tuple(params["requirements"]),
        files=_requirements_files(what, params["requirements_file"], tenant),
        build=params["build"],
        tenant=tenant,
        project=params["project"],
        project_digest=_content_digest(what, params["project"], tenant),
        index_url=params["index_url"],
        extra_index_urls=tuple(params["extra_index_urls"]),
        ca_bundle=params["ca_bundle"],
    )


# What check mode can't name without making an account on the node, or running a tenant's build.
UNRESOLVED = "(named when its requirements are resolved)"


def present(module: AnsibleModule) -> dict[str, Any]:
    """Have the venv, its name and its link; in check mode tell what would change."""
    params = module.params
    request = request_of(params)
    venvs.check(request)
    before = venvs.used_by(params["name"])
    path: str | None
    if not module.check_mode:
        path = venvs.build(request, upgrade=params["upgrade"])
        after = venvs.packages(path)
    else:
        path = venvs.lookup(request)
        after = venvs.packages(path) if path else {}
        if (path is None or params["upgrade"]) and venvs.can_foresee(request):
            path, after = venvs.foresee(request)
    link = Link(params["path"], path or "") if params["path"] else None
    link_differs = link is not None and files.read(link.path) != link
    changed = path is None or path != before or link_differs
    if changed and not module.check_mode and path is not None:
        venvs.use(params["name"], path)
        if link is not None and link_differs:
            files.write(link)
    result: dict[str, Any] = {"changed": changed, "diff": _diff(before, path or UNRESOLVED, after, params["path"])}
    if path is not None:
        result.update(path=path, digest=os.path.basename(path), packages=after)
    return result


def absent(module: AnsibleModule) -> dict[str, Any]:
    """Take the name and the link away, and the venv if nothing else uses it."""
    name, link = module.params["name"], module.params["path"]
    before = venvs.used_by(name)
    linked = link is not None and isinstance(files.read(link), Link)
    removed = venvs.unused_without(name)
    if not module.check_mode:
        if linked:
            files.remove(link)
        if before is not None:
            venvs.release(name)
            venvs.remove(removed)
    diff = _diff(before if before or linked else None, None, {}, link)
    return {"changed": before is not None or linked, "removed": removed, "diff": diff}


def _account(what: str, name: str | None) -> pwd.struct_passwd | None:
    if name is None:
        return None
    try:
        return pwd.getpwnam(name)
    except KeyError as error:
        raise SpecError(f"{what}: tenant: {name!r}: no such account; make it with hostel.python.tenant") from error


def _content_digest(what: str, project: str | None, tenant: pwd.struct_passwd | None) -> str:
    """Return the digest of a project's files, read as the tenant; what builds leave there is no part of it."""
    if project is None or tenant is None:
        return ""
    left_out = ("--exclude-vcs", "--exclude=__pycache__", "--exclude=*.egg-info", "--exclude=./build")
    plain = ("--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner")
    argv = ["sh", "-c", 'tar -c "$@" . | sha256sum', "sh", *plain, *left_out]
    return run(argv, what=f"{what}: project: {project}", user=tenant, cwd=project).stdout.split()[0]


def _interpreter(what: str, python: str) -> str:
    if python.startswith("/"):
        return python
    if not re.fullmatch(r"\d+(\.\d+){1,2}[a-z0-9]*", python):
        raise SpecError(f"{what}: python: {python!r}: a version as 3.13, or the path of an interpreter")
    return f"{PYTHONS}/{python}/bin/python3"


def _requirements_files(what: str, path: str | None, tenant: pwd.struct_passwd | None) -> Files:
    if path is None:
        return ()
    folder, name = os.path.split(os.path.normpath(path))

    def read(inner: str) -> bytes:
        whole = os.path.join(folder, inner)
        if tenant is not None:
            return run(["cat", "--", whole], what=f"{what}: requirements_file", user=tenant).stdout.encode()
        found = files.read(whole)
        if not isinstance(found, File):
            raise SpecError(f"{what}: requirements_file: {whole}: there is no such file on the node")
        return found.content

    return gather(name, read)


def _diff(before: str | None, path: str | None, after: dict[str, str], link: str | None) -> dict[str, str]:
    there = venvs.packages(before) if before else {}
    return {
        "before": _shown(before, there, link) if before else "",
        "after": _shown(path, after, link) if path or after else "",
        "before_header": link or "venv",
        "after_header": link or "venv",
    }


def _shown(path: str | None, packages: dict[str, str], link: str | None) -> str:
    return "".join(f"{line}\n" for line in [f"{link or 'venv'} -> {path}", *map("==".join, packages.items())])


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
    failure: HostelError | None = None
    result: dict[str, Any] = {}
    try:
        if not _NAME.fullmatch(module.params["name"]):
            raise SpecError(f"name: {module.params['name']!r}: letters, digits, dots, dashes, underscores; at most 64")
        result = present(module) if module.params["state"] == "present" else absent(module)
    except HostelError as error:
        failure = error
    # Not inside of "except": ansible-core would call it an unexpected exception.
    if failure is not None:
        module.fail_json(msg=str(failure), errors=failure.lines)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
