"""Fan-out: followers who would get the same answer to an event share its execution and its text.

They do when they asked the same document with the same values, hold the same rights, and nothing in the selection
depends on who they are; the planner knows that. What differs between them, the envelope of the transport, is put around
the text afterwards.

Followers of a circle who have come to the same place need not even wait each for themselves: they join a crowd, for
which one task waits, and which hands to all of them what comes. Whoever cannot take it at once, because the client does
not read or the rights have to be looked at, leaves the crowd at the place reached and goes on alone.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import structlog

from domain.errors import ApiError
from resolvers.kit.streams import Change, Course
from storage.events import Cursor, Stored

REMEMBERED = 64  # answers of a circle; followers who are further apart execute anew
AT_ONCE = 50  # members a crowd serves before others of this process have their turn

log = structlog.get_logger(__name__)

Execute = Callable[[Change], Coroutine[Any, Any, str | None]]
# Sends an answer's text without waiting; False when that is not possible now.
SendNow = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A response to one event as JSON text, with the cursor of the event."""

    content: str
    cursor: str | None


@dataclass(eq=False, slots=True)
class Member:
    """A follower in a crowd."""

    course: Course
    send: SendNow
    execute: Execute
    left: asyncio.Future[None]


@dataclass(eq=False)
class Circle:
    """Followers who share their answers."""

    followers: int = 0
    _answers: OrderedDict[Hashable, asyncio.Task[str | None]] = field(default_factory=OrderedDict)
    _crowd: Crowd | None = None

    async def answer(self, event: Hashable, execute: Callable[[], Coroutine[Any, Any, str | None]]) -> str | None:
        """The text of an event's answer: executed by whoever asks first, even if that one leaves meanwhile."""
        found = self._answers.get(event)
        if found is None:
            found = self._answers[event] = asyncio.create_task(execute())
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        return found.result() if found.done() else await asyncio.shield(found)

    @property
    def staying(self) -> int:
        return len(self._crowd) if self._crowd is not None else 0

    async def stay(self, course: Course, send: SendNow, execute: Execute) -> None:
        """Follow with the others who are at the same place, until that is no longer possible."""
        crowd = self._crowd
        if crowd is None or crowd.ended:
            crowd = self._crowd = Crowd(self, course)
        if crowd.admits(course):
            await crowd.stay(Member(course, send, execute, asyncio.get_running_loop().create_future()))


class Crowd:
    """Followers of a circle at one place of the stream. Its task lives as long as somebody stays."""

    def __init__(self, circle: Circle, first: Course) -> None:
        self._circle = circle
        self._tail = first.tail
        self._wanted = first.following.wanted
        self._more = first.following.more
        self._place, self._previous = first.place, first.previous
        self._members: dict[Member, None] = {}
        self._task = asyncio.create_task(self._run(), name="crowd")

    def __len__(self) -> int:
        return len(self._members)

    @property
    def ended(self) -> bool:
        return self._task.done() or self._task.cancelling() > 0

    def admits(self, course: Course) -> bool:
        """Whether a follower has heard exactly what this crowd has."""
        return course.tail is self._tail and (course.place, course.previous) == (self._place, self._previous)

    async def stay(self, member: Member) -> None:
        """Be served until something is in the way; the member's course tells how far."""
        self._members[member] = None
        try:
            await member.left
        finally:
            self._members.pop(member, None)
            if not self._members:
                self._task.cancel()

    async def _run(self) -> None:
        try:
            while self._members:
                batch = await self._tail.after(self._place)
                if not batch:
                    await self._look()
                for event in batch:
                    if self._members:
                        await self._hand_on(event)
        except Exception as error:
            if not isinstance(error, ApiError):
                log.warning("followers part", error=repr(error))
        finally:
            # Whatever it was, each of them meets it alone and tells its client.
            self._part_with(self._members)

    async def _hand_on(self, event: Stored) -> None:
        before, cursor = (self._place, self._previous), Cursor(self._place.epoch, event.seq)
        if not self._wanted(event):
            self._place = cursor
            for member in self._members:
                member.course.following.context.stream_position = cursor.encode()
            return
        await self._look()
        first = next(iter(self._members), None)
        if first is None:
            return
        change = Change(event, cursor, self._previous, self._more)
        text = await self._circle.answer((cursor, self._previous), lambda: first.execute(change))
        if text is None:
            self._part_with(self._members)
            return
        self._place = self._previous = cursor
        content, told, members = text.encode(), cursor.encode(), iter(list(self._members))
        while some := list(islice(members, AT_ONCE)):
            for member in some:
                if member in self._members:
                    if member.send(content):
                        member.course.following.context.stream_position = told
                    else:
                        self._part_with([member], *before)
            await asyncio.sleep(0)

    async def _look(self) -> None:
        """Keep those whose rights are those of this moment."""
        if not all(member.course.current for member in self._members):
            # Perhaps nobody has looked for a second: asked for all at once before each asks alone.
            await self._tail.check()
            self._part_with(member for member in self._members if not member.course.current)

    def _part_with(
        self, members: Iterable[Member], place: Cursor | None = None, previous: Cursor | None = None
    ) -> None:
        """Let members go on alone, from the place reached or an earlier one."""
        for member in list(members):
            del self._members[member]
            member.course.place, member.course.previous = place or self._place, previous or self._previous
            if not member.left.done():
                member.left.set_result(None)


class Circles:
    """The circles of this process."""

    def __init__(self) -> None:
        self._circles: dict[Hashable, Circle] = {}

    @property
    def staying(self) -> int:
        """How many followers are in crowds."""
        return sum(circle.staying for circle in self._circles.values())

    def enter(self) -> Seat:
        """A seat for one follower."""
        return Seat(self._circles)


class Seat:
    """A follower's place in a circle; with the rights the circle may change."""

    def __init__(self, circles: dict[Hashable, Circle]) -> None:
        self._circles = circles
        self._key: Hashable = None

    def circle(self, key: Hashable) -> Circle:
        """The circle of those with this key, which the follower joins."""
        if key != self._key:
            self.leave()
            self._circles.setdefault(key, Circle()).followers += 1
            self._key = key
        return self._circles[key]

    def leave(self) -> None:
        """Give the place up; a circle without followers is forgotten."""
        circle = self._circles.get(self._key)
        if circle is not None:
            circle.followers -= 1
            if not circle.followers:
                del self._circles[self._key]
        self._key = None
