# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As which kind of application uvicorn is told to take one."""

from __future__ import annotations

import functools

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import uvicorn


async def modern(scope, receive, send):
    """ASGI 3."""


def handed_on(scope, receive, send):
    """ASGI 3, by a function that gives back what another makes."""
    return modern(scope, receive, send)


class Modern:
    def __call__(self, scope, receive, send):
        return modern(scope, receive, send)


class Old:
    """ASGI 2: an instance for each request, which is called with the rest."""

    def __init__(self, scope):
        self.scope = scope

    async def __call__(self, receive, send):
        """The answer."""


@pytest.mark.parametrize("app", [modern, handed_on, Modern(), functools.partial(modern)])
def test_what_takes_three_arguments_is_asgi_3(app):
    assert uvicorn.takes_three(app)


def gateway(_environ, _start_response):
    """WSGI."""


@pytest.mark.parametrize("app", [Old, gateway, type])
def test_what_takes_others_is_left_to_uvicorn(app):
    assert not uvicorn.takes_three(app)
