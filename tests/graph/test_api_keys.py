"""Keys for programs: made, used with the rights of the moment, narrowed, ended."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.access import IN_PERSON, Role
from domain.errors import ApiError, ErrorCode
from graph.engine.operations import Engine
from graph.schema import schema
from models.base import now
from resolvers.kit import keys
from resolvers.kit.context import Context, Request, State
from resolvers.kit.ids import decode_id, encode_id
from settings import RateLimits, Settings
from storage.ratelimits import RateLimiter
from tests.conftest import Client, Signed
from tests.factories import platform, property_input
from tests.graph.world import CREATE, ERRORS, problems, rows, untouched
from tests.live.followers import Follower, following

MAKE = f"""
mutation ($input: ApiKeyCreateInput!) {{
  apiKeyCreate(input: $input) {{
    apiKey {{ id name prefix scopes lastUsedAt expiresAt revokedAt createdBy {{ id }} }} secret {ERRORS}
  }}
}}"""
REVOKE = f"mutation ($id: ID!) {{ apiKeyRevoke(id: $id) {{ apiKey {{ id revokedAt }} {ERRORS} }} }}"
ME = "{ viewer { user { id } scopes } }"
LIST = "{ viewer { apiKeys { id name lastUsedAt } } }"


async def made(client: Client, *scopes: str, **given: Any) -> dict[str, Any]:
    wanted = {"name": "Website", "scopes": scopes or ["READ"], **given}
    answer: dict[str, Any] = (await client.data(MAKE, input=wanted))["apiKeyCreate"]
    assert answer["userErrors"] == []
    return answer


def by(client: Client, key: dict[str, Any]) -> Client:
    return Client(client.http, key["secret"])


async def test_a_key_as_it_is_made(state: State, acme: Signed) -> None:
    answer = await made(acme.agent, "READ", "WRITE")
    secret, key = answer["secret"], answer["apiKey"]
    assert (len(secret), secret[:4]) == (47, "imk_")
    person = acme.agency.people[Role.AGENT]
    ends = datetime.fromisoformat(key.pop("expiresAt")) - now()
    assert timedelta(days=90) - timedelta(minutes=5) < ends <= timedelta(days=90)
    assert key == {
        "id": key["id"],
        "name": "Website",
        "prefix": secret[4:12],
        "scopes": ["READ", "WRITE"],
        "lastUsedAt": None,
        "revokedAt": None,
        "createdBy": {"id": person.gid},
    }
    (entry,) = await rows(state, acme.agency.id, "audit_entry", "seq")
    assert (entry["operation"], entry["action"], entry["resource_type"]) == ("apiKeyCreate", "CREATE", "ApiKey")
    # The secret stands nowhere.
    for table in ("api_key", "audit_entry"):
        assert secret[12:] not in str(await rows(state, acme.agency.id, table))
    held = await platform(state, "select * from token_directory where session_id = $1", decode_id(key["id"], "ApiKey"))
    assert [row["kind"] for row in held] == ["API_KEY"]
    assert secret[12:] not in str(held)


async def test_a_repeated_request_answers_the_same_key(state: State, acme: Signed) -> None:
    wanted = {"name": "Website", "scopes": ["READ"]}
    answers = [
        (await acme.agent(MAKE, _headers={"Idempotency-Key": "one"}, input=wanted))["data"]["apiKeyCreate"]
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert len(await rows(state, acme.agency.id, "api_key")) == 1
    assert answers[0]["secret"] not in str(await rows(state, acme.agency.id, "idempotency_key"))


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"scopes": ["READ", "ADMIN"]}, [("VALIDATION_ERROR", "input.scopes.1")]),
        ({"scopes": []}, [("MISSING_REQUIRED_FIELD", "input.scopes")]),
        ({"name": "ab"}, [("VALIDATION_ERROR", "input.name")]),
        ({"name": " "}, [("MISSING_REQUIRED_FIELD", "input.name")]),
        ({"name": "x" * 101}, [("VALIDATION_ERROR", "input.name")]),
        ({"expiresInDays": 0}, [("VALIDATION_ERROR", "input.expiresInDays")]),
        (
            {"expiresInDays": 366, "name": ""},
            [("MISSING_REQUIRED_FIELD", "input.name"), ("VALIDATION_ERROR", "input.expiresInDays")],
        ),
    ],
)
async def test_what_a_key_cannot_be(state: State, acme: Signed, given: dict[str, Any], wrong: list[Any]) -> None:
    async with untouched(state, acme):
        answer = (await acme.agent.data(MAKE, input={"name": "Website", "scopes": ["READ"], **given}))["apiKeyCreate"]
    assert sorted(problems(answer)) == sorted(wrong)
    assert (answer["apiKey"], answer["secret"]) == (None, None)
    assert await rows(state, acme.agency.id, "api_key") == []


async def test_null_days_are_the_default(acme: Signed) -> None:
    key = (await made(acme.agent, expiresInDays=None))["apiKey"]
    assert datetime.fromisoformat(key["expiresAt"]) - now() > timedelta(days=89)


async def test_customers_make_none(acme: Signed, anonymous: Client) -> None:
    wanted = {"name": "Website", "scopes": ["READ"]}
    assert await acme.customer.code(MAKE, input=wanted) == "INSUFFICIENT_PERMISSIONS"
    assert await anonymous.code(MAKE, input=wanted) == "UNAUTHENTICATED"


async def test_it_calls_in_the_name_of_its_maker(acme: Signed) -> None:
    key = await made(acme.agent, "READ")
    me = {"user": {"id": acme.agency.people[Role.AGENT].gid}, "scopes": ["READ"]}
    assert (await by(acme.agent, key).data(ME))["viewer"] == me
    other_door = Client(acme.agent.http, None, {"X-API-Key": key["secret"]})
    assert (await other_door.data(ME))["viewer"] == me


async def test_one_door_at_a_time(acme: Signed) -> None:
    key = await made(acme.agent)
    both = Client(acme.agent.http, acme.agency.people[Role.AGENT].token, {"X-API-Key": key["secret"]})
    assert await both.code(ME) == "INVALID_INPUT"
    session = Client(acme.agent.http, None, {"X-API-Key": acme.agency.people[Role.AGENT].token})
    assert await session.code(ME) == "INVALID_TOKEN"


async def test_what_its_scopes_do_not_open_stays_closed(state: State, acme: Signed) -> None:
    reading, writing = await made(acme.agent, "READ"), await made(acme.agent, "WRITE")
    for key in (reading, writing):
        await by(acme.agent, key).data("{ viewer { scopes } }")  # from here on it has been used
    async with untouched(state, acme):
        assert await by(acme.agent, reading).code(CREATE, input=property_input()) == "INSUFFICIENT_PERMISSIONS"
        assert await by(acme.agent, writing).code("{ properties { nodes { id } } }") == "INSUFFICIENT_PERMISSIONS"
    answer = (await by(acme.agent, writing).data(CREATE, input=property_input()))["propertyCreate"]
    assert answer["userErrors"] == []
    entry = (await rows(state, acme.agency.id, "audit_entry", "seq"))[-1]
    assert (entry["operation"], entry["actor_id"]) == ("propertyCreate", acme.agency.people[Role.AGENT].id)
    assert entry["api_key_prefix"] == writing["apiKey"]["prefix"]


async def test_its_rights_are_those_its_maker_has_at_that_moment(state: State, acme: Signed) -> None:
    key = by(acme.manager, await made(acme.manager, "READ", "WRITE", "DELETE"))
    assert (await key.data(ME))["viewer"]["scopes"] == ["DELETE", "READ", "WRITE"]
    manager = acme.agency.people[Role.MANAGER].id
    await platform(state, "update member set role = 'CUSTOMER' where id = $1", manager)
    state.viewers.clear()
    assert (await key.data(ME))["viewer"]["scopes"] == ["READ"]
    # What customers may write besides their scopes, they may in person.
    assert await key.code(CREATE, input=property_input()) == "INSUFFICIENT_PERMISSIONS"
    await platform(state, "update member set status = 'DEACTIVATED' where id = $1", manager)
    state.viewers.clear()
    assert await key.code(ME) == "INVALID_TOKEN"


async def test_it_opens_no_other_agency(state: State, acme: Signed, rival: Signed) -> None:
    key = await made(acme.agent)
    for agency in (rival.agency.gid, encode_id("Tenant", rival.agency.people[Role.AGENT].id)):
        abroad = Client(acme.agent.http, key["secret"], {"X-Tenant-ID": agency})
        assert await abroad.code(ME) == "TENANT_MISMATCH"
    at_home = Client(acme.agent.http, key["secret"], {"X-Tenant-ID": acme.agency.gid})
    assert (await at_home.data(ME))["viewer"]["scopes"] == ["READ"]


async def test_revoked_it_ends_at_once(state: State, acme: Signed) -> None:
    key = await made(acme.agent)
    client = by(acme.agent, key)
    assert (await client.data(ME))["viewer"] is not None
    answer = (await acme.agent.data(REVOKE, id=key["apiKey"]["id"]))["apiKeyRevoke"]
    assert (answer["userErrors"], answer["apiKey"]["id"]) == ([], key["apiKey"]["id"])
    assert answer["apiKey"]["revokedAt"] is not None
    assert await client.code(ME) == "INVALID_TOKEN"
    again = (await acme.agent.data(REVOKE, id=key["apiKey"]["id"]))["apiKeyRevoke"]
    assert again == answer


@pytest.mark.parametrize("seconds", [0, 1])
async def test_it_ends_by_itself(state: State, acme: Signed, seconds: int) -> None:
    key = await made(acme.agent, expiresInDays=1)
    client = by(acme.agent, key)
    past = now() - timedelta(seconds=seconds)
    await platform(
        state, "update api_key set expires_at = $1 where id = $2", past, decode_id(key["apiKey"]["id"], "ApiKey")
    )
    assert await client.code(ME) == "INVALID_TOKEN"
    await platform(
        state, "update token_directory set expires_at = $1 where kind = 'API_KEY' and tenant = $2", past, acme.agency.id
    )
    state.keys._known.clear()
    assert await client.code(ME) == "TOKEN_EXPIRED"


@pytest.mark.parametrize("secret", ["imk_", "imk_" + "x" * 43, "imk_ä", "imk_\ud800", "imk_" + "x" * 100_000])
async def test_keys_of_nobody(state: State, secret: str) -> None:
    with pytest.raises(ApiError, match="INVALID_TOKEN"):
        await Context.open(state, **asked(secret))


async def test_a_refresh_token_is_no_key_and_a_key_no_refresh_token(acme: Signed, anonymous: Client) -> None:
    key = await made(acme.agent)
    refresh = "mutation ($t: String!) { authRefresh(refreshToken: $t) { accessToken userErrors { code } } }"
    answer = (await anonymous.data(refresh, t=key["secret"]))["authRefresh"]
    assert answer == {"accessToken": None, "userErrors": [{"code": "INVALID_TOKEN"}]}


async def test_whose_keys_one_sees_and_revokes(state: State, acme: Signed, rival: Signed) -> None:
    mine, theirs = await made(acme.agent, name="Mine"), await made(acme.manager, name="Theirs")
    assert [key["name"] for key in (await acme.agent.data(LIST))["viewer"]["apiKeys"]] == ["Mine"]
    assert (await acme.customer.data(LIST))["viewer"]["apiKeys"] == []
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await acme.agent.data(node, id=theirs["apiKey"]["id"]))["node"] is None
    assert (await acme.agent.data(node, id=mine["apiKey"]["id"]))["node"] is not None
    for stranger in (acme.agent, rival.owner):
        answer = (await stranger.data(REVOKE, id=theirs["apiKey"]["id"]))["apiKeyRevoke"]
        assert problems(answer) == [("NOT_FOUND", "id")]
    assert (await by(acme.manager, theirs).data(ME))["viewer"] is not None
    answer = (await acme.owner.data(REVOKE, id=theirs["apiKey"]["id"]))["apiKeyRevoke"]
    assert answer["userErrors"] == []
    assert await by(acme.manager, theirs).code(ME) == "INVALID_TOKEN"


async def test_last_use_is_noted_once_a_minute(state: State, acme: Signed) -> None:
    key = await made(acme.agent)
    id = decode_id(key["apiKey"]["id"], "ApiKey")

    async def used() -> Any:
        state.viewers.clear()
        await by(acme.agent, key).data(ME)
        (row,) = await platform(state, "select last_used_at, version from api_key where id = $1", id)
        assert row["version"] == 1
        return row["last_used_at"]

    first = await used()
    assert now() - first < timedelta(minutes=1)
    assert await used() == first
    long_ago = first - keys.USE_NOTED
    await platform(state, "update api_key set last_used_at = $1 where id = $2", long_ago, id)
    assert await used() > long_ago
    (shown,) = (await acme.agent.data(LIST))["viewer"]["apiKeys"]
    assert shown["lastUsedAt"] is not None


async def test_a_member_has_so_many_keys(state: State, acme: Signed) -> None:
    agent = acme.agency.people[Role.AGENT].id
    await platform(
        state,
        "insert into api_key (tenant_id, id, created_at, updated_at, member_id, name, prefix, scopes, expires_at)"
        " select $1, gen_random_uuid(), now(), now(), $2, 'Key', 'prefix', '{READ}', now() + interval '1 day'"
        " from generate_series(1, 50)",
        acme.agency.id,
        agent,
    )
    answer = (await acme.agent.data(MAKE, input={"name": "Website", "scopes": ["READ"]}))["apiKeyCreate"]
    assert (problems(answer), answer["userErrors"][0]["details"]) == ([("BUSINESS_RULE", "")], {"max": 50})
    await platform(state, "update api_key set revoked_at = now() where member_id = $1", agent)
    await made(acme.agent)


# What is done in person


def test_everything_about_signing_in_is_done_in_person() -> None:
    """A new mutation of this kind must be thought of here."""
    mutations = schema._schema.mutation_type
    assert mutations is not None
    words = ("password", "totp", "apikey", "authlogout", "authswitch", "session", "linkedaccount", "ownership")
    signing_in = {
        name
        for name, field in mutations.fields.items()
        if any(word in name.lower() for word in words) and field.extensions["strawberry-definition"].directives
    }
    assert signing_in <= IN_PERSON
    assert signing_in >= {"apiKeyCreate", "apiKeyRevoke", "authLogout"}


async def test_a_key_makes_and_ends_no_keys(state: State, acme: Signed) -> None:
    key = await made(acme.owner, "READ", "WRITE", "DELETE", "ADMIN")
    client = by(acme.owner, key)
    await client.data(ME)  # from here on it has been used
    async with untouched(state, acme):
        assert await client.code(MAKE, input={"name": "More", "scopes": ["READ"]}) == "INSUFFICIENT_PERMISSIONS"
        assert await client.code(REVOKE, id=key["apiKey"]["id"]) == "INSUFFICIENT_PERMISSIONS"
        assert await client.code("mutation { authLogout { ok } }") == "INSUFFICIENT_PERMISSIONS"
    assert len(await rows(state, acme.agency.id, "api_key")) == 1
    assert (await client.data(ME))["viewer"] is not None


# Streams and rates


def asked(secret: str) -> dict[str, Any]:
    request = Request(request_id="test", ip="127.0.0.1", user_agent="tests", transport="ws")
    return {"request": request, "authorization": f"Bearer {secret}", "tenant_header": None}


async def test_a_stream_followed_with_a_key_ends_with_it(state: State, settings: Settings, acme: Signed) -> None:
    key = await made(acme.agent)
    context = await Context.open(state, **asked(key["secret"]))
    follower = Follower(Engine(schema._schema, settings), context).start()
    await following(state, acme, [follower])
    assert (await context.renewed()).signed_in.scopes == {"READ"}
    await platform(
        state, "update api_key set revoked_at = now() where id = $1", decode_id(key["apiKey"]["id"], "ApiKey")
    )
    error = await follower.end(3)
    assert isinstance(error, ApiError)
    assert error.code is ErrorCode.INVALID_TOKEN
    state.viewers.clear()
    with pytest.raises(ApiError, match="INVALID_TOKEN"):
        await context.renewed()


async def test_requests_are_counted_per_key(state: State, acme: Signed) -> None:
    one, other = await made(acme.agent), await made(acme.agent)
    narrow = state.settings.model_copy(update={"rate_limits": RateLimits(signed_in="2/minute")})
    limiter = RateLimiter(narrow)
    callers = [(await Context.open(state, **asked(key["secret"]))).signed_in.caller for key in (one, other)]
    person = (await Context.open(state, **asked(acme.agency.people[Role.AGENT].token))).signed_in
    assert len({*callers, person.caller}) == 3
    assert person.caller == person.account
    refused = [(await limiter.hit("signed_in", callers[0])).retry_after is not None for _ in range(3)]
    assert refused == [False, False, True]
    assert (await limiter.hit("signed_in", callers[1])).retry_after is None
    await limiter.close()
