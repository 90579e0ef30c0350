"""Following an agency's stream: resume after a cursor, then live. Rights are those of the moment of delivery."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import any_, select

from domain.access import Audience
from domain.errors import ApiError, ErrorCode
from loaders.sql import STATEMENTS, param, type_uuids
from loaders.visibility import predicates, sight, table_of
from models.base import TenantRow
from resolvers.kit.commands import Ref, read_permission
from resolvers.kit.context import Context, Follower, Viewer
from resolvers.kit.ids import encode_id
from resolvers.kit.inputs import node_names
from storage.events import Cursor, Stored
from storage.tail import Tail
from storage.tokens import Claims

Values = dict[str, Any]


def no_more(event: Stored) -> Values:
    """Nothing besides what every change tells."""
    return {}


@dataclass(frozen=True, slots=True)
class Change:
    """One event as one follower gets it: `previous` is the event before it on this stream."""

    event: Stored
    cursor: Cursor
    previous: Cursor
    more: Callable[[Stored], Values]

    def values(self) -> Values:
        """What the fields of a change are made of."""
        event = self.event
        gone = event.kind in ("DELETED", "PURGED")
        return {
            "cursor": self.cursor.encode(),
            "prev_cursor": self.previous.encode(),
            "kind": event.kind,
            "at": event.at,
            "actor": Ref("member", event.actor_id) if event.actor_id else None,
            "id": encode_id(node_names()[event.entity], event.entity_id),
            "changed_fields": event.changed,
            event.entity: None if gone else Ref(event.entity, event.entity_id, trash=False),
            **self.more(event),
        }


@dataclass(frozen=True, eq=False)
class Following:
    """Changes of a model's rows after `after` in commit order, then new ones as they are committed.

    Without `after` it starts now. Whoever sees only own rows hears only of those. `wanted` and `more` depend on nothing
    but the event and the arguments of the subscription: followers with the same arguments share their answers.

    Raises CURSOR_EXPIRED, EPOCH_CHANGED or CURSOR_AHEAD for a cursor the stream cannot continue from, and
    INSUFFICIENT_PERMISSIONS as soon as the viewer has lost the right.
    """

    context: Context
    model: type[TenantRow]
    after: str | None
    wanted: Callable[[Stored], bool]
    more: Callable[[Stored], Values]

    async def __aiter__(self) -> AsyncIterator[Values]:
        async with aclosing(self.changes()) as changes:
            async for change in changes:
                yield change.values()

    async def changes(self) -> AsyncGenerator[Change]:
        """The changes themselves."""
        async with self.course() as course:
            while True:
                async with aclosing(course.batch()) as batch:
                    async for change in batch:
                        yield change

    @asynccontextmanager
    async def course(self) -> AsyncGenerator[Course]:
        """The way of one follower through the stream, from its first place on."""
        context = self.context
        viewer, claims = context.signed_in, context.claims
        assert claims is not None, "a viewer comes from a token"
        who = Follower(claims.session_id, claims.tenant_id)
        async with context.state.tails.follow(viewer.tenant_id, who) as tail:
            place = await tail.open(None if self.after is None else Cursor.decode(self.after))
            yield Course(self, claims, tail, viewer, place, place)


@dataclass(eq=False, slots=True)
class Course:
    """Where one follower is: everything up to `place` was looked at, `previous` is what it heard of last."""

    following: Following
    claims: Claims
    tail: Tail
    viewer: Viewer
    place: Cursor
    previous: Cursor

    async def look(self) -> Viewer:
        """The viewer with the rights of this moment. INSUFFICIENT_PERMISSIONS without the one to read."""
        needs = read_permission(self.following.model)
        viewer = (await self.following.context.renewed()).signed_in
        if needs is not None and not viewer.may(needs):
            raise ApiError(ErrorCode.INSUFFICIENT_PERMISSIONS, status=403)
        self.viewer = viewer
        return viewer

    @property
    def sees(self) -> Audience:
        """Of which rows the viewer may hear."""
        return sight(read_permission(self.following.model), self.viewer)

    @property
    def current(self) -> bool:
        """Whether the viewer was found as it is a moment ago, and nobody has to be asked; False tells nothing."""
        claims, viewers = self.claims, self.following.context.state.viewers
        # Of a guest the rights at home count as well.
        return (
            viewers.get((claims.session_id, claims.tenant_id)) is self.viewer
            and self.viewer.tenant_id == claims.tenant_id
            and claims.expires_at > time.time()
        )

    async def batch(self) -> AsyncGenerator[Change]:
        """The next changes the viewer may hear of, as soon as there are any; none when rights may have changed."""
        following, context = self.following, self.following.context
        batch = await self.tail.after(self.place)
        await self.look()
        chosen = [event for event in batch if following.wanted(event)]
        visible = await _visible(context, following.model, self.sees, chosen)
        for event in chosen:
            if event.entity_id in visible:
                cursor = Cursor(self.place.epoch, event.seq)
                yield Change(event, cursor, self.previous, following.more)
                self.previous = cursor
        if batch:
            # Everything before was sent: a filtered, quiet stream may resume from here as well.
            self.place = Cursor(self.place.epoch, batch[-1].seq)
            context.stream_position = self.place.encode()


def follow(
    context: Context,
    model: type[TenantRow],
    after: str | None,
    wanted: Callable[[Stored], bool],
    more: Callable[[Stored], Values] = no_more,
) -> Following:
    """Follow a model's rows; `more` adds values to those of every change. See `Following`."""
    return Following(context, model, after, wanted, more)


async def _visible(context: Context, model: type[TenantRow], seen: Audience, events: list[Stored]) -> set[UUID]:
    """Of the rows of some events those the viewer may hear of; who sees all rows also hears of deleted ones."""
    ids = [event.entity_id for event in events]
    if seen is Audience.ALL or not ids:
        return set(ids)
    column = table_of(model).c.id
    statement = STATEMENTS.get(
        ("visible", model, seen),
        lambda: select(column).where(*predicates(model, seen), column == any_(param("ids", type_uuids))),
    )
    rows = await (await context.renewed()).loaders.fetch(statement, {"ids": ids})
    return {row["id"] for row in rows}
