#!/usr/bin/env python3
# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain CGI script. It does what the WSGI probe does, by the gateway of Python's own library."""

from __future__ import annotations

from wsgiref.handlers import CGIHandler

from wsgi_probe import application

CGIHandler().run(application)
