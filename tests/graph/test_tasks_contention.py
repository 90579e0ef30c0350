"""Many hands on one board: one order for every reader, no limit passed, the same work for ten and for thousands."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import event

import models
from domain.tasks import ranks
from models.base import now, uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id, encode_id
from tests.conftest import Signed
from tests.graph.tasks_world import CREATE, DUE, column_of, columns, moved, new, several
from tests.graph.world import rows

CARDS = """query ($after: String) { tasks(first: 100, after: $after, orderBy: [{ field: POSITION, direction: ASC }]) {
  nodes { id rank position status } pageInfo { hasNextPage endCursor } } }"""


async def filled(state: State, signed: Signed, count: int) -> list[str]:
    """That many tasks in the column TODO, written directly; answers their ids in order."""
    column = (await columns(signed.agent))["TODO"]
    board = (await signed.agent.data("{ board { id } }"))["board"]["id"]
    ids = [uuid7() for _ in range(count)]
    async with state.database.write(signed.agency.id) as session:
        session.add_all(
            models.Task(
                tenant_id=signed.agency.id,
                id=id,
                title="Karte",
                board_id=decode_id(board, "Board"),
                column_id=decode_id(column["id"], "BoardColumn"),
                rank=rank,
                due_date=now(),
            )
            for id, rank in zip(ids, ranks.following(None, count), strict=True)
        )
        await session.commit()
    return [encode_id("Task", id) for id in ids]


async def order_of(signed: Signed) -> list[str]:
    """All tasks of one column by their ranks; the places must agree with them."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await signed.agent.data(CARDS, after=after))["tasks"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert [card["position"] for card in found] == list(range(len(found)))
    return [card["id"] for card in found]


async def test_fifty_moves_of_one_card_at_once_all_succeed(state: State, acme: Signed) -> None:
    ids = await filled(state, acme, 12)
    payloads = await asyncio.gather(*(moved(acme.agent, ids[0], position=place % 12) for place in range(50)))
    assert [payload["userErrors"] for payload in payloads] == [[]] * 50
    order = await order_of(acme)
    assert sorted(order) == sorted(ids)
    assert [id for id in order if id != ids[0]] == ids[1:]
    (row,) = [row for row in await rows(state, acme.agency.id, "task") if encode_id("Task", row["id"]) == ids[0]]
    assert row["version"] == 1 + len(await rows(state, acme.agency.id, "event_outbox"))


async def test_a_storm_of_moves_leaves_one_order(state: State, acme: Signed) -> None:
    ids = await filled(state, acme, 20)
    chance = random.Random(7)  # noqa: S311 - the same moves each time
    jobs = []
    for _ in range(120):
        card, other = chance.sample(ids, 2)
        input = chance.choice([{"position": chance.randrange(25)}, {"afterId": other}, {}])
        jobs.append(moved(chance.choice([acme.agent, acme.manager, acme.owner]), card, **input))
    payloads = await asyncio.gather(*jobs)
    assert [payload["userErrors"] for payload in payloads] == [[]] * len(jobs)
    order = await order_of(acme)
    assert sorted(order) == sorted(ids)
    found = [row["rank"] for row in await rows(state, acme.agency.id, "task")]
    assert len(set(found)) == len(ids)
    assert max(map(len, found)) < ranks.LONGEST


async def test_new_tasks_made_at_once_stand_behind_each_other(acme: Signed) -> None:
    given = [{"title": f"{number:02}", "dueDate": DUE} for number in range(30)]
    bodies = await asyncio.gather(*(acme.agent.data(CREATE, input=input) for input in given))
    assert [body["taskCreate"]["userErrors"] for body in bodies] == [[]] * 30
    assert len(set(await order_of(acme))) == 30


async def test_no_limit_is_passed_by_many_at_once(acme: Signed) -> None:
    ids = await several(acme.agent, "ABCDEFGHIJ")
    payloads = await asyncio.gather(*(moved(acme.agent, id, status="REVIEW") for id in ids.values()))
    refused = [payload["userErrors"][0]["details"]["rule"] for payload in payloads if payload["userErrors"]]
    assert refused == ["WIP_LIMIT"] * 7
    assert len(await column_of(acme.agent, "REVIEW")) == 3


async def test_cards_that_change_places_do_not_wait_for_each_other_forever(acme: Signed) -> None:
    ids = await several(acme.agent, "ABCDEF")
    jobs = [
        moved(acme.agent, id, status=status)
        for status in ("DONE", "TODO", "IN_PROGRESS", "BACKLOG") * 3
        for id in ids.values()
    ]
    payloads = await asyncio.gather(*jobs)
    assert [payload["userErrors"] for payload in payloads] == [[]] * len(jobs)


async def test_ranks_that_grew_too_long_are_numbered_anew(
    state: State, acme: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranks, "LONGEST", 6)
    ids = await filled(state, acme, 4)
    expected = list(ids)
    for turn in range(60):  # always between the first and the second
        card = expected.pop(2 + turn % 2)
        expected.insert(1, card)
        assert (await moved(acme.agent, card, position=1))["userErrors"] == []
    assert await order_of(acme) == expected
    assert max(len(row["rank"]) for row in await rows(state, acme.agency.id, "task")) <= 6
    told = [row for row in await rows(state, acme.agency.id, "event_outbox", "seq") if row["entity"] == "board"]
    assert {(row["type"], tuple(row["changed"])) for row in told} == {("board.updated", ("tasks",))}


@asynccontextmanager
async def counted(state: State) -> AsyncIterator[list[tuple[str, int]]]:
    """The statements that are written with, and how many rows each changed."""
    found: list[tuple[str, int]] = []

    def note(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        found.append((" ".join(statement.split())[:60], cursor.rowcount))

    engine = state.database.engine.sync_engine
    event.listen(engine, "after_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "after_cursor_execute", note)


async def test_a_move_is_the_same_work_for_ten_and_for_thousands(state: State, acme: Signed, rival: Signed) -> None:
    work = []
    for signed, count in ((acme, 10), (rival, 5_000)):
        ids = await filled(state, signed, count)
        async with counted(state) as statements:
            payload = await moved(signed.agent, ids[-1], position=count // 2)
            assert (payload["task"]["position"], payload["userErrors"]) == (count // 2, [])
        work.append(statements)
        assert [rowcount for text, rowcount in statements if text.startswith("UPDATE task SET")] == [1]
    small, large = work
    assert [text for text, _ in small] == [text for text, _ in large]
    assert len(small) <= 14, small


async def test_a_task_that_comes_back_has_its_place(acme: Signed) -> None:
    """The trash and the archive hold places that moves between the remaining cards must not take."""
    ids = await several(acme.agent, "ABCD")
    await acme.agent.data("mutation ($id: ID!) { taskDelete(id: $id) { userErrors { code } } }", id=ids["B"])
    assert (await moved(acme.agent, ids["D"], afterId=ids["A"]))["userErrors"] == []
    assert await column_of(acme.agent, "TODO") == "ADC"
    assert (await moved(acme.agent, ids["C"], position=1))["userErrors"] == []
    assert await column_of(acme.agent, "TODO") == "ACD"
    restored = "mutation ($ids: [ID!]!) { trashRestore(ids: $ids) { restored { id } userErrors { code field } } }"
    data = await acme.agent.data(restored, ids=[ids["B"]])
    assert data["trashRestore"] == {"restored": [{"id": ids["B"]}], "userErrors": []}
    order = await column_of(acme.agent, "TODO")
    assert order.replace("B", "") == "ACD"
    assert len(order) == 4
    await new(acme.agent, "E")
    assert (await column_of(acme.agent, "TODO"))[-1] == "E"
