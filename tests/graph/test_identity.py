"""Sign-in: who gets in, with what, for how long, and what a stranger learns."""

import asyncio
import base64
import dataclasses
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from app import compose
from domain.access import ROLE_PERMISSIONS, ROLE_SCOPES, Role
from graph.schema import schema
from models.base import now, uuid7
from resolvers.kit.context import State, ViewerCache
from resolvers.kit.ids import decode_id, encode_id
from settings import RateLimits, Settings
from storage.ratelimits import RateLimiter
from storage.tokens import token_hash
from tests.conftest import Client, Signed
from tests.factories import connected, make_person, property_input

PASSWORD = "Sonne123!"
ERRORS = "userErrors { code message field details }"
PAIR = "accessToken refreshToken tokenType expiresIn"
PERSON = "user { id email firstName lastName name phone role scopes isActive status joinedAt lastLoginAt }"
AGENCY = "tenant { id name slug companyEmail companyPhone maxUsers maxProperties subscription { status trialEndsAt } }"
MEMBERSHIPS = "memberships { id role isActive tenant { id name slug } }"

REGISTER = f"""
mutation ($input: RegisterInput!) {{
  authRegister(input: $input) {{ {PAIR} {PERSON} {AGENCY} {MEMBERSHIPS} {ERRORS} }}
}}"""
LOGIN = f"""
mutation ($email: EmailAddress!, $password: String!, $tenantId: ID) {{
  authLogin(email: $email, password: $password, tenantId: $tenantId) {{ {PAIR} tenant {{ id }} user {{ id }} {ERRORS} }}
}}"""
REFRESH = f"mutation ($token: String!) {{ authRefresh(refreshToken: $token) {{ {PAIR} user {{ id }} {ERRORS} }} }}"
LOGOUT = f"""
mutation ($token: String, $everywhere: Boolean = false) {{
  authLogout(refreshToken: $token, everywhere: $everywhere) {{ ok {ERRORS} }}
}}"""
ME = "{ viewer { user { id } tenant { id } } }"
TABLES = (
    *("account", "account_tenant", "tenant_slug", "token_directory", "tenant", "member", "session"),
    *("plan_counter", "event_outbox", "audit_entry"),
)
CLAIMS = {
    *("iss", "aud", "sub", "tid", "tslug", "mid", "sid", "role", "scopes", "jti", "iat", "exp", "type"),
}
NOTHING = {
    "accessToken": None,
    "refreshToken": None,
    "tokenType": None,
    "expiresIn": None,
}


@pytest_asyncio.fixture(scope="session")
async def sql(state: State) -> AsyncIterator[asyncpg.Connection]:
    """The platform's connection, which sees all agencies."""
    async with connected(state.database.logins.platform) as connection:
        yield connection


def email() -> str:
    return f"person-{uuid7().hex}@example.com"


def register_input(**changes: Any) -> dict[str, Any]:
    return {
        "email": email(),
        "password": PASSWORD,
        "firstName": "Erika",
        "lastName": "Muster",
        "tenantName": f"Haus {uuid7().hex}",
        "acceptTerms": True,
        **changes,
    }


async def registered(client: Client, **changes: Any) -> dict[str, Any]:
    """The answer to a registration that succeeds, with the e-mail used."""
    given = register_input(**changes)
    done = (await client.data(REGISTER, input=given))["authRegister"]
    assert done["userErrors"] == []
    return done | {"email": given["email"]}


def as_(client: Client, token: str | None, **headers: str) -> Client:
    return Client(client.http, token, headers)


def code_of(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


async def counts(sql: asyncpg.Connection) -> dict[str, int]:
    """How many rows there are in every table that signing in or registering may write."""
    tables = [
        "account",
        "account_tenant",
        "tenant_slug",
        "token_directory",
        "tenant",
        "member",
        "session",
        "event_outbox",
        "audit_entry",
    ]
    return {table: await sql.fetchval(f"select count(*) from {table}") for table in [*tables, "plan_counter"]}


@asynccontextmanager
async def served(state: State, **changes: Any) -> AsyncIterator[tuple[httpx2.AsyncClient, State]]:
    """A second server on the same database, with other settings and limits of its own."""
    settings = state.settings.model_copy(update=changes)
    other = dataclasses.replace(state, settings=settings, limiter=RateLimiter(settings), viewers=ViewerCache())

    @asynccontextmanager
    async def opening() -> AsyncIterator[State]:
        yield other

    app = compose(settings, schema._schema, opening)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, client=("127.0.0.1", 50_000))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield client, other
    await other.limiter.close()


# Registration


