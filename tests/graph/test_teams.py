"""Teams: who is in them and leads them, the boards they work with, the trash, and how everybody hears of it."""

import asyncio
from typing import Any

import pytest

from domain.access import Role
from domain.errors import ApiError, ErrorCode
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Client, Signed
from tests.contract.strangers import listening
from tests.graph.tasks_world import second_board
from tests.graph.teams_world import ADD, CREATE, DELETE, REMOVE, UPDATE, new_team
from tests.graph.world import events, problems, untouched

LIVE = """subscription ($after: String) { teamChanged(after: $after) {
  cursor prevCursor kind id changedFields actor { id } team { id name memberCount } user { id } } }"""


def of(signed: Signed, role: Role) -> str:
    return signed.agency.people[role].gid


async def changed(client: Client, text: str, **variables: Any) -> dict[str, Any]:
    """The team that a mutation answers."""
    (payload,) = (await client.data(text, **variables)).values()
    assert payload["userErrors"] == []
    found: dict[str, Any] = payload["team"]
    return found


async def test_a_team_is_made_changed_and_deleted(state: State, acme: Signed) -> None:
    manager, agent, admin = (of(acme, role) for role in (Role.MANAGER, Role.AGENT, Role.ADMIN))
    made = await changed(
        acme.owner, CREATE, i={"name": "Vertrieb", "description": "Kauf", "leadId": manager, "memberIds": [agent]}
    )
    expected = {
        "id": made["id"],
        "name": "Vertrieb",
        "description": "Kauf",
        "version": 1,
        "deletedAt": None,
        "memberCount": 2,
        "lead": {"id": manager},
        "createdBy": {"id": of(acme, Role.OWNER)},
        "members": [{"role": "LEAD", "user": {"id": manager}}, {"role": "MEMBER", "user": {"id": agent}}],
    }
    made["members"].sort(key=lambda one: one["role"])
    assert made == expected
    id = expected["id"]
    # Another lead joins, the former one stays.
    team = await changed(acme.owner, UPDATE, id=id, i={"leadId": admin, "description": None})
    assert (team["lead"], team["memberCount"], team["description"], team["version"]) == ({"id": admin}, 3, None, 2)
    assert {one["user"]["id"]: one["role"] for one in team["members"]} == {
        manager: "MEMBER",
        agent: "MEMBER",
        admin: "LEAD",
    }
    # A new list takes the place of the old one; who is no longer in it does not lead.
    team = await changed(acme.owner, UPDATE, id=id, i={"memberIds": [agent]})
    assert (team["lead"], team["members"]) == (None, [{"role": "MEMBER", "user": {"id": agent}}])
    team = await changed(acme.owner, ADD, id=id, users=[agent, manager, manager])
    assert [one["user"]["id"] for one in team["members"]] == [agent, manager]
    await changed(acme.owner, UPDATE, id=id, i={"leadId": manager})
    team = await changed(acme.owner, REMOVE, id=id, users=[manager])
    assert (team["lead"], team["members"]) == (None, [{"role": "MEMBER", "user": {"id": agent}}])
    assert [(kind, fields) for type, kind, _, fields in await events(state, acme.agency.id)] == [
        ("CREATED", []),
        ("UPDATED", ["description", "lead", "members"]),
        ("UPDATED", ["lead", "members"]),
        ("UPDATED", ["members"]),
        ("UPDATED", ["lead"]),
        ("UPDATED", ["lead", "members"]),
    ]
    assert (await changed(acme.owner, DELETE, id=id))["deletedAt"] is not None
    assert await acme.owner.data("query ($i: ID!) { team(id: $i) { id } teams { id } }", i=id) == {
        "team": None,
        "teams": [],
    }


