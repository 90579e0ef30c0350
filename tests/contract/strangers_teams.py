"""How a stranger tries teams; see `strangers`."""

import asyncio
from typing import Any

from domain.access import Role
from domain.errors import ApiError
from tests.conftest import Signed
from tests.contract.strangers import (
    NODES_MADE,
    PROBES,
    Probe,
    World,
    agent_of,
    listening,
    mirror,
    nothing_more,
    other_position,
    position_of,
    probe,
)
from tests.graph.teams_world import new_team

_ERRORS = "userErrors { code field details }"
_TEAM = f" {{ team {{ id name deletedAt lead {{ id }} members {{ user {{ id }} }} }} {_ERRORS} }} }}"


async def made(_world: World, signed: Signed, **given: Any) -> str:
    number = len((await signed.owner.data("{ teams { id } }"))["teams"])
    return await new_team(signed.owner, f"Team {number}", **given)


async def with_agent(world: World, signed: Signed) -> str:
    return await made(world, signed, memberIds=[await agent_of(world, signed)])


async def place_in_team(world: World, signed: Signed) -> str:
    text = "query ($id: ID!) { team(id: $id) { members { id } } }"
    return str((await signed.owner.data(text, id=await with_agent(world, signed)))["team"]["members"][0]["id"])


NODES_MADE |= {"Team": made, "TeamMember": place_in_team}


async def own_team(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await made(world, signed)}


async def own_team_of_agent(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await with_agent(world, signed)}


async def own_agent(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await agent_of(world, signed)}


async def board_of_team(world: World, signed: Signed) -> str:
    """A team with a board."""
    team = await made(world, signed)
    text = 'mutation($t: ID!) { boardCreate(input: { name: "Des Teams", teamId: $t }) { board { id } } }'
    await signed.owner.data(text, t=team)
    return team


async def own_board(_world: World, signed: Signed) -> dict[str, Any]:
    return {"own": (await signed.owner.data("{ board { id } }"))["board"]["id"]}


mirror("Query.teams", "{ teams { id } }", made)
probe("Query.team(id)", "query($x: ID!) { team(id: $x) { id name memberCount } }", made)
_CREATE = 'mutation($x: ID!) { teamCreate(input: { name: "Neu", %s }) { team { name lead { id } } ' + _ERRORS + " } }"
probe("Mutation.teamCreate(input.leadId)", _CREATE % "leadId: $x", agent_of)
probe("Mutation.teamCreate(input.memberIds)", _CREATE % "memberIds: [$x]", agent_of)
probe("Mutation.teamUpdate(id)", 'mutation($x: ID!) { teamUpdate(id: $x, input: { description: "Neu" })' + _TEAM, made)
_UPDATE = "mutation($x: ID!, $own: ID!) { teamUpdate(id: $own, input: { %s })" + _TEAM
probe("Mutation.teamUpdate(input.leadId)", _UPDATE % "leadId: $x", agent_of, more=own_team)
probe("Mutation.teamUpdate(input.memberIds)", _UPDATE % "memberIds: [$x]", agent_of, more=own_team)
probe("Mutation.teamDelete(id)", "mutation($x: ID!) { teamDelete(id: $x)" + _TEAM, made)
for _name, _make, _more in (("Add", made, own_team), ("Remove", with_agent, own_team_of_agent)):
    _text = f"mutation($x: ID!, $own: ID!) {{ teamMembers{_name}(id: %s, userIds: [%s])" + _TEAM
    probe(f"Mutation.teamMembers{_name}(id)", _text % ("$x", "$own"), _make, more=own_agent)
    probe(f"Mutation.teamMembers{_name}(userIds)", _text % ("$own", "$x"), agent_of, more=_more)
probe(
    "Query.boards(teamId)",
    "query($x: ID!) { boards(teamId: $x) { name } }",
    board_of_team,
)
_BOARD = f" {{ board {{ name team {{ id }} }} {_ERRORS} }} }}"
probe(
    "Mutation.boardCreate(input.teamId)",
    'mutation($x: ID!) { boardCreate(input: { name: "Neu", teamId: $x })' + _BOARD,
    made,
)
probe(
    "Mutation.boardUpdate(input.teamId)",
    "mutation($x: ID!, $own: ID!) { boardUpdate(id: $own, input: { teamId: $x })" + _BOARD,
    made,
    more=own_board,
)


HEAR = "subscription($after: String) { teamChanged(after: $after) { kind } }"


async def _resumed(world: World, signed: Signed, name: str, _more: dict[str, Any]) -> Any:
    """What is heard from a place in the stream on: the kind, or the code of the refusal."""
    await made(world, signed)
    token = signed.agency.people[Role.OWNER].token
    try:
        async with listening(world.state, token, HEAR, after=name) as answers, asyncio.timeout(10):
            return {"data": (await anext(answers))["data"]}
    except ApiError as error:
        return {"errors": [error.code.value]}


_AFTER = "Subscription.teamChanged(after)"
PROBES[_AFTER] = Probe(_AFTER, _resumed, position_of, other_position, nothing_more)
