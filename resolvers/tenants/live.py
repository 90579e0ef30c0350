"""The agency as it changes."""

from typing import Annotated

import strawberry

import models
from resolvers.kit.context import Context
from resolvers.kit.streams import Following, follow


def changed(
    context: Context,
    after: Annotated[
        str | None, strawberry.argument(description="Cursor to resume behind; without it the stream starts now.")
    ] = None,
) -> Following:
    """Changes of the agency: its branding, its settings, its plan, its features; in commit order, from `after` on."""
    return follow(context, models.Tenant, after, lambda event: event.entity == "tenant")