async def test_a_team_comes_back_from_the_trash_with_its_people_and_boards(acme: Signed) -> None:
    agent = of(acme, Role.AGENT)
    id = await new_team(acme.owner, "Vertrieb", memberIds=[agent])
    board = await second_board(acme.agent, teamId=id)
    shown = "query ($b: ID!) { board(id: $b) { team { name memberCount members { user { id } } } } }"
    whole = {"board": {"team": {"name": "Vertrieb", "memberCount": 1, "members": [{"user": {"id": agent}}]}}}
    assert await acme.agent.data(shown, b=board["id"]) == whole
    await changed(acme.owner, DELETE, id=id)
    assert await acme.agent.data(shown, b=board["id"]) == {"board": {"team": None}}
    assert await acme.owner.data("{ trash(type: TEAM) { nodes { id type title } } }") == {
        "trash": {"nodes": [{"id": id, "type": "TEAM", "title": "Vertrieb"}]}
    }
    assert await acme.agent.data("{ trash { totalCount } }") == {"trash": {"totalCount": 0}}
    # Its name is free meanwhile, and taken when it wants to come back.
    other = await new_team(acme.owner, "Vertrieb")
    restore = "mutation ($ids: [ID!]!) { trashRestore(ids: $ids) { restored { id } userErrors { code field } } }"
    refused = (await acme.owner.data(restore, ids=[id]))["trashRestore"]
    assert refused == {"restored": [], "userErrors": [{"code": "ALREADY_EXISTS", "field": ["ids", "0"]}]}
    await changed(acme.owner, DELETE, id=other)
    assert (await acme.owner.data(restore, ids=[id]))["trashRestore"] == {"restored": [{"id": id}], "userErrors": []}
    assert await acme.agent.data(shown, b=board["id"]) == whole
    # Gone for good it leaves its boards behind.
    await changed(acme.owner, DELETE, id=id)
    purge = "mutation ($ids: [ID!]!) { trashPurge(ids: $ids) { purgedIds userErrors { code } } }"
    assert (await acme.owner.data(purge, ids=[id]))["trashPurge"] == {"purgedIds": [id], "userErrors": []}
    assert await acme.agent.data(shown, b=board["id"]) == {"board": {"team": None}}


async def test_boards_of_a_team_are_seen_by_everybody(acme: Signed) -> None:
    """The team says who works with a board, not who may see it."""
    id = await new_team(acme.owner, "Vertrieb", memberIds=[of(acme, Role.MANAGER)])
    await second_board(acme.agent, "Anderes")
    await second_board(acme.agent, "Des Teams", teamId=id)
    text = "query ($t: ID) { boards(teamId: $t) { name } }"
    assert await acme.agent.data(text, t=id) == {"boards": [{"name": "Des Teams"}]}
    assert len((await acme.agent.data(text))["boards"]) == 3
    for nothing in (encode_id("Team", uuid7()), of(acme, Role.AGENT)):
        assert await acme.agent.data(text, t=nothing) == {"boards": []}
    assert await acme.agent.code(text, t="?") == "INVALID_INPUT"


async def test_teams_are_shown_where_they_belong_and_not_to_customers(acme: Signed) -> None:
    agent = of(acme, Role.AGENT)
    for name, people in (("Vertrieb", [agent]), ("Büro", []), ("Ausland", [agent])):
        await new_team(acme.owner, name, memberIds=people)
    text = "{ tenant { teams { name } } viewer { user { teams { name } } } }"
    every, own = (
        [{"name": name} for name in ("Ausland", "Büro", "Vertrieb")],
        [{"name": "Ausland"}, {"name": "Vertrieb"}],
    )
    assert await acme.agent.data(text) == {"tenant": {"teams": every}, "viewer": {"user": {"teams": own}}}
    assert (await acme.agent.data("{ teams { name } }"))["teams"] == every
    assert await acme.customer.data(text) == {"tenant": {"teams": []}, "viewer": {"user": {"teams": []}}}
    assert await acme.customer.code("{ teams { name } }") == "INSUFFICIENT_PERMISSIONS"
    for client in (acme.manager, acme.agent, acme.customer):
        assert await client.code(CREATE, i={"name": "Neu"}) == "INSUFFICIENT_PERMISSIONS"


BAD: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"name": "x" * 121}, [("VALIDATION_ERROR", "input.name")]),
    ({"name": None}, [("MISSING_REQUIRED_FIELD", "input.name")]),
    ({"name": "A", "description": "x" * 2001}, [("VALIDATION_ERROR", "input.description")]),
    ({"name": "A", "leadId": encode_id("User", uuid7())}, [("NOT_FOUND", "input.leadId")]),
    (
        {"name": "A", "memberIds": [encode_id("User", uuid7()), encode_id("Team", uuid7()), "?"]},
        [
            ("NOT_FOUND", "input.memberIds.0"),
            ("NOT_FOUND", "input.memberIds.1"),
            ("INVALID_INPUT", "input.memberIds.2"),
        ],
    ),
    ({"name": "Vorhanden"}, [("ALREADY_EXISTS", "input.name")]),
]


