"""Fan-out: followers who would get the same answer to an event share its execution and its text.

They do when they asked the same document with the same values, hold the same rights, and nothing in the selection
depends on who they are; the planner knows that. What differs between them, the envelope of the transport, is put around
the text afterwards.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any

REMEMBERED = 64  # answers of a circle; followers who are further apart execute anew


@dataclass(frozen=True, slots=True)
class Delivery:
    """A response to one event as JSON text, with the cursor of the event."""

    content: str
    cursor: str | None


@dataclass(eq=False)
class Circle:
    """Followers who share their answers."""

    followers: int = 0
    _answers: OrderedDict[Hashable, asyncio.Task[str | None]] = field(default_factory=OrderedDict)

    async def answer(self, event: Hashable, execute: Callable[[], Coroutine[Any, Any, str | None]]) -> str | None:
        """The text of an event's answer: executed by whoever asks first, even if that one leaves meanwhile."""
        found = self._answers.get(event)
        if found is None:
            found = self._answers[event] = asyncio.create_task(execute())
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        return found.result() if found.done() else await asyncio.shield(found)


class Circles:
    """The circles of this process."""

    def __init__(self) -> None:
        self._circles: dict[Hashable, Circle] = {}

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
