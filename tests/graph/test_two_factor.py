"""The second factor: setting it up, being asked for it, losing it."""

import asyncio
import json
from typing import Any

import pyotp

from models.base import now, uuid7
from resolvers.kit.context import State
from tests.conftest import Client, Signed
from tests.factories import platform, property_input
from tests.graph.letters import agency_of, second_agency
from tests.graph.test_identity import PASSWORD, as_, code_of, registered
from tests.graph.world import rows

START = "mutation { totpStart { secret otpauthUrl recoveryCodes userErrors { code field message } } }"
ENABLE = "mutation ($code: String!) { totpEnable(code: $code) { ok userErrors { code field } } }"
DISABLE = """
mutation ($password: String!, $code: String!) {
  totpDisable(password: $password, code: $code) { ok userErrors { code field } }
}"""
LOGIN = """
mutation ($email: EmailAddress!, $password: String!, $code: String) {
  authLogin(email: $email, password: $password, totpCode: $code) { accessToken userErrors { code field } }
}"""
OK = {"ok": True, "userErrors": []}
BAD, REQUIRED = [("INVALID_CREDENTIALS", [])], [("TOTP_REQUIRED", ["totpCode"])]


def refused(code: str, *field: str) -> dict[str, Any]:
    return {"ok": False, "userErrors": [{"code": code, "field": list(field)}]}


