"""Handing an agency over, and custom roles that come with a member."""

from typing import Any

import pytest
import pytest_asyncio

from domain.access import P, Role
from resolvers.kit.context import State
from storage.hashing import hash_password
from tests.conftest import Signed
from tests.factories import platform
from tests.graph.test_members import CREATE, PASSWORD, ROLE, UPDATE, events, last_entry, person_input, refused, seats
from tests.graph.world import ERRORS, problems, untouched

TRANSFER = f"""mutation ($id: ID!, $password: String!) {{
  tenantOwnershipTransfer(userId: $id, password: $password) {{ tenant {{ id name }} {ERRORS} }} }}"""
ROLES = "query ($id: ID!) { user(id: $id) { role permissions roles { name } } }"
NEW_ROLE = """mutation ($name: String!, $keys: [String!]!) {
  roleCreate(input: { name: $name, permissionKeys: $keys }) { role { id } userErrors { code } } }"""


@pytest_asyncio.fixture
async def owned(state: State, acme: Signed) -> Signed:
    """The agency, whose owner and administrator have a password."""
    hashed = await hash_password(PASSWORD)
    for role in (Role.OWNER, Role.ADMIN):
        account = acme.agency.people[role].account_id
        await platform(state, "update account set password_hash = $2 where id = $1", account, hashed)
    return acme


async def roles_of(state: State, acme: Signed) -> dict[str, str]:
    found = await platform(state, "select first_name, role from member where tenant_id = $1", acme.agency.id)
    return {row["first_name"]: row["role"] for row in found}


async def test_the_agency_is_handed_over(state: State, owned: Signed) -> None:
    agent = owned.agency.people[Role.AGENT]
    done = (await owned.owner.data(TRANSFER, id=agent.gid, password=PASSWORD))["tenantOwnershipTransfer"]
    assert done == {"tenant": {"id": owned.agency.gid, "name": "Acme"}, "userErrors": []}
    found = await roles_of(state, owned)
    assert (found["Agent"], found["Owner"], found["Admin"]) == ("OWNER", "ADMIN", "ADMIN")
    assert await events(state, owned) == [("user.role_changed", "UPDATED")] * 2
    entry = await last_entry(state, owned)
    assert (entry["action"], entry["operation"], entry["resource_id"]) == (
        "ROLE_CHANGE",
        "tenantOwnershipTransfer",
        agent.id,
    )
    assert PASSWORD not in str(entry)
    # At once for both: the old owner may no longer, the new one may.
    back = owned.agency.people[Role.OWNER].gid
    assert await owned.owner.code(TRANSFER, id=back, password=PASSWORD) == "INSUFFICIENT_PERMISSIONS"
    done = (await owned.agent.data(ROLE, id=back, role="OWNER"))["userRoleUpdate"]
    assert (done["user"]["role"], done["userErrors"]) == ("OWNER", [])


@pytest.mark.parametrize("password", ["Falsch123!", "", PASSWORD.lower()])
async def test_a_wrong_password_changes_nothing(state: State, owned: Signed, password: str) -> None:
    async with untouched(state, owned):
        agent = owned.agency.people[Role.AGENT].gid
        payload = (await owned.owner.data(TRANSFER, id=agent, password=password))["tenantOwnershipTransfer"]
    assert (payload["tenant"], problems(payload)) == (None, [("INVALID_CREDENTIALS", "password")])


async def test_whom_it_is_not_handed_to(state: State, owned: Signed) -> None:
    people = owned.agency.people
    await platform(state, "update member set status = 'DEACTIVATED' where id = $1", people[Role.MANAGER].id)
    cases = {
        Role.OWNER: ("BUSINESS_RULE", "userId"),
        Role.CUSTOMER: ("NOT_FOUND", "userId"),
        Role.MANAGER: ("NOT_FOUND", "userId"),
    }
    for role, expected in cases.items():
        async with untouched(state, owned):
            answer = await owned.owner.data(TRANSFER, id=people[role].gid, password=PASSWORD)
        assert (role, problems(answer["tenantOwnershipTransfer"])) == (role, [expected])
    for client in (owned.as_(Role.ADMIN), owned.agent, owned.customer):
        assert await client.code(TRANSFER, id=people[Role.AGENT].gid, password=PASSWORD) == "INSUFFICIENT_PERMISSIONS"


# Custom roles


async def role_with(acme: Signed, name: str, *keys: str) -> str:
    return str((await acme.owner.data(NEW_ROLE, name=name, keys=list(keys)))["roleCreate"]["role"]["id"])


async def test_a_member_comes_with_roles(state: State, acme: Signed) -> None:
    first, second = await role_with(acme, "Prüfung", P.AUDIT_READ), await role_with(acme, "Löhne", P.PAYROLL_READ)
    done = (await acme.owner.data(CREATE, input=person_input(roleIds=[first])))["userCreate"]
    id = done["user"]["id"]
    shown = (await acme.owner.data(ROLES, id=id))["user"]
    assert ([role["name"] for role in shown["roles"]], P.AUDIT_READ in shown["permissions"]) == (["Prüfung"], True)
    await acme.owner.data(UPDATE, id=id, input={"roleIds": [second]})
    shown = (await acme.owner.data(ROLES, id=id))["user"]
    assert [role["name"] for role in shown["roles"]] == ["Löhne"]
    assert (P.AUDIT_READ in shown["permissions"], P.PAYROLL_READ in shown["permissions"]) == (False, True)
    assert (await last_entry(state, acme))["action"] == "ROLE_CHANGE"
    assert await seats(state, acme) == 2


async def test_changing_a_member_gives_no_rights(state: State, acme: Signed) -> None:
    """`user.update` alone, as a custom role may hold it, opens no way to more rights."""
    agent = acme.agency.people[Role.AGENT]
    clerk, wanted = await role_with(acme, "Personal", P.USER_UPDATE), await role_with(acme, "Alles", P.AUDIT_READ)
    await acme.owner.data(UPDATE, id=agent.gid, input={"roleIds": [clerk]})
    given: dict[str, Any] = {"id": agent.gid, "input": {"roleIds": [clerk, wanted]}}
    await refused(state, acme, acme.agent, UPDATE, "INSUFFICIENT_PERMISSIONS", ["input", "roleIds"], **given)
    assert (await acme.agent.data(UPDATE, id=agent.gid, input={"position": "Maklerin"}))["userUpdate"][
        "userErrors"
    ] == []
    assert await acme.agent.code(ROLE, id=agent.gid, role="ADMIN") == "INSUFFICIENT_PERMISSIONS"
