"""Signing in where something is unusual: blanks in a password, a closed agency, a name too long for a slug."""

from typing import Any

from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id, encode_id
from tests.conftest import Client
from tests.factories import platform
from tests.graph.test_identity import LOGIN, ME, NOTHING, PASSWORD, REFRESH, as_, code_of, registered


async def set_open(state: State, done: dict[str, Any], is_open: bool) -> None:
    tenant = decode_id(done["tenant"]["id"], "Tenant")
    await platform(state, "update tenant set is_active = $2 where tenant_id = $1", tenant, is_open)


async def test_a_password_is_taken_as_typed(state: State, anonymous: Client) -> None:
    password = f"  {PASSWORD}\t "
    done = await registered(anonymous, password=password)
    for wrong in (password.strip(), password.rstrip(), password.lstrip(), f" {password}"):
        answer = (await anonymous.data(LOGIN, email=done["email"], password=wrong))["authLogin"]
        assert (code_of(answer), answer["accessToken"]) == ([("INVALID_CREDENTIALS", [])], None)
    answer = (await anonymous.data(LOGIN, email=done["email"], password=password))["authLogin"]
    assert (code_of(answer), answer["user"]) == ([], {"id": done["user"]["id"]})


async def test_a_closed_agency_does_not_burn_the_refresh_token(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    agency = decode_id(done["tenant"]["id"], "Tenant")
    tokens = "select * from token_directory where tenant = $1"
    before = await platform(state, tokens, agency)
    await set_open(state, done, False)
    for _ in range(2):
        answer = (await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]
        assert answer == NOTHING | {"user": None, "userErrors": answer["userErrors"]}
        assert code_of(answer) == [("INVALID_TOKEN", ["refreshToken"])]
    assert await platform(state, tokens, agency) == before
    await set_open(state, done, True)
    answer = (await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]
    assert (code_of(answer), answer["user"]) == ([], {"id": done["user"]["id"]})
    state.viewers.clear()
    assert (await as_(anonymous, answer["accessToken"]).data(ME))["viewer"]["user"] == {"id": done["user"]["id"]}


async def join(state: State, done: dict[str, Any], other: dict[str, Any]) -> str:
    """Make the owner of one agency an agent of another; answers the id of the new member."""
    tenant, member = decode_id(other["tenant"]["id"], "Tenant"), uuid7()
    (account,) = await platform(state, "select id from account where email = $1", done["email"])
    await platform(
        state,
        "insert into member (tenant_id, id, account_id, email, first_name, last_name, role, status, created_at, "
        "updated_at, locale, timezone) "
        "values ($1, $2, $3, $4, 'Erika', 'Gast', 'AGENT', 'ACTIVE', now(), now(), 'de-DE', 'Europe/Berlin')",
        *(tenant, member, account["id"], done["email"]),
    )
    await platform(
        state,
        "insert into account_tenant (account_id, tenant_id, member_id, is_active) values ($1, $2, $3, true)",
        *(account["id"], tenant, member),
    )
    return encode_id("User", member)


async def test_when_the_last_agency_is_closed_the_other_one_opens(state: State, anonymous: Client) -> None:
    home, other = await registered(anonymous), await registered(anonymous)
    guest = await join(state, home, other)

    async def enter(tenant: str | None = None) -> tuple[Any, Any]:
        answer = (await anonymous.data(LOGIN, email=home["email"], password=PASSWORD, tenantId=tenant))["authLogin"]
        assert code_of(answer) == []
        return answer["tenant"]["id"], answer["user"]["id"]

    assert await enter(other["tenant"]["id"]) == (other["tenant"]["id"], guest)
    assert await enter() == (other["tenant"]["id"], guest)
    await set_open(state, other, False)
    assert await enter() == (home["tenant"]["id"], home["user"]["id"])


async def test_a_second_slug_of_a_long_name_fits(anonymous: Client) -> None:
    name = (uuid7().hex * 5)[:150]
    first, second = [(await registered(anonymous, tenantName=name))["tenant"]["slug"] for _ in range(2)]
    assert (first, second) == (name[:100], f"{name[:98]}-2")


async def test_signing_in_is_no_change_of_the_member(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    tenant, member = decode_id(done["tenant"]["id"], "Tenant"), decode_id(done["user"]["id"], "User")
    read = "select version, updated_at, last_login_at from member where tenant_id = $1 and id = $2"
    stream = "select seq, type from event_outbox where tenant_id = $1 order by seq"
    (before,) = await platform(state, read, tenant, member)
    heard = await platform(state, stream, tenant)
    answer = (await anonymous.data(LOGIN, email=done["email"], password=PASSWORD))["authLogin"]
    assert code_of(answer) == []
    await anonymous.data(REFRESH, token=answer["refreshToken"])
    (after,) = await platform(state, read, tenant, member)
    assert after | {"last_login_at": before["last_login_at"]} == before
    assert after["last_login_at"] > before["last_login_at"]
    assert await platform(state, stream, tenant) == heard
