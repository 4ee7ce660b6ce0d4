# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the probes share with pytest: each cell is a test, and all that were selected are run at once."""

from __future__ import annotations

import sys
from pathlib import Path

# What is here, and what all scenarios share.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