async def test_registration_founds_an_agency_and_signs_in(anonymous: Client, sql: asyncpg.Connection) -> None:
    name, address = f"Möller & Söhne {uuid7().hex}", email()
    given = register_input(
        email=f"  {address.upper()} ",
        tenantName=name,
        phone="030 23125000",
        companyEmail="Info@Example.com",
        companyPhone="+49 30 23125100",
        planKey="STARTER",
    )
    done = (await anonymous.data(REGISTER, input=given))["authRegister"]

    access, refresh = done.pop("accessToken"), done.pop("refreshToken")
    user, agency = done["user"], done["tenant"]
    moments = [user.pop("joinedAt"), user.pop("lastLoginAt")]
    trial_ends_at = agency["subscription"].pop("trialEndsAt")
    slug = f"moeller-soehne-{name.rpartition(' ')[2]}"
    assert done == {
        "tokenType": "Bearer",
        "expiresIn": 1800,
        "user": {
            "id": user["id"],
            "email": address,
            "firstName": "Erika",
            "lastName": "Muster",
            "name": "Erika Muster",
            "phone": "+493023125000",
            "role": "OWNER",
            "scopes": ["ADMIN", "DELETE", "READ", "WRITE"],
            "isActive": True,
            "status": "ACTIVE",
        },
        "tenant": {
            "id": agency["id"],
            "name": name,
            "slug": slug,
            "companyEmail": "info@example.com",
            "companyPhone": "+493023125100",
            # The trial has the limits of PROFESSIONAL.
            "maxUsers": 10,
            "maxProperties": 100,
            "subscription": {"status": "TRIALING"},
        },
        "memberships": [
            {
                "id": done["memberships"][0]["id"],
                "role": "OWNER",
                "isActive": True,
                "tenant": {"id": agency["id"], "name": name, "slug": slug},
            }
        ],
        "userErrors": [],
    }
    for moment in moments:
        assert abs(datetime.fromisoformat(moment) - now()) < timedelta(seconds=20)
    assert abs(datetime.fromisoformat(trial_ends_at) - now() - timedelta(days=14)) < timedelta(seconds=20)
    assert await as_(anonymous, access).data(ME) == {
        "viewer": {"user": {"id": user["id"]}, "tenant": {"id": agency["id"]}}
    }
    assert code_of((await anonymous.data(REFRESH, token=refresh))["authRefresh"]) == []

    tenant, member = decode_id(agency["id"], "Tenant"), decode_id(user["id"], "User")
    counters = await sql.fetch("select resource, used from plan_counter where tenant_id = $1", tenant)
    assert {row["resource"]: row["used"] for row in counters} == {
        "USERS": 1,
        "PROPERTIES": 0,
        "DOCUMENTS": 0,
        "STORAGE": 0,
        "AI_REQUESTS": 0,
    }
    audited = await sql.fetch(
        "select action, operation, actor_id, actor_name, outcome from audit_entry where tenant_id = $1 order by seq",
        tenant,
    )
    assert dict(audited[0]) == {
        "action": "CREATE",
        "operation": "authRegister",
        "actor_id": member,
        "actor_name": "Erika Muster",
        "outcome": "SUCCESS",
    }
    stored = await sql.fetchval("select password_hash from account where email = $1", address)
    assert stored.startswith("$argon2id$")
    assert await sql.fetchval("select count(*) from token_directory where hash = $1", token_hash(refresh)) == 1


async def test_the_same_name_founds_another_agency(anonymous: Client) -> None:
    name = f"Meine Firma {uuid7().hex}"
    found = [await registered(anonymous, tenantName=name) for _ in range(3)]
    slug = f"meine-firma-{name.rpartition(' ')[2]}"
    assert [done["tenant"]["slug"] for done in found] == [slug, f"{slug}-2", f"{slug}-3"]
    assert len({done["tenant"]["id"] for done in found}) == 3
    for done in found:
        assert [entry["tenant"]["id"] for entry in done["memberships"]] == [done["tenant"]["id"]]


async def test_parallel_registrations_of_one_name_get_a_slug_each(anonymous: Client) -> None:
    name = f"Doppelt {uuid7().hex}"
    found = await asyncio.gather(*(registered(anonymous, tenantName=name) for _ in range(3)))
    slug = name.replace(" ", "-").lower()
    assert sorted(done["tenant"]["slug"] for done in found) == [slug, f"{slug}-2", f"{slug}-3"]


@pytest.mark.parametrize("spelling", [str.lower, str.upper, "  {}  ".format])
async def test_a_known_email_is_refused(anonymous: Client, sql: asyncpg.Connection, spelling: Any) -> None:
    done = await registered(anonymous)
    before = await counts(sql)
    again = (await anonymous.data(REGISTER, input=register_input(email=spelling(done["email"]))))["authRegister"]
    assert again == NOTHING | {
        "user": None,
        "tenant": None,
        "memberships": None,
        "userErrors": [
            {
                "code": "ALREADY_EXISTS",
                "message": "This value is already taken.",
                "field": ["input", "email"],
                "details": None,
            }
        ],
    }
    assert await counts(sql) == before


async def test_two_registrations_of_one_email_at_once(anonymous: Client) -> None:
    address = email()
    answers = await asyncio.gather(*(anonymous.data(REGISTER, input=register_input(email=address)) for _ in range(2)))
    assert sorted(code_of(answer["authRegister"]) for answer in answers) == [
        [],
        [("ALREADY_EXISTS", ["input", "email"])],
    ]


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"password": "password"}, [("VALIDATION_ERROR", ["input", "password"], ["UPPER", "DIGIT", "SPECIAL"])]),
        ({"password": "a"}, [("VALIDATION_ERROR", ["input", "password"], ["LENGTH", "UPPER", "DIGIT", "SPECIAL"])]),
        ({"password": "Aa1!" * 33}, [("VALIDATION_ERROR", ["input", "password"], ["TOO_LONG"])]),
        (
            {"password": "Erika.1!", "email": "erika.1!@example.com"},
            [("VALIDATION_ERROR", ["input", "password"], ["EMAIL"])],
        ),
        ({"acceptTerms": False}, [("VALIDATION_ERROR", ["input", "acceptTerms"], None)]),
        ({"tenantName": "x"}, [("VALIDATION_ERROR", ["input", "tenantName"], None)]),
        ({"tenantName": "x" * 256}, [("VALIDATION_ERROR", ["input", "tenantName"], None)]),
        ({"firstName": "   "}, [("MISSING_REQUIRED_FIELD", ["input", "firstName"], None)]),
        ({"lastName": "x" * 101}, [("VALIDATION_ERROR", ["input", "lastName"], None)]),
        ({"phone": "abc"}, [("INVALID_INPUT", ["input", "phone"], None)]),
        (
            {"email": "nobody", "password": "", "firstName": "", "tenantName": "", "acceptTerms": False},
            [
                ("INVALID_INPUT", ["input", "email"], None),
                ("MISSING_REQUIRED_FIELD", ["input", "firstName"], None),
                ("MISSING_REQUIRED_FIELD", ["input", "password"], None),
                ("MISSING_REQUIRED_FIELD", ["input", "tenantName"], None),
                ("VALIDATION_ERROR", ["input", "acceptTerms"], None),
            ],
        ),
    ],
)
async def test_all_problems_of_a_registration_are_told(
    anonymous: Client, sql: asyncpg.Connection, changes: dict[str, Any], problems: list[Any]
) -> None:
    before = await counts(sql)
    answer = (await anonymous.data(REGISTER, input=register_input(**changes)))["authRegister"]
    found = [(error["code"], error["field"], (error["details"] or {}).get("missing")) for error in answer["userErrors"]]
    assert sorted(found, key=str) == sorted(problems, key=str)
    assert await counts(sql) == before


