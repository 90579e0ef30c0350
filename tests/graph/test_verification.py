"""Showing that mail arrives at an address, and what waits for that."""

from datetime import timedelta
from typing import Any

from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from settings import RateLimits
from storage.tokens import token_hash
from tests.conftest import Client
from tests.factories import platform, property_input
from tests.graph.letters import mails, second_agency, secret, sign_in, work_off
from tests.graph.test_identity import PASSWORD, REGISTER, as_, code_of, register_input, registered, served
from tests.graph.world import CREATE, problems

VERIFY = "mutation ($token: String!) { emailVerify(token: $token) { ok userErrors { code field } } }"
RESEND = "mutation { emailVerificationResend { ok userErrors { code field } } }"
VERIFIED = "{ viewer { user { emailVerified } } }"
OK = {"ok": True, "userErrors": []}


def refused(code: str) -> dict[str, Any]:
    return {"ok": False, "userErrors": [{"code": code, "field": ["token"]}]}


async def verified(client: Client) -> bool:
    found: bool = (await client.data(VERIFIED))["viewer"]["user"]["emailVerified"]
    return found


async def test_registration_mails_a_welcome_and_a_link(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    assert sorted(mail["template"] for mail in await mails(state, done["email"])) == ["verification", "welcome"]
    here = as_(anonymous, done["accessToken"])
    assert await verified(here) is False
    token = await secret(state, done["email"], "verification")
    assert (await anonymous.data(VERIFY, token=token))["emailVerify"] == OK
    assert await verified(here) is True
    [stored] = await platform(state, "select email_verified_at from account where email = $1", done["email"])
    assert stored["email_verified_at"] is not None
    assert (await anonymous.data(VERIFY, token=token))["emailVerify"] == OK
    assert [stored] == await platform(state, "select email_verified_at from account where email = $1", done["email"])


async def test_it_holds_in_every_agency(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    agency, _ = await second_agency(state, done)
    other = await sign_in(anonymous, done["email"], PASSWORD, tenantId=encode_id("Tenant", agency))
    await anonymous.data(VERIFY, token=await secret(state, done["email"], "verification"))
    assert await verified(other) is True


async def test_a_link_ends_after_a_day(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    token = await secret(state, done["email"], "verification")
    kept = "select expires_at - issued_at as life from account_token where hash = $1"
    assert [row["life"] for row in await platform(state, kept, token_hash(token))] == [timedelta(hours=24)]
    await platform(state, "update account_token set expires_at = now() where hash = $1", token_hash(token))
    assert (await anonymous.data(VERIFY, token=token))["emailVerify"] == refused("TOKEN_EXPIRED")
    assert (await anonymous.data(VERIFY, token="x" * 43))["emailVerify"] == refused("INVALID_TOKEN")
    assert await verified(as_(anonymous, done["accessToken"])) is False


async def test_a_new_link_makes_the_old_one_void(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    here = as_(anonymous, done["accessToken"])
    old = await secret(state, done["email"], "verification")
    assert (await here.data(RESEND))["emailVerificationResend"] == OK
    new = await secret(state, done["email"], "verification")
    assert (await anonymous.data(VERIFY, token=old))["emailVerify"] == refused("INVALID_TOKEN")
    assert (await anonymous.data(VERIFY, token=new))["emailVerify"] == OK
    before = await mails(state, done["email"])
    assert (await here.data(RESEND))["emailVerificationResend"] == OK
    assert await mails(state, done["email"]) == before  # who is verified gets no more mail
    assert await anonymous.code(RESEND) == "UNAUTHENTICATED"


async def test_three_links_an_hour(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    async with served(state, rate_limits=RateLimits()) as (http, _):
        here = Client(http, done["accessToken"])
        for _ in range(3):
            assert (await here.data(RESEND))["emailVerificationResend"] == OK
        assert await here.code(RESEND) == "RATE_LIMIT_EXCEEDED"
        assert 3_000 < int(here.last.headers["Retry-After"]) <= 3_600


async def test_after_a_week_an_unverified_member_only_reads(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    here = as_(anonymous, done["accessToken"])
    joined = "update member set created_at = now() - $2::interval where email = $1"
    await platform(state, joined, done["email"], timedelta(days=7) - timedelta(minutes=1))
    state.viewers.clear()
    assert problems((await here.data(CREATE, input=property_input()))["propertyCreate"]) == []
    await platform(state, joined, done["email"], timedelta(days=7))
    state.viewers.clear()
    answer = (await here.data(CREATE, input=property_input(), _headers={"Accept-Language": "de"}))["propertyCreate"]
    assert (answer["property"], problems(answer)) == (None, [("EMAIL_NOT_VERIFIED", "")])
    assert (await here.data("{ properties { totalCount } }"))["properties"] == {"totalCount": 1}
    # What is needed to get out of it goes on.
    assert (await here.data(RESEND))["emailVerificationResend"] == OK
    again = await sign_in(anonymous, done["email"], PASSWORD)
    await anonymous.data(VERIFY, token=await secret(state, done["email"], "verification"))
    assert problems((await again.data(CREATE, input=property_input()))["propertyCreate"]) == []


async def test_a_known_address_is_refused_and_its_owner_told_once_an_hour(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    given = register_input(email=done["email"].upper())
    await work_off(state, "registration.taken")  # what other tests have left
    for _ in range(2):
        answer = (await anonymous.data(REGISTER, input=given))["authRegister"]
        assert (code_of(answer), answer["accessToken"]) == ([("ALREADY_EXISTS", ["input", "email"])], None)
    assert await work_off(state, "registration.taken") == 2
    assert [mail["template"] for mail in await mails(state, done["email"], "address_taken")] == ["address_taken"]
    await platform(state, "update mail set created_at = now() - interval '1 hour' where recipient = $1", done["email"])
    await anonymous.data(REGISTER, input=given)
    await work_off(state, "registration.taken")
    assert len(await mails(state, done["email"], "address_taken")) == 2
