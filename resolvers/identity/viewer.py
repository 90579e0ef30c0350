"""The caller."""

from typing import Any

import asyncpg

from domain.errors import ApiError, ErrorCode
from resolvers.identity.memberships import agencies
from resolvers.kit.commands import Ref
from resolvers.kit.context import Context
from resolvers.kit.ids import encode_id
from resolvers.kit.scalars import unscaled

STEPS_SQL = """
select m.email_verified, m.phone is not null and m.position is not null as profile_complete,
       exists (select from property p where p.tenant_id = m.tenant_id) as first_property_created,
       exists (select from member o where o.tenant_id = m.tenant_id and o.id <> m.id and o.role <> 'CUSTOMER')
       as team_invited
  from member m where m.tenant_id = $1 and m.id = $2
"""

KEYS_SQL = "select id from api_key where tenant_id = $1 and member_id = $2 order by id desc limit 100"


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
    async with context.state.database.reads.read(caller.tenant_id) as connection:
        keys = await connection.fetch(KEYS_SQL, caller.tenant_id, caller.member_id)
    return {
        "user": Ref("member", caller.member_id),
        "tenant": Ref("tenant", caller.tenant_id),
        "membership": membership,
        "memberships": memberships,
        "api_keys": [Ref("api_key", row["id"]) for row in keys],
        "permissions": sorted(caller.permissions),
        "scopes": sorted(scope.value for scope in caller.scopes),
    }


async def onboarding(context: Context) -> dict[str, Any]:
    """The first steps, as the rows tell; contacts come with their domain, nobody has one yet."""
    viewer = context.signed_in
    asked = (viewer.tenant_id, viewer.member_id)
    (row,) = await context.state.database.reads.fetch(viewer.tenant_id, STEPS_SQL, asked, asyncpg.Record)
    steps = {**row, "first_contact_created": False}
    return {**steps, "progress": unscaled(sum(steps.values()) * 10_000 // len(steps), 2)}