# Logging in


async def test_logging_in(anonymous: Client, sql: asyncpg.Connection) -> None:
    done = await registered(anonymous)
    answer = (await anonymous.data(LOGIN, email=f" {done['email'].upper()}", password=PASSWORD))["authLogin"]
    access, refresh = answer.pop("accessToken"), answer.pop("refreshToken")
    assert answer == {
        "tokenType": "Bearer",
        "expiresIn": 1800,
        "tenant": {"id": done["tenant"]["id"]},
        "user": {"id": done["user"]["id"]},
        "userErrors": [],
    }
    assert refresh != done["refreshToken"]
    me = await as_(anonymous, access).data(ME)
    assert me == {"viewer": {"user": {"id": done["user"]["id"]}, "tenant": {"id": done["tenant"]["id"]}}}
    claims = claims_of(access)
    assert sorted(claims) == sorted(
        ["iss", "aud", "sub", "tid", "tslug", "mid", "sid", "role", "scopes", "jti", "iat", "exp", "type"]
    )
    assert (claims["type"], claims["role"], claims["exp"] - claims["iat"]) == ("access", "OWNER", 1800)
    assert claims["tslug"] == done["tenant"]["slug"]
    sessions = await sql.fetchval(
        "select count(*) from session where tenant_id = $1", decode_id(done["tenant"]["id"], "Tenant")
    )
    assert sessions == 2


async def test_wrong_and_unknown_are_one_answer(anonymous: Client, sql: asyncpg.Connection) -> None:
    done = await registered(anonymous)
    before = await counts(sql)
    failed = await sql.fetchval("select count(*) from security_event where kind = 'auth.login_failed'")
    refused = {
        "code": "INVALID_CREDENTIALS",
        "message": "E-mail or password is wrong.",
        "field": [],
        "details": None,
    }
    wrong = await anonymous(LOGIN, email=done["email"], password=PASSWORD + "x")
    unknown = await anonymous(LOGIN, email=email(), password=PASSWORD)
    assert (
        wrong == unknown == {"data": {"authLogin": NOTHING | {"tenant": None, "user": None, "userErrors": [refused]}}}
    )
    assert await counts(sql) == before
    assert await sql.fetchval("select count(*) from security_event where kind = 'auth.login_failed'") == failed + 2


async def test_unknown_emails_cost_as_much_time(anonymous: Client) -> None:
    """A hash is compared in both cases: an answer without one would be ten times as fast."""
    done = await registered(anonymous)

    async def fastest(address: str) -> float:
        taken = []
        for _ in range(3):
            started = time.perf_counter()
            await anonymous.data(LOGIN, email=address, password="Wrong123!")
            taken.append(time.perf_counter() - started)
        return min(taken)

    known, unknown = await fastest(done["email"]), await fastest(email())
    assert 0.5 < known / unknown < 2


async def test_a_password_is_compared_as_it_is(anonymous: Client) -> None:
    done = await registered(anonymous)
    for password in (f" {PASSWORD}", PASSWORD.upper(), "", "\u0000", "x" * 5_000):
        answer = await anonymous.data(LOGIN, email=done["email"], password=password)
        assert code_of(answer["authLogin"]) == [("INVALID_CREDENTIALS", [])]


async def test_an_unreadable_email_is_named(anonymous: Client) -> None:
    answer = await anonymous.data(LOGIN, email="nobody", password=PASSWORD)
    assert code_of(answer["authLogin"]) == [("INVALID_INPUT", ["email"])]


@pytest.mark.parametrize(
    "statement",
    [
        "update member set status = 'DEACTIVATED' where tenant_id = $1",
        "update member set status = 'INVITED' where tenant_id = $1",
        "update tenant set is_active = false where tenant_id = $1",
        "update account_tenant set is_active = false where tenant_id = $1",
    ],
)
async def test_who_was_deactivated_stays_out(anonymous: Client, sql: asyncpg.Connection, statement: str) -> None:
    done = await registered(anonymous)
    await sql.execute(statement, decode_id(done["tenant"]["id"], "Tenant"))
    before = await counts(sql)
    answer = await anonymous.data(LOGIN, email=done["email"], password=PASSWORD)
    assert answer["authLogin"]["accessToken"] is None
    assert code_of(answer["authLogin"]) == [("INVALID_CREDENTIALS", [])]
    assert await counts(sql) == before


async def second_agency(sql: asyncpg.Connection, state: State, done: dict[str, Any], other: dict[str, Any]) -> str:
    """Make the owner of one agency an agent of another one; answers the new member."""
    account = await sql.fetchval("select id from account where email = $1", done["email"])
    tenant, member = decode_id(other["tenant"]["id"], "Tenant"), uuid7()
    async with sql.transaction():
        await sql.execute(
            "insert into member (tenant_id, id, account_id, email, first_name, last_name, role, status, "
            "created_at, updated_at, locale, timezone) "
            "values ($1, $2, $3, $4, 'Erika', 'Gast', 'AGENT', 'ACTIVE', now(), now(), 'de-DE', 'Europe/Berlin')",
            tenant,
            member,
            account,
            done["email"],
        )
        await sql.execute(
            "insert into account_tenant (account_id, tenant_id, member_id, is_active) values ($1, $2, $3, true)",
            account,
            tenant,
            member,
        )
    return encode_id("User", member)


