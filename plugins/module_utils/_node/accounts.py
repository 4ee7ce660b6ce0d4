# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenants' Unix accounts.

An account is ours if its uid lies in the tenants' range and its comment says so; no other account is ever adopted,
changed or removed. A uid once given to a name stays that name's, for what a removed tenant left behind (its data is
kept unless purged, and there may be files elsewhere) must not become somebody else's.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import pwd
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from .._errors import NodeError
from .._spec.layout import STATE, UID_MAX, UID_MIN
from .._spec.resources import File
from .._spec.tenant import Tenant
from . import files
from .run import run

COMMENT = "Hostel tenant"
# An account of the pool of daemons, which are there before their tenant is (pool.py).
SPARE_COMMENT = "Hostel spare account"
# The same when its tenant was removed: only that tenant may have it again, for there may be files left anywhere.
SPENT_COMMENT = "Hostel spent account"
SPARE_PREFIX = "hostel-spare-"
SHELL = "/usr/sbin/nologin"
RECORD = f"{STATE}/uids.json"


@dataclass(frozen=True)
class Account:
    """A tenant's account; the group has the same name and number."""

    name: str
    uid: int
    gid: int
    home: str


def observe() -> dict[str, Account]:
    """Return all tenants' accounts on this node, by name."""
    return {entry.name: entry for entry, comment in _passwd() if _is_ours(entry, comment)}


def spare() -> frozenset[int]:
    """The uids of spare accounts that nobody ever had."""
    return frozenset(_commented(SPARE_COMMENT)) - set(_record().values())


def spent() -> dict[int, str]:
    """The names, by uid, of accounts whose tenants were removed and purged: nobody will have them again."""
    known_uids = set(_record().values())
    return {uid: name for uid, name in _commented(SPENT_COMMENT).items() if uid not in known_uids}


def remove_spent(uids: Iterable[int]) -> None:
    """Take away accounts that ``spent`` named, once no daemon is configured for them any more."""
    there = spent()
    for uid in uids:
        _delete(there[uid], "--force")


def known() -> dict[str, int]:
    """The uid of every name that has or had one."""
    return _record()


def check(tenants: Iterable[Tenant], observed: Mapping[str, Account]) -> None:
    """Raise NodeError, with a line for each tenant whose name or uid this node cannot give it."""
    choose(tenants, observed)


def choose(tenants: Iterable[Tenant], observed: Mapping[str, Account]) -> dict[str, int]:
    """Return the uid of every tenant: the one it has, asks for, had once, or the next free one.

    The search for a free one starts at a number made from the name, so that all nodes of a cluster come to the same
    uids whatever the order in which tenants were added.
    Raises NodeError, with a line for each conflict.
    """
    wanted = list(tenants)
    spares = _spares()
    users = {entry.uid: entry.name for entry, _comment in _passwd() if entry.uid not in spares}
    groups = {gid: group for gid, group in _groups().items() if gid not in spares}
    taken = {**_record(), **{name: account.uid for name, account in observed.items()}}
    owners = {uid: name for name, uid in taken.items()}
    chosen: dict[str, int] = {}
    problems: list[str] = []
    for tenant in sorted(wanted, key=lambda one: one.uid is None):
        name = tenant.name
        has = observed.get(name)
        if has is not None:
            if tenant.uid not in (None, has.uid):
                problems.append(
                    f"tenant {name}: uid: {tenant.uid} is asked for, but the account has {has.uid} on this node, and "
                    f"its files with it; ask for {has.uid}, or remove the tenant with purge first"
                )
            chosen[name] = has.uid
            continue
        foreign = _foreign(name, groups)
        if foreign:
            problems.append(f"tenant {name}: name: {foreign}, which this collection did not make; choose another name")
            continue
        uid = tenant.uid if tenant.uid is not None else taken.get(name)
        if uid is None:
            uid = next((one for one in _candidates(name) if one not in {**users, **groups, **owners, **spares}), None)
        if uid is None:
            problems.append(f"tenant {name}: uid: none is free from {UID_MIN} to {UID_MAX}")
            continue
        other = users.get(uid) or groups.get(uid) or owners.get(uid)
        if other is not None and other != name:
            problems.append(
                f"tenant {name}: uid: {uid} belongs to {other}, or did and {other} left files behind; ask for another "
                f"number from {UID_MIN} to {UID_MAX}, or leave uid out"
            )
            continue
        owners[uid] = name
        chosen[name] = uid
    if problems:
        raise NodeError(*problems)
    return chosen


