"""Guessing passwords: what each wrong one costs, when an address is locked, and that nobody slips past it."""

import asyncio
import time
from typing import Any

import pytest
from pydantic import ValidationError

from domain import lockout
from models.base import now
from resolvers.kit.context import State
from settings import Settings
from tests.conftest import Client
from tests.factories import platform
from tests.graph.test_identity import LOGIN, PASSWORD, code_of, email, registered, served

WRONG = "Wrong123!"
BAD = [("INVALID_CREDENTIALS", [])]
LOCKED = [("ACCOUNT_LOCKED", [])]


async def attempt(client: Client, address: str, password: str = WRONG) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(LOGIN, email=address, password=password))["authLogin"]
    return found


async def failures(state: State, address: str) -> list[dict[str, Any]]:
    fingerprint = state.secrets.fingerprint(address, "sign_in")
    return await platform(state, "select * from sign_in_failure where fingerprint = $1", fingerprint)


async def security_events(state: State, since: Any) -> list[str]:
    rows = await platform(state, "select kind from security_event where at >= $1 order by at, kind desc", since)
    return [row["kind"] for row in rows]


@pytest.mark.parametrize("known", [True, False])
async def test_the_fifth_failure_locks_for_fifteen_minutes(state: State, anonymous: Client, known: bool) -> None:
    address = (await registered(anonymous))["email"] if known else email()
    since = now()
    for _ in range(5):
        assert code_of(await attempt(anonymous, address)) == BAD
    before = await failures(state, address)
    for password in (WRONG, PASSWORD):  # the right one as well
        answer = await attempt(anonymous, address.upper(), password)
        assert (code_of(answer), answer["accessToken"]) == (LOCKED, None)
        [error] = answer["userErrors"]
        assert 890 <= error["details"]["retryAfter"] <= 900
        assert str(error["details"]["retryAfter"]) in error["message"]
    assert await failures(state, address) == before  # a locked address is not locked for longer by asking
    assert before[0]["failures"] == 5
    assert await security_events(state, since) == ["auth.login_failed"] * 5 + ["auth.locked"]


async def test_a_lock_ends_and_counting_begins_anew(state: State, anonymous: Client) -> None:
    address = (await registered(anonymous))["email"]
    for _ in range(5):
        await attempt(anonymous, address)
    fingerprint = state.secrets.fingerprint(address, "sign_in")
    over = "update sign_in_failure set locked_until = now() - interval '1 second' where fingerprint = $1"
    await platform(state, over, fingerprint)
    assert code_of(await attempt(anonymous, address)) == BAD
    [row] = await failures(state, address)
    assert (row["failures"], row["locked_until"]) == (1, None)
    assert code_of(await attempt(anonymous, address, PASSWORD)) == []
    assert await failures(state, address) == []


async def test_a_success_resets_the_counter(state: State, anonymous: Client) -> None:
    address = (await registered(anonymous))["email"]
    for _ in range(2):
        for _ in range(4):
            assert code_of(await attempt(anonymous, address)) == BAD
        assert code_of(await attempt(anonymous, address, PASSWORD)) == []
    assert await failures(state, address) == []


async def test_failures_of_yesterday_are_forgotten(state: State, anonymous: Client) -> None:
    address = email()
    for _ in range(4):
        await attempt(anonymous, address)
    fingerprint = state.secrets.fingerprint(address, "sign_in")
    aged = "update sign_in_failure set last_at = now() - $2::interval where fingerprint = $1"
    await platform(state, aged, fingerprint, lockout.FORGOTTEN_AFTER)
    await attempt(anonymous, address)
    [row] = await failures(state, address)
    assert (row["failures"], row["locked_until"]) == (1, None)


