"""The tail of a stream: rights of the moment for who only waits, cursors that hold no more, and what waiting costs."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from domain.access import ROLE_PERMISSIONS, P, Role
from domain.errors import ApiError, ErrorCode
from graph.engine.operations import Engine
from graph.schema import schema
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id, encode_id
from settings import Settings
from storage import tail
from storage.events import Cursor
from storage.hashing import hash_password
from tests.conftest import Client, Signed
from tests.factories import platform
from tests.graph.world import UPDATE, created
from tests.live.followers import Follower, all_heard, change, context_of, following, forgotten, people, told

PASSWORD = "Altes-Passwort-1"
# Nobody hears longer than a second of what is not for them any more; the machine of the tests may be slow.
PROMISED, SLACK = 1.0, 1.0


@pytest.fixture
def engine(settings: Settings) -> Engine:
    return Engine(schema._schema, settings)


@pytest.fixture
async def idle(engine: Engine, state: State, acme: Signed) -> AsyncIterator[Follower]:
    """An agent who follows and hears nothing."""
    follower = Follower(engine, await context_of(state, acme.agency.people[Role.AGENT])).start()
    await following(state, acme, [follower])
    yield follower
    await follower.stop()


async def ended(follower: Follower) -> ErrorCode:
    """The code that ends a stream in which nothing happens, in the time promised."""
    error = await follower.end(PROMISED + SLACK)
    assert isinstance(error, ApiError), repr(error)
    return error.code


def test_a_look_comes_in_time() -> None:
    assert tail.TICK <= PROMISED - 0.2


# Rights, changed behind the back of this process


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update session set revoked_at = now() where id = :session", ErrorCode.INVALID_TOKEN),
        ("delete from session where id = :session", ErrorCode.INVALID_TOKEN),
        ("update member set status = 'DEACTIVATED' where id = :member", ErrorCode.INVALID_TOKEN),
        ("update tenant set is_active = false where tenant_id = :tenant", ErrorCode.TENANT_MISMATCH),
    ],
    ids=["revoked", "deleted", "deactivated", "agency"],
)
async def test_who_may_not_be_here_any_longer_is_sent_away_from_an_idle_stream(
    state: State, acme: Signed, idle: Follower, statement: str, code: ErrorCode
) -> None:
    person, tenant = acme.agency.people[Role.AGENT], acme.agency.id
    await change(state, tenant, statement, session=person.session_id, member=person.id, tenant=tenant)
    assert await ended(idle) is code


ENDINGS = {
    "userDeactivate": "mutation ($person: ID!) { userDeactivate(id: $person) { userErrors { code } } }",
    "userRemove": "mutation ($person: ID!, $other: ID!) {"
    " userRemove(id: $person, reassignToId: $other) { userErrors { code } } }",
    "sessionRevoke": "mutation ($session: ID!) { sessionRevoke(id: $session) { userErrors { code } } }",
    "authLogout": "mutation { authLogout { userErrors { code } } }",
}


@pytest.mark.parametrize("name", ENDINGS)
async def test_whoever_is_removed_or_leaves_is_gone_from_an_idle_stream(
    acme: Signed, idle: Follower, name: str
) -> None:
    """Through the API, by the person or by the owner."""
    person = acme.agency.people[Role.AGENT]
    known = {"person": person.gid, "session": encode_id("Session", person.session_id)}
    known["other"] = acme.agency.people[Role.MANAGER].gid
    given = {name_: id for name_, id in known.items() if f"${name_}" in ENDINGS[name]}
    client = acme.agent if name == "authLogout" else acme.owner
    assert (await client.data(ENDINGS[name], **given))[name]["userErrors"] == []
    assert await ended(idle) is ErrorCode.INVALID_TOKEN


async def test_a_new_password_ends_the_streams_of_all_other_sessions(
    state: State, acme: Signed, engine: Engine, idle: Follower
) -> None:
    person = acme.agency.people[Role.AGENT]
    await platform(
        state, "update account set password_hash = $2 where id = $1", person.account_id, await hash_password(PASSWORD)
    )
    login = "mutation ($e: EmailAddress!, $p: String!) { authLogin(email: $e, password: $p) { accessToken } }"
    address = (await acme.agent.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"]
    token = (await acme.agent.data(login, e=address, p=PASSWORD))["authLogin"]["accessToken"]
    here = Client(acme.agent.http, token)
    change_ = "mutation ($o: String!, $n: String!) { passwordChange(currentPassword: $o, newPassword: $n) { ok } }"
    assert (await here.data(change_, o=PASSWORD, n="Neues-Passwort-1"))["passwordChange"] == {"ok": True}
    assert await ended(idle) is ErrorCode.INVALID_TOKEN
    assert (await here.data("{ properties { totalCount } }"))["properties"] == {"totalCount": 0}


async def test_a_right_taken_away_ends_an_idle_stream(idle: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROLE_PERMISSIONS, Role.AGENT, ROLE_PERMISSIONS[Role.AGENT] - {P.PROPERTY_READ})
    assert await ended(idle) is ErrorCode.INSUFFICIENT_PERMISSIONS


@pytest.mark.parametrize("crowd", [True, False], ids=["crowd", "alone"])
async def test_a_smaller_role_narrows_an_idle_stream(state: State, engine: Engine, acme: Signed, crowd: bool) -> None:
    """Within a second and without an event: who became a customer hears nothing of what customers do not see."""
    hidden, offered = await created(acme), await created(acme, status="AVAILABLE")
    demoted, kept = (await people(state, acme, 2))[:2]
    followers = [Follower(engine, await context_of(state, person), crowd=crowd).start() for person in (demoted, kept)]
    await following(state, acme, followers)
    await change(state, acme.agency.id, "update member set role = 'CUSTOMER' where id = :id", id=demoted.id)
    await asyncio.sleep(PROMISED)
    for id in (hidden["id"], offered["id"]):
        await acme.manager.data(UPDATE, id=id, input={"title": "Neu"})
    await all_heard(followers[1:], 2)
    await all_heard(followers[:1], 1)
    assert [one["id"] for one in followers[0].heard] == [offered["id"]]
    assert [one["id"] for one in followers[1].heard] == [hidden["id"], offered["id"]]
    await change(state, acme.agency.id, "update member set role = 'AGENT' where id = :id", id=demoted.id)
    await asyncio.sleep(PROMISED)
    await acme.manager.data(UPDATE, id=hidden["id"], input={"title": "Neuer"})
    await all_heard(followers[:1], 2)
    for follower in followers:
        await follower.stop()


# Streams that do not go on


async def test_a_stream_of_another_epoch_is_told_to_who_waits(state: State, acme: Signed, idle: Follower) -> None:
    await change(state, acme.agency.id, "update event_stream set epoch = gen_random_uuid()")
    assert await ended(idle) is ErrorCode.EPOCH_CHANGED


@pytest.mark.parametrize("crowd", [True, False], ids=["crowd", "alone"])
async def test_a_stream_that_forgot_its_end_is_told_to_who_waits(
    state: State, engine: Engine, acme: Signed, crowd: bool
) -> None:
    made = await created(acme)
    follower = Follower(engine, await context_of(state, acme.agency.people[Role.AGENT]), crowd=crowd).start()
    await following(state, acme, [follower])
    await told(state, acme.agency.id, decode_id(made["id"], "Property"), 3)
    await all_heard([follower], 3)
    await platform(state, "delete from event_outbox where tenant_id = $1 and seq > 2", acme.agency.id)
    await change(state, acme.agency.id, "update event_stream set last_seq = 2")
    assert await ended(follower) is ErrorCode.CURSOR_AHEAD


async def test_who_is_slower_than_the_retention_is_told(
    state: State, engine: Engine, acme: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that stopped while more was told than memory holds, and while its place was removed."""
    monkeypatch.setattr(tail, "RECENT", 5)
    made = await created(acme)
    start = Cursor.decode((await acme.agent.data("{ streamCursor }"))["streamCursor"])
    context = await context_of(state, acme.agency.people[Role.AGENT])
    other = Follower(engine, context).start()
    await following(state, acme, [other])
    await told(state, acme.agency.id, decode_id(made["id"], "Property"), 10)
    await all_heard([other], 10)
    whole = Follower(engine, context, variables={"after": start.encode()}).start()
    await all_heard([whole], 10)
    async with state.tails.follow(acme.agency.id, "slow") as reader:
        place = await reader.open(start)
        await forgotten(state, acme.agency.id, 8)
        assert [event.seq for event in await reader.after(Cursor(start.epoch, 8))] == [9, 10, 11]
        with pytest.raises(ApiError) as caught:
            await reader.after(place)
        assert caught.value.code is ErrorCode.CURSOR_EXPIRED
    late = Follower(engine, context, variables={"after": start.encode()}).start()
    assert await ended(late) is ErrorCode.CURSOR_EXPIRED
    await told(state, acme.agency.id, decode_id(made["id"], "Property"))
    await all_heard([other, whole], 11)
    await other.stop()
    await whole.stop()