async def test_one_chooses_the_agency(anonymous: Client, state: State, sql: asyncpg.Connection) -> None:
    first, second, stranger = [await registered(anonymous) for _ in range(3)]
    member = await second_agency(sql, state, first, second)

    async def enter(tenant: str | None) -> dict[str, Any]:
        variables = {"email": first["email"], "password": PASSWORD, "tenantId": tenant}
        answer: dict[str, Any] = (await anonymous.data(LOGIN, **variables))["authLogin"]
        return answer

    assert (await enter(None))["tenant"] == {"id": first["tenant"]["id"]}
    chosen = await enter(second["tenant"]["id"])
    assert (chosen["tenant"], chosen["user"]) == ({"id": second["tenant"]["id"]}, {"id": member})
    # The one last used is the next default.
    assert (await enter(None))["tenant"] == {"id": second["tenant"]["id"]}

    before = await counts(sql)
    foreign, random = await enter(stranger["tenant"]["id"]), await enter(encode_id("Tenant", uuid7()))
    garbage, wrong_type = await enter("garbage"), await enter(first["user"]["id"])
    assert foreign == random == wrong_type
    assert code_of(garbage) == [("INVALID_INPUT", ["tenantId"])]
    assert code_of(foreign) == [("TENANT_NOT_FOUND", ["tenantId"])]
    assert foreign["accessToken"] is None
    assert await counts(sql) == before


# Refreshing


async def test_a_refresh_token_is_exchanged_once(anonymous: Client, sql: asyncpg.Connection) -> None:
    done = await registered(anonymous)
    first = (await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]
    second = (await anonymous.data(REFRESH, token=first["refreshToken"]))["authRefresh"]
    assert code_of(first) == code_of(second) == []
    assert (first["tokenType"], first["expiresIn"], first["user"]) == ("Bearer", 1800, {"id": done["user"]["id"]})
    assert len({done["refreshToken"], first["refreshToken"], second["refreshToken"]}) == 3
    for pair in (done, first, second):
        assert (await as_(anonymous, pair["accessToken"]).data(ME))["viewer"]["user"] == {"id": done["user"]["id"]}
    tenant = decode_id(done["tenant"]["id"], "Tenant")
    assert await sql.fetchval("select count(*) from session where tenant_id = $1", tenant) == 1
    rows = await sql.fetch("select rotated_at, revoked_at, expires_at from token_directory where tenant = $1", tenant)
    assert sorted((row["rotated_at"] is None, row["revoked_at"] is None) for row in rows) == [
        (False, True),
        (False, True),
        (True, True),
    ]
    for row in rows:
        assert abs(row["expires_at"] - now() - timedelta(days=7)) < timedelta(seconds=20)


async def test_parallel_uses_give_one_pair(anonymous: Client, sql: asyncpg.Connection) -> None:
    done = await registered(anonymous)
    answers = await asyncio.gather(*(anonymous.data(REFRESH, token=done["refreshToken"]) for _ in range(20)))
    pairs = {(answer["authRefresh"]["accessToken"], answer["authRefresh"]["refreshToken"]) for answer in answers}
    assert len(pairs) == 1
    [(access, refresh)] = pairs
    assert refresh not in (None, done["refreshToken"])
    tenant = decode_id(done["tenant"]["id"], "Tenant")
    rows = await sql.fetch("select hash from token_directory where tenant = $1", tenant)
    assert {row["hash"] for row in rows} == {token_hash(done["refreshToken"]), token_hash(refresh)}
    assert (await as_(anonymous, access).data(ME))["viewer"]["user"] == {"id": done["user"]["id"]}


async def test_a_late_replay_ends_the_family(anonymous: Client, sql: asyncpg.Connection) -> None:
    done = await registered(anonymous)
    other = (await anonymous.data(LOGIN, email=done["email"], password=PASSWORD))["authLogin"]
    fresh = (await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]
    owner = as_(anonymous, fresh["accessToken"])
    assert (await owner.data(ME))["viewer"]["user"] == {"id": done["user"]["id"]}
    await sql.execute(
        "update token_directory set rotated_at = rotated_at - interval '11 seconds' where hash = $1",
        token_hash(done["refreshToken"]),
    )
    replayed = (await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]
    assert code_of(replayed) == [("INVALID_TOKEN", ["refreshToken"])]
    assert (replayed["accessToken"], replayed["refreshToken"]) == (None, None)
    # The whole family is out at once, the thief's pair and the owner's; other devices stay signed in.
    assert await owner.code(ME) == "INVALID_TOKEN"
    assert await as_(anonymous, done["accessToken"]).code(ME) == "INVALID_TOKEN"
    again = (await anonymous.data(REFRESH, token=fresh["refreshToken"]))["authRefresh"]
    assert code_of(again) == [("INVALID_TOKEN", ["refreshToken"])]
    assert (await as_(anonymous, other["accessToken"]).data(ME))["viewer"]["user"] == {"id": done["user"]["id"]}
    account = await sql.fetchval("select id from account where email = $1", done["email"])
    assert [
        row["kind"] for row in await sql.fetch("select kind from security_event where account_id = $1", account)
    ] == ["auth.refresh_replayed"]


async def test_a_refresh_token_ends(anonymous: Client, sql: asyncpg.Connection) -> None:
    done = await registered(anonymous)
    await sql.execute(
        "update token_directory set expires_at = now() - interval '1 second' where hash = $1",
        token_hash(done["refreshToken"]),
    )
    before = await counts(sql)
    answer = (await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]
    assert code_of(answer) == [("TOKEN_EXPIRED", ["refreshToken"])]
    assert await counts(sql) == before


@pytest.mark.parametrize("token", ["", "unknown", "\u0000", "x" * 10_000])
async def test_what_is_no_refresh_token(anonymous: Client, sql: asyncpg.Connection, token: str) -> None:
    before = await counts(sql)
    answer = (await anonymous.data(REFRESH, token=token))["authRefresh"]
    assert code_of(answer) == [("INVALID_TOKEN", ["refreshToken"])]
    assert await counts(sql) == before


async def test_an_access_token_is_no_refresh_token(anonymous: Client) -> None:
    done = await registered(anonymous)
    answer = (await anonymous.data(REFRESH, token=done["accessToken"]))["authRefresh"]
    assert code_of(answer) == [("INVALID_TOKEN", ["refreshToken"])]


