"""Clients that go away: nobody waits for their queries any more, so these are cancelled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

T = TypeVar("T")


class Departure:
    """Cancels the running task when its client goes away, once somebody lets it watch."""

    AFTER_SECONDS = 0.25

    __slots__ = ("_receive", "_task", "_watcher", "due", "seen")

    def __init__(self, receive: Receive) -> None:
        self.seen = False
        self.due = time.monotonic() + self.AFTER_SECONDS
        self._receive = receive
        self._task = asyncio.current_task()
        self._watcher: asyncio.Task[None] | None = None

    def watch(self) -> None:
        self._watcher = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        # The body was read to its end: what comes now is the client's departure.
        while (await self._receive())["type"] != "http.disconnect":
            pass
        assert self._task is not None
        self.seen = True
        self._task.cancel()

    def end(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()


class Departures:
    """Looks for the departure of those clients whose queries take long.

    Nearly all answers are there before that. So one bell rings for all queries: one for each would cost more than many
    a query does.
    """

    def __init__(self) -> None:
        self._unwatched: dict[Departure, None] = {}  # the oldest first
        self._awaits_bell = False

    async def unless_gone(self, receive: Receive, execution: Coroutine[Any, Any, T]) -> T:
        """What a query answers; ClientDisconnect, with its statements cancelled, when nobody waits for it any more."""
        departure = Departure(receive)
        self._unwatched[departure] = None
        if not self._awaits_bell:
            self._ring_in(departure.AFTER_SECONDS)
        try:
            return await execution
        except asyncio.CancelledError:
            task = asyncio.current_task()
            # Somebody else may have cancelled as well, at the end of the server.
            if not departure.seen or task is None or task.uncancel() > 0:
                raise
            raise ClientDisconnect from None
        finally:
            self._unwatched.pop(departure, None)
            departure.end()

    def _ring_in(self, seconds: float) -> None:
        self._awaits_bell = True
        asyncio.get_running_loop().call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._awaits_bell = False
        now = time.monotonic()
        for departure in list(self._unwatched):
            if departure.due > now:
                self._ring_in(departure.due - now)
                return
            del self._unwatched[departure]
            departure.watch()