def create(tenants: Iterable[Tenant]) -> dict[str, Account]:
    """Make the accounts that are missing, all in one call, and return those of ``tenants``.

    Raises NodeError, with a line for each conflict; then none is made.
    """
    wanted = list(tenants)
    observed = observe()
    chosen = choose(wanted, observed)
    missing = {name: uid for name, uid in chosen.items() if name not in observed}
    if missing:
        _write_record({**_record(), **missing})
        _make_way(missing.values())
        run(["systemd-sysusers", "-"], what="making tenants' accounts", stdin=sysusers(missing).encode(), timeout=300)
        files.forget_names()
        observed = observe()
        wrong = [name for name, uid in missing.items() if name not in observed or observed[name].uid != uid]
        if wrong:
            raise NodeError(
                *(
                    f"tenant {name}: systemd-sysusers did not make the account with uid {missing[name]}"
                    for name in wrong
                )
            )
    return {name: observed[name] for name in chosen}


def sysusers(uids: Mapping[str, int]) -> str:
    """Return the configuration, sysusers.d(5), that makes these accounts and a group of the same number for each."""
    return "".join(f'u {name} {uid} "{COMMENT}" /home/{name} {SHELL}\n' for name, uid in sorted(uids.items()))


def _make_spares(uids: Iterable[int], comment: str = SPARE_COMMENT) -> None:
    lines = [f'u {SPARE_PREFIX}{uid} {uid} "{comment}" /nonexistent {SHELL}\n' for uid in uids]
    if lines:
        run(["systemd-sysusers", "-"], what="making spare accounts", stdin="".join(lines).encode(), timeout=300)
        files.forget_names()


def _make_way(uids: Iterable[int]) -> None:
    """Take away spare accounts whose uids tenants get. Daemons run under them, so userdel has to be told to."""
    spares = _spares()
    for uid in uids:
        if uid in spares:
            _delete(spares[uid], "--force")


def _delete(name: str, *options: str) -> None:
    run(["userdel", *options, name], what=f"account {name}: removing it")
    files.forget_names()
    if name in _groups().values():
        # userdel leaves the group where USERGROUPS_ENAB is off in login.defs.
        run(["groupdel", name], what=f"group {name}: removing it")


def remove(account: Account, *, of_the_pool: bool = False) -> None:
    """End what still runs under the account, and take it and its group away. Its files stay.

    of_the_pool: Apache keeps daemons ready under its uid, so that a spare account takes its place.
    Raises NodeError when processes are left that cannot be ended.
    """
    if of_the_pool:
        _kill_all(account)
        _delete(account.name, "--force")
        _make_spares([account.uid], SPENT_COMMENT)
    else:
        end_processes(account)
        _delete(account.name)


def choose_spare(count: int, having: Collection[int]) -> list[int]:
    """The uids that ``count`` more spare accounts get: those whose daemons were not made yet, and the next free ones.

    having: the uids with daemons. Raises NodeError where there are too few.
    """
    begun = sorted(spare() - set(having))[:count]
    taken = {*(entry.uid for entry, _comment in _passwd()), *_groups(), *_record().values()}
    # As with tenants: all nodes of a cluster come to the same numbers.
    free = (uid for uid in _candidates(SPARE_PREFIX) if uid not in taken)
    chosen = [*begun, *itertools.islice(free, count - len(begun))]
    if len(chosen) < count:
        raise NodeError(f"pool: {count} uids are needed, but only {len(chosen)} from {UID_MIN} to {UID_MAX} are free")
    return chosen


