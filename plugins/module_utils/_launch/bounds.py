# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server behind the front server waits for and takes, whichever server it is."""

from __future__ import annotations

# Seconds. Longer than any front server keeps an idle connection, so that it is never this side that closes one just as
# a request comes in on it.
KEEP_ALIVE = 75
# Requests that still run when the process is told to end have had their time (ExecStop=): after so many seconds they
# are cancelled, then no longer waited for.
CANCEL, FORCE = 1.0, 6.0

# Exit code where the application refuses to start (lifespan): what uvicorn's own command line ends with.
STARTUP_FAILED = 3

# Bytes. What nginx takes of a request's head: large_client_header_buffers (8 32k) and what comes before them.
LONGEST_HEAD = 9 * 32768
# What a WebSocket message may have, as uvicorn has it.
LONGEST_MESSAGE = 16 << 20
