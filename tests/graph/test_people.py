"""The people of an agency: lists, one person, the short list for choosing somebody."""

from datetime import timedelta
from typing import Any

import pytest

import models
from domain.access import Role
from models.base import now, uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.factories import make_person, platform
from tests.graph.tasks_world import new

LIST = """query ($f: UserFilter, $o: [UserOrder!], $first: Int, $after: String) {
  users(filter: $f, orderBy: $o, first: $first, after: $after) {
    nodes { id name } totalCount pageInfo { hasNextPage endCursor } } }"""
EMPLOYEES = """query ($search: String, $role: RoleKey, $department: String, $active: Boolean = true, $first: Int) {
  employees(search: $search, role: $role, department: $department, isActive: $active, first: $first) {
    id name email role department isActive openTaskCount } }"""
ONE = "query ($id: ID!) { user(id: $id) { id name email phone status deletedAt } }"

# Letter: first name, last name, role, department, status.
PEOPLE = {
    "A": ("Änne", "Zabel", "AGENT", "Vermietung", "ACTIVE"),
    "B": ("Bernd", "Äbler", "MANAGER", "Verkauf", "ACTIVE"),
    "C": ("Clara", "Straße", "AGENT", "Verkauf", "DEACTIVATED"),
    "D": ("Dora", "Muster", "CUSTOMER", None, "ACTIVE"),
}


async def staffed(state: State, acme: Signed) -> dict[str, str]:
    """The agency's five people are removed but for the owner; the people above come instead. Ids by letter."""
    await platform(
        state, "update member set deleted_at = now() where tenant_id = $1 and role <> 'OWNER'", acme.agency.id
    )
    await platform(
        state,
        "update member set created_at = now() - interval '9 days', last_login_at = now() where id = $1",
        acme.agency.people[Role.OWNER].id,
    )
    found = {"O": acme.agency.people[Role.OWNER].gid}
    async with state.database.write(acme.agency.id) as session:
        for days, (letter, (first, last, role, department, status)) in enumerate(PEOPLE.items()):
            member = models.Member(
                tenant_id=acme.agency.id,
                account_id=uuid7(),
                email=f"{letter.lower()}-{uuid7().hex}@example.com",
                first_name=first,
                last_name=last,
                role=role,
                department=department,
                status=status,
                created_at=now() - timedelta(days=days),
                last_login_at=now() - timedelta(days=days + 1) if letter in "AB" else None,
            )
            session.add(member)
            found[letter] = encode_id("User", member.id)
        await session.commit()
    return found


def letters(nodes: list[dict[str, Any]]) -> str:
    return "".join({"Owner": "O"}.get(node["name"].split()[0], node["name"][0]).replace("Ä", "A") for node in nodes)


async def test_every_condition(state: State, acme: Signed) -> None:
    await staffed(state, acme)
    by_name = [{"field": "NAME", "direction": "ASC"}]
    cases: list[tuple[Any, str]] = [
        (None, "BDOCA"),
        ({"role": {"eq": "AGENT"}}, "CA"),
        ({"role": {"in": ["OWNER", "MANAGER"]}}, "BO"),
        ({"status": {"ne": "ACTIVE"}}, "C"),
        ({"department": {"eq": "Verkauf"}}, "BC"),
        ({"department": {"isNull": True}}, "DO"),
        ({"search": "strasse"}, "C"),
        ({"search": "Verk"}, "BC"),
        ({"search": "anne zab"}, "A"),
        ({"search": "!!"}, ""),
        ({"not": {"role": {"eq": "AGENT"}}}, "BDO"),
        ({"or": [{"role": {"eq": "OWNER"}}, {"search": "Dora"}]}, "DO"),
    ]
    for given, expected in cases:
        found = (await acme.owner.data(LIST, f=given, o=by_name))["users"]
        assert (given, letters(found["nodes"]), found["totalCount"]) == (given, expected, len(expected))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"field": "NAME", "direction": "ASC"}, "BDOCA"),
        ({"field": "EMAIL", "direction": "ASC"}, "ABCDO"),
        ({"field": "ROLE", "direction": "DESC"}, "OB"),
        ({"field": "LAST_LOGIN_AT", "direction": "DESC"}, "OAB"),
        ({"field": "LAST_LOGIN_AT", "direction": "ASC"}, "BAO"),
        ({"field": "CREATED_AT", "direction": "DESC"}, "ABCDO"),
        (None, "ABCDO"),
    ],
)
async def test_every_order(state: State, acme: Signed, order: Any, expected: str) -> None:
    """Equals are ordered by id, so only the part that the order decides is looked at."""
    await staffed(state, acme)
    found = (await acme.owner.data(LIST, o=order and [order]))["users"]["nodes"]
    assert letters(found).startswith(expected)


async def test_pages_follow_each_other(state: State, acme: Signed) -> None:
    await staffed(state, acme)
    for field in ("CREATED_AT", "NAME", "EMAIL", "LAST_LOGIN_AT", "ROLE"):
        order = [{"field": field, "direction": "ASC"}]
        whole = (await acme.owner.data(LIST, o=order))["users"]["nodes"]
        read, after = [], None
        while True:
            page = (await acme.owner.data(LIST, o=order, first=2, after=after))["users"]
            read += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        assert (field, read) == (field, whole)