def create_spare(count: int, having: Collection[int]) -> list[int]:
    """Make ``count`` more spare accounts; their uids. Raises like ``choose_spare``."""
    chosen = choose_spare(count, having)
    _make_spares(uid for uid in chosen if uid not in _spares())
    return chosen


def forget(name: str) -> None:
    """Let the uid of a tenant whose files are all gone be given to others."""
    record = _record()
    if record.pop(name, None) is not None:
        _write_record(record)


def end_processes(account: Account) -> None:
    """Kill every process of the account, in whatever unit it runs."""
    for pause in (0.0, 0.05, 0.2, 0.5, 1.0, 2.0):
        time.sleep(pause)
        if not _runs_something(account.uid):
            return
        _kill_all(account)
    raise NodeError(
        f"tenant {account.name}: processes of uid {account.uid} do not end; run again, or restart the node"
    )


def _kill_all(account: Account) -> None:
    # kill(2) with pid -1 reaches all that this uid may signal and spares the caller: nothing can slip away between a
    # list and the signal.
    entry = pwd.getpwuid(account.uid)
    run(["/bin/sh", "-c", "kill -KILL -1"], what=f"tenant {account.name}: ending processes", user=entry, check=False)


def _runs_something(uid: int) -> bool:
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == uid:
                    return True
            except FileNotFoundError:
                continue
    return False


def _is_ours(entry: Account, comment: str) -> bool:
    return UID_MIN <= entry.uid <= UID_MAX and comment.split(",", maxsplit=1)[0] == COMMENT


def _spares() -> dict[int, str]:
    """Accounts that hold a uid for a tenant to come, or for the one that had it."""
    return {**_commented(SPARE_COMMENT), **_commented(SPENT_COMMENT)}


def _commented(words: str) -> dict[int, str]:
    return {
        entry.uid: entry.name
        for entry, comment in _passwd()
        if UID_MIN <= entry.uid <= UID_MAX and comment.split(",", maxsplit=1)[0] == words
    }


def _foreign(name: str, groups: Mapping[int, str]) -> str | None:
    """Say who has this name already; asks NSS as well, for accounts of a directory service."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        if name in groups.values():
            return "there is a group of this name"
        return None
    return f"there is an account of this name with uid {entry.pw_uid}"


def _candidates(name: str) -> Iterable[int]:
    size = UID_MAX - UID_MIN + 1
    start = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return (UID_MIN + (start + step) % size for step in range(size))


def _passwd() -> list[tuple[Account, str]]:
    return [(Account(one[0], int(one[2]), int(one[3]), one[5]), one[4]) for one in _lines("/etc/passwd", 7)]


def _groups() -> dict[int, str]:
    return {int(one[2]): one[0] for one in _lines("/etc/group", 4)}


def _lines(path: str, width: int) -> list[list[str]]:
    found = files.read(path)
    text = found.content.decode("utf-8", "surrogateescape") if isinstance(found, File) else ""
    rows = [line.split(":") for line in text.splitlines()]
    # NIS entries ("+::::::") have no numbers.
    return [row for row in rows if len(row) == width and row[2].isdigit()]


def _record() -> dict[str, int]:
    found = files.read(RECORD)
    if not isinstance(found, File):
        return {}
    try:
        return {str(name): int(uid) for name, uid in json.loads(found.content).items()}
    except (ValueError, AttributeError) as error:
        raise NodeError(
            f"{RECORD}: is damaged ({error}); restore it, or remove it if no removed tenant left files behind"
        ) from error


def _write_record(record: Mapping[str, int]) -> None:
    files.write(File(RECORD, json.dumps(record, indent=0, sort_keys=True).encode() + b"\n"))
