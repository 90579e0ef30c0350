"""The caller."""

from typing import Any

from domain.errors import ApiError, ErrorCode
from resolvers.identity.memberships import agencies
from resolvers.kit.commands import Ref
from resolvers.kit.context import Context
from resolvers.kit.ids import encode_id


async def viewer(context: Context) -> dict[str, Any] | None:
    """The caller; null without a token."""
    caller = context.viewer
    if caller is None:
        return None
    memberships = await agencies(context.state, caller.account_id)
    here = encode_id("Tenant", caller.tenant_id)
    membership = next((entry for entry in memberships if entry["tenant"]["id"] == here), None)
    if membership is None:  # ended within the second for which rights are remembered
        raise ApiError(ErrorCode.TENANT_MISMATCH, status=403)
    return {
        "user": Ref("member", caller.member_id),
        "tenant": Ref("tenant", caller.tenant_id),
        "membership": membership,
        "memberships": memberships,
        "permissions": sorted(caller.permissions),
        "scopes": sorted(scope.value for scope in caller.scopes),
    }
