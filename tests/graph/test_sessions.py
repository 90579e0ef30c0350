"""Devices one is signed in on: seeing them, ending them, signing in to another agency."""

import asyncio
from typing import Any

from domain.access import Role
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Client, Signed
from tests.factories import platform
from tests.graph.letters import agency_of, alive, mails, second_agency, sign_in
from tests.graph.test_identity import PASSWORD, REFRESH, as_, code_of, registered
from tests.graph.world import rows

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SESSIONS = (
    "{ viewer { sessions { id isCurrent userAgent device ipAddress createdAt lastUsedAt expiresAt revokedAt } } }"
)
REVOKE = "mutation ($id: ID!) { sessionRevoke(id: $id) { ok userErrors { code field } } }"
SWITCH = """
mutation ($id: ID!) {
  authSwitchTenant(tenantId: $id) {
    accessToken refreshToken expiresIn tenant { id } user { id } memberships { tenant { id } }
    userErrors { code field }
  }
}"""
OK = {"ok": True, "userErrors": []}
MISSING = {"ok": False, "userErrors": [{"code": "NOT_FOUND", "field": ["id"]}]}


async def sessions(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.data(SESSIONS))["viewer"]["sessions"]
    return found


async def test_sessions_are_listed_newest_first(anonymous: Client) -> None:
    done = await registered(anonymous)
    first = as_(anonymous, done["accessToken"])
    second = await sign_in(as_(anonymous, None, **{"User-Agent": FIREFOX}), done["email"], PASSWORD)
    newest, oldest = await sessions(second)
    assert (newest["isCurrent"], oldest["isCurrent"]) == (True, False)
    assert [found["isCurrent"] for found in await sessions(first)] == [False, True]
    assert (newest["userAgent"], newest["device"], newest["ipAddress"]) == (FIREFOX, "Firefox on Linux", "127.0.0.1")
    assert (newest["revokedAt"], newest["createdAt"] > oldest["createdAt"]) == (None, True)
    assert newest["expiresAt"][:10] > newest["createdAt"][:10]
    node = "query ($id: ID!) { node(id: $id) { ... on Session { id device isCurrent } } }"
    shown = {"id": newest["id"], "device": "Firefox on Linux", "isCurrent": True}
    assert (await second.data(node, id=newest["id"]))["node"] == shown


async def test_nobody_sees_the_sessions_of_others(state: State, acme: Signed) -> None:
    agent = acme.agency.people[Role.AGENT]
    id = encode_id("Session", agent.session_id)
    node = "query ($id: ID!) { node(id: $id) { id } }"
    for role in Role:
        shown = (await acme.as_(role).data(node, id=id))["node"]
        assert shown == ({"id": id} if role is Role.AGENT else None), role
        assert [found["id"] for found in await sessions(acme.as_(role))] == [
            encode_id("Session", acme.agency.people[role].session_id)
        ]


