# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's part of the module python_version: packed builds from node to node, and progress of a build."""

from __future__ import annotations

import glob
import hashlib
import os
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

display = Display()

MODULE = "hostel.python.python_version"
FOLDER = "/var/lib/hostel/artifacts"
# Seconds between two lines of progress.
PACE = 10.0


class ActionModule(ActionBase):
    """supply → build → fetch."""

    _supports_check_mode = True
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        del tmp
        variables = task_vars or {}
        args = dict(self._task.args)
        folder = args.get("artifacts")
        if folder:
            folder = args["artifacts"] = os.path.expanduser(os.path.expandvars(folder))
        if not folder:
            answer = self._built(args, variables) if args.get("build", True) else self._call(args, variables)
            result.update(answer)
            return result
        answer, changed = self._supplied(args, folder, variables)
        if args.get("build", True) and not answer.get("failed") and self._wanting(answer, folder):
            answer = self._built(args, variables)
            changed = changed or answer.get("changed", False)
            if not answer.get("failed"):
                self._fetch(answer.get("packed", []), folder, variables)
        result.update(answer, changed=changed or answer.get("changed", False))
        return result

    def _wanting(self, answer: dict[str, Any], folder: str) -> bool:
        """Tell whether a declared build is missing on the node, or on this controller."""
        libc = answer["platform"]["libc"]
        return any(best_artifact(folder, one["artifact"], libc) is None for one in answer["builds"])

    def _call(self, args: dict[str, Any], variables: dict[str, Any], **more: Any) -> dict[str, Any]:
        return dict(
            self._execute_module(
                module_name=MODULE, module_args={**args, **more}, task_vars=variables, wrap_async=False
            )
        )

    def _supplied(self, args: dict[str, Any], folder: str, variables: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """Install all that needs no compiling, packed builds that this controller has included."""
        answer = self._call(args, variables, build=False)
        changed = bool(answer.get("changed"))
        if answer.get("failed") or self._task.check_mode:
            return answer, changed
        found = {
            one["version"]: artifact
            for one in answer["builds"]
            if not one["present"]
            for artifact in [best_artifact(folder, one["artifact"], answer["platform"]["libc"])]
            if artifact is not None
        }
        if not found:
            return answer, changed
        supplied = {}
        for version, path in found.items():
            self._say(variables, f"python {version}: taking {os.path.basename(path)} from {folder}")
            target = f"{FOLDER}/{os.path.basename(path)}"
            sent = self._act("ansible.builtin.copy", {"src": path, "dest": target, "mode": "0644"}, variables)
            if sent.get("failed"):
                return sent, changed
            supplied[version] = {"path": target, "checksum": f"sha256:{_digest(path)}"}
        return self._call(args, variables, build=False, supplied=supplied), True

    def _built(self, args: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Compile, telling now and then how far it is."""
        changed = False
        changes: list[str] = []
        while True:
            answer = self._call(args, variables, wait=PACE)
            changed = changed or bool(answer.get("changed"))
            changes = changes or answer.get("changes", [])
            if answer.get("failed") or self._task.check_mode or not answer.get("building"):
                return {**answer, "changed": changed, "changes": changes}
            for one in answer["building"]:
                minutes, seconds = divmod(one["seconds"], 60)
                self._say(
                    variables, f"python {one['version']}: {one['stage']} ({minutes}:{seconds:02d}; log: {one['log']})"
                )

    def _fetch(self, packed: list[dict[str, Any]], folder: str, variables: dict[str, Any]) -> None:
        """Bring packed builds that this controller does not have yet."""
        os.makedirs(folder, exist_ok=True)
        for one in packed:
            target = os.path.join(folder, one["name"])
            if os.path.exists(target):
                continue
            self._say(variables, f"python {one['version']}: fetching the packed build to {folder}")
            part = f"{target}.part"
            fetched = self._act("ansible.builtin.fetch", {"src": one["path"], "dest": part, "flat": True}, variables)
            if fetched.get("failed"):
                display.warning(f"python {one['version']}: {one['path']} could not be fetched: {fetched.get('msg')}")
                continue
            os.replace(part, target)

    def _act(self, name: str, args: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        task = self._task.copy()
        task.args = args
        action = self._shared_loader_obj.action_loader.get(
            name,
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        return dict(action.run(task_vars=variables))

    def _say(self, variables: dict[str, Any], text: str) -> None:
        display.display(f"  {variables.get('inventory_hostname', 'node')}: {text}")


def best_artifact(folder: str, name: str, libc: str) -> str | None:
    """Return the packed build with the newest C library that a node with ``libc`` can load."""
    usable = []
    for path in glob.glob(f"{glob.escape(os.path.join(folder, name))}-glibc*.tar.zst"):
        version = path[: -len(".tar.zst")].rpartition("-glibc")[2]
        if _numbers(version) <= _numbers(libc):
            usable.append((_numbers(version), path))
    return max(usable)[1] if usable else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def _digest(path: str) -> str:
    total = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            total.update(piece)
    return total.hexdigest()
