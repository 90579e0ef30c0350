"""The bus of one process: how it ends."""

import asyncio

import pytest

from settings import Settings
from storage.bus import Bus


async def test_who_closes_it_can_be_cancelled_meanwhile(settings: Settings) -> None:
    bus = Bus(settings)
    await bus.open()
    closing = asyncio.create_task(bus.close())
    await asyncio.sleep(0)  # it has asked its listener to end, and waits
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await bus.close()
