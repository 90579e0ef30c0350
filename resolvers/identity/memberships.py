"""The agencies a person belongs to."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models import Account
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from storage import directory

MEMBERSHIP_SQL = """
select m.id, m.role, m.status, m.joined_at, m.name as member_name, m.first_name, m.locale,
       t.id as tenant_id, t.name, t.slug, t.password_min_length, t.password_classes
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


@dataclass(frozen=True)
class Home:
    """The agency in whose name a person is written to, and the member the person is there."""

    tenant_id: UUID
    member_id: UUID
    name: str
    first_name: str
    locale: str


async def home_of(state: State, account: Account) -> Home | None:
    """Where a person was last, or else is first, an active member; None when nowhere."""
    active = [row for row in await memberships(state, account.id) if row["status"] == "ACTIVE"]
    if not active:
        return None
    row = next((row for row in active if row["tenant_id"] == account.last_tenant_id), active[0])
    return Home(row["tenant_id"], row["id"], row["member_name"], row["first_name"], row["locale"])
