"""Durable streams as server-sent events: a client that comes back hears exactly what it missed."""

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import text

from domain.access import Role
from graph.live import operation
from models.base import uuid7
from resolvers.kit.context import State
from storage.events import Cursor
from tests.conftest import Signed
from tests.graph.world import UPDATE, created
from tests.live.reading import COMPLETE, Clients, Said, Stream, until

SELECTION = "{ cursor prevCursor kind id property { title } }"
CHANGES = f"subscription ($after: String, $ids: [ID!]) {{ propertyChanged(after: $after, ids: $ids) {SELECTION} }}"
START = f"subscription {{ propertyChanged {SELECTION} }}"


class Watcher:
    """A person of an agency who opens streams and makes changes."""

    def __init__(self, signed: Signed, clients: Clients, role: Role = Role.AGENT) -> None:
        self.signed = signed
        self.token = signed.agency.people[role].token
        self._clients = clients

    async def watch(self, query: str = CHANGES, *, last: str | None = None, **variables: Any) -> Stream:
        headers = {} if last is None else {"last_event_id": last}
        return await self._clients.ask(query, token=self.token, variables=variables, **headers)

    async def cursor(self) -> str:
        return str((await self.signed.agent.data("{ streamCursor }"))["streamCursor"])

    async def rename(self, id: str, *titles: str) -> None:
        for title in titles:
            answer = await self.signed.agent.data(UPDATE, id=id, input={"title": title})
            assert answer["propertyUpdate"]["userErrors"] == []


@pytest.fixture
def agent(acme: Signed, clients: Clients) -> Watcher:
    return Watcher(acme, clients)


async def take(stream: Stream, count: int) -> list[Said]:
    return [await stream.event() for _ in range(count)]


def titles(events: list[Said]) -> list[str]:
    return [event.data["data"]["propertyChanged"]["property"]["title"] for event in events]


async def ended_with(stream: Stream, code: str) -> dict[str, Any]:
    """The stream says this error at last, and that it is complete."""
    last, complete = await stream.rest()
    assert (last.event, last.data.get("data"), complete, stream.whole) == ("next", None, COMPLETE, True)
    (error,) = last.data["errors"]
    assert error["extensions"]["code"] == code
    return dict(error)


async def test_a_change_comes_whole(agent: Watcher) -> None:
    made = await created(agent.signed)
    start = await agent.cursor()
    stream = await agent.watch(after=start)
    await agent.rename(made["id"], "Neu")
    said = await stream.event()
    cursor = await agent.cursor()
    assert (said.event, said.id) == ("next", cursor)
    assert said.data["data"] == {
        "propertyChanged": {
            "cursor": cursor,
            "prevCursor": start,
            "kind": "UPDATED",
            "id": made["id"],
            "property": {"title": "Neu"},
        }
    }
    assert "errors" not in said.data


@pytest.mark.parametrize(
    "query",
    [
        CHANGES,
        f"subscription ($since: String) {{ ...Changes }} fragment Changes on Subscription"
        f" {{ found: propertyChanged(after: $since) {SELECTION} }}",
        f"subscription ($a: String = null) {{ ... {{ ... {{ propertyChanged(after: $a) {SELECTION} }} }} }}",
    ],
    ids=["plain", "fragment", "nested"],
)
async def test_who_comes_back_hears_exactly_what_was_missed(agent: Watcher, query: str) -> None:
    made = await created(agent.signed)
    start = await agent.cursor()
    stream = await agent.watch(query, last=start)
    await agent.rename(made["id"], "Eins", "Zwei")
    seen = await take(stream, 2)
    await stream.leave()
    await agent.rename(made["id"], "Drei", "Vier")
    again = await agent.watch(query, last=seen[-1].id)
    missed = await take(again, 2)
    await agent.rename(made["id"], "Fünf")
    found = [*seen, *missed, *(await take(again, 1))]
    changes = [next(iter(said.data["data"].values())) for said in found]
    assert [change["property"]["title"] for change in changes[2:]] == ["Vier", "Vier", "Fünf"]  # read when delivered
    assert [said.id for said in found] == [change["cursor"] for change in changes]
    assert [change["prevCursor"] for change in changes] == [start, *(said.id for said in found[:-1])]
    assert [Cursor.decode(change["cursor"]).seq for change in changes] == [2, 3, 4, 5, 6]


async def test_the_last_event_counts_more_than_the_variable(agent: Watcher) -> None:
    """A client that connects again sends the request it sent first."""
    made = await created(agent.signed)
    start = await agent.cursor()
    await agent.rename(made["id"], "Eins")
    seen = await agent.cursor()
    await agent.rename(made["id"], "Zwei")
    stream = await agent.watch(last=seen, after=start)
    assert [said.data["data"]["propertyChanged"]["prevCursor"] for said in await take(stream, 1)] == [seen]


@pytest.mark.parametrize("query", [START, f'subscription {{ propertyChanged(after: "x") {SELECTION} }}'])
async def test_without_a_variable_nothing_is_lost_silently(agent: Watcher, query: str) -> None:
    error = await ended_with(await agent.watch(query, last=await agent.cursor()), "INVALID_INPUT")
    assert error["extensions"]["field"] == ["Last-Event-ID"]
    assert error["message"] == "Resuming by Last-Event-ID needs a variable as the argument `after`."


@pytest.mark.parametrize("query", ["{ streamCursor }", "mutation { authLogout { userErrors { code } } }"])
async def test_queries_and_mutations_have_no_last_event(agent: Watcher, query: str) -> None:
    first, last = await (await agent.watch(query, last="x")).rest()
    assert ("errors" in first.data, last) == (False, COMPLETE)