async def test_who_was_deactivated_cannot_refresh(anonymous: Client, sql: asyncpg.Connection) -> None:
    done = await registered(anonymous)
    tenant = decode_id(done["tenant"]["id"], "Tenant")
    await sql.execute("update member set status = 'DEACTIVATED' where tenant_id = $1", tenant)
    before = await counts(sql)
    answer = (await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]
    assert code_of(answer) == [("INVALID_TOKEN", ["refreshToken"])]
    assert await counts(sql) == before


# Logging out


async def test_logging_out_ends_the_session_at_once(anonymous: Client) -> None:
    done = await registered(anonymous)
    other = (await anonymous.data(LOGIN, email=done["email"], password=PASSWORD))["authLogin"]
    client = as_(anonymous, done["accessToken"])
    assert (await client.data(ME))["viewer"]["user"] == {"id": done["user"]["id"]}
    assert (await client.data(LOGOUT))["authLogout"] == {"ok": True, "userErrors": []}
    assert await client.code(ME) == "INVALID_TOKEN"
    refused = (await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]
    assert code_of(refused) == [("INVALID_TOKEN", ["refreshToken"])]
    # The other device stays, and may say again that the first one is to be ended.
    still = as_(anonymous, other["accessToken"])
    for _ in range(2):
        assert (await still.data(LOGOUT, token=done["refreshToken"]))["authLogout"] == {"ok": True, "userErrors": []}
    assert (await still.data(ME))["viewer"]["user"] == {"id": done["user"]["id"]}


async def test_logging_out_everywhere(anonymous: Client) -> None:
    done = await registered(anonymous)
    pairs = [done] + [
        (await anonymous.data(LOGIN, email=done["email"], password=PASSWORD))["authLogin"] for _ in range(2)
    ]
    for pair in pairs:
        assert (await as_(anonymous, pair["accessToken"]).data(ME))["viewer"]["user"] == {"id": done["user"]["id"]}
    client = as_(anonymous, pairs[1]["accessToken"])
    assert (await client.data(LOGOUT, everywhere=True))["authLogout"] == {"ok": True, "userErrors": []}
    for pair in pairs:
        assert await as_(anonymous, pair["accessToken"]).code(ME) == "INVALID_TOKEN"
        refused = (await anonymous.data(REFRESH, token=pair["refreshToken"]))["authRefresh"]
        assert code_of(refused) == [("INVALID_TOKEN", ["refreshToken"])]


async def test_nobody_ends_the_session_of_another(anonymous: Client, acme: Signed) -> None:
    done = await registered(anonymous)
    assert (await acme.owner.data(LOGOUT, token=done["refreshToken"]))["authLogout"]["ok"] is True
    # A token that is not one's own names nothing, so the own session ends.
    assert await acme.owner.code(ME) == "INVALID_TOKEN"
    assert (await as_(anonymous, done["accessToken"]).data(ME))["viewer"]["user"] == {"id": done["user"]["id"]}
    assert code_of((await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]) == []


@pytest.mark.parametrize("role", Role)
async def test_every_role_may_log_out(acme: Signed, role: Role) -> None:
    client = acme.as_(role)
    assert (await client.data(LOGOUT))["authLogout"] == {"ok": True, "userErrors": []}
    assert await client.code(ME) == "INVALID_TOKEN"


async def test_logging_out_works_without_a_subscription(acme: Signed, sql: asyncpg.Connection) -> None:
    await sql.execute("update tenant set subscription_status = 'CANCELED' where id = $1", acme.agency.id)
    create = "mutation ($input: PropertyCreateInput!) { propertyCreate(input: $input) { userErrors { code field } } }"
    refused = await acme.owner.data(create, input=property_input())
    assert refused["propertyCreate"] == {"userErrors": [{"code": "SUBSCRIPTION_INACTIVE", "field": []}]}
    assert (await acme.owner.data(LOGOUT))["authLogout"] == {"ok": True, "userErrors": []}
    assert await acme.owner.code(ME) == "INVALID_TOKEN"


async def test_logging_out_from_within_another_agency(anonymous: Client, state: State, sql: asyncpg.Connection) -> None:
    first, second = await registered(anonymous), await registered(anonymous)
    await second_agency(sql, state, first, second)
    guest = as_(anonymous, first["accessToken"], **{"X-Tenant-ID": second["tenant"]["id"]})
    assert (await guest.data(ME))["viewer"]["tenant"] == {"id": second["tenant"]["id"]}
    assert (await guest.data(LOGOUT))["authLogout"] == {"ok": True, "userErrors": []}
    assert await guest.code(ME) == "INVALID_TOKEN"
    assert await as_(anonymous, first["accessToken"]).code(ME) == "INVALID_TOKEN"
    refused = (await anonymous.data(REFRESH, token=first["refreshToken"]))["authRefresh"]
    assert code_of(refused) == [("INVALID_TOKEN", ["refreshToken"])]


async def test_logging_out_needs_a_sign_in(anonymous: Client) -> None:
    assert await anonymous.code(LOGOUT) == "UNAUTHENTICATED"


async def test_the_oldest_of_too_many_sessions_ends(
    acme: Signed, state: State, sql: asyncpg.Connection, anonymous: Client
) -> None:
    done = await registered(anonymous)
    tenant, member = decode_id(done["tenant"]["id"], "Tenant"), decode_id(done["user"]["id"], "User")
    ids = [uuid7() for _ in range(19)]
    await sql.executemany(
        "insert into session (tenant_id, id, member_id, created_at, updated_at, last_used_at, expires_at) "
        "values ($1, $2, $3, now(), now(), now(), now() + interval '7 days')",
        [(tenant, id, member) for id in ids],
    )
    open_sessions = "select count(*) from session where tenant_id = $1 and revoked_at is null"
    assert await sql.fetchval(open_sessions, tenant) == 20
    newest = (await anonymous.data(LOGIN, email=done["email"], password=PASSWORD))["authLogin"]
    assert await sql.fetchval(open_sessions, tenant) == 20
    ended = await sql.fetch("select id from session where tenant_id = $1 and revoked_at is not null", tenant)
    assert [row["id"] for row in ended] == [session_of(done["accessToken"])]
    assert (await as_(anonymous, newest["accessToken"]).data(ME))["viewer"]["user"] == {"id": done["user"]["id"]}
    refused = (await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]
    assert code_of(refused) == [("INVALID_TOKEN", ["refreshToken"])]


