"""How a stranger tries roles; see `strangers`."""

from typing import Any

from domain.access import P
from tests.conftest import Signed
from tests.contract.strangers import NODES_MADE, OF_NOBODY, WORDS, World, agent_of, mirror, probe
from tests.graph.roles_world import new_role

_ERRORS = "userErrors { code field details }"
_ROLE = f" {{ role {{ id name userCount }} {_ERRORS} }} }}"
_USER = f" {{ user {{ id roles {{ id }} }} {_ERRORS} }} }}"

WORDS |= {
    "Query.permission(id)": "an entry of the catalogue, the same in every agency",
    "Mutation.roleCreate(input.permissionKeys)": "words of the catalogue",
}
OF_NOBODY |= {
    "Query.permissions": "the catalogue of permissions",
    "Query.permission": "an entry of the catalogue",
    "Mutation.roleCreate": "makes a role and names no record",
}


async def made(_world: World, signed: Signed) -> str:
    """A role of the agency's own."""
    number = len((await signed.owner.data("{ roles { id } }"))["roles"])
    return await new_role(signed.owner, f"Rolle {number}", P.TASK_READ)


NODES_MADE["Role"] = made


async def own_agent(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await agent_of(world, signed)}


async def own_role(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await made(world, signed)}


probe("Query.role(id)", "query($x: ID!) { role(id: $x) { id name userCount } }", made)
mirror("Query.roles", "{ roles { id } }", made)
probe("Mutation.roleUpdate(id)", 'mutation($x: ID!) { roleUpdate(id: $x, input: { description: "Neu" })' + _ROLE, made)
probe("Mutation.roleDelete(id)", "mutation($x: ID!) { roleDelete(id: $x)" + _ROLE, made)
probe(
    "Mutation.userRolesAssign(id)",
    "mutation($x: ID!, $own: ID!) { userRolesAssign(id: $x, roleIds: [$own])" + _USER,
    agent_of,
    more=own_role,
)
probe(
    "Mutation.userRolesAssign(roleIds)",
    "mutation($x: ID!, $own: ID!) { userRolesAssign(id: $own, roleIds: [$x])" + _USER,
    made,
    more=own_agent,
)
