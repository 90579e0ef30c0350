"""What the tests of teams share."""

from typing import Any

from tests.conftest import Client
from tests.graph.world import ERRORS

TEAM = """id name description version deletedAt memberCount lead { id } createdBy { id }
  members { role user { id } }"""
CREATE = f"mutation ($i: TeamInput!) {{ teamCreate(input: $i) {{ team {{ {TEAM} }} {ERRORS} }} }}"
UPDATE = f"mutation ($id: ID!, $i: TeamInput!) {{ teamUpdate(id: $id, input: $i) {{ team {{ {TEAM} }} {ERRORS} }} }}"
DELETE = f"mutation ($id: ID!) {{ teamDelete(id: $id) {{ team {{ {TEAM} }} {ERRORS} }} }}"
ADD = f"""mutation ($id: ID!, $users: [ID!]!) {{
  teamMembersAdd(id: $id, userIds: $users) {{ team {{ {TEAM} }} {ERRORS} }} }}"""
REMOVE = f"""mutation ($id: ID!, $users: [ID!]!) {{
  teamMembersRemove(id: $id, userIds: $users) {{ team {{ {TEAM} }} {ERRORS} }} }}"""


async def new_team(client: Client, name: str, **given: Any) -> str:
    payload = (await client.data(CREATE, i={"name": name, **given}))["teamCreate"]
    assert payload["userErrors"] == []
    return str(payload["team"]["id"])
