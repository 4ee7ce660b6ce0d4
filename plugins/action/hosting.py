# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of the module hosting: validate, ship local sources once, apply in slices with progress."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shlex
import tarfile
import tempfile
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.hostel.python.plugins import module_utils
from ansible_collections.hostel.python.plugins.module_utils._errors import SpecError
from ansible_collections.hostel.python.plugins.module_utils._node.program import FOLDER
from ansible_collections.hostel.python.plugins.module_utils._spec.hosting import parse
from ansible_collections.hostel.python.plugins.module_utils._spec.hosting_arguments import ARGUMENTS
from ansible_collections.hostel.python.plugins.plugin_utils import local_source

display = Display()

# A run costs a fixed number of round trips, however many apps there are: the apps are dealt into so many calls.
MOST_SLICES = 8
LEAST_APPS_A_SLICE = 12

WANTED = ("python_versions", "tenants", "apps")
OWN = ("validate_only", "source_root")

# How the shell on the node says that no run has left the program there yet.
NOT_KEPT = 79


class ActionModule(ActionBase):
    """validate → plan → ship → apply."""

    _supports_check_mode = True
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        del tmp
        try:
            wanted, folders = self._validated(task_vars or {})
        except SpecError as error:
            raise AnsibleActionFail(_listed("The inventory is not right; nothing was touched:", error.lines)) from None
        if self._task.args.get("validate_only"):
            result.update(changed=False)
            return result
        plan = self._call(wanted, "check" if self._task.check_mode else "plan", task_vars)
        if plan.get("failed") or self._task.check_mode or not plan["changes"]:
            if plan.get("errors"):
                plan.update(failed=True, msg=_listed("Some apps could not be looked at:", plan["errors"]))
            result.update(plan)
            return result
        result.update(self._applied(wanted, folders, plan, task_vars))
        return result

    def _validated(self, task_vars: dict[str, Any]) -> tuple[dict[str, list[Any]], dict[str, str]]:
        """The three lists, each local source with the digest of its content; and the folder of every digest."""
        args = self._task.args
        wanted = {name: args.get(name) or [] for name in WANTED}
        # Everything is wrong at once or nothing is: parse first, then look at the folders.
        lines: list[str] = []
        folders: dict[str, str] = {}
        root = args.get("source_root") or task_vars.get("inventory_dir") or os.getcwd()
        if isinstance(wanted["apps"], list):
            wanted["apps"] = [_with_digest(item, root, folders, lines) for item in wanted["apps"]]
        try:
            parse(wanted)
        except SpecError as error:
            lines = error.lines + lines
        if lines:
            raise SpecError(*lines)
        inventories = task_vars.get("ansible_inventory_sources") or ()
        for folder in local_source.read_as_inventory(folders.values(), inventories):
            display.warning(
                f"{folder} lies in a folder that was given with -i; Ansible runs every executable file there and reads "
                "the others as inventory, whoever wrote them: give the file that lists the nodes (-i …/hosts.yml)"
            )
        return wanted, folders

    def _call(self, wanted: dict[str, Any], phase: str, task_vars: Any, **more: Any) -> dict[str, Any]:
        args = {key: value for key, value in self._task.args.items() if key not in WANTED + OWN}
        args.update(wanted=json.dumps(wanted), phase=phase, **more)
        program = _code_digest()
        kept = self._call_kept(program, args, task_vars)
        if kept is not None:
            return kept
        if not self._task.check_mode:
            args.update(program=program)
        result = self._execute_module(
            module_name="hostel.python.hosting", module_args=args, task_vars=task_vars, wrap_async=False
        )
        # The invocation would show the apps' environment to whoever reads a log.
        result.pop("invocation", None)
        return dict(result)

    def _call_kept(self, program: str, args: dict[str, Any], task_vars: Any) -> dict[str, Any] | None:
        """The answer of the program that an earlier run has left on the node; None where the module has to be sent."""
        if not self._connection.has_pipelining:
            return None
        checked = ArgumentSpecValidator(ARGUMENTS).validate(args)
        if checked.error_messages:
            # The module says it in Ansible's own form.
            return None
        folder = shlex.quote(f"{FOLDER}/{program}")
        python = shlex.quote((task_vars or {}).get("ansible_python_interpreter") or "/usr/bin/python3")
        command = f"if test -e {folder}/__main__.py; then exec {python} -I -B {folder}; else exit {NOT_KEPT}; fi"
        answer = self._low_level_execute_command(command, in_data=json.dumps(checked.validated_parameters).encode())
        if answer["rc"] == NOT_KEPT:
            return None
        try:
            result: dict[str, Any] = json.loads(answer["stdout"])
        except ValueError:
            display.warning(f"{FOLDER}: the program kept there failed, so it is sent again: {answer['stderr'][-2000:]}")
            return None
        return result

    def _applied(
        self, wanted: dict[str, Any], folders: dict[str, str], plan: dict[str, Any], task_vars: Any
    ) -> dict[str, Any]:
        bundle = self._shipped({name: folders[name] for name in plan["sources_needed"]})
        host = (task_vars or {}).get("inventory_hostname", "node")
        apps = plan["apps_to_change"]
        slices = _dealt(apps)
        # What the plan could not look at is an error that the first slice meets again.
        errors: list[str] = []
        identities = plan["identities"]
        found: dict[str, str] = {}
        final = plan
        done = 0
        for number, names in enumerate(slices, start=1):
            last = number == len(slices)
            final = self._call(
                wanted,
                "apply",
                task_vars,
                only=names,
                bundle=bundle,
                settle=last,
                errors=errors,
                identities=identities,
            )
            if final.get("failed") and "errors" not in final:
                return final
            errors, identities = final["errors"], final["identities"]
            found.update(final["found"])
            for name, why in sorted(final["found"].items()):
                display.display(f"  {host}: app {name}: {why}")
            done += len(names)
            if len(slices) > 1:
                # What is indented goes on about the same app.
                failed = sum(not line.startswith(" ") for line in errors)
                display.display(f"  {host}: {done} of {len(apps)} apps done, {failed} failed")
        final["found"] = found
        final["changes"] = plan["changes"]
        final["diff"] = plan.get("diff", [])
        final["changed"] = True
        if bundle:
            self._remove_tmp_path(os.path.dirname(bundle), force=True)
        if errors:
            final.update(failed=True, msg=_listed("Some apps were not done; what was live stays live:", errors))
        return final

    def _shipped(self, folders: dict[str, str]) -> str | None:
        """Every needed folder in one archive, sent in one transfer; the path of it on the node."""
        if not folders:
            return None
        with tempfile.NamedTemporaryFile(suffix=".tar") as local:
            with tarfile.open(fileobj=local, mode="w") as bundle:
                for digest, folder in sorted(folders.items()):
                    packed = local_source.pack(folder)
                    member = tarfile.TarInfo(digest)
                    member.size = len(packed)
                    bundle.addfile(member, io.BytesIO(packed))
            local.flush()
            remote = self._connection._shell.join_path(self._make_tmp_path(), "sources.tar")
            self._transfer_file(local.name, remote)
        return str(remote)


