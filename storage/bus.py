"""Hints that something was committed. They only save waiting: every reader also looks by itself once a second.

One channel, content-free messages (a tenant id), one subscription per process, routed in Python.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import structlog
from broadcaster import Broadcast

from settings import Settings

CHANNEL = "immonow"
PUBLISH_TIMEOUT = 0.2
POLL = 1.0

log = structlog.get_logger(__name__)


class Bus:
    """Wakes the readers of an agency's stream after a commit, in this process and, with Redis, in all others."""

    def __init__(self, settings: Settings) -> None:
        self._broadcast = Broadcast(settings.redis_url or "memory://")
        self._waiting: dict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self._broadcast.connect()
        self._listener = asyncio.create_task(self._listen(), name="bus-listener")

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
            await self._broadcast.disconnect()

    async def hint(self, tenant: UUID) -> None:
        """Say that `tenant` has new events; best effort, a lost hint costs at most a second."""
        self._wake(tenant)
        if self._listener is None:
            return
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                await self._broadcast.publish(CHANNEL, str(tenant))
        except Exception as error:
            # The event is stored; readers find it by themselves. Only the operator must know.
            log.warning("bus hint lost", error=repr(error))

    @contextlib.contextmanager
    def listening(self, tenant: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever `tenant` may have something new. Clear it before reading, not after."""
        waiter = asyncio.Event()
        self._waiting[tenant].add(waiter)
        try:
            yield waiter
        finally:
            self._waiting[tenant].discard(waiter)
            if not self._waiting[tenant]:
                del self._waiting[tenant]

    def _wake(self, tenant: UUID) -> None:
        for waiter in self._waiting.get(tenant, ()):
            waiter.set()

    async def _listen(self) -> None:
        """Forward hints of other processes; a broken broker is tried again, meanwhile readers poll."""
        while True:
            try:
                async with self._broadcast.subscribe(CHANNEL) as subscriber:
                    messages: Any = subscriber
                    async for event in messages:
                        self._wake(UUID(event.message))
            except Exception as error:
                log.warning("bus subscription lost", error=repr(error))
            await asyncio.sleep(POLL)
