"""Following an agency's stream: resume after a cursor, then live. Rights are those of the moment of delivery."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

from sqlalchemy import any_, select

from domain.access import Audience
from domain.errors import ApiError, ErrorCode
from loaders.sql import STATEMENTS, param, type_uuids
from loaders.visibility import predicates, sight, table_of
from models.base import Owned
from resolvers.kit.commands import Ref, read_permission
from resolvers.kit.context import Context, Viewer
from resolvers.kit.ids import encode_id
from resolvers.kit.inputs import node_names
from storage import events
from storage.bus import POLL
from storage.events import Cursor, Stored


async def follow(
    context: Context, model: type[Owned], after: str | None, wanted: Callable[[Stored], bool]
) -> AsyncIterator[dict[str, Any]]:
    """Changes of a model's rows after `after` in commit order, then new ones as they are committed.

    Answers the values of a change event: cursor, prev_cursor, kind, at, actor, id, changed_fields and the row by its
    table's name. Without `after` the stream starts now. Whoever sees only own rows hears only of those.

    Raises CURSOR_EXPIRED, EPOCH_CHANGED or CURSOR_AHEAD for a cursor the stream cannot continue from, and
    INSUFFICIENT_PERMISSIONS as soon as the viewer has lost the right.
    """
    tenant, permission = context.signed_in.tenant_id, read_permission(model)
    reads, bus = context.state.database.reads, context.state.bus
    async with reads.read(tenant) as connection:
        head = await events.head(connection, tenant)
    start = head.cursor if after is None else Cursor.decode(after)
    head.check(start)
    position, previous = start.seq, start.encode()
    with bus.listening(tenant) as news:
        while True:
            news.clear()
            async with reads.read(tenant) as connection:
                batch = await events.read(connection, tenant, position)
            if not batch:
                try:
                    async with asyncio.timeout(POLL):
                        await news.wait()
                except TimeoutError:
                    await _still_allowed(context, permission)
                continue
            if batch[0].seq != position + 1:
                raise ApiError(ErrorCode.CURSOR_EXPIRED)  # what lies between was removed while this reader was away
            viewer = await _still_allowed(context, permission)
            visible = await _visible(
                context, model, sight(permission, viewer), [e.entity_id for e in batch if wanted(e)]
            )
            for event in batch:
                position = event.seq
                if wanted(event) and event.entity_id in visible:
                    cursor = Cursor(head.epoch, event.seq).encode()
                    yield _change(event, cursor, previous)
                    previous = cursor
            # Everything before was sent: a filtered, quiet stream may resume from here as well.
            context.stream_position = Cursor(head.epoch, position).encode()


def _change(event: Stored, cursor: str, previous: str) -> dict[str, Any]:
    gone = event.kind in ("DELETED", "PURGED")
    return {
        "cursor": cursor,
        "prev_cursor": previous,
        "kind": event.kind,
        "at": event.at,
        "actor": Ref("member", event.actor_id) if event.actor_id else None,
        "id": encode_id(node_names()[event.entity], event.entity_id),
        "changed_fields": event.changed,
        event.entity: None if gone else Ref(event.entity, event.entity_id, trash=False),
    }


async def _visible(context: Context, model: type[Owned], seen: Audience, ids: list[UUID]) -> set[UUID]:
    """Of some rows those the viewer may hear of; who sees all rows also hears of deleted ones."""
    if seen is Audience.ALL or not ids:
        return set(ids)
    column = table_of(model).c.id
    statement = STATEMENTS.get(
        ("visible", model, seen),
        lambda: select(column).where(*predicates(model, seen), column == any_(param("ids", type_uuids))),
    )
    rows = await (await context.renewed()).loaders.fetch(statement, {"ids": ids})
    return {row["id"] for row in rows}


async def _still_allowed(context: Context, needs: str | None) -> Viewer:
    viewer = (await context.renewed()).signed_in
    if needs is not None and not viewer.may(needs):
        raise ApiError(ErrorCode.INSUFFICIENT_PERMISSIONS, status=403)
    return viewer
