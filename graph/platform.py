"""What belongs to no domain: any record by id, the stream's position, the trash, the catalogue of codes."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

import models
from domain.access import Scope
from domain.errors import ErrorCode, say
from graph.kit.connection import Connection, Listed, PageInput, read_page
from graph.kit.field import NODES
from graph.kit.node import Node
from graph.kit.payload import CountByKey, Payload, Shape, row
from graph.kit.root import mutation, plain, position, readable_id
from resolvers import platform
from resolvers.kit.commands import Ref
from resolvers.kit.context import Context
from resolvers.kit.scalars import BigInt


@strawberry.type(description="A record in the trash.")
class TrashItem(Shape):
    id: strawberry.ID
    type: str = strawberry.field(description="Kind of record, a name of `NodeType`.")
    title: str = strawberry.field(description="What it was called.")
    deleted_at: datetime = strawberry.field(description="When it went to the trash.")
    deleted_by = row(models.Member, "Who put it there.", key="deleted_by_id")
    purge_at: datetime = strawberry.field(description="When it will be deleted for good.")
    size_bytes: BigInt | None = strawberry.field(description="Storage of its files; null when it has none.")


@strawberry.type(description="What came back from the trash, or left it for good.")
class TrashPayload(Payload):
    restored: list[Node] = strawberry.field(description="The restored records.")
    purged_ids: list[strawberry.ID] = strawberry.field(description="Ids of what is gone for good.")


async def node(context: Context, id: strawberry.ID) -> Any:
    """Any record by its global id; null when missing, deleted, foreign or invisible."""
    return _reference(context, id, "id")


async def nodes(
    context: Context,
    ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 ids.")],
) -> list[Any]:
    """Records by their global ids, in the order of the ids, null where there is none."""
    platform.check_ids(ids)
    return [_reference(context, id, "ids", str(index)) for index, id in enumerate(ids)]


def _reference(context: Context, id: str, *path: str) -> Ref | None:
    name, key = readable_id(id, *path)
    found = NODES.by_name.get(name)
    if found is None or (found.source.permission is not None and not context.signed_in.may(found.source.permission)):
        return None
    return Ref(found.source.table.name, key, trash=False)


async def trash(
    context: Context,
    type: Annotated[platform.NodeType | None, strawberry.argument(description="Only this kind.")] = None,
    first: Annotated[int | None, strawberry.argument(description="1 to 100, 20 when nothing is given.")] = None,
    after: Annotated[str | None, strawberry.argument(description="Cursor of the row before the page.")] = None,
    page: Annotated[PageInput | None, strawberry.argument(description="A page by number instead of cursors.")] = None,
) -> Any:
    """Deleted records the caller may restore, the last deleted first."""
    scope = f"trash:{type.value if type else ''}"
    request = read_page({"first": first, "after": after, "page": page}, scope, platform.NEWEST)
    found = await platform.trash_page(context, type, request)
    return Listed(
        found, scope, lambda: platform.trash_count(context, type), [platform.trash_item(row) for row in found.rows]
    )


async def error_codes(context: Context) -> list[dict[str, Any]]:
    """The catalogue of error codes with their texts; the counts are 0."""
    return [{"key": code.value, "label": say(code.value, context.request.language), "count": 0} for code in ErrorCode]


@strawberry.type
class Query:
    node: Node | None = plain(node)
    nodes: list[Node | None] = plain(nodes)
    stream_cursor: str = position(platform.stream_cursor)
    trash: Connection[TrashItem] = plain(trash)
    error_codes: list[CountByKey] = plain(error_codes, public=True)


@strawberry.type
class Mutation:
    trash_restore: TrashPayload = mutation(platform.restore)
    trash_purge: TrashPayload = mutation(platform.purge, scope=Scope.DELETE)
