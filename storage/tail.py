"""Tails of streams: one reader per agency and process, however many follow its stream here.

A follower keeps its own position and asks for what comes after. What is recent it gets from memory, shared by all; who
is far behind reads from the database, at its own pace. So nobody has a queue that could grow, and nobody waits for a
slow one. Hints only save waiting: every tail also looks by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from typing import Any
from uuid import UUID

import structlog

from domain.errors import ApiError, ErrorCode
from storage import events
from storage.bus import Bus
from storage.database import ReadPool
from storage.events import BATCH, Cursor, Head, Stored

RECENT = 1_000  # events of an agency that are kept in memory while somebody follows
TICK = 0.7  # seconds between two looks without a hint

log = structlog.get_logger(__name__)

# Asked at every look with the agency and who follows; whether something changed that followers must look at.
Check = Callable[[UUID, Counter[Any]], Awaitable[bool]]


class Tail:
    """The end of one agency's stream, as far as this process has read it."""

    def __init__(self, tenant: UUID, reads: ReadPool, bus: Bus, check: Check) -> None:
        self.tenant = tenant
        self.followers: Counter[Any] = Counter()
        self._reads = reads
        self._bus = bus
        self._check = check
        self._head: Head | None = None
        self._recent: list[Stored] = []
        self._position = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self, cursor: Cursor | None) -> Cursor:
        """Where a follower begins: behind its cursor, or now. CURSOR_EXPIRED, EPOCH_CHANGED or CURSOR_AHEAD else."""
        async with self._reads.read(self.tenant) as connection:
            head = await events.head(connection, self.tenant)
        if cursor is not None:
            head.check(cursor)
        if self._head is None:
            self._head, self._position = head, head.last_seq
        return cursor or head.cursor

    async def after(self, cursor: Cursor) -> list[Stored]:
        """The events behind a cursor, in commit order; waits until there are any.

        Empty when there is something else to look at: rights may have changed. EPOCH_CHANGED or CURSOR_EXPIRED when the
        stream does not go on from there.
        """
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"tail-{self.tenant}")
        assert self._head is not None
        if cursor.epoch != self._head.epoch:
            raise ApiError(ErrorCode.EPOCH_CHANGED)
        if cursor.seq > self._position:
            # Either this follower read ahead, or the database forgot what it had told.
            async with self._reads.read(self.tenant) as connection:
                (await events.head(connection, self.tenant)).check(cursor)
        if cursor.seq >= self._position:
            await self._news.wait()
            if cursor.seq >= self._position:
                return []
        behind = self._position - cursor.seq
        if behind <= len(self._recent):
            return self._recent[-behind:]
        return await self._caught_up(cursor.seq)

    async def _caught_up(self, position: int) -> list[Stored]:
        async with self._reads.read(self.tenant) as connection:
            found = await events.read(connection, self.tenant, position)
        # Something lies behind the position, or nobody would have asked: what is not there was removed meanwhile.
        if not found or found[0].seq != position + 1:
            raise ApiError(ErrorCode.CURSOR_EXPIRED)
        return found

    async def check(self) -> bool:
        """Look now at what is looked at with every tick; whether something changed."""
        return await self._check(self.tenant, self.followers)

    def stir(self) -> None:
        """Let every follower look up."""
        self._news.set()
        self._news = asyncio.Event()

    async def _run(self) -> None:
        with self._bus.listening(self.tenant) as hint:
            failed, checked = False, 0.0
            while True:
                hint.clear()
                try:
                    more = await self._look()
                    if time.monotonic() - checked >= TICK:
                        checked = time.monotonic()
                        if await self.check():
                            self.stir()
                    failed = False
                except Exception as error:
                    # Followers wait meanwhile and miss nothing: their place is theirs.
                    if not failed:
                        log.warning("stream not read", tenant=str(self.tenant), error=repr(error))
                    failed, more, checked = True, False, time.monotonic()
                if not more:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(max(0.0, checked + TICK - time.monotonic())):
                            await hint.wait()

    async def _look(self) -> bool:
        """Read what is new; whether there may be more."""
        async with self._reads.read(self.tenant) as connection:
            head = await events.head(connection, self.tenant)
            found = await events.read(connection, self.tenant, self._position)
        assert self._head is not None
        if head.epoch != self._head.epoch or head.last_seq < self._position:
            # A restored database tells another story, if under the same epoch: no cursor given out so far holds.
            self._head, self._recent, self._position = head, [], head.last_seq
            self.stir()
            return False
        if found:
            whole = found[0].seq == self._position + 1
            self._recent = [*self._recent, *found][-RECENT:] if whole else found
            self._position = found[-1].seq
            self.stir()
        return len(found) == BATCH

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task


class Tails:
    """The tails of this process, one per agency that somebody follows."""

    def __init__(self, reads: ReadPool, bus: Bus, check: Check) -> None:
        self._reads = reads
        self._bus = bus
        self._check = check
        self._tails: dict[UUID, Tail] = {}

    @contextlib.asynccontextmanager
    async def follow(self, tenant: UUID, who: Hashable) -> AsyncIterator[Tail]:
        """The tail of an agency, for as long as `who` follows it."""
        tail = self._tails.get(tenant)
        if tail is None:
            tail = self._tails[tenant] = Tail(tenant, self._reads, self._bus, self._check)
        tail.followers[who] += 1
        try:
            yield tail
        finally:
            tail.followers[who] -= 1
            if not tail.followers[who]:
                del tail.followers[who]
            if not tail.followers and self._tails.get(tenant) is tail:
                del self._tails[tenant]
                await tail.close()

    async def close(self) -> None:
        """Let go of all that are still followed."""
        while self._tails:
            _, tail = self._tails.popitem()
            await tail.close()
