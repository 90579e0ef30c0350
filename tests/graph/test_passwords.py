"""Passwords: how good they are, changing one, and the way back in for who has forgotten it."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from models.base import uuid7
from resolvers.identity.passwords import MAILS_PER_HOUR
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from settings import RateLimits
from storage.tokens import token_hash
from tests.conftest import Client
from tests.factories import platform
from tests.graph.letters import agency_of, alive, mails, second_agency, secret, sign_in, work_off
from tests.graph.test_identity import LOGIN, PASSWORD, as_, code_of, email, registered, served
from tests.graph.world import rows

NEW = "Mond4567?"
STRENGTH = "query ($password: String!) { passwordStrength(password: $password) { score isAcceptable missing } }"
CHANGE = """
mutation ($current: String!, $new: String!) {
  passwordChange(currentPassword: $current, newPassword: $new) { ok userErrors { code field details } }
}"""
REQUEST = "mutation ($email: EmailAddress!) { passwordResetRequest(email: $email) { ok userErrors { code field } } }"
CONFIRM = """
mutation ($token: String!, $new: String!) {
  passwordResetConfirm(token: $token, newPassword: $new) { ok userErrors { code field details } }
}"""
OK = {"ok": True, "userErrors": []}


def refused(code: str, *field: str, **details: Any) -> dict[str, Any]:
    return {"ok": False, "userErrors": [{"code": code, "field": list(field), "details": details or None}]}


async def lost(state: State, client: Client, address: str) -> str:
    """Ask for a new password; answers the secret of the mail."""
    assert (await client.data(REQUEST, email=address))["passwordResetRequest"] == OK
    await work_off(state, "passwords.reset")
    return await secret(state, address.lower(), "password_reset")


async def signs_in(client: Client, address: str, password: str) -> bool:
    return code_of((await client.data(LOGIN, email=address, password=password))["authLogin"]) == []


# How good a password is


@pytest.mark.parametrize(
    ("password", "score", "missing"),
    [
        ("", 0, ["LENGTH", "UPPER", "LOWER", "DIGIT", "SPECIAL"]),
        ("password", 1, ["UPPER", "DIGIT", "SPECIAL"]),
        ("Passw0rd!", 4, []),
        ("Korrekt Pferd 42!", 5, []),
        ("x" * 129, 1, ["TOO_LONG", "UPPER", "DIGIT", "SPECIAL"]),
    ],
)
async def test_strength(anonymous: Client, password: str, score: int, missing: list[str]) -> None:
    found = (await anonymous.data(STRENGTH, password=password))["passwordStrength"]
    assert found == {"score": score, "isAcceptable": not missing, "missing": missing}


# A new one for who knows the old one


async def test_a_change_ends_all_other_sessions_everywhere(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    here = as_(anonymous, done["accessToken"])
    elsewhere = await sign_in(anonymous, done["email"], PASSWORD)
    agency, _ = await second_agency(state, done)
    other_agency = await sign_in(anonymous, done["email"], PASSWORD, tenantId=encode_id("Tenant", agency))
    assert (await here.data(CHANGE, current=PASSWORD, new=NEW))["passwordChange"] == OK
    assert [await alive(state, client) for client in (here, elsewhere, other_agency)] == [True, False, False]
    assert await signs_in(anonymous, done["email"], NEW)
    assert not await signs_in(anonymous, done["email"], PASSWORD)
    [mail] = await mails(state, done["email"], "password_changed")
    content = json.loads(mail["content"])
    assert (mail["language"], content["name"], content["ip"]) == ("de", "Erika", "127.0.0.1")
    assert NEW not in mail["content"]
    entry = (await rows(state, agency_of(done), "audit_entry", "seq"))[-1]
    assert (entry["operation"], entry["outcome"], entry["resource_type"]) == ("passwordChange", "SUCCESS", "User")
    assert encode_id("User", entry["resource_id"]) == done["user"]["id"]
    told = [row["operation"] for row in await rows(state, agency, "audit_entry", "seq")]
    assert told == ["authLogin", "passwordChange", "authLogin"]  # which opens the agency that was last used


async def test_a_change_is_refused_with_everything_that_is_missing(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    here = as_(anonymous, done["accessToken"])
    other = await sign_in(anonymous, done["email"], PASSWORD)
    local_part = done["email"].partition("@")[0]
    for new, missing in (
        ("kurz", ["LENGTH", "UPPER", "DIGIT", "SPECIAL"]),
        ("A1!" + "a" * 126, ["TOO_LONG"]),
        (local_part, ["UPPER", "EMAIL"]),
    ):
        answer = (await here.data(CHANGE, current="falsch", new=new))["passwordChange"]
        assert answer == refused("VALIDATION_ERROR", "newPassword", missing=missing)
    assert (await here.data(CHANGE, current="Falsch123!", new=NEW))["passwordChange"] == refused(
        "INVALID_CREDENTIALS", "currentPassword"
    )
    assert await signs_in(anonymous, done["email"], PASSWORD)
    assert [await alive(state, client) for client in (here, other)] == [True, True]
    assert await mails(state, done["email"], "password_changed") == []


async def test_guessing_the_old_password_locks_as_well(anonymous: Client) -> None:
    done = await registered(anonymous)
    here = as_(anonymous, done["accessToken"])
    for _ in range(5):
        answer = (await here.data(CHANGE, current="Falsch123!", new=NEW))["passwordChange"]
        assert answer["userErrors"][0]["code"] == "INVALID_CREDENTIALS"
    answer = (await here.data(CHANGE, current=PASSWORD, new=NEW))["passwordChange"]
    assert answer["userErrors"][0]["code"] == "ACCOUNT_LOCKED"


async def test_a_repeated_change_is_done_once(anonymous: Client) -> None:
    done = await registered(anonymous)
    here = as_(anonymous, done["accessToken"], **{"Idempotency-Key": uuid7().hex})
    for replayed in (None, "true"):
        assert (await here.data(CHANGE, current=PASSWORD, new=NEW))["passwordChange"] == OK
        assert here.last.headers.get("Idempotency-Replayed") == replayed


async def test_a_change_needs_a_session(anonymous: Client) -> None:
    assert await anonymous.code(CHANGE, current=PASSWORD, new=NEW) == "UNAUTHENTICATED"


# The way back in


async def test_a_reset_ends_every_session_and_is_good_once(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    here = as_(anonymous, done["accessToken"])
    agency, _ = await second_agency(state, done)
    other_agency = await sign_in(anonymous, done["email"], PASSWORD, tenantId=encode_id("Tenant", agency))
    token = await lost(state, anonymous, done["email"].upper())
    assert (await anonymous.data(CONFIRM, token=token, new=NEW))["passwordResetConfirm"] == OK
    assert [await alive(state, client) for client in (here, other_agency)] == [False, False]
    assert await signs_in(anonymous, done["email"], NEW)
    assert not await signs_in(anonymous, done["email"], PASSWORD)
    again = (await anonymous.data(CONFIRM, token=token, new="Noch1Mal!"))["passwordResetConfirm"]
    assert again == refused("INVALID_TOKEN", "token")
    assert await signs_in(anonymous, done["email"], NEW)
    assert len(await mails(state, done["email"], "password_changed")) == 1


async def test_of_two_uses_side_by_side_one_succeeds(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    token = await lost(state, anonymous, done["email"])
    answers = await asyncio.gather(*(anonymous.data(CONFIRM, token=token, new=f"Mond{n}567?") for n in range(4)))
    found = sorted((answer["passwordResetConfirm"] for answer in answers), key=lambda item: item["ok"])
    assert found == [refused("INVALID_TOKEN", "token")] * 3 + [OK]


async def test_a_weak_password_does_not_burn_the_secret(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    token = await lost(state, anonymous, done["email"])
    answer = (await anonymous.data(CONFIRM, token=token, new="password"))["passwordResetConfirm"]
    assert answer == refused("VALIDATION_ERROR", "newPassword", missing=["UPPER", "DIGIT", "SPECIAL"])
    assert (await anonymous.data(CONFIRM, token=token, new=NEW))["passwordResetConfirm"] == OK


async def test_a_secret_ends_after_an_hour(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    token = await lost(state, anonymous, done["email"])
    stored = await platform(
        state, "select expires_at - issued_at as life from account_token where hash = $1", token_hash(token)
    )
    assert [row["life"] for row in stored] == [timedelta(hours=1)]
    await platform(state, "update account_token set expires_at = now() where hash = $1", token_hash(token))
    answer = (await anonymous.data(CONFIRM, token=token, new=NEW))["passwordResetConfirm"]
    assert answer == refused("TOKEN_EXPIRED", "token")
    assert await signs_in(anonymous, done["email"], PASSWORD)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "\u0000", "ä" * 50_000])
async def test_a_made_up_secret_opens_nothing(anonymous: Client, token: str) -> None:
    answer = (await anonymous.data(CONFIRM, token=token, new=NEW))["passwordResetConfirm"]
    assert answer == refused("INVALID_TOKEN", "token")


async def test_the_secret_of_another_purpose_opens_nothing(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    token = await secret(state, done["email"], "verification")
    answer = (await anonymous.data(CONFIRM, token=token, new=NEW))["passwordResetConfirm"]
    assert answer == refused("INVALID_TOKEN", "token")


async def test_an_unknown_address_is_answered_alike_and_gets_no_mail(state: State, anonymous: Client) -> None:
    unknown = email()
    assert (await anonymous.data(REQUEST, email=unknown))["passwordResetRequest"] == OK
    assert await work_off(state, "passwords.reset") == 1
    assert await mails(state, unknown) == []


async def test_a_deactivated_member_gets_no_mail(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    await platform(state, "update member set status = 'DEACTIVATED' where email = $1", done["email"])
    assert (await anonymous.data(REQUEST, email=done["email"]))["passwordResetRequest"] == OK
    await work_off(state, "passwords.reset")
    assert await mails(state, done["email"], "password_reset") == []


async def test_a_mailbox_is_not_flooded(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    for _ in range(MAILS_PER_HOUR + 2):
        assert (await anonymous.data(REQUEST, email=done["email"]))["passwordResetRequest"] == OK
    assert await work_off(state, "passwords.reset") == MAILS_PER_HOUR + 2
    assert len(await mails(state, done["email"], "password_reset")) == MAILS_PER_HOUR


async def test_requests_have_the_rate_of_sign_ins(state: State, anonymous: Client) -> None:
    address = email()
    async with served(state, rate_limits=RateLimits()) as (http, _):
        client = Client(http, None)
        for _ in range(5):
            assert (await client.data(REQUEST, email=address))["passwordResetRequest"] == OK
        assert await client.code(REQUEST, email=address) == "RATE_LIMIT_EXCEEDED"
    await work_off(state, "passwords.reset")


async def test_no_secret_is_kept_in_clear(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    token = await lost(state, anonymous, done["email"])
    everything = [
        *await platform(state, "select * from mail where recipient = $1", done["email"]),
        *await platform(state, "select * from account_token"),
        *await platform(state, "select convert_from(payload, 'UTF8') from jobs.pgqueuer"),
    ]
    assert token not in str(everything)