def session_of(token: str) -> UUID:
    return UUID(claims_of(token)["sid"])


# Tokens


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


def signed(claims: dict[str, Any], key: str, algorithm: str = "HS256", **header: Any) -> str:
    """Signed by hand: libraries refuse to write some of these headers."""
    parts = unsigned({"alg": algorithm, **header}, claims).rstrip(".")
    digest = {"HS256": hashlib.sha256, "HS512": hashlib.sha512}[algorithm]
    signature = hmac.new(key.encode(), parts.encode(), digest).digest()
    return f"{parts}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def relabelled(claims: dict[str, Any], key: str, **header: Any) -> str:
    """The right HS256 signature under a header that says something else."""
    parts = unsigned(header, claims).rstrip(".")
    signature = hmac.new(key.encode(), parts.encode(), hashlib.sha256).digest()
    return f"{parts}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)]
    return ".".join([*parts, signature])


FORGERIES: dict[str, Any] = {
    "no algorithm": lambda claims, key: unsigned({"alg": "none", "typ": "JWT"}, claims),
    "no algorithm, odd case": lambda claims, key: unsigned({"alg": "NoNe"}, claims),
    "another algorithm": lambda claims, key: signed(claims, key, "HS512"),
    "RS256": lambda claims, key: relabelled(claims, key, alg="RS256"),
    "HS512 written over HS256": lambda claims, key: relabelled(claims, key, alg="HS512"),
    "a key id": lambda claims, key: signed(claims, key, kid="other"),
    "a key of its own": lambda claims, key: signed(claims, key, jwk={"kty": "oct", "k": "eA"}),
    "a key elsewhere": lambda claims, key: signed(claims, key, jku="https://example.com/keys"),
    "rules of its own": lambda claims, key: signed(claims, key, crit=["exp"]),
    "another key": lambda claims, key: signed(claims, "x" * 43),
    "another audience": lambda claims, key: signed(claims | {"aud": "other"}, key),
    "another issuer": lambda claims, key: signed(claims | {"iss": "https://example.com"}, key),
    "another type": lambda claims, key: signed(claims | {"type": "refresh"}, key),
    "without exp": lambda claims, key: signed({name: claims[name] for name in claims if name != "exp"}, key),
    "exp is a text": lambda claims, key: signed(claims | {"exp": "never"}, key),
    "without session": lambda claims, key: signed({name: claims[name] for name in claims if name != "sid"}, key),
    "another person": lambda claims, key: signed(claims | {"mid": str(uuid7())}, key),
    "another agency": lambda claims, key: signed(claims | {"tid": str(uuid7())}, key),
    "unknown session": lambda claims, key: signed(claims | {"sid": str(uuid7())}, key),
    "payload is a list": lambda claims, key: unsigned({"alg": "HS256"}, [claims]),  # type: ignore[arg-type]
    "nothing signed": lambda claims, key: unsigned({"alg": "HS256"}, claims),
    "empty parts": lambda claims, key: "..",
    "garbage": lambda claims, key: "garbage",
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_token_is_refused(acme: Signed, anonymous: Client, state: State, forgery: str) -> None:
    claims, key = claims_of(acme.owner.token or ""), state.settings.jwt_secret_key
    # The control: the same claims, signed as we sign, open the door.
    assert (await as_(anonymous, signed(claims, key)).data(ME))["viewer"]["tenant"] == {"id": acme.agency.gid}
    state.viewers.clear()
    assert await as_(anonymous, FORGERIES[forgery](claims, key)).code(ME) == "INVALID_TOKEN"


async def test_an_edited_token_is_refused(acme: Signed, anonymous: Client) -> None:
    header, payload, signature = (acme.agent.token or "").split(".")
    claims = claims_of(acme.agent.token or "") | {"role": "OWNER"}
    edited = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    assert await as_(anonymous, f"{header}.{edited}.{signature}").code(ME) == "INVALID_TOKEN"
    cut = signature[:-4]
    assert await as_(anonymous, f"{header}.{payload}.{cut}").code(ME) == "INVALID_TOKEN"


async def test_an_expired_token_is_told_apart(acme: Signed, anonymous: Client, state: State) -> None:
    claims = claims_of(acme.owner.token or "") | {"exp": int(time.time()) - 1}
    assert await as_(anonymous, signed(claims, state.settings.jwt_secret_key)).code(ME) == "TOKEN_EXPIRED"


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "token", "Bearer a b"])
async def test_an_unreadable_authorization_is_refused(anonymous: Client, value: str) -> None:
    assert await as_(anonymous, None, Authorization=value).code(ME) == "INVALID_TOKEN"


async def test_the_role_in_a_token_opens_nothing(acme: Signed, anonymous: Client, state: State) -> None:
    """Rights come from the database; what the token says of them is for clients."""
    claims = claims_of(acme.customer.token or "") | {"role": "OWNER", "scopes": ["READ", "WRITE", "DELETE", "ADMIN"]}
    client = as_(anonymous, signed(claims, state.settings.jwt_secret_key))
    assert (await client.data("{ viewer { user { role } scopes } }"))["viewer"] == {
        "user": {"role": "CUSTOMER"},
        "scopes": ["READ"],
    }


# The other agency


