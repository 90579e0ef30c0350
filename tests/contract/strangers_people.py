"""How a stranger tries the people of an agency; see `strangers`."""

from typing import Any

from domain.access import Role
from models.base import uuid7
from storage.hashing import hash_password
from tests.conftest import Signed
from tests.contract.strangers import (
    NODES_MADE,
    OF_NOBODY,
    PASSWORD,
    WORDS,
    World,
    agent_of,
    mirror,
    other_cursor,
    probe,
)
from tests.contract.strangers_roles import made as new_custom_role


async def word_of(world: World, signed: Signed) -> str:
    """A word that stands with the agency's agent and nobody else."""
    word = f"Abteilung{uuid7().hex}"
    await world.admin.execute(
        "update member set department = $2 where id = $1", signed.agency.people[Role.AGENT].id, word
    )
    return word


def other_word(_word: str) -> str:
    return f"Abteilung{uuid7().hex}"


async def newest_user_cursor(_world: World, signed: Signed) -> str:
    data = await signed.owner.data("{ users(first: 1) { edges { cursor } } }")
    return str(data["users"]["edges"][0]["cursor"])


async def oldest_user_cursor(_world: World, signed: Signed) -> str:
    data = await signed.owner.data(
        "{ users(last: 1, orderBy: [{ field: CREATED_AT, direction: ASC }]) { edges { cursor } } }"
    )
    return str(data["users"]["edges"][0]["cursor"])


async def team_with_agent(_world: World, signed: Signed) -> str:
    data = await signed.owner.data(
        "mutation ($i: TeamInput!) { teamCreate(input: $i) { team { id } } }",
        i={"name": f"Team {uuid7().hex}", "memberIds": [signed.agency.people[Role.AGENT].gid]},
    )
    return str(data["teamCreate"]["team"]["id"])


probe("Query.user(id)", "query($x: ID!) { user(id: $x) { id name email } }", agent_of)
probe("Query.employees(search)", "query($x: String!) { employees(search: $x) { id name } }", word_of, other=other_word)
probe(
    "Query.employees(department)",
    "query($x: String!) { employees(department: $x) { id name } }",
    word_of,
    other=other_word,
)
probe(
    "Query.users(after)",
    "query($x: String!) { users(after: $x) { nodes { id } totalCount pageInfo { hasNextPage } } }",
    newest_user_cursor,
    other=other_cursor,
)
probe(
    "Query.users(before)",
    "query($x: String!) { users(before: $x, orderBy: [{ field: CREATED_AT, direction: ASC }], last: 2)"
    " { nodes { id } pageInfo { hasNextPage } } }",
    oldest_user_cursor,
    other=other_cursor,
)
probe(
    "Query.users(filter.teamId)",
    "query($x: ID!) { users(filter: { teamId: $x }) { nodes { id } totalCount } }",
    team_with_agent,
)
mirror("Query.users", "{ users { nodes { id name } } }", agent_of)
mirror("Query.employees", "{ employees { id name } }", agent_of)


_USER = " { user { id role status } userErrors { code field details } } }"


async def second_agent(_world: World, signed: Signed) -> str:
    """A further agent of the agency."""
    data = await signed.owner.data(
        "mutation ($i: UserCreateInput!) { userCreate(input: $i) { user { id } } }",
        i={
            "email": f"{uuid7().hex}@example.com",
            "firstName": "Zwei",
            "lastName": "Person",
            "role": "AGENT",
            "password": PASSWORD,
        },
    )
    return str(data["userCreate"]["user"]["id"])


async def own_agent(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await agent_of(world, signed)}


async def own_second_agent(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await second_agent(world, signed)}


probe(
    "Mutation.userUpdate(id)",
    'mutation($x: ID!) { userUpdate(id: $x, input: { department: "Neu" })' + _USER,
    agent_of,
)
probe("Mutation.userRoleUpdate(id)", "mutation($x: ID!) { userRoleUpdate(id: $x, role: MANAGER)" + _USER, second_agent)
probe("Mutation.userDeactivate(id)", "mutation($x: ID!) { userDeactivate(id: $x)" + _USER, second_agent)
probe("Mutation.userReactivate(id)", "mutation($x: ID!) { userReactivate(id: $x)" + _USER, second_agent)
probe(
    "Mutation.userRemove(id)",
    "mutation($x: ID!, $own: ID!) { userRemove(id: $x, reassignToId: $own)" + _USER,
    second_agent,
    more=own_agent,
)
probe(
    "Mutation.userRemove(reassignToId)",
    "mutation($x: ID!, $own: ID!) { userRemove(id: $own, reassignToId: $x)" + _USER,
    agent_of,
    more=own_second_agent,
)


