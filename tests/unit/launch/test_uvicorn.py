# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of an application's errors, beside a cycle of uvicorn's that is played."""

from __future__ import annotations

import asyncio
import logging

import pytest
from ansible_collections.hostel.python.plugins.module_utils._launch import uvicorn

SCOPE = {"type": "http", "headers": []}


class Cycle:
    """What uvicorn's RequestResponseCycle says of the answer."""

    def __init__(self):
        self.response_complete = False

    async def send(self, message):
        self.response_complete = message["type"] == "http.response.body" and not message.get("more_body")


async def receive():
    return {"type": "http.request"}


def call(cycle, *messages):
    """An application that sends these and raises then."""

    async def app(_scope, _receive, send):
        for message in messages:
            await send(message)
        raise LookupError("late")

    asyncio.run(uvicorn.Answering(app)(dict(SCOPE), receive, cycle.send))


def test_an_error_after_the_answer_is_logged_and_no_more(caplog):
    call(Cycle(), {"type": "http.response.start", "status": 500}, {"type": "http.response.body", "body": b"x"})
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("uvicorn.error", logging.ERROR)
    assert "LookupError: late" in caplog.text


@pytest.mark.parametrize(
    "messages",
    [
        (),
        ({"type": "http.response.start", "status": 200},),
        ({"type": "http.response.start", "status": 200}, {"type": "http.response.body", "more_body": True}),
    ],
)
def test_an_error_before_the_answer_is_complete_is_uvicorns(messages, caplog):
    with pytest.raises(LookupError):
        call(Cycle(), *messages)
    assert caplog.records == []


def test_an_error_of_a_websocket_is_uvicorns():
    async def send(_message):
        """uvicorn's protocol for WebSockets knows no complete answer."""

    async def app(_scope, _receive, _send):
        raise LookupError("late")

    with pytest.raises(LookupError):
        asyncio.run(uvicorn.Answering(app)({"type": "websocket", "headers": []}, receive, send))
