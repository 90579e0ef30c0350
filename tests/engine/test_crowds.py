"""Followers who are told together: each hears every event once and in order, whatever the others do meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from domain.access import Role
from domain.errors import ApiError, ErrorCode
from graph.engine.calls import Call
from graph.engine.operations import Engine
from graph.schema import schema
from resolvers.kit.context import State
from storage.events import Cursor
from tests.conftest import Signed
from tests.graph.world import UPDATE, context_of, created
from tests.live.reading import until

CHANGES = """subscription ($ids: [ID!], $after: String) {
  propertyChanged(ids: $ids, after: $after) { cursor prevCursor kind id property { title } }
}"""


class Follower:
    """A subscription whose client takes answers at once, as long as `takes` says so."""

    def __init__(
        self, deliveries: Callable[[Callable[[bytes], bool]], Any], position: Callable[[], str | None]
    ) -> None:
        self.takes = True
        self.position = position
        self.together: list[bytes] = []
        self.all: list[dict[str, Any]] = []
        self._deliveries = deliveries
        self.running = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async for delivery in self._deliveries(self._send_now):
            self.all.append(self._change(delivery.content))

    def _send_now(self, content: bytes) -> bool:
        if self.takes:
            self.together.append(content)
            self.all.append(self._change(content))
        return self.takes

    @staticmethod
    def _change(content: str | bytes) -> dict[str, Any]:
        found = orjson.loads(content)
        assert "errors" not in found
        change: dict[str, Any] = found["data"]["propertyChanged"]
        return change

    @property
    def titles(self) -> list[str]:
        return [change["property"]["title"] for change in self.all]

    def has(self, *titles: str) -> Callable[[], bool]:
        return lambda: self.titles == list(titles)

    async def leave(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


class Audience:
    """Everybody who follows an agency's stream here."""

    def __init__(self, state: State, signed: Signed) -> None:
        self.engine = Engine(schema._schema, state.settings)
        self._state, self._signed = state, signed
        self._followers: list[Follower] = []

    async def join(self, role: Role = Role.AGENT, query: str = CHANGES, **variables: Any) -> Follower:
        context = await context_of(self._state, self._signed, role)
        stream = await self.engine.subscribe(self.engine.accept(Call(query, variables, None, {})), context)
        follower = Follower(stream.deliveries, lambda: context.stream_position)
        self._followers.append(follower)
        return follower

    async def crowd(self, count: int) -> None:
        """Wait until so many are told together."""
        await until(lambda: self.engine.circles.staying == count)

    async def rename(self, id: str, title: str) -> None:
        answer = await self._signed.agent.data(UPDATE, id=id, input={"title": title})
        assert answer["propertyUpdate"]["userErrors"] == []

    async def everybody_has(self, *titles: str) -> None:
        for follower in self._followers:
            await until(follower.has(*titles))
            cursors = [change["cursor"] for change in follower.all]
            assert [change["prevCursor"] for change in follower.all[1:]] == cursors[:-1]

    async def end(self) -> None:
        for follower in self._followers:
            await follower.leave()
        await asyncio.sleep(0)
        assert self.engine.circles.staying == 0
        assert "crowd" not in {task.get_name() for task in asyncio.all_tasks()}


@pytest.fixture
async def audience(state: State, acme: Signed) -> AsyncIterator[Audience]:
    found = Audience(state, acme)
    yield found
    await found.end()


@asynccontextmanager
async def changed(state: State, signed: Signed, statement: str, **values: Any) -> AsyncIterator[None]:
    """Something that is changed behind the server's back, and then what follows from it."""
    async with state.database.write(signed.agency.id) as session:
        await session.execute(text(statement), values)
        await session.commit()
    yield


async def test_all_are_told_the_same_text(acme: Signed, audience: Audience) -> None:
    made = await created(acme)
    followers = [await audience.join() for _ in range(120)]  # more than are served in one go
    await audience.crowd(120)
    for title in ("Eins", "Zwei"):
        await audience.rename(made["id"], title)
    await audience.everybody_has("Eins", "Zwei")
    first = followers[0].together
    assert len(first) == 2
    assert all(one is other for follower in followers for one, other in zip(follower.together, first, strict=True))
    assert {follower.position() for follower in followers} == {followers[0].all[-1]["cursor"]}


async def test_whoever_does_not_read_is_told_alone_and_comes_back(acme: Signed, audience: Audience) -> None:
    made = await created(acme)
    slow, fast = await audience.join(), await audience.join()
    await audience.crowd(2)
    slow.takes = False
    await audience.rename(made["id"], "Eins")
    await audience.everybody_has("Eins")
    assert (len(slow.together), len(fast.together)) == (0, 1)
    slow.takes = True
    await audience.crowd(2)
    await audience.rename(made["id"], "Zwei")
    await audience.everybody_has("Eins", "Zwei")
    assert (len(slow.together), len(fast.together)) == (1, 2)