# What waiting costs


async def test_what_another_process_commits_is_heard_without_a_hint(state: State, acme: Signed, idle: Follower) -> None:
    made = await created(acme)
    await all_heard([idle], 1)
    began = time.monotonic()
    await told(state, acme.agency.id, decode_id(made["id"], "Property"))
    await all_heard([idle], 2)
    assert time.monotonic() - began < PROMISED + SLACK


async def test_statements_do_not_grow_with_idle_followers(
    state: State, engine: Engine, acme: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        original = getattr(asyncpg.Connection, name)

        async def counted(self: Any, sql: str, *rest: Any, _original: Any = original, **more: Any) -> Any:
            if acme.agency.id in rest:
                statements.append(sql)
            return await _original(self, sql, *rest, **more)

        monkeypatch.setattr(asyncpg.Connection, name, counted)
    members = await people(state, acme, 20)
    contexts = [await context_of(state, person) for person in members]
    followers: list[Follower] = []
    rates = []
    for count in (1, 200):
        while len(followers) < count:
            followers.append(Follower(engine, contexts[len(followers) % 20]).start())
        await following(state, acme, followers)
        await asyncio.sleep(1.5)
        statements.clear()
        began = time.monotonic()
        await asyncio.sleep(3)
        rates.append(len(statements) / (time.monotonic() - began))
    print(f"statements per second: {rates[0]:.1f} with one idle follower, {rates[1]:.1f} with 200")
    assert 0 < rates[1] <= 6
    assert rates[1] <= rates[0] + 2  # one more look may fall into the time measured
    for follower in followers:
        await follower.stop()
