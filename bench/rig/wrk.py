# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load by wrk, through a port of the loopback address: this machine's, or a node's own."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_LUA = """\
local hosts = {{{hosts}}}
local at = 0
if #hosts > 1 then
    request = function()
        at = at % #hosts + 1
        return wrk.format("GET", "{path}", {{["Host"] = hosts[at]}})
    end
else
    -- Without a function the request is made once: the generator shares its cores with what it measures.
    wrk.headers["Host"] = hosts[1]
end
done = function(summary, latency)
    local errors = summary.errors
    io.write(string.format("%d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50),
        latency:percentile(99), errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """rate: requests a second; median, p99: microseconds; errors: requests without a good answer."""

    rate: float
    median: float
    p99: float
    errors: int


def load(
    port: int,
    hosts: Sequence[str],
    folder: Path,
    *,
    connections: int,
    seconds: int,
    path: str = "/",
    inside: int | None = None,
) -> Load:
    """Ask for ``path`` of all ``hosts`` in turn. folder: for wrk's script; inside: the process whose network is used,
    so that nothing lies between that is not the node's."""
    script = folder / "wrk.lua"
    script.write_text(_LUA.format(hosts=", ".join(f'"{host}"' for host in hosts), path=path), encoding="utf-8")
    url = f"http://127.0.0.1:{port}{path}"
    argv = ["wrk", "--threads=1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
    if inside is not None:
        argv = ["nsenter", "--target", str(inside), "--net", *argv]
    ran = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True)
    found = re.search(r"^(\d+) (\d+) (\d+) (\d+) (\d+)$", ran.stdout, re.MULTILINE)
    if found is None:
        raise SystemExit(f"wrk said nothing that is understood:\n{ran.stdout}")
    requests, duration, half, p99, errors = map(int, found.groups())
    return Load(requests / duration * 1e6, half, p99, errors)


def middle(runs: Sequence[Load]) -> Load:
    """The medians of several; of errors, all."""
    return Load(
        median(run.rate for run in runs),
        median(run.median for run in runs),
        median(run.p99 for run in runs),
        sum(run.errors for run in runs),
    )