async def test_one_member(state: State, acme: Signed, rival: Signed) -> None:
    people = acme.agency.people
    agent = people[Role.AGENT]
    email = (await platform(state, "select email from member where id = $1", agent.id))[0]["email"]
    whole = {"id": agent.gid, "name": "Agent Person", "email": email, "phone": "+493023125000"}
    whole |= {"status": "ACTIVE", "deletedAt": None}
    for client in (acme.owner, acme.as_(Role.ADMIN), acme.manager, acme.agent):
        assert (await client.data(ONE, id=agent.gid))["user"] == whole
    # Who may not see members finds oneself alone.
    for client, own in ((acme.agent, Role.AGENT), (acme.customer, Role.CUSTOMER)):
        assert (await client.data(ONE, id=people[own].gid))["user"]["name"] == f"{own.value.title()} Person"
        assert (await client.data(ONE, id=people[Role.OWNER].gid))["user"] is None
        assert (await client.data(ONE, id=encode_id("User", uuid7())))["user"] is None
    assert (await rival.owner.data(ONE, id=agent.gid))["user"] is None
    assert (await acme.owner.data(ONE, id=encode_id("Task", agent.id)))["user"] is None
    assert await acme.owner.code(ONE, id="nothing") == "INVALID_INPUT"


async def test_employees(state: State, acme: Signed) -> None:
    ids = await staffed(state, acme)
    for status, title in (("TODO", "Eins"), ("DONE", "Zwei"), ("IN_PROGRESS", "Drei"), ("CANCELLED", "Vier")):
        await new(acme.owner, title, assigneeId=ids["A"], status=status)
    deleted = await new(acme.owner, "Weg", assigneeId=ids["A"])
    await acme.owner.data("mutation ($id: ID!) { taskDelete(id: $id) { task { id } } }", id=deleted["id"])
    email = await platform(
        state, "select email from member where first_name = 'Änne' and tenant_id = $1", acme.agency.id
    )
    found = (await acme.owner.data(EMPLOYEES))["employees"]
    assert letters(found) == "BOA"
    assert found[2] == {
        "id": ids["A"],
        "name": "Änne Zabel",
        "email": email[0]["email"],
        "role": "AGENT",
        "department": "Vermietung",
        "isActive": True,
        "openTaskCount": 2,
    }
    assert found[0]["openTaskCount"] == 0
    cases: list[tuple[dict[str, Any], str]] = [
        ({"active": False}, "C"),
        ({"active": None}, "BOCA"),
        ({"role": "AGENT"}, "A"),
        ({"role": "CUSTOMER"}, ""),
        ({"department": "Verkauf", "active": None}, "BC"),
        ({"department": "verkauf"}, ""),
        ({"search": "strasse", "active": None}, "C"),
        ({"search": "Ver"}, "BA"),
        ({"search": "..."}, ""),
        ({"first": 2}, "BO"),
    ]
    for given, expected in cases:
        assert (given, letters((await acme.owner.data(EMPLOYEES, **given))["employees"])) == (given, expected)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"first": 0}, ["first"]),
        ({"first": 101}, ["first"]),
        ({"search": "x"}, ["search"]),
        ({"search": "x" * 201}, ["search"]),
    ],
)
async def test_wrong_arguments_of_employees(acme: Signed, given: dict[str, Any], path: list[str]) -> None:
    body = await acme.agent(EMPLOYEES, **given)
    extensions = body["errors"][0]["extensions"]
    assert (extensions["code"], extensions["field"]) == ("INVALID_INPUT", path)


async def test_a_new_member_is_found_by_the_viewer_of_ones_own_agency_alone(
    state: State, acme: Signed, rival: Signed
) -> None:
    async with state.database.write(acme.agency.id) as session:
        person = await make_person(state, session, acme.agency.id, acme.agency.slug, Role.AGENT)
        await session.commit()
    search = {"search": (await platform(state, "select email from member where id = $1", person.id))[0]["email"]}
    assert [node["id"] for node in (await acme.owner.data(LIST, f=search))["users"]["nodes"]] == [person.gid]
    assert (await rival.owner.data(LIST, f=search))["users"]["nodes"] == []


async def test_members_of_a_team(state: State, acme: Signed, rival: Signed) -> None:
    """Another agency's team has nobody here."""
    people = acme.agency.people
    make = """mutation ($i: TeamInput!) { teamCreate(input: $i) { team { id } userErrors { code } } }"""
    team = (await acme.owner.data(make, i={"name": "Nord", "memberIds": [people[Role.AGENT].gid]}))["teamCreate"][
        "team"
    ]
    foreign = (await rival.owner.data(make, i={"name": "Nord", "memberIds": []}))["teamCreate"]["team"]
    for given, expected in (
        ({"teamId": team["id"]}, [people[Role.AGENT].gid]),
        ({"teamId": team["id"], "role": {"eq": "OWNER"}}, []),
        ({"teamId": foreign["id"]}, []),
        ({"teamId": people[Role.AGENT].gid}, []),
    ):
        found = (await acme.owner.data(LIST, f=given))["users"]
        assert (given, [node["id"] for node in found["nodes"]]) == (given, expected)
    others = (await acme.owner.data(LIST, f={"not": {"teamId": team["id"]}}))["users"]
    assert others["totalCount"] == len(Role) - 1
    body = await acme.owner(LIST, f={"teamId": "nothing"})
    assert body["errors"][0]["extensions"]["field"] == ["filter", "teamId"]