def _with_digest(item: Any, root: str, folders: dict[str, str], lines: list[str]) -> Any:
    source = item.get("source") if isinstance(item, dict) else None
    if not isinstance(source, dict) or not isinstance(source.get("local"), str) or item.get("state") == "absent":
        return item
    folder = os.path.join(root, os.path.expanduser(source["local"]))
    if not os.path.isdir(folder):
        lines.append(
            f"app {item.get('name')!r}: source.local: {source['local']!r} is not a folder; "
            f"relative names start at {root}"
        )
        return item
    try:
        digest = _known_digest(folder, folders)
    except SpecError as error:
        lines.extend(f"app {item.get('name')!r}: {line}" for line in error.lines)
        return item
    folders[digest] = folder
    return {**item, "source": {**source, "digest": digest}}


def _known_digest(folder: str, folders: dict[str, str]) -> str:
    for digest, known in folders.items():
        if known == folder:
            return digest
    return local_source.digest(folder)


def _code_digest() -> str:
    """Names the code that the module would run."""
    root = module_utils.__path__[0]
    total = hashlib.sha256()
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(name for name in names if name.endswith(".py")):
            with open(os.path.join(folder, name), "rb") as source:
                content = source.read()
            total.update(f"{os.path.relpath(os.path.join(folder, name), root)} {len(content)}\0".encode() + content)
    return total.hexdigest()[:32]


def _dealt(names: list[str]) -> list[list[str]]:
    """``names`` in at most MOST_SLICES slices; one empty slice where there are none, for the settling."""
    size = max(LEAST_APPS_A_SLICE, -(-len(names) // MOST_SLICES))
    return [names[start : start + size] for start in range(0, len(names), size)] or [[]]


def _listed(heading: str, lines: list[str]) -> str:
    return "\n".join([heading, *(f"  {line}" for line in lines)])
