"""Properties as they change."""

from typing import Annotated

import strawberry

import models
from domain.errors import ApiError, ErrorCode
from resolvers.kit.context import Context
from resolvers.kit.ids import decode_id
from resolvers.kit.streams import Following, follow
from storage.events import Stored


def changed(
    context: Context,
    ids: Annotated[
        list[strawberry.ID] | None, strawberry.argument(description="Only these properties, at most 100; default all.")
    ] = None,
    after: Annotated[
        str | None, strawberry.argument(description="Cursor to resume behind; without it the stream starts now.")
    ] = None,
) -> Following:
    """Changes of properties and of their parts, in commit order, from `after` on."""
    if ids is not None and len(ids) > 100:
        raise ApiError(ErrorCode.INVALID_INPUT, field=["ids"], rule="items", max=100)
    wanted = None if ids is None else {decode_id(id, "Property") for id in ids}

    def concerns(event: Stored) -> bool:
        return event.entity == "property" and (wanted is None or event.entity_id in wanted)

    return follow(context, models.Property, after, concerns)
