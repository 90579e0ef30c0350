"""What the tests of roles share: making roles and giving them away."""

from typing import Any

from domain.access import Role
from tests.conftest import Client, Signed
from tests.graph.world import ERRORS

ROLE = "id name description key isSystem userCount version createdBy { id } permissions { key }"
CREATE = f"mutation ($i: RoleCreateInput!) {{ roleCreate(input: $i) {{ role {{ {ROLE} }} {ERRORS} }} }}"
UPDATE = f"""mutation ($id: ID!, $i: RoleUpdateInput!) {{
  roleUpdate(id: $id, input: $i) {{ role {{ {ROLE} }} {ERRORS} }} }}"""
DELETE = f"mutation ($id: ID!) {{ roleDelete(id: $id) {{ role {{ id }} {ERRORS} }} }}"
ASSIGN = f"""mutation ($id: ID!, $ids: [ID!]!) {{
  userRolesAssign(id: $id, roleIds: $ids) {{ user {{ id role roles {{ name }} permissions scopes }} {ERRORS} }} }}"""


async def new_role(client: Client, name: str, *keys: str) -> str:
    """A role with these permissions."""
    payload = (await client.data(CREATE, i={"name": name, "permissionKeys": list(keys)}))["roleCreate"]
    assert payload["userErrors"] == []
    return str(payload["role"]["id"])


async def give(signed: Signed, role: Role, *ids: str) -> dict[str, Any]:
    """Give the member with this built-in role these custom roles."""
    payload = (await signed.owner.data(ASSIGN, id=signed.agency.people[role].gid, ids=list(ids)))["userRolesAssign"]
    assert payload["userErrors"] == []
    found: dict[str, Any] = payload["user"]
    return found