@pytest.mark.parametrize(("given", "expected"), BAD)
async def test_a_bad_team_is_refused_with_its_path(
    state: State, acme: Signed, given: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    await new_team(acme.owner, "Vorhanden")
    id = await new_team(acme.owner, "Zweites")
    async with untouched(state, acme):
        found = problems((await acme.owner.data(CREATE, i=given))["teamCreate"])
        assert sorted(found) == sorted(expected)
        found = problems((await acme.owner.data(UPDATE, id=id, i=given))["teamUpdate"])
        assert sorted(found) == sorted(expected)


async def test_foreign_and_absent_people_are_refused(state: State, acme: Signed, rival: Signed) -> None:
    agent, theirs = of(acme, Role.AGENT), of(rival, Role.AGENT)
    id = await new_team(acme.owner, "Vertrieb")
    async with untouched(state, acme, rival):
        payload = (await acme.owner.data(CREATE, i={"name": "Neu", "memberIds": [theirs]}))["teamCreate"]
        assert problems(payload) == [("NOT_FOUND", "input.memberIds.0")]
        for text, name in ((ADD, "teamMembersAdd"), (REMOVE, "teamMembersRemove")):
            payload = (await acme.owner.data(text, id=id, users=[agent, theirs, "?"]))[name]
            assert problems(payload) == [("NOT_FOUND", "userIds.1"), ("INVALID_INPUT", "userIds.2")]
            payload = (await acme.owner.data(text, id=encode_id("Team", uuid7()), users=[agent]))[name]
            assert problems(payload) == [("NOT_FOUND", "id")]
        payload = (await acme.owner.data(REMOVE, id=id, users=[agent]))["teamMembersRemove"]
        assert problems(payload) == [("NOT_FOUND", "userIds.0")]
        assert problems((await rival.owner.data(DELETE, id=id))["teamDelete"]) == [("NOT_FOUND", "id")]


async def test_two_who_add_people_at_the_same_time_both_succeed(acme: Signed) -> None:
    id = await new_team(acme.owner, "Vertrieb")
    people = [of(acme, role) for role in Role]
    await asyncio.gather(*(changed(acme.owner, ADD, id=id, users=[one, people[0]]) for one in people))
    team = (await acme.owner.data("query ($i: ID!) { team(id: $i) { members { user { id } } } }", i=id))["team"]
    assert sorted(one["user"]["id"] for one in team["members"]) == sorted(people)


async def test_everybody_in_the_office_hears_of_teams(state: State, acme: Signed) -> None:
    agent, manager = of(acme, Role.AGENT), of(acme, Role.MANAGER)
    start = (await acme.agent.data("{ streamCursor }"))["streamCursor"]
    id = await new_team(acme.owner, "Vertrieb")
    await changed(acme.owner, ADD, id=id, users=[agent])
    await changed(acme.owner, UPDATE, id=id, i={"name": "Verkauf"})
    await changed(acme.owner, UPDATE, id=id, i={"memberIds": [manager]})
    await changed(acme.owner, REMOVE, id=id, users=[manager])
    await second_board(acme.agent)  # no news of a team
    await changed(acme.owner, DELETE, id=id)
    async with listening(state, acme.agent.token, LIVE, after=start) as answers, asyncio.timeout(10):
        heard = [(await anext(answers))["data"]["teamChanged"] for _ in range(6)]
    assert [one["prevCursor"] for one in heard] == [start, *(one["cursor"] for one in heard[:-1])]
    assert [(one["kind"], one["changedFields"], one["user"] and one["user"]["id"]) for one in heard] == [
        ("CREATED", [], None),
        ("UPDATED", ["members"], agent),
        ("UPDATED", ["name"], None),
        ("UPDATED", ["members"], None),  # one came, one left
        ("UPDATED", ["members"], manager),
        ("DELETED", [], None),
    ]
    assert {one["id"] for one in heard} == {id}
    assert {one["actor"]["id"] for one in heard} == {of(acme, Role.OWNER)}
    assert [one["team"] for one in heard] == [None] * 6  # it lies in the trash by now


async def test_customers_hear_nothing_of_teams(state: State, acme: Signed) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the engine wraps what the subscription raised
        async with listening(state, acme.customer.token, LIVE):
            pass
    causes = [found.original_error for found in getattr(caught.value, "errors", [])] or [caught.value]
    assert isinstance(causes[0], ApiError)
    assert causes[0].code is ErrorCode.INSUFFICIENT_PERMISSIONS