async def test_every_alias_counts(state: State, anonymous: Client) -> None:
    address = (await registered(anonymous))["email"]
    guesses = " ".join(
        f'a{n}: authLogin(email: "{address}", password: "{word}") {{ accessToken userErrors {{ code field }} }}'
        for n, word in enumerate([WRONG] * 6 + [PASSWORD])
    )
    body = await anonymous.data(f"mutation {{ {guesses} }}")
    assert [code_of(body[f"a{n}"]) for n in range(7)] == [BAD] * 5 + [LOCKED] * 2


async def test_attempts_side_by_side_do_not_slip_past_the_lock(state: State, anonymous: Client) -> None:
    """All are compared before the first is counted: the lock is asked again while counting."""
    address = (await registered(anonymous))["email"]
    guesses = [attempt(anonymous, address, WRONG) for _ in range(12)]
    answers = await asyncio.gather(*guesses)
    assert sorted(code_of(answer)[0][0] for answer in answers) == ["ACCOUNT_LOCKED"] * 7 + ["INVALID_CREDENTIALS"] * 5
    assert code_of(await attempt(anonymous, address, PASSWORD)) == LOCKED


async def test_all_servers_count_together(state: State, anonymous: Client) -> None:
    address = (await registered(anonymous))["email"]
    async with served(state) as (http, _):
        other = Client(http, None)
        for client in (anonymous, other, anonymous, other, anonymous):
            assert code_of(await attempt(client, address)) == BAD
        assert code_of(await attempt(other, address, PASSWORD)) == LOCKED


async def test_one_locked_address_does_not_lock_another(anonymous: Client) -> None:
    locked, free = (await registered(anonymous))["email"], (await registered(anonymous))["email"]
    for _ in range(5):
        await attempt(anonymous, locked)
    assert code_of(await attempt(anonymous, free, PASSWORD)) == []


async def test_a_right_password_that_opens_nothing_counts_as_a_failure(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    await platform(state, "update member set status = 'DEACTIVATED' where email = $1", done["email"])
    for _ in range(5):
        assert code_of(await attempt(anonymous, done["email"], PASSWORD)) == BAD
    assert code_of(await attempt(anonymous, done["email"], PASSWORD)) == LOCKED


async def test_an_address_is_not_kept(state: State, anonymous: Client) -> None:
    address = email()
    await attempt(anonymous, address)
    [row] = await failures(state, address)
    assert address.encode() not in row["fingerprint"]
    assert len(row["fingerprint"]) == 32


async def test_answers_wait_longer_each_time_and_hold_nothing(state: State, anonymous: Client) -> None:
    address = (await registered(anonymous))["email"]
    async with served(state, sign_in_delays=(0.0, 0.3, 0.6)) as (http, other):
        client = Client(http, None)
        took = []
        for _ in range(3):
            began = time.monotonic()
            await attempt(client, address)
            took.append(time.monotonic() - began)
        assert (took[1] >= 0.3, took[2] >= 0.6) == (True, True)
        # More wait than there are connections for writing, and others are served meanwhile.
        addresses = [email() for _ in range(state.settings.write_pool_size + 2)]
        await asyncio.gather(*(attempt(client, address) for address in addresses))
        waiting = asyncio.gather(*(attempt(client, address) for address in addresses))
        pool: Any = other.database.engine.pool
        idle = False
        while not waiting.done():
            counted = [await failures(state, address) for address in addresses]
            if all(rows[0]["failures"] == 2 for rows in counted) and not waiting.done():
                idle = idle or pool.checkedout() == 0
            await asyncio.sleep(0.01)
        await waiting
        assert idle


@pytest.mark.parametrize(("failure", "seconds"), [(1, 0), (2, 1), (3, 2), (4, 5), (5, 10), (6, 10), (100, 10)])
def test_delays(failure: int, seconds: float) -> None:
    assert lockout.delay(failure) == seconds
    assert lockout.delay(failure, ()) == 0


def test_delays_are_a_setting() -> None:
    assert Settings(environment="test").sign_in_delays == (0, 1, 2, 5, 10)
    with pytest.raises(ValidationError):
        Settings(environment="test", sign_in_delays="often")  # type: ignore[arg-type]