@pytest.mark.parametrize("last", ["x", "?", "ä", "A" * 33, "A" * 1_000])
async def test_a_garbled_last_event_is_invalid_input(agent: Watcher, last: str) -> None:
    error = await ended_with(await agent.watch(last=last), "INVALID_INPUT")
    assert error["extensions"]["field"] == ["after"]


@pytest.mark.parametrize("how", ["last", "after"])
async def test_cursors_a_stream_cannot_continue_from(state: State, agent: Watcher, rival: Signed, how: str) -> None:
    made = await created(agent.signed)
    await agent.rename(made["id"], *(f"Haus {n}" for n in range(4)))
    here = Cursor.decode(await agent.cursor())
    async with state.database.write(agent.signed.agency.id) as session:
        await session.execute(text("update event_stream set min_seq = 4"))
        await session.commit()
    foreign = str((await rival.agent.data("{ streamCursor }"))["streamCursor"])
    for cursor, code in (
        (Cursor(here.epoch, 2).encode(), "CURSOR_EXPIRED"),
        (Cursor(uuid7(), 5).encode(), "EPOCH_CHANGED"),
        (foreign, "EPOCH_CHANGED"),
        (Cursor(here.epoch, here.seq + 1).encode(), "CURSOR_AHEAD"),
    ):
        await ended_with(await agent.watch(**{how: cursor}), code)
    stream = await agent.watch(**{how: Cursor(here.epoch, 3).encode()})
    assert [Cursor.decode(said.id or "").seq for said in await take(stream, 2)] == [4, 5]


# Where a stream stands


async def test_a_stream_that_begins_now_tells_where(agent: Watcher) -> None:
    made = await created(agent.signed)
    start = await agent.cursor()
    for query, variables in ((START, {}), (CHANGES, {}), (CHANGES, {"after": None})):
        stream = await agent.watch(query, **variables)
        assert await stream.next() == f"cursor {stream.headers['x-request-id']} {start}"
        await stream.leave()
    await agent.rename(made["id"], "Eins")
    (said,) = await take(await agent.watch(last=start), 1)
    assert said.data["data"]["propertyChanged"]["prevCursor"] == start
    stream = await agent.watch(after=start)
    assert isinstance(await stream.next(), Said), "a place may be told only when all before it was sent"


async def test_a_quiet_stream_is_resumed_from_its_beat(agent: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "BEAT_SECONDS", 0.05)
    watched, other = await created(agent.signed), await created(agent.signed)
    start = await agent.cursor()
    stream = await agent.watch(after=start, ids=[watched["id"]])
    await agent.rename(other["id"], "Eins", "Zwei")
    passed = await agent.cursor()
    async with asyncio.timeout(5):
        while await stream.next() != f"cursor {stream.headers['x-request-id']} {passed}":
            pass
    await stream.leave()
    await agent.rename(watched["id"], "Drei")
    (said,) = await take(await agent.watch(last=passed, ids=[watched["id"]]), 1)
    change = said.data["data"]["propertyChanged"]
    assert (change["prevCursor"], change["id"], titles([said])) == (passed, watched["id"], ["Drei"])


# Rights of the moment


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update session set revoked_at = now() where id = :session", "INVALID_TOKEN"),
        ("update member set status = 'DEACTIVATED' where id = :member", "INVALID_TOKEN"),
        ("update tenant set is_active = false", "TENANT_MISMATCH"),
    ],
    ids=["session", "member", "agency"],
)
async def test_a_lost_right_ends_a_quiet_stream(state: State, agent: Watcher, statement: str, code: str) -> None:
    made = await created(agent.signed)
    stream = await agent.watch(after=await agent.cursor())
    await agent.rename(made["id"], "Eins")
    await stream.event()
    person = agent.signed.agency.people[Role.AGENT]
    values = {"session": person.session_id, "member": person.id}
    async with state.database.write(agent.signed.agency.id) as session:
        bound = {name: value for name, value in values.items() if f":{name}" in statement}
        await session.execute(text(statement), bound)
        await session.commit()
    started = time.monotonic()
    await ended_with(stream, code)
    assert time.monotonic() - started < 2


async def test_a_sign_out_ends_the_streams_of_its_session(agent: Watcher) -> None:
    stream = await agent.watch()
    assert isinstance(await stream.next(), str)
    started = time.monotonic()
    await agent.signed.agent.data("mutation { authLogout { userErrors { code } } }")
    await ended_with(stream, "INVALID_TOKEN")
    assert time.monotonic() - started < 1.5


async def test_strangers_hear_nothing(acme: Signed, clients: Clients) -> None:
    stream = await clients.ask(CHANGES)
    assert await ended_with(stream, "UNAUTHENTICATED")


async def test_nothing_of_another_agency_is_heard(agent: Watcher, rival: Signed) -> None:
    start = await agent.cursor()
    stream = await agent.watch(after=start)
    await created(rival)
    made = await created(agent.signed)
    (said,) = await take(stream, 1)
    change = said.data["data"]["propertyChanged"]
    assert (change["id"], change["prevCursor"]) == (made["id"], start)


# Clients that leave


async def test_who_leaves_takes_everything_along(state: State, agent: Watcher) -> None:
    made = await created(agent.signed)
    before = asyncio.all_tasks()
    streams = [await agent.watch(after=await agent.cursor()) for _ in range(3)]
    await agent.rename(made["id"], "Eins")
    for stream in streams:
        await stream.event()
    for stream in streams:
        await stream.leave()
    await until(lambda: asyncio.all_tasks() <= before, 2)
    assert state.database.reads.in_use == 0
