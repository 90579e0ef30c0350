"""What happens to members: who may do what to whom, with which effect, and what is refused without a trace."""

import asyncio
from typing import Any

import httpx2
import pytest

from domain.access import ROLE_PERMISSIONS, Role
from domain.plans import PlanKey
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id, encode_id
from tests.conftest import Client, Signed
from tests.factories import Person, make_agency, make_person, platform
from tests.graph.tasks_world import new
from tests.graph.world import ERRORS, created, problems, untouched

USER = "user { id email firstName lastName phone role department position status isActive version deletedAt }"
PASSWORD = "Sonne123!"
CREATE = f"mutation ($input: UserCreateInput!) {{ userCreate(input: $input) {{ {USER} {ERRORS} }} }}"
UPDATE = f"mutation ($id: ID!, $input: UserUpdateInput!) {{ userUpdate(id: $id, input: $input) {{ {USER} {ERRORS} }} }}"
ROLE = f"mutation ($id: ID!, $role: RoleKey!) {{ userRoleUpdate(id: $id, role: $role) {{ {USER} {ERRORS} }} }}"
DEACTIVATE = f"mutation ($id: ID!) {{ userDeactivate(id: $id) {{ {USER} {ERRORS} }} }}"
REACTIVATE = f"mutation ($id: ID!) {{ userReactivate(id: $id) {{ {USER} {ERRORS} }} }}"
REMOVE = f"mutation ($id: ID!, $to: ID!) {{ userRemove(id: $id, reassignToId: $to) {{ {USER} {ERRORS} }} }}"
LOGIN = """mutation ($email: EmailAddress!, $password: String!) {
  authLogin(email: $email, password: $password) { accessToken user { role } userErrors { code field } } }"""
ME = "{ viewer { user { role } permissions scopes } }"


def person_input(**changes: Any) -> dict[str, Any]:
    return {
        "email": f"neu-{uuid7().hex}@example.com",
        "firstName": "Nina",
        "lastName": "Neu",
        "role": "AGENT",
        "password": PASSWORD,
        **changes,
    }


async def another(state: State, acme: Signed, role: Role) -> Person:
    """One more member with this role, written directly; the seat is counted."""
    async with state.database.write(acme.agency.id) as session:
        person = await make_person(state, session, acme.agency.id, acme.agency.slug, role)
        await session.commit()
    return person


async def seats(state: State, acme: Signed) -> int:
    found = await platform(
        state, "select used from plan_counter where tenant_id = $1 and resource = 'USERS'", acme.agency.id
    )
    return int(found[0]["used"])


async def use_seats(state: State, acme: Signed, used: int) -> None:
    await platform(
        state,
        "update plan_counter set used = $2 where tenant_id = $1 and resource = 'USERS'",
        acme.agency.id,
        used,
    )


async def events(state: State, acme: Signed) -> list[tuple[str, str]]:
    found = await platform(
        state, "select type, kind from event_outbox where tenant_id = $1 order by seq", acme.agency.id
    )
    return [(row["type"], row["kind"]) for row in found]


async def last_entry(state: State, acme: Signed) -> dict[str, Any]:
    found = await platform(
        state,
        "select action, operation, outcome, resource_id, old_values, new_values from audit_entry "
        "where tenant_id = $1 order by seq desc limit 1",
        acme.agency.id,
    )
    return found[0]


async def refused(
    state: State, acme: Signed, client: Client, document: str, code: str, field: list[str], **variables: Any
) -> None:
    """The call answers this one problem and leaves nothing behind."""
    async with untouched(state, acme):
        (payload,) = (await client.data(document, **variables)).values()
    assert (payload["user"], [(error["code"], error["field"]) for error in payload["userErrors"]]) == (
        None,
        [(code, field)],
    )


# Making


