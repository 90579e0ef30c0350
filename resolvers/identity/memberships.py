"""The agencies a person belongs to."""

from typing import Any
from uuid import UUID

from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from storage import directory

MEMBERSHIP_SQL = """
select m.id, m.role, m.status, m.joined_at, t.id as tenant_id, t.name, t.slug
  from member m join tenant t on t.tenant_id = m.tenant_id
 where m.tenant_id = $1 and m.id = $2 and t.is_active
"""


async def memberships(state: State, account_id: UUID) -> list[Any]:
    """A person's memberships in agencies that are open; each is read under its own tenant."""
    found = []
    for entry in await directory.memberships(state.database, account_id):
        async with state.database.reads.read(entry.tenant_id) as connection:
            row = await connection.fetchrow(MEMBERSHIP_SQL, entry.tenant_id, entry.member_id)
        if row is not None:
            found.append(row)
    return found


async def agencies(state: State, account_id: UUID) -> list[dict[str, Any]]:
    """The agencies a person may switch to."""
    return [
        {
            "id": encode_id("Membership", row["id"]),
            "tenant": {"id": encode_id("Tenant", row["tenant_id"]), "name": row["name"], "slug": row["slug"]},
            "role": row["role"],
            "is_active": row["status"] == "ACTIVE",
            "joined_at": row["joined_at"],
        }
        for row in await memberships(state, account_id)
    ]