async def test_a_revoked_session_ends_at_once_with_its_tokens(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    lost = as_(anonymous, done["accessToken"])
    here = await sign_in(anonymous, done["email"], PASSWORD)
    assert "errors" not in await lost("{ viewer { user { id } } }")  # it is remembered now
    [_, old] = await sessions(here)
    for _ in range(2):
        assert (await here.data(REVOKE, id=old["id"]))["sessionRevoke"] == OK
    assert await lost.code("{ viewer { user { id } } }") == "INVALID_TOKEN"
    answer = (await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]
    assert code_of(answer) == [("INVALID_TOKEN", ["refreshToken"])]
    assert [found["isCurrent"] for found in await sessions(here)] == [True]
    entries = [row for row in await rows(state, agency_of(done), "audit_entry") if row["operation"] == "sessionRevoke"]
    assert [(row["resource_type"], encode_id("Session", row["resource_id"])) for row in entries] == [
        ("Session", old["id"])
    ] * 2


async def test_who_may_end_the_sessions_of_others(state: State, acme: Signed, rival: Signed) -> None:
    victim = acme.agency.people[Role.CUSTOMER]
    id = encode_id("Session", victim.session_id)
    for client in (acme.manager, acme.agent, rival.owner):
        assert (await client.data(REVOKE, id=id))["sessionRevoke"] == MISSING
    assert await alive(state, acme.customer)
    assert (await acme.as_(Role.ADMIN).data(REVOKE, id=id))["sessionRevoke"] == OK
    assert not await alive(state, acme.customer)
    assert (await acme.agent.data(REVOKE, id=encode_id("Session", uuid7())))["sessionRevoke"] == MISSING


async def test_the_oldest_of_too_many_sessions_ends(state: State, acme: Signed, anonymous: Client) -> None:
    done = await registered(anonymous)
    first = as_(anonymous, done["accessToken"])
    for _ in range(20):
        last = await sign_in(anonymous, done["email"], PASSWORD)
    assert not await alive(state, first)
    assert len(await sessions(last)) == 20


async def test_switching_opens_a_session_in_the_other_agency(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    here = as_(anonymous, done["accessToken"])
    agency, member = await second_agency(state, done)
    other = encode_id("Tenant", agency)
    found = (await here.data(SWITCH, id=other))["authSwitchTenant"]
    assert (found["tenant"], found["user"]) == ({"id": other}, {"id": encode_id("User", member)})
    assert {entry["tenant"]["id"] for entry in found["memberships"]} == {other, done["tenant"]["id"]}
    there = as_(anonymous, found["accessToken"])
    assert (await there.data("{ viewer { tenant { id } } }"))["viewer"]["tenant"] == {"id": other}
    assert [await alive(state, client) for client in (here, there)] == [True, True]
    assert code_of((await anonymous.data(REFRESH, token=found["refreshToken"]))["authRefresh"]) == []
    # The next sign-in opens the agency last used.
    again = await sign_in(anonymous, done["email"], PASSWORD)
    assert (await again.data("{ viewer { tenant { id } } }"))["viewer"]["tenant"] == {"id": other}


async def test_only_to_agencies_one_belongs_to(state: State, acme: Signed, rival: Signed, anonymous: Client) -> None:
    before = len(await rows(state, rival.agency.id, "session"))
    for id, code in (
        (rival.agency.gid, "TENANT_MISMATCH"),
        (encode_id("Tenant", uuid7()), "TENANT_MISMATCH"),
        (encode_id("User", rival.agency.id), "TENANT_MISMATCH"),
        ("?", "INVALID_INPUT"),
    ):
        found = (await acme.owner.data(SWITCH, id=id))["authSwitchTenant"]
        assert (found["accessToken"], found["tenant"], code_of(found)) == (None, None, [(code, ["tenantId"])])
    assert len(await rows(state, rival.agency.id, "session")) == before
    assert await anonymous.code(SWITCH, id=rival.agency.gid) == "UNAUTHENTICATED"
    done = await registered(anonymous)
    agency, member = await second_agency(state, done)
    await platform(state, "update member set status = 'DEACTIVATED' where id = $1", member)
    found = (await as_(anonymous, done["accessToken"]).data(SWITCH, id=encode_id("Tenant", agency)))["authSwitchTenant"]
    assert code_of(found) == [("TENANT_MISMATCH", ["tenantId"])]


async def test_a_new_device_is_reported(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    await sign_in(anonymous, done["email"], PASSWORD)
    assert await mails(state, done["email"], "new_device") == []
    firefox = as_(anonymous, None, **{"User-Agent": FIREFOX})
    for _ in range(2):
        await sign_in(firefox, done["email"], PASSWORD)
    [mail] = await mails(state, done["email"], "new_device")
    assert "Firefox on Linux" in mail["content"]


async def test_twenty_uses_of_one_refresh_token_give_one_pair(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    async with asyncio.timeout(30):
        answers = await asyncio.gather(*(anonymous.data(REFRESH, token=done["refreshToken"]) for _ in range(20)))
    pairs = {(found["authRefresh"]["accessToken"], found["authRefresh"]["refreshToken"]) for found in answers}
    assert len(pairs) == 1
    assert None not in next(iter(pairs))
    stored = await platform(state, "select rotated_at from token_directory where tenant = $1", agency_of(done))
    assert sorted(row["rotated_at"] is not None for row in stored) == [False, True]
    # Used up: after the ten seconds it ends the whole family.
    aged = "update token_directory set rotated_at = rotated_at - interval '11 seconds' where tenant = $1"
    await platform(state, aged, agency_of(done))
    replayed = (await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]
    assert code_of(replayed) == [("INVALID_TOKEN", ["refreshToken"])]
    following = (await anonymous.data(REFRESH, token=next(iter(pairs))[1]))["authRefresh"]
    assert code_of(following) == [("INVALID_TOKEN", ["refreshToken"])]
    assert not await alive(state, as_(anonymous, next(iter(pairs))[0]))