async def test_a_member_is_made(state: State, acme: Signed, anonymous: Client) -> None:
    given = person_input(phone="030 23125000", department="  Verkauf ", role="MANAGER")
    done = (await acme.owner.data(CREATE, input=given))["userCreate"]
    id = done["user"]["id"]
    assert done == {
        "user": {
            "id": id,
            "email": given["email"],
            "firstName": "Nina",
            "lastName": "Neu",
            "phone": "+493023125000",
            "role": "MANAGER",
            "department": "Verkauf",
            "position": None,
            "status": "ACTIVE",
            "isActive": True,
            "version": 1,
            "deletedAt": None,
        },
        "userErrors": [],
    }
    assert await seats(state, acme) == 2
    assert await events(state, acme) == [("user.joined", "CREATED")]
    entry = await last_entry(state, acme)
    assert (entry["action"], entry["operation"]) == ("CREATE", "userCreate")
    assert PASSWORD not in str(entry)
    answer = (await anonymous.data(LOGIN, email=given["email"], password=PASSWORD))["authLogin"]
    assert (answer["user"], answer["userErrors"]) == ({"role": "MANAGER"}, [])


async def test_who_has_a_login_is_not_made_again(state: State, acme: Signed, rival: Signed) -> None:
    taken = await platform(state, "select email from member where id = any($1)", [rival.agency.people[Role.AGENT].id])
    given = person_input(email=taken[0]["email"])
    async with untouched(state, rival):
        await refused(state, acme, acme.owner, CREATE, "ALREADY_EXISTS", ["input", "email"], input=given)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"firstName": "Eva\r\nBcc: alle@example.com"}, [("INVALID_INPUT", "input.firstName")]),
        ({"lastName": "Ker\nn"}, [("INVALID_INPUT", "input.lastName")]),
        ({"lastName": "Kern\u202egpj.exe"}, [("INVALID_INPUT", "input.lastName")]),
        ({"firstName": "E\u200bva"}, [("INVALID_INPUT", "input.firstName")]),
        ({"firstName": "E\x00va"}, [("INVALID_INPUT", "input.firstName")]),
        ({"department": "Verkauf\tNord"}, [("INVALID_INPUT", "input.department")]),
        ({"firstName": "x" * 101}, [("VALIDATION_ERROR", "input.firstName")]),
        (
            {"firstName": "  ", "lastName": ""},
            [("MISSING_REQUIRED_FIELD", "input.firstName"), ("MISSING_REQUIRED_FIELD", "input.lastName")],
        ),
        ({"email": "аdmin@example.com"}, [("INVALID_INPUT", "input.email")]),  # the first letter is Cyrillic
        (
            {"email": "a@b@example.com", "phone": "x"},
            [("INVALID_INPUT", "input.email"), ("INVALID_INPUT", "input.phone")],
        ),
        ({"email": "x" * 250 + "@example.com"}, [("INVALID_INPUT", "input.email")]),
        ({"password": "kurz"}, [("VALIDATION_ERROR", "input.password")]),
    ],
)
async def test_bad_input_is_told_whole_and_changes_nothing(
    state: State, acme: Signed, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    async with untouched(state, acme):
        payload = (await acme.owner.data(CREATE, input=person_input(**changes)))["userCreate"]
    assert (payload["user"], sorted(problems(payload))) == (None, sorted(expected))


async def test_nobody_makes_somebody_above(state: State, acme: Signed) -> None:
    admin = acme.as_(Role.ADMIN)
    await refused(
        state, acme, admin, CREATE, "INSUFFICIENT_PERMISSIONS", ["input", "role"], input=person_input(role="OWNER")
    )
    done = (await admin.data(CREATE, input=person_input(role="ADMIN")))["userCreate"]
    assert (done["user"]["role"], done["userErrors"]) == ("ADMIN", [])
    # Making is a matter of the ADMIN scope, which a manager's token does not carry.
    assert await acme.manager.code(CREATE, input=person_input()) == "INSUFFICIENT_PERMISSIONS"


async def test_no_more_members_than_seats(state: State, http: httpx2.AsyncClient) -> None:
    """Without a seat there is no login either. A customer takes none."""
    small = Signed(await make_agency(state, "Klein", PlanKey.STARTER), http)
    await use_seats(state, small, 4)
    answers = await asyncio.gather(*(small.owner.data(CREATE, input=person_input()) for _ in range(4)))
    payloads = [answer["userCreate"] for answer in answers]
    assert sorted(str(problems(payload)) for payload in payloads) == ["[('SEAT_LIMIT_EXCEEDED', '')]"] * 3 + ["[]"]
    assert await seats(state, small) == 5
    given = person_input()
    await refused(state, small, small.owner, CREATE, "SEAT_LIMIT_EXCEEDED", [], input=given)
    assert await platform(state, "select id from account where email = $1", given["email"]) == []
    done = (await small.owner.data(CREATE, input=person_input(role="CUSTOMER")))["userCreate"]
    assert (done["user"]["role"], await seats(state, small)) == ("CUSTOMER", 5)


# Changing


async def test_a_member_is_changed(state: State, acme: Signed) -> None:
    agent = acme.agency.people[Role.AGENT]
    done = (
        await acme.owner.data(
            UPDATE,
            id=agent.gid,
            input={"firstName": "Zoë", "department": "Verkauf", "phone": None, "expectedVersion": 1},
        )
    )["userUpdate"]
    shown = {key: done["user"][key] for key in ("firstName", "lastName", "department", "phone", "version")}
    assert (shown, done["userErrors"]) == (
        {"firstName": "Zoë", "lastName": "Person", "department": "Verkauf", "phone": None, "version": 2},
        [],
    )
    assert await events(state, acme) == [("user.updated", "UPDATED")]
    stale = {"position": "Maklerin", "expectedVersion": 1}
    await refused(state, acme, acme.owner, UPDATE, "CONFLICT", ["input", "expectedVersion"], id=agent.gid, input=stale)
    await refused(
        state,
        acme,
        acme.owner,
        UPDATE,
        "MISSING_REQUIRED_FIELD",
        ["input", "lastName"],
        id=agent.gid,
        input={"lastName": None},
    )


# Roles


async def test_a_new_role_holds_at_once(state: State, acme: Signed) -> None:
    agent = acme.agency.people[Role.AGENT]
    assert (await acme.agent.data(ME))["viewer"]["user"] == {"role": "AGENT"}
    done = (await acme.owner.data(ROLE, id=agent.gid, role="ADMIN"))["userRoleUpdate"]
    assert (done["user"]["role"], done["userErrors"]) == ("ADMIN", [])
    # In this process without waiting for the second for which rights are remembered.
    assert await acme.agent.data(ME) == {
        "viewer": {
            "user": {"role": "ADMIN"},
            "permissions": sorted(ROLE_PERMISSIONS[Role.ADMIN]),
            "scopes": ["ADMIN", "DELETE", "READ", "WRITE"],
        }
    }
    assert await events(state, acme) == [("user.role_changed", "UPDATED")]
    entry = await last_entry(state, acme)
    assert (entry["action"], entry["operation"], entry["resource_id"]) == ("ROLE_CHANGE", "userRoleUpdate", agent.id)
    assert ("AGENT" in entry["old_values"], "ADMIN" in entry["new_values"]) == (True, True)
    # The same once more changes nothing.
    async with untouched(state, acme):
        again = (await acme.owner.data(ROLE, id=agent.gid, role="ADMIN"))["userRoleUpdate"]
    assert again["user"] == done["user"]


async def test_roles_are_given_up_to_the_own_one(state: State, acme: Signed) -> None:
    people, admin = acme.agency.people, acme.as_(Role.ADMIN)
    agent, owner = people[Role.AGENT].gid, people[Role.OWNER].gid
    await refused(state, acme, admin, ROLE, "INSUFFICIENT_PERMISSIONS", ["role"], id=agent, role="OWNER")
    await refused(
        state, acme, admin, ROLE, "INSUFFICIENT_PERMISSIONS", ["role"], id=people[Role.ADMIN].gid, role="OWNER"
    )
    await refused(state, acme, admin, ROLE, "INSUFFICIENT_PERMISSIONS", ["id"], id=owner, role="AGENT")
    for client in (acme.manager, acme.agent, acme.customer):
        assert await client.code(ROLE, id=agent, role="AGENT") == "INSUFFICIENT_PERMISSIONS"
    for role in ("OWNER", "CUSTOMER"):
        assert (await acme.owner.data(ROLE, id=agent, role=role))["userRoleUpdate"]["user"]["role"] == role


async def test_a_seat_goes_with_the_role(state: State, acme: Signed) -> None:
    people = acme.agency.people
    assert await seats(state, acme) == 1
    for role, used in (("AGENT", 2), ("ADMIN", 2), ("CUSTOMER", 1)):
        await acme.owner.data(ROLE, id=people[Role.CUSTOMER].gid, role=role)
        assert (role, await seats(state, acme)) == (role, used)


# The last owner, and oneself


async def test_the_last_owner_stays(state: State, acme: Signed) -> None:
    people = acme.agency.people
    owner, agent = people[Role.OWNER].gid, people[Role.AGENT].gid
    await refused(state, acme, acme.owner, ROLE, "BUSINESS_RULE", ["id"], id=owner, role="ADMIN")
    payload = (await acme.owner.data(ROLE, id=owner, role="ADMIN"))["userRoleUpdate"]
    assert payload["userErrors"][0]["details"] == {"rule": "LAST_OWNER"}
    for document, more in ((DEACTIVATE, {}), (REMOVE, {"to": agent})):
        await refused(state, acme, acme.owner, document, "BUSINESS_RULE", ["id"], id=owner, **more)
        (payload,) = (await acme.owner.data(document, id=owner, **more)).values()
        assert payload["userErrors"][0]["details"] == {"rule": "SELF"}
    # A deactivated owner does not count.
    second = await another(state, acme, Role.OWNER)
    await acme.owner.data(DEACTIVATE, id=second.gid)
    await refused(state, acme, acme.owner, ROLE, "BUSINESS_RULE", ["id"], id=owner, role="ADMIN")
    await acme.owner.data(REACTIVATE, id=second.gid)
    done = (await acme.owner.data(ROLE, id=owner, role="ADMIN"))["userRoleUpdate"]
    assert (done["user"]["role"], done["userErrors"]) == ("ADMIN", [])


@pytest.mark.parametrize("document", [ROLE, DEACTIVATE])
async def test_two_owners_at_once_leave_one(state: State, acme: Signed, document: str) -> None:
    """Both turn on the other at the same moment: the second one is no owner any more when its turn comes."""
    first, second = acme.agency.people[Role.OWNER], await another(state, acme, Role.OWNER)
    other = Client(acme.owner.http, second.token)
    more = {"role": "AGENT"} if document is ROLE else {}
    answers = await asyncio.gather(
        acme.owner.data(document, id=second.gid, **more), other.data(document, id=first.gid, **more)
    )
    found = sorted(str([error["code"] for error in next(iter(answer.values()))["userErrors"]]) for answer in answers)
    assert found == ["['INSUFFICIENT_PERMISSIONS']", "[]"]
    left = await platform(
        state,
        "select count(*) as n from member where tenant_id = $1 and role = 'OWNER' and status = 'ACTIVE'",
        acme.agency.id,
    )
    assert left == [{"n": 1}]


async def test_owners_who_step_back_at_once_leave_one(state: State, acme: Signed) -> None:
    owners = [acme.agency.people[Role.OWNER], *[await another(state, acme, Role.OWNER) for _ in range(3)]]
    answers = await asyncio.gather(
        *(Client(acme.owner.http, owner.token).data(ROLE, id=owner.gid, role="MANAGER") for owner in owners)
    )
    codes = sorted(str([error["code"] for error in answer["userRoleUpdate"]["userErrors"]]) for answer in answers)
    assert codes == ["['BUSINESS_RULE']", "[]", "[]", "[]"]


# Keeping out


async def test_who_is_deactivated_is_out_at_once(state: State, acme: Signed, anonymous: Client) -> None:
    given = person_input()
    made = (await acme.owner.data(CREATE, input=given))["userCreate"]["user"]
    token = (await anonymous.data(LOGIN, email=given["email"], password=PASSWORD))["authLogin"]["accessToken"]
    client = Client(anonymous.http, token)
    assert (await client.data(ME))["viewer"]["user"] == {"role": "AGENT"}
    assert await seats(state, acme) == 2
    done = (await acme.owner.data(DEACTIVATE, id=made["id"]))["userDeactivate"]
    assert (done["user"]["status"], done["user"]["isActive"], done["userErrors"]) == ("DEACTIVATED", False, [])
    assert await seats(state, acme) == 1
    assert (await events(state, acme))[-1] == ("user.deactivated", "STATUS_CHANGED")
    assert await client.code(ME) == "INVALID_TOKEN"
    answer = (await anonymous.data(LOGIN, email=given["email"], password=PASSWORD))["authLogin"]
    assert (answer["accessToken"], problems(answer)) == (None, [("INVALID_CREDENTIALS", "")])
    # Once more changes nothing, neither rows nor seats.
    async with untouched(state, acme):
        assert (await acme.owner.data(DEACTIVATE, id=made["id"]))["userDeactivate"]["user"] == done["user"]
    back = (await acme.owner.data(REACTIVATE, id=made["id"]))["userReactivate"]
    assert (back["user"]["status"], back["userErrors"]) == ("ACTIVE", [])
    assert await seats(state, acme) == 2
    # The old session stays ended; signing in works again.
    assert await client.code(ME) == "INVALID_TOKEN"
    answer = (await anonymous.data(LOGIN, email=given["email"], password=PASSWORD))["authLogin"]
    assert answer["userErrors"] == []


async def test_nobody_keeps_out_whoever_stands_above(state: State, acme: Signed) -> None:
    owner, admin = acme.agency.people[Role.OWNER].gid, acme.as_(Role.ADMIN)
    to = acme.agency.people[Role.AGENT].gid
    for document, more in ((DEACTIVATE, {}), (REMOVE, {"to": to})):
        await refused(state, acme, admin, document, "INSUFFICIENT_PERMISSIONS", ["id"], id=owner, **more)


async def test_a_seat_for_who_comes_back(state: State, acme: Signed) -> None:
    agent = acme.agency.people[Role.AGENT]
    await platform(state, "update tenant set plan = 'FREE' where id = $1", acme.agency.id)
    await acme.owner.data(DEACTIVATE, id=agent.gid)
    await use_seats(state, acme, 2)
    async with untouched(state, acme):
        payload = (await acme.owner.data(REACTIVATE, id=agent.gid))["userReactivate"]
    assert [(error["code"], error["field"], error["details"]) for error in payload["userErrors"]] == [
        (
            "SEAT_LIMIT_EXCEEDED",
            [],
            {"resource": "USERS", "current": 2, "limit": 2, "requiredPlan": "STARTER"},
        )
    ]


# Removing


async def test_what_is_open_goes_to_somebody_else(state: State, acme: Signed, anonymous: Client) -> None:
    people = acme.agency.people
    agent, manager = people[Role.AGENT], people[Role.MANAGER]
    open_ = await new(acme.agent, "Offen", subtasks=[{"title": "Schritt", "assigneeId": agent.gid}])
    done = await new(acme.agent, "Fertig", status="DONE")
    others = await new(acme.owner, "Fremd")
    home = await created(acme)
    await use_seats(state, acme, 5)
    answer = (await acme.owner.data(REMOVE, id=agent.gid, to=manager.gid))["userRemove"]
    assert answer["userErrors"] == []
    user = answer["user"]
    assert (user["status"], user["phone"], user["deletedAt"] is not None) == ("DEACTIVATED", None, True)
    assert await seats(state, acme) == 4
    text = """query ($a: ID!, $b: ID!, $c: ID!, $p: ID!) {
      open: task(id: $a) { assignee { id } createdBy { name } subtasks { assignee { id } } }
      done: task(id: $b) { assignee { id } } others: task(id: $c) { assignee { id } }
      property(id: $p) { assignedAgent { id } } users { nodes { id } } employees { id } }"""
    shown = await acme.owner.data(text, a=open_["id"], b=done["id"], c=others["id"], p=home["id"])
    assert shown["open"] == {
        "assignee": {"id": manager.gid},
        "createdBy": {"name": "Agent Person"},
        "subtasks": [{"assignee": {"id": manager.gid}}],
    }
    assert shown["done"] == {"assignee": {"id": agent.gid}}
    assert shown["others"] == {"assignee": {"id": people[Role.OWNER].gid}}
    assert shown["property"] == {"assignedAgent": {"id": manager.gid}}
    assert agent.gid not in str([shown["users"], shown["employees"]])
    # Each moved record tells its own followers.
    told = (await events(state, acme))[-3:]
    assert sorted(told) == [
        ("property.updated", "ASSIGNED"),
        ("task.updated", "ASSIGNED"),
        ("user.removed", "STATUS_CHANGED"),
    ]
    assert await acme.agent.code(ME) == "INVALID_TOKEN"
    # Nothing new refers to whoever is gone, and nothing more happens to them.
    for document, more in (
        (ROLE, {"role": "AGENT"}),
        (REACTIVATE, {}),
        (UPDATE, {"input": {}}),
        (REMOVE, {"to": manager.gid}),
    ):
        await refused(state, acme, acme.owner, document, "NOT_FOUND", ["id"], id=agent.gid, **more)
    assign = """mutation ($id: ID!, $to: ID!) {
      propertyUpdate(id: $id, input: { assignedAgentId: $to }) { userErrors { code field } } }"""
    async with untouched(state, acme):
        payload = (await acme.owner.data(assign, id=home["id"], to=agent.gid))["propertyUpdate"]
    assert problems(payload) == [("NOT_FOUND", "input.assignedAgentId")]


@pytest.mark.parametrize("to", ["self", "customer", "deactivated", "unknown"])
async def test_only_an_active_colleague_takes_over(state: State, acme: Signed, to: str) -> None:
    people = acme.agency.people
    await acme.owner.data(DEACTIVATE, id=people[Role.MANAGER].gid)
    successor = {
        "self": people[Role.AGENT].gid,
        "customer": people[Role.CUSTOMER].gid,
        "deactivated": people[Role.MANAGER].gid,
        "unknown": encode_id("User", uuid7()),
    }[to]
    agent = people[Role.AGENT].gid
    await refused(state, acme, acme.owner, REMOVE, "NOT_FOUND", ["reassignToId"], id=agent, to=successor)


async def test_who_was_removed_may_become_a_member_again(state: State, acme: Signed) -> None:
    """The address is free in this agency; the login remains the person's own."""
    agent = acme.agency.people[Role.AGENT]
    await acme.owner.data(REMOVE, id=agent.gid, to=acme.agency.people[Role.OWNER].gid)
    left = await platform(state, "select count(*) as n from account_tenant where account_id = $1", agent.account_id)
    kept = await platform(state, "select count(*) as n from account where id = $1", agent.account_id)
    assert (left, kept) == ([{"n": 0}], [{"n": 1}])
    assert decode_id(agent.gid, "User") == agent.id


async def test_who_is_removed_leaves_teams_and_roles(state: State, acme: Signed) -> None:
    agent = acme.agency.people[Role.AGENT]
    make = """mutation ($i: TeamInput!) { teamCreate(input: $i) { team { id } userErrors { code } } }"""
    team = (await acme.owner.data(make, i={"name": "Nord", "leadId": agent.gid}))["teamCreate"]["team"]
    role = """mutation { roleCreate(input: { name: "Prüfung", permissionKeys: ["audit.read"] }) { role { id } } }"""
    given = (await acme.owner.data(role))["roleCreate"]["role"]["id"]
    await acme.owner.data(UPDATE, id=agent.gid, input={"roleIds": [given]})
    done = (await acme.owner.data(REMOVE, id=agent.gid, to=acme.agency.people[Role.OWNER].gid))["userRemove"]
    assert done["userErrors"] == []
    text = """query ($t: ID!, $r: ID!) {
      team(id: $t) { lead { id } members { user { id } } } role(id: $r) { userCount } }"""
    assert await acme.owner.data(text, t=team["id"], r=given) == {
        "team": {"lead": None, "members": []},
        "role": {"userCount": 0},
    }