async def test_the_tenant_header_changes_the_agency(anonymous: Client, state: State, sql: asyncpg.Connection) -> None:
    first, second, stranger = [await registered(anonymous) for _ in range(3)]
    member = await second_agency(sql, state, first, second)
    token = first["accessToken"]
    document = "{ viewer { user { id role } tenant { id } membership { role tenant { id } } memberships { role } } }"
    guest = as_(anonymous, token, **{"X-Tenant-ID": second["tenant"]["id"]})
    assert (await guest.data(document))["viewer"] == {
        "user": {"id": member, "role": "AGENT"},
        "tenant": {"id": second["tenant"]["id"]},
        "membership": {"role": "AGENT", "tenant": {"id": second["tenant"]["id"]}},
        "memberships": [{"role": "OWNER"}, {"role": "AGENT"}],
    }
    own = as_(anonymous, token, **{"X-Tenant-ID": first["tenant"]["id"]})
    assert (await own.data(ME))["viewer"]["tenant"] == {"id": first["tenant"]["id"]}

    foreign = as_(anonymous, token, **{"X-Tenant-ID": stranger["tenant"]["id"]})
    random = as_(anonymous, token, **{"X-Tenant-ID": encode_id("Tenant", uuid7())})
    assert await foreign.code(ME) == await random.code(ME) == "TENANT_MISMATCH"
    for value in ("garbage", first["user"]["id"], ""):
        assert await as_(anonymous, token, **{"X-Tenant-ID": value}).code(ME) == "TENANT_NOT_FOUND"

    # Who leaves is out within the second that rights may be old.
    await sql.execute(
        "update account_tenant set is_active = false where tenant_id = $1 and member_id = $2",
        decode_id(second["tenant"]["id"], "Tenant"),
        decode_id(member, "User"),
    )
    state.viewers.clear()
    assert await guest.code(ME) == "TENANT_MISMATCH"


async def test_without_a_token_there_is_no_viewer(anonymous: Client, acme: Signed) -> None:
    assert await anonymous.data(ME) == {"viewer": None}
    assert await as_(anonymous, None, **{"X-Tenant-ID": acme.agency.gid}).data(ME) == {"viewer": None}


# What a viewer sees


@pytest.mark.parametrize("role", Role)
async def test_the_viewer_of_each_role(acme: Signed, role: Role) -> None:
    document = "{ viewer { user { id role permissions scopes } tenant { id } membership { role } permissions scopes } }"
    rights = {
        "permissions": sorted(ROLE_PERMISSIONS[role]),
        "scopes": sorted(scope.value for scope in ROLE_SCOPES[role]),
    }
    assert (await acme.as_(role).data(document))["viewer"] == {
        "user": {"id": acme.agency.people[role].gid, "role": role.value, **rights},
        "tenant": {"id": acme.agency.gid},
        "membership": {"role": role.value},
        **rights,
    }


SLIM = {"firstName": "Agent", "lastName": "Person", "name": "Agent Person", "isActive": True}
INNER = {"email", "role", "department", "position"}
FULL = {"phone", "status", "scopes", "permissions", "lastLoginAt"}


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.OWNER, INNER | FULL),
        (Role.ADMIN, INNER | FULL),
        (Role.MANAGER, INNER | FULL),
        (Role.AGENT, INNER | FULL),  # it is the agent's own record
        (Role.CUSTOMER, set()),
    ],
)
async def test_what_a_member_shows_to_whom(acme: Signed, sql: asyncpg.Connection, role: Role, seen: set[str]) -> None:
    agent = acme.agency.people[Role.AGENT]
    await sql.execute(
        "update member set department = 'Vertrieb', position = 'Makler', last_login_at = '2026-01-02T03:04:05Z' "
        "where tenant_id = $1 and id = $2",
        acme.agency.id,
        agent.id,
    )
    shown = await user_as(acme.as_(role), agent.gid)
    stored = await sql.fetchrow("select email from member where id = $1", agent.id)
    everything = {
        "email": stored["email"],
        "role": "AGENT",
        "department": "Vertrieb",
        "position": "Makler",
        "phone": "+493023125000",
        "status": "ACTIVE",
        "scopes": ["DELETE", "READ", "WRITE"],
        "permissions": sorted(ROLE_PERMISSIONS[Role.AGENT]),
        "lastLoginAt": "2026-01-02T03:04:05.000Z",
    }
    assert shown == SLIM | {name: value if name in seen else None for name, value in everything.items()}


async def user_as(client: Client, id: str) -> dict[str, Any]:
    fields = (
        "firstName lastName name isActive email role department position phone status scopes permissions lastLoginAt"
    )
    document = f"query ($id: ID!) {{ node(id: $id) {{ ... on User {{ {fields} }} }} }}"
    found: dict[str, Any] = (await client.data(document, id=id))["node"]
    return found


async def test_an_agent_sees_colleagues_without_their_rights(acme: Signed) -> None:
    shown = await user_as(acme.agent, acme.agency.people[Role.OWNER].gid)
    assert {name for name in INNER | FULL if shown[name] is not None} == {"email", "role"}
    assert shown["role"] == "OWNER"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update member set role = 'CUSTOMER' where tenant_id = $1 and id = $2", {"role": "CUSTOMER"}),
        ("update member set status = 'DEACTIVATED' where tenant_id = $1 and id = $2", "INVALID_TOKEN"),
        ("delete from session where tenant_id = $1 and member_id = $2", "INVALID_TOKEN"),
        ("update tenant set is_active = ($2::uuid is null) where tenant_id = $1", "TENANT_MISMATCH"),
    ],
)
async def test_changed_rights_hold_within_a_second(
    acme: Signed, sql: asyncpg.Connection, statement: str, expected: Any
) -> None:
    document = "{ viewer { user { role } } }"
    assert (await acme.agent.data(document))["viewer"]["user"] == {"role": "AGENT"}

    async def now_is() -> Any:
        body = await acme.agent(document)
        return body["errors"][0]["extensions"]["code"] if "errors" in body else body["data"]["viewer"]["user"]

    changed_at = time.monotonic()
    await sql.execute(statement, acme.agency.id, acme.agency.people[Role.AGENT].id)
    async with asyncio.timeout(5):
        while True:
            if await now_is() == expected:
                break
            await asyncio.sleep(0.02)
    assert time.monotonic() - changed_at < 2.5  # a second, and a busy machine


# Rates


