"""Who looks at a record at this moment. Nothing is stored: a process knows its own viewers and hears of the others'.

What a process tells is always the whole: all its viewers of a record. The last word counts, so a lost one costs no more
than the time to the next beat, and whoever is not heard of any longer is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from storage.bus import Bus

TOPIC = "viewers"
BEAT = 10.0
PATIENCE = 30.0  # a process that has not spoken for so long is gone, and its viewers with it
MOST = 100  # viewers of a record that a process tells of


@dataclass(frozen=True, slots=True)
class Place:
    """A record of an agency."""

    tenant: UUID
    record: UUID


class Room:
    """The viewers of one place, as far as this process knows."""

    def __init__(self) -> None:
        self.here: Counter[UUID] = Counter()  # connections of this process, by member
        self._elsewhere: dict[str, tuple[frozenset[UUID], float]] = {}
        self._news = asyncio.Event()

    def members(self) -> list[UUID]:
        """Who looks, each once however many windows are open, in an order that stays."""
        now = time.monotonic()
        self._elsewhere = {process: told for process, told in self._elsewhere.items() if told[1] > now}
        return sorted({*self.here, *(member for members, _ in self._elsewhere.values() for member in members)})

    async def wait(self, seconds: float) -> None:
        """Until somebody comes or goes, or for so long."""
        news = self._news
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await news.wait()

    def hear(self, process: str, members: frozenset[UUID]) -> None:
        """What another process says of its viewers."""
        self._elsewhere[process] = members, time.monotonic() + PATIENCE
        self.stir()

    def stir(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class Presence:
    """The rooms in which this process has viewers."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._process = uuid4().hex
        self._rooms: dict[Place, Room] = {}
        self._unsaid: dict[Place, bool] = {}  # what is to be told, and whether the others are asked
        self._more = asyncio.Event()
        self._speaker: asyncio.Task[None] | None = None
        bus.hear(TOPIC, self._hear)

    @contextlib.contextmanager
    def look(self, place: Place, member: UUID) -> Iterator[Room]:
        """Be one of those who look at a place; over at once when this ends."""
        room = self._rooms.get(place)
        new = room is None
        if room is None:
            room = self._rooms[place] = Room()
        room.here[member] += 1
        self._say(place, room, asks=new)
        try:
            yield room
        finally:
            room.here[member] -= 1
            if not room.here[member]:
                del room.here[member]
            if not room.here:
                del self._rooms[place]
            self._say(place, room)

    async def close(self) -> None:
        """Say goodbye for all that are still here."""
        if self._speaker is None:
            return
        self._speaker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._speaker
        for place in {**self._rooms, **self._unsaid}:
            await self._tell(place, frozenset(), asks=False)

    def _say(self, place: Place, room: Room, *, asks: bool = False) -> None:
        room.stir()
        self._unsaid[place] = asks or self._unsaid.get(place, False)
        self._more.set()
        if self._speaker is None:
            self._speaker = asyncio.create_task(self._speak(), name="presence")

    async def _speak(self) -> None:
        """One task alone tells, so that the last word is the last to arrive; many arrivals at once are one message."""
        beat = time.monotonic() + BEAT
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, beat - time.monotonic())):
                    await self._more.wait()
            self._more.clear()
            unsaid, self._unsaid = self._unsaid, {}
            if time.monotonic() >= beat:
                beat = time.monotonic() + BEAT
                unsaid = {**dict.fromkeys(self._rooms, False), **unsaid}
            for place, asks in unsaid.items():
                room = self._rooms.get(place)
                await self._tell(place, frozenset(room.here if room is not None else ()), asks=asks)

    async def _tell(self, place: Place, members: frozenset[UUID], *, asks: bool) -> None:
        shown = " ".join(member.hex for member in sorted(members)[:MOST])
        text = f"{self._process} {place.tenant.hex} {place.record.hex} {'?' if asks else '.'} {shown}"
        await self._bus.signal(TOPIC, text)

    def _hear(self, text: str) -> None:
        process, tenant, record, mark, *members = text.split()
        place = Place(UUID(tenant), UUID(record))
        room = self._rooms.get(place)
        if room is None or process == self._process:
            return
        room.hear(process, frozenset(map(UUID, members)))
        if mark == "?":
            self._say(place, room)