def code_at(secret: str, later: int = 0) -> str:
    """The code of this step, or of one before or after; a test takes each once."""
    return pyotp.TOTP(secret).generate_otp(int(now().timestamp()) // 30 + later)


async def set_up(client: Client) -> dict[str, Any]:
    """A second factor in use; the code of the step before was used for that."""
    found: dict[str, Any] = (await client.data(START))["totpStart"]
    assert (await client.data(ENABLE, code=code_at(found["secret"], -1)))["totpEnable"] == OK
    return found


async def login(client: Client, address: str, code: str | None = None, password: str = PASSWORD) -> Any:
    return code_of((await client.data(LOGIN, email=address, password=password, code=code))["authLogin"])


async def test_a_code_is_asked_for_once_it_is_enabled(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    here = as_(anonymous, done["accessToken"])
    found = (await here.data(START))["totpStart"]
    assert found["otpauthUrl"] == pyotp.TOTP(found["secret"]).provisioning_uri(
        name=done["email"], issuer_name="ImmoNow"
    )
    assert (len(set(found["recoveryCodes"])), found["userErrors"]) == (10, [])
    assert await login(anonymous, done["email"]) == []  # not enabled yet
    assert (await here.data(ENABLE, code="000000"))["totpEnable"] == refused("INVALID_CREDENTIALS", "code")
    assert (await here.data(ENABLE, code=code_at(found["secret"], -1)))["totpEnable"] == OK
    assert (await here.data("{ viewer { user { totpEnabled } } }"))["viewer"]["user"] == {"totpEnabled": True}
    assert await login(anonymous, done["email"]) == REQUIRED
    assert await login(anonymous, done["email"], "000000") == BAD
    assert await login(anonymous, done["email"], code_at(found["secret"]), "Falsch123!") == BAD
    assert await login(anonymous, done["email"], code_at(found["secret"])) == []


async def test_a_code_is_taken_once(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    secret = (await set_up(as_(anonymous, done["accessToken"])))["secret"]
    code = code_at(secret)
    answers = await asyncio.gather(*(login(anonymous, done["email"], code) for _ in range(3)))
    assert sorted(map(str, answers)) == sorted(map(str, [[], BAD, BAD]))
    assert await login(anonymous, done["email"], code_at(secret, -1)) == BAD  # older ones are over as well
    assert await login(anonymous, done["email"], code_at(secret, 1)) == []


async def test_a_recovery_code_is_taken_once(anonymous: Client) -> None:
    done = await registered(anonymous)
    codes = (await set_up(as_(anonymous, done["accessToken"])))["recoveryCodes"]
    answers = await asyncio.gather(*(login(anonymous, done["email"], codes[0].lower()) for _ in range(3)))
    assert sorted(map(str, answers)) == sorted(map(str, [[], BAD, BAD]))
    assert await login(anonymous, done["email"], codes[1].replace("-", "")) == []
    assert await login(anonymous, done["email"], codes[1]) == BAD


async def test_guessing_codes_locks_and_the_password_alone_resets_nothing(anonymous: Client) -> None:
    done = await registered(anonymous)
    found = await set_up(as_(anonymous, done["accessToken"]))
    for number in range(5):
        assert await login(anonymous, done["email"]) == REQUIRED
        assert await login(anonymous, done["email"], f"00000{number}") == BAD
    assert await login(anonymous, done["email"], code_at(found["secret"])) == [("ACCOUNT_LOCKED", [])]


async def test_disabling_takes_password_and_code(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    here = as_(anonymous, done["accessToken"])
    assert (await here.data(DISABLE, password=PASSWORD, code="1"))["totpDisable"] == refused("BUSINESS_RULE")
    found = await set_up(here)
    for password, code, field in (("Falsch123!", found["recoveryCodes"][0], "password"), (PASSWORD, "000000", "code")):
        answer = (await here.data(DISABLE, password=password, code=code))["totpDisable"]
        assert answer == refused("INVALID_CREDENTIALS", field)
    assert await login(anonymous, done["email"]) == REQUIRED
    assert (await here.data(DISABLE, password=PASSWORD, code=found["recoveryCodes"][0]))["totpDisable"] == OK
    assert await login(anonymous, done["email"]) == []
    [row] = await platform(state, "select * from account where email = $1", done["email"])
    assert (row["totp_secret"], row["totp_step"], row["recovery_codes"]) == (None, None, [])


async def test_who_has_it_cannot_start_anew_unnoticed(anonymous: Client) -> None:
    done = await registered(anonymous)
    here = as_(anonymous, done["accessToken"])
    assert (await here.data(ENABLE, code="000000"))["totpEnable"] == refused("INVALID_CREDENTIALS", "code")
    found = await set_up(here)
    again = (await here.data(START))["totpStart"]
    assert (again["secret"], again["recoveryCodes"], code_of(again)) == (None, None, [("BUSINESS_RULE", [])])
    assert again["userErrors"][0]["message"] == "The second factor is in use already; disable it first."
    assert (await here.data(ENABLE, code=code_at(found["secret"])))["totpEnable"] == refused("BUSINESS_RULE")
    assert await login(anonymous, done["email"], code_at(found["secret"])) == []


async def test_it_shows_in_every_agency(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    agency, member = await second_agency(state, done)
    await set_up(as_(anonymous, done["accessToken"]))
    shown = {row["id"]: row["totp_enabled"] for row in await rows(state, agency, "member")}
    assert [id for id, enabled in shown.items() if enabled] == [member]


async def test_nothing_of_it_is_kept_in_clear(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    here = as_(anonymous, done["accessToken"], **{"Idempotency-Key": uuid7().hex})
    found = (await here.data(START))["totpStart"]
    assert (await here.data(START))["totpStart"] == found
    assert here.last.headers["Idempotency-Replayed"] == "true"
    agency = agency_of(done)
    everything = [
        *await platform(state, "select * from account where email = $1", done["email"]),
        *await rows(state, agency, "idempotency_key"),
        *await rows(state, agency, "audit_entry"),
        *await rows(state, agency, "event_outbox"),
    ]
    assert not [word for word in (found["secret"], *found["recoveryCodes"]) if word in str(everything)]
    assert "$sealed" in json.dumps([dict(row)["result"] for row in await rows(state, agency, "idempotency_key")])
    assert await anonymous.code(START) == "UNAUTHENTICATED"


async def test_an_agency_that_asks_for_a_second_factor_lets_nobody_in_without(state: State, acme: Signed) -> None:
    """Its members may set one up, and nothing else; the moment they have, they may what they could before."""
    owner, agent = acme.owner, acme.agent
    demand = "mutation { tenantSettingsUpdate(input: { requireTotp: true }) { userErrors { code field } } }"
    refusal = {"userErrors": [{"code": "BUSINESS_RULE", "field": ["input", "requireTotp"]}]}
    assert (await owner.data(demand))["tenantSettingsUpdate"] == refusal  # it would lock out who asks for it
    await set_up(owner)
    assert (await owner.data(demand))["tenantSettingsUpdate"] == {"userErrors": []}
    state.viewers.clear()
    seen = await agent("{ viewer { user { firstName } permissions } properties { totalCount } }")
    assert seen["data"] is None
    (error,) = seen["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["properties"], "TOTP_REQUIRED")
    assert error["message"] == "The agency asks for a second factor: set one up first."
    assert (await agent.data("{ viewer { permissions } }"))["viewer"] == {"permissions": []}
    create = "mutation ($i: PropertyCreateInput!) { propertyCreate(input: $i) { userErrors { code } } }"
    (error,) = (await agent(create, i=property_input()))["errors"]
    assert error["extensions"]["code"] == "TOTP_REQUIRED"
    theme = "mutation { preferencesUpdate(input: { theme: DARK }) { userErrors { code field } } }"
    assert (await agent.data(theme))["preferencesUpdate"] == {"userErrors": [{"code": "TOTP_REQUIRED", "field": []}]}
    await set_up(agent)
    state.viewers.clear()
    assert (await agent.data("{ properties { totalCount } }"))["properties"] == {"totalCount": 0}
    assert (await agent.data(theme))["preferencesUpdate"] == {"userErrors": []}
