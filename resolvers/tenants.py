"""The agency."""

from typing import Any

from resolvers.kit.commands import Ref
from resolvers.kit.context import Context


async def current(context: Context) -> Any:
    """The agency the token is for."""
    return Ref("tenant", context.signed_in.tenant_id)
