# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two URLs: what startproject has, and a page."""

from django.contrib import admin
from django.http import HttpResponse
from django.urls import path


def here(_request):
    return HttpResponse("here")


urlpatterns = [path("admin/", admin.site.urls), path("", here)]