# Invitations


_INVITATION = " { invitation { id email status } userErrors { code field details } } }"


async def new_invitation(_world: World, signed: Signed) -> str:
    data = await signed.owner.data(
        "mutation ($i: UserInviteInput!) { userInvite(input: $i) { invitation { id } } }",
        i={"email": f"{uuid7().hex}@example.com", "firstName": "Ina", "lastName": "Neu", "role": "AGENT"},
    )
    return str(data["userInvite"]["invitation"]["id"])


NODES_MADE["Invitation"] = new_invitation
WORDS |= {
    "Query.invitation(token)": "a secret of 256 bits: who has it is its owner",
    "Mutation.invitationAccept(token)": "a secret of 256 bits: who has it is its owner",
    "Mutation.invitationAccept(password)": "a secret",
    "Mutation.invitationAccept(firstName)": "a name of a person, not of a record",
    "Mutation.invitationAccept(lastName)": "a name of a person, not of a record",
}
OF_NOBODY |= {
    "Query.invitation": "shows what belongs to a secret, whoever has it",
    "Mutation.invitationAccept": "joins by a secret; see tests of invitations",
}
mirror("Query.invitations", "{ invitations { id email } }", new_invitation)
probe("Mutation.invitationResend(id)", "mutation($x: ID!) { invitationResend(id: $x)" + _INVITATION, new_invitation)
probe("Mutation.invitationRevoke(id)", "mutation($x: ID!) { invitationRevoke(id: $x)" + _INVITATION, new_invitation)


# Custom roles that come with a member, and the whole agency


async def owner_password(world: World, signed: Signed) -> dict[str, Any]:
    """The owner has the password that the call sends."""
    hashed = await hash_password(PASSWORD)
    account = signed.agency.people[Role.OWNER].account_id
    await world.admin.execute("update account set password_hash = $2 where id = $1", account, hashed)
    return {"password": PASSWORD}


async def only_address(_world: World, _signed: Signed) -> dict[str, Any]:
    return {"email": f"{uuid7().hex}@example.com"}


async def fresh_address(_world: World, _signed: Signed) -> dict[str, Any]:
    return {"email": f"{uuid7().hex}@example.com", "password": PASSWORD}


probe(
    "Mutation.userUpdate(input.roleIds)",
    "mutation($x: ID!, $own: ID!) { userUpdate(id: $own, input: { roleIds: [$x] })" + _USER,
    new_custom_role,
    more=own_agent,
)
probe(
    "Mutation.userCreate(input.roleIds)",
    "mutation($x: ID!, $email: EmailAddress!, $password: String!) { userCreate(input: {"
    ' email: $email, firstName: "Neu", lastName: "Person", role: AGENT, password: $password, roleIds: [$x] })'
    " { user { role } userErrors { code field details } } }",
    new_custom_role,
    more=fresh_address,
)
probe(
    "Mutation.tenantOwnershipTransfer(userId)",
    "mutation($x: ID!, $password: String!) { tenantOwnershipTransfer(userId: $x, password: $password)"
    " { tenant { id } userErrors { code field details } } }",
    agent_of,
    more=owner_password,
)
WORDS["Mutation.tenantOwnershipTransfer(password)"] = "a secret"
probe(
    "Mutation.userUpdate(input.teamIds)",
    "mutation($x: ID!, $own: ID!) { userUpdate(id: $own, input: { teamIds: [$x] })" + _USER,
    team_with_agent,
    more=own_second_agent,
)
for _name, _make in (("roleIds", new_custom_role), ("teamIds", team_with_agent)):
    probe(
        f"Mutation.userInvite(input.{_name})",
        "mutation($x: ID!, $email: EmailAddress!) { userInvite(input: {"
        f' email: $email, firstName: "Neu", lastName: "Person", role: AGENT, {_name}: [$x] }})'
        " { invitation { role } userErrors { code field details } } }",
        _make,
        more=only_address,
    )
