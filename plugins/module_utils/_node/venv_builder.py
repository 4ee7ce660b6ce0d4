# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs uv: an account of its own for what everybody shares, the tenant for what only the tenant gets.

Neither is root, and the shared account starts only uv and the base interpreter, the latter isolated and without
``site`` (``-I -S``), so that nothing that came out of a package runs in it: no ``setup.py``, no ``.pth`` file.
"""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Sequence
from dataclasses import dataclass

from .._errors import NodeError
from .._spec.layout import CACHE, UV
from .._spec.resources import File, Folder
from .._syntax.environment import render
from .._syntax.requirements import redacted
from . import files
from .jobs import SLICE_LEAVES, SLICE_LOOK, slice_leaves
from .run import INHERITED, Ran, run, tail
from .venv_request import VenvRequest

ACCOUNT = "hostel-cache"
SYSUSERS = "/etc/sysusers.d/hostel-cache.conf"
# A cold resolution over a slow line; a build from source of something large.
_SECONDS = 3600.0


@dataclass(frozen=True)
class Builder:
    """An account at work for one venv.

    scope: "" for what all share, else the tenant's uid. environment: for uv, with secrets, so never on a command line.
    settings: root's folder for this piece of work, which the account may read.
    """

    account: pwd.struct_passwd
    scope: str
    cache: str
    environment: dict[str, str]
    settings: str
    what: str

    def uv(self, arguments: Sequence[str], doing: str, cwd: str) -> Ran:
        """Run uv. Raises NodeError with uv's last lines, without credentials."""
        return self.run([UV, *arguments, "--no-config", "--quiet", "--cache-dir", self.cache], doing, cwd)

    def run(self, argv: Sequence[str], doing: str, cwd: str, stdin: bytes | None = None) -> Ran:
        """Run a program as the account; the tenant's inside its slice, so that its limits hold."""
        what = f"{self.what}: {doing}"
        try:
            if self.scope:
                ran = self._run_in_slice(argv, cwd, what, stdin)
            else:
                ran = run(
                    argv, what=what, user=self.account, env=self.environment, cwd=cwd, stdin=stdin, timeout=_SECONDS,
                    check=False,
                )
        except NodeError as error:
            raise NodeError(*(redacted(line) for line in error.lines)) from error
        if ran.rc != 0:
            words = tail(redacted(ran.stderr)) or tail(redacted(ran.stdout))
            raise NodeError(f"{what}: failed" + ("" if words else f" with code {ran.rc}, saying nothing"), *words)
        return ran

    def _run_in_slice(self, argv: Sequence[str], cwd: str, what: str, stdin: bytes | None) -> Ran:
        inside = self._in_slice(argv, cwd)
        deadline = time.monotonic() + SLICE_LEAVES
        ran = run(inside, what=what, stdin=stdin, timeout=_SECONDS, check=False)
        while slice_leaves(ran.stderr) and time.monotonic() < deadline:
            time.sleep(SLICE_LOOK)
            ran = run(inside, what=what, stdin=stdin, timeout=_SECONDS, check=False)
        return ran

    def _in_slice(self, argv: Sequence[str], cwd: str) -> list[str]:
        uid, gid = self.account.pw_uid, self.account.pw_gid
        path = f"{self.settings}/environment"
        files.write(File(path, render(sorted(self.environment.items())), 0o600, secret=True), durable=False)
        properties = [
            f"EnvironmentFile={path}",
            f"WorkingDirectory={cwd}",
            "NoNewPrivileges=yes",
            "PrivateTmp=yes",
            "UMask=0022",
            "KillMode=control-group",
        ]
        return [
            "systemd-run", "--quiet", "--collect", "--pipe", "--wait", "--service-type=exec",
            f"--uid={uid}", f"--gid={gid}", f"--slice=user-{uid}.slice",
            *(f"--property={value}" for value in properties), "--", *argv,
        ]  # fmt: skip


def builder(request: VenvRequest, settings: str) -> Builder:
    """Return who makes the venv of a request. Makes the shared account and its cache where they are missing."""
    tenant = request.builder
    if tenant is None:
        account = _shared_account()
        return Builder(account, "", CACHE, _environment(request, account, CACHE), settings, request.what)
    cache = f"{tenant.pw_dir}/.cache/uv"
    return Builder(
        tenant, str(tenant.pw_uid), cache, _environment(request, tenant, cache), settings, request.what
    )


def has_shared_account() -> bool:
    """Tell whether the account that installs for all is there already."""
    try:
        return pwd.getpwnam(ACCOUNT) is not None
    except KeyError:
        return False


def _shared_account() -> pwd.struct_passwd:
    try:
        account = pwd.getpwnam(ACCOUNT)
    except KeyError:
        line = f'u {ACCOUNT} - "Hostel package cache" {CACHE} /usr/sbin/nologin\n'
        files.write(File(SYSUSERS, f"# Managed by hostel.python; changes are overwritten.\n{line}".encode()))
        run(["systemd-sysusers", SYSUSERS], what=f"account {ACCOUNT}: making it")
        files.forget_names()
        account = pwd.getpwnam(ACCOUNT)
    wanted = Folder(CACHE, 0o700, ACCOUNT, ACCOUNT)
    if not files.holds(wanted, files.read(CACHE)):
        files.write(wanted)
    return account


def _environment(request: VenvRequest, account: pwd.struct_passwd, cache: str) -> dict[str, str]:
    """Return uv's settings. Index URLs may hold credentials and therefore stand here and not in arguments."""
    values = {
        **{name: os.environ[name] for name in INHERITED if name in os.environ},
        "HOME": account.pw_dir if request.builder else cache,
        "UV_SYSTEM_CERTS": "1",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_WRAP": "1",
        "NO_COLOR": "1",
    }
    if request.builder is None:
        values["UV_NO_BUILD"] = "1"
    if request.index_url:
        values["UV_DEFAULT_INDEX"] = request.index_url
    if request.extra_index_urls:
        values["UV_INDEX"] = " ".join(request.extra_index_urls)
    if request.ca_bundle:
        values["SSL_CERT_FILE"] = request.ca_bundle
    return values