async def test_who_comes_later_or_from_behind_joins_those_who_are_there(acme: Signed, audience: Audience) -> None:
    made = await created(acme)
    start = str((await acme.agent.data("{ streamCursor }"))["streamCursor"])
    early = await audience.join()
    await audience.crowd(1)
    await audience.rename(made["id"], "Eins")
    await until(early.has("Eins"))
    late = await audience.join(after=start)
    await until(late.has("Eins"))
    await audience.crowd(2)
    await audience.rename(made["id"], "Zwei")
    await audience.everybody_has("Eins", "Zwei")
    assert late.together[-1] is early.together[-1]


async def test_the_others_go_on_when_one_leaves(acme: Signed, audience: Audience) -> None:
    made = await created(acme)
    first, second = await audience.join(), await audience.join()
    await audience.crowd(2)
    await first.leave()
    await audience.crowd(1)
    await audience.rename(made["id"], "Eins")
    await until(second.has("Eins"))
    assert first.all == []
    third = await audience.join()
    await audience.crowd(2)
    await second.leave()
    await audience.rename(made["id"], "Zwei")
    await until(third.has("Zwei"))


async def test_what_a_filter_passes_over_moves_the_position(acme: Signed, audience: Audience) -> None:
    wanted, other = await created(acme), await created(acme)
    follower, late = await audience.join(ids=[wanted["id"]]), None
    await audience.crowd(1)
    await audience.rename(other["id"], "Anders")
    cursor = str((await acme.agent.data("{ streamCursor }"))["streamCursor"])
    await until(lambda: follower.position() == cursor)
    assert follower.all == []
    # Who comes now heard of another event last: the first answer is told to each, the next to both.
    late = await audience.join(ids=[wanted["id"]], after=cursor)
    for title in ("Eins", "Zwei"):
        await audience.rename(wanted["id"], title)
        await until(lambda title=title: follower.titles[-1:] == late.titles[-1:] == [title])
        await audience.crowd(2)
    await audience.everybody_has("Eins", "Zwei")
    assert late.all[0]["prevCursor"] == cursor
    before = Cursor.decode(follower.all[0]["prevCursor"])
    assert before.seq == Cursor.decode(cursor).seq - 1
    assert late.together[-1] is follower.together[-1]


async def test_people_hear_only_what_they_see(acme: Signed, audience: Audience) -> None:
    hidden, offered = await created(acme), await created(acme, status="AVAILABLE")
    start = str((await acme.agent.data("{ streamCursor }"))["streamCursor"])
    agent, customer = await audience.join(), await audience.join(Role.CUSTOMER, after=start)
    manager = await audience.join(Role.MANAGER)
    await audience.crowd(2)  # whoever sees a part of the rows follows alone
    await audience.rename(hidden["id"], "Geheim")
    await audience.rename(offered["id"], "Offen")
    for follower in (agent, manager):
        await until(follower.has("Geheim", "Offen"))
    await until(customer.has("Offen"))
    assert customer.together == []


async def test_a_changed_role_counts_at_the_next_event(state: State, acme: Signed, audience: Audience) -> None:
    hidden, offered = await created(acme), await created(acme, status="AVAILABLE")
    agent, manager = await audience.join(), await audience.join(Role.MANAGER)
    twin = await audience.join()
    await audience.crowd(3)
    member = acme.agency.people[Role.AGENT].id
    async with changed(state, acme, "update member set role = 'CUSTOMER' where id = :id", id=member):
        state.viewers.clear()
    for made, title in ((hidden, "Geheim"), (offered, "Offen")):
        await acme.manager.data(UPDATE, id=made["id"], input={"title": title})
    await until(manager.has("Geheim", "Offen"))
    for follower in (agent, twin):
        await until(follower.has("Offen"))


@pytest.mark.parametrize("quiet", [True, False])
async def test_a_session_that_ended_ends_the_stream(
    state: State, acme: Signed, audience: Audience, quiet: bool
) -> None:
    made = await created(acme)
    agent, manager = await audience.join(), await audience.join(Role.MANAGER)
    await audience.crowd(2)
    session = acme.agency.people[Role.AGENT].session_id
    async with changed(state, acme, "update session set revoked_at = now() where id = :id", id=session):
        if not quiet:
            state.viewers.drop(session)
            await acme.manager.data(UPDATE, id=made["id"], input={"title": "Eins"})
        async with asyncio.timeout(2):
            with pytest.raises(ApiError) as caught:
                await agent.running
    assert caught.value.code is ErrorCode.INVALID_TOKEN
    assert agent.all == []
    await acme.manager.data(UPDATE, id=made["id"], input={"title": "Zwei"})
    await until(lambda: manager.titles[-1:] == ["Zwei"])
    assert len(manager.together) == len(manager.all)


async def test_a_stream_that_begins_anew_ends_all(state: State, acme: Signed, audience: Audience) -> None:
    followers = [await audience.join() for _ in range(2)]
    await audience.crowd(2)
    async with changed(state, acme, "update event_stream set epoch = gen_random_uuid()"):
        for follower in followers:
            async with asyncio.timeout(5):
                with pytest.raises(ApiError) as caught:
                    await follower.running
            assert caught.value.code is ErrorCode.EPOCH_CHANGED
