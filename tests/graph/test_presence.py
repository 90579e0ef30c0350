"""`viewersChanged`: whoever subscribes is seen by the others until the subscription ends, and only by readers."""

import asyncio
from collections.abc import AsyncIterator
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
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.graph.world import DELETE, context_of, created, events

DOCUMENT = "subscription ($id: ID!) { viewersChanged(nodeId: $id) { nodeId users { id } at } }"


class Looking:
    """An open subscription."""

    def __init__(self, answers: AsyncIterator[Any]) -> None:
        self._answers = answers

    async def next(self) -> dict[str, Any]:
        """The next answer; fails when none comes within five seconds."""
        async with asyncio.timeout(5):
            answer = orjson.loads((await anext(self._answers)).content)
        assert "errors" not in answer
        found: dict[str, Any] = answer["data"]["viewersChanged"]
        return found

    async def users(self) -> list[str]:
        return [user["id"] for user in (await self.next())["users"]]

    async def refused(self) -> tuple[ErrorCode, list[str]]:
        with pytest.raises(ApiError) as caught:
            await self.next()
        return caught.value.code, list(caught.value.field)

    async def hears_nothing(self, seconds: float) -> None:
        """Nothing comes; the stream goes on afterwards only if it is left alone, so this is the last question."""
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                await anext(self._answers)


@asynccontextmanager
async def looking(state: State, signed: Signed, id: str, role: Role = Role.AGENT) -> AsyncIterator[Looking]:
    engine = Engine(schema._schema, state.settings)
    accepted = engine.accept(Call(DOCUMENT, {"id": id}, None, {}))
    deliveries = (await engine.subscribe(accepted, await context_of(state, signed, role))).deliveries()
    try:
        yield Looking(deliveries)
    finally:
        await deliveries.aclose()


def who(signed: Signed, role: Role) -> str:
    return signed.agency.people[role].gid


async def test_whoever_looks_is_seen_until_they_leave(state: State, acme: Signed) -> None:
    made = await created(acme)
    before = await events(state, acme.agency.id)
    agent, manager = who(acme, Role.AGENT), who(acme, Role.MANAGER)
    async with looking(state, acme, made["id"]) as one:
        first = await one.next()
        assert (first["nodeId"], first["users"]) == (made["id"], [{"id": agent}])
        async with looking(state, acme, made["id"], Role.MANAGER) as two:
            assert sorted(await two.users()) == sorted([agent, manager])
            assert sorted(await one.users()) == sorted([agent, manager])
        assert await one.users() == [agent]
    assert state.presence._rooms == {}
    assert await events(state, acme.agency.id) == before, "nothing of it is stored"


async def test_a_second_window_changes_nothing(state: State, acme: Signed) -> None:
    made = await created(acme)
    async with looking(state, acme, made["id"]) as one, looking(state, acme, made["id"]) as two:
        assert await one.users() == await two.users() == [who(acme, Role.AGENT)]
        await one.hears_nothing(1.5)


async def test_only_readers_look(state: State, acme: Signed, rival: Signed) -> None:
    """What is foreign, invisible, deleted, missing and no record at all answers alike."""
    made, foreign, gone = await created(acme), await created(rival), await created(acme)
    await acme.manager.data(DELETE, id=gone["id"])
    refusals = [
        (made["id"], Role.CUSTOMER),  # sees own properties only
        (foreign["id"], Role.OWNER),
        (gone["id"], Role.OWNER),
        (encode_id("Property", uuid7()), Role.OWNER),
        (encode_id("AuditEntry", uuid7()), Role.OWNER),
        (encode_id("Nothing", uuid7()), Role.OWNER),
    ]
    for id, role in refusals:
        async with looking(state, acme, id, role) as one:
            assert await one.refused() == (ErrorCode.NOT_FOUND, ["nodeId"])
    async with looking(state, acme, "?") as one:
        assert await one.refused() == (ErrorCode.INVALID_INPUT, ["nodeId"])
    assert state.presence._rooms == {}


async def test_a_lost_right_ends_it_within_two_seconds(state: State, acme: Signed) -> None:
    made = await created(acme)
    async with looking(state, acme, made["id"], Role.MANAGER) as one:
        await one.users()
        async with looking(state, acme, made["id"]) as two:
            await two.users()
            await one.users()
            async with state.database.write(acme.agency.id) as session:
                member = acme.agency.people[Role.AGENT].id
                await session.execute(text("update member set role = 'CUSTOMER' where id = :id"), {"id": member})
                await session.commit()
            async with asyncio.timeout(3):
                assert await two.refused() == (ErrorCode.NOT_FOUND, ["nodeId"])
        assert await one.users() == [who(acme, Role.MANAGER)]


async def test_nobody_looks_at_what_was_deleted(state: State, acme: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolvers.presence.RIGHTS", 0.05)
    made = await created(acme)
    async with looking(state, acme, made["id"]) as one:
        await one.users()
        await acme.manager.data(DELETE, id=made["id"])
        assert await one.refused() == (ErrorCode.NOT_FOUND, ["nodeId"])
