# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generated settings, made fit for production. Choose them with DJANGO_SETTINGS_MODULE=shop.production."""

import os

from .settings import *
from .settings import BASE_DIR

DEBUG = False
SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split()
STATIC_ROOT = BASE_DIR / "static"