async def test_signing_in_has_a_rate_per_address_and_email(anonymous: Client, state: State) -> None:
    done = await registered(anonymous)
    async with served(state, rate_limits=RateLimits()) as (http, _):
        client = Client(http, None)
        for _ in range(5):
            answer = await client.data(LOGIN, email=done["email"], password="Wrong123!")
            assert code_of(answer["authLogin"]) == [("INVALID_CREDENTIALS", [])]
        # Even the right password, in any spelling of the e-mail.
        body = await client(LOGIN, email=done["email"].upper(), password=PASSWORD)
        [error] = body["errors"]
        assert body["data"] is None
        assert error["path"] == ["authLogin"]
        assert error["extensions"]["code"] == "RATE_LIMIT_EXCEEDED"
        wait = error["extensions"]["retryAfter"]
        assert 1 <= wait <= 60
        assert client.last.headers["Retry-After"] == client.last.headers["X-RateLimit-Retry-After"] == str(wait)
        headers = {"Accept": "application/graphql-response+json"}
        await client(LOGIN, _headers=headers, email=done["email"], password=PASSWORD)
        assert client.last.status_code == 429
        # Another e-mail from the same address has a rate of its own.
        other = await client.data(LOGIN, email=email(), password=PASSWORD)
        assert code_of(other["authLogin"]) == [("INVALID_CREDENTIALS", [])]


async def test_aliases_do_not_pass_the_rate(anonymous: Client, state: State) -> None:
    done = await registered(anonymous)
    attempts = " ".join(
        f'a{n}: authLogin(email: "{done["email"]}", password: "Wrong{n}23!") {{ userErrors {{ code }} }}'
        for n in range(8)
    )
    async with served(state, rate_limits=RateLimits()) as (http, _):
        body = await Client(http, None)(f"mutation {{ {attempts} }}")
    codes = [error["extensions"]["code"] for error in body["errors"]]
    assert codes == ["RATE_LIMIT_EXCEEDED"] * len(codes)
    assert len(codes) >= 1
    tried = [] if body["data"] is None else [payload for payload in body["data"].values() if payload is not None]
    assert len(tried) <= 5


async def test_refreshing_has_a_rate_per_address(anonymous: Client, state: State) -> None:
    async with served(state, rate_limits=RateLimits()) as (http, _):
        client = Client(http, None)
        for _ in range(10):
            answer = await client.data(REFRESH, token="unknown")
            assert code_of(answer["authRefresh"]) == [("INVALID_TOKEN", ["refreshToken"])]
        assert await client.code(REFRESH, token="unknown") == "RATE_LIMIT_EXCEEDED"


async def test_every_answer_tells_the_rate(acme: Signed, state: State) -> None:
    async with served(state, rate_limits=RateLimits(signed_in="3/minute")) as (http, _):
        client = Client(http, acme.agent.token)
        for remaining in (2, 1, 0):
            await client.data(ME)
            assert client.last.headers["X-RateLimit-Limit"] == "3"
            assert client.last.headers["X-RateLimit-Remaining"] == str(remaining)
            assert 0 <= int(client.last.headers["X-RateLimit-Reset"]) - time.time() <= 61
            assert "Retry-After" not in client.last.headers
        assert await client.code(ME) == "RATE_LIMIT_EXCEEDED"
        assert 1 <= int(client.last.headers["Retry-After"]) <= 60
        # The rate is the person's, not the session's address: a colleague goes on.
        assert (await Client(http, acme.owner.token).data(ME))["viewer"]["tenant"] == {"id": acme.agency.gid}


# The event loop


async def test_a_storm_of_sign_ins_does_not_stop_the_others(anonymous: Client, acme: Signed) -> None:
    done = await registered(anonymous)
    gaps: list[float] = []

    async def heartbeat() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.005)
            gaps.append(time.perf_counter() - last)
            last = time.perf_counter()

    beating = asyncio.create_task(heartbeat())
    storm = [anonymous.data(LOGIN, email=done["email"], password="Wrong123!") for _ in range(8)]
    await asyncio.gather(*storm)
    beating.cancel()
    # Hashes on the loop would leave it nothing but long gaps; a busy machine makes a few.
    assert sum(gap for gap in gaps if gap > 0.06) < 0.5 * sum(gaps)


# Two people, one sign-in


async def test_the_sign_in_of_one_field_does_not_open_the_next(anonymous: Client, acme: Signed) -> None:
    done = await registered(anonymous)
    document = """
      mutation ($email: EmailAddress!, $password: String!) {
        authLogin(email: $email, password: $password) { user { email } userErrors { code } }
        authLogout { ok }
      }"""
    body = await anonymous(document, email=done["email"], password=PASSWORD)
    assert [error["extensions"]["code"] for error in body["errors"]] == ["UNAUTHENTICATED"]
    assert body["errors"][0]["path"] == ["authLogout"]
    beside = await acme.customer(
        """mutation ($email: EmailAddress!, $password: String!, $input: PropertyCreateInput!) {
          authLogin(email: $email, password: $password) { user { email } userErrors { code } }
          propertyCreate(input: $input) { property { id } }
        }""",
        email=done["email"],
        password=PASSWORD,
        input=property_input(),
    )
    assert [error["extensions"]["code"] for error in beside["errors"]] == ["INSUFFICIENT_PERMISSIONS"]


async def test_people_of_the_factory_match_those_of_registration(acme: Signed, state: State) -> None:
    """Other tests rely on it: a person written directly may do what a registered one may."""
    async with state.database.write(acme.agency.id) as session:
        person = await make_person(state, session, acme.agency.id, acme.agency.slug, Role.ADMIN)
        await session.commit()
    client = Client(acme.owner.http, person.token)
    assert (await client.data(ME))["viewer"] == {"user": {"id": person.gid}, "tenant": {"id": acme.agency.gid}}


def test_default_rates_are_those_of_the_specification() -> None:
    limits = Settings(environment="test").rate_limits
    assert (limits.sign_in, limits.refresh) == ("5/minute", "10/minute")
