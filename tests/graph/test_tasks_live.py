"""`taskChanged` and `boardChanged`: what a board page hears, in order, resumable, under the rights of the moment."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.access import Role
from domain.errors import ApiError, ErrorCode
from graph.engine.reference import RequestRefused
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.contract.strangers import listening
from tests.graph.tasks_world import ARCHIVE, DELETE, UPDATE, columns, moved, new, second_board
from tests.graph.world import document

COMMENT = """mutation ($id: ID!) {
  taskCommentAdd(taskId: $id, text: "Ruft morgen an") { comment { id } userErrors { code } } }"""
BOARD_LIVE = """subscription ($id: ID!, $after: String) {
  boardChanged(boardId: $id, after: $after) {
    cursor prevCursor kind id changedFields actor { id } board { name columns { name position wipLimit } } } }"""
ADD = """mutation ($id: ID!) {
  boardColumnAdd(boardId: $id, input: { status: ON_HOLD, wipLimit: 2 }) { userErrors { code } } }"""
RENAME = """mutation ($id: ID!, $name: String!) {
  boardUpdate(id: $id, input: { name: $name }) { userErrors { code } } }"""
Answers = AsyncIterator[dict[str, Any]]


async def cursor_of(signed: Signed) -> str:
    return str((await signed.agent.data("{ streamCursor }"))["streamCursor"])


async def heard(answers: Answers, count: int, field: str = "taskChanged") -> list[dict[str, Any]]:
    """The next changes; fails when they do not come within five seconds."""
    async with asyncio.timeout(5):
        return [(await anext(answers))["data"][field] for _ in range(count)]


def token_of(signed: Signed, role: Role = Role.AGENT) -> str:
    return signed.agency.people[role].token


async def test_a_board_page_hears_everything_that_happens_to_its_cards(state: State, acme: Signed) -> None:
    here = await columns(acme.agent)
    board = (await acme.agent.data("{ board { id } }"))["board"]["id"]
    start = await cursor_of(acme)
    card = (await new(acme.agent, "A"))["id"]
    await new(acme.agent, "B")
    await moved(acme.agent, card, position=1)
    await moved(acme.agent, card, status="REVIEW")
    await acme.manager.data(UPDATE, id=card, input={"title": "C"})
    await acme.agent.data(COMMENT, id=card)
    await moved(acme.agent, card, status="DONE")
    await acme.agent.data(ARCHIVE, id=card)
    await acme.agent.data(DELETE, id=card)
    text = document("KanbanLive")
    async with listening(state, token_of(acme), text, boardId=board, after=start) as answers:
        found = await heard(answers, 9)
    assert [change["prevCursor"] for change in found] == [start, *(change["cursor"] for change in found[:-1])]
    todo, review, done = ({"id": here[status]["id"]} for status in ("TODO", "REVIEW", "DONE"))
    told = [(change["kind"], change["fromColumn"], change["toColumn"], change["position"]) for change in found]
    assert told == [
        ("CREATED", None, todo, None),
        ("CREATED", None, todo, None),
        ("MOVED", todo, todo, 1),
        ("MOVED", todo, review, 0),
        ("UPDATED", None, None, None),
        ("COMMENTED", None, None, None),
        ("MOVED", review, done, 0),
        ("UPDATED", None, None, None),
        ("DELETED", done, None, None),
    ]
    assert [change["changedFields"] for change in found] == [
        *([], [], ["rank"], ["column", "rank", "status"], ["title"], ["comments"]),
        *(["column", "completedAt", "progress", "status"], ["archivedAt"], []),
    ]
    # What was said lies in the trash with its task by now, and is not shown.
    assert [change["comment"] for change in found] == [None] * 9
    assert [change["task"] is None for change in found] == [change["id"] == card for change in found]
    assert [change["actor"]["id"] for change in found][3:5] == [
        acme.agency.people[Role.AGENT].gid,
        acme.agency.people[Role.MANAGER].gid,
    ]
    # In the middle: exactly what follows.
    async with listening(state, token_of(acme), text, boardId=board, after=found[4]["cursor"]) as answers:
        assert await heard(answers, 4) == found[5:]


async def test_a_card_is_heard_where_it_is(state: State, acme: Signed) -> None:
    """Rank, place and version are those of the moment of delivery."""
    start = await cursor_of(acme)
    card = await new(acme.agent, "A")
    async with listening(state, token_of(acme), document("KanbanLive"), after=start) as answers:
        (change,) = await heard(answers, 1)
    assert change["task"] == {
        "id": card["id"],
        "title": "A",
        "priority": "MEDIUM",
        "status": "TODO",
        "rank": "a0",
        "position": 0,
        "dueDate": card["dueDate"],
        "progress": 0,
        "isOverdue": False,
        "version": 1,
        "assignee": {"id": acme.agency.people[Role.AGENT].gid, "name": "Agent Person"},
        "blocked": None,
        **{name: change["task"][name] for name in ("commentCount", "labels") if name in change["task"]},
    }


async def test_what_is_said_is_heard_with_its_card(state: State, acme: Signed) -> None:
    card, start = (await new(acme.agent, "A"))["id"], await cursor_of(acme)
    said = (await acme.agent.data(COMMENT, id=card))["taskCommentAdd"]["comment"]["id"]
    async with listening(state, token_of(acme), document("KanbanLive"), after=start) as answers:
        (change,) = await heard(answers, 1)
    agent = {"id": acme.agency.people[Role.AGENT].gid, "name": "Agent Person"}
    assert (change["kind"], change["changedFields"], change["task"]["version"]) == ("COMMENTED", ["comments"], 1)
    assert change["comment"] == {"id": said, "text": "Ruft morgen an", "author": agent}


async def test_a_board_hears_of_cards_that_come_and_go_and_of_no_others(state: State, acme: Signed) -> None:
    first = (await acme.agent.data("{ board { id } }"))["board"]["id"]
    second = (await second_board(acme.agent))["id"]
    start = await cursor_of(acme)
    card = (await new(acme.agent, "A"))["id"]
    await new(acme.agent, "B", boardId=second)
    await moved(acme.agent, card, boardId=second)
    await acme.agent.data(UPDATE, id=card, input={"title": "C"})
    text = "subscription ($b: ID, $t: ID, $a: String) { taskChanged(boardId: $b, taskId: $t, after: $a) { kind id } }"
    async with listening(state, token_of(acme), text, b=first, a=start) as answers:
        assert [change["kind"] for change in await heard(answers, 2)] == ["CREATED", "MOVED"]
    async with listening(state, token_of(acme), text, b=second, a=start) as answers:
        assert [change["kind"] for change in await heard(answers, 3)] == ["CREATED", "MOVED", "UPDATED"]
    async with listening(state, token_of(acme), text, t=card, a=start) as answers:
        assert [change["id"] for change in await heard(answers, 3)] == [card] * 3
    async with listening(state, token_of(acme), text, b=first, t=card, a=start) as answers:
        assert [change["kind"] for change in await heard(answers, 2)] == ["CREATED", "MOVED"]


async def test_new_changes_come_as_they_are_made(state: State, acme: Signed) -> None:
    start = await cursor_of(acme)
    async with listening(state, token_of(acme), document("KanbanLive"), after=start) as answers:
        for number in range(3):
            made = await new(acme.agent, f"Karte {number}")
            (change,) = await heard(answers, 1)
            assert (change["kind"], change["id"]) == ("CREATED", made["id"])


async def test_a_customer_hears_of_own_tasks_only(state: State, acme: Signed) -> None:
    start = await cursor_of(acme)
    await new(acme.agent, "A")
    mine = await new(acme.agent, "B", assigneeId=acme.agency.people[Role.CUSTOMER].gid)
    text = "subscription ($a: String) { taskChanged(after: $a) { id prevCursor } }"
    async with listening(state, token_of(acme, Role.CUSTOMER), text, a=start) as answers:
        (change,) = await heard(answers, 1)
    assert change == {"id": mine["id"], "prevCursor": start}


async def test_a_board_is_heard_with_its_columns(state: State, acme: Signed) -> None:
    board = await second_board(acme.agent, columns=[{"status": "TODO"}])
    start = await cursor_of(acme)
    await acme.agent.data(ADD, id=board["id"])
    await new(acme.agent, "A", boardId=board["id"])
    await second_board(acme.agent, "Drei")
    await acme.manager.data(RENAME, id=board["id"], name="Miete")
    async with listening(state, token_of(acme), BOARD_LIVE, id=board["id"], after=start) as answers:
        found = await heard(answers, 2, "boardChanged")
    shown = {
        "name": "Miete",
        "columns": [
            {"name": "Zu erledigen", "position": 0, "wipLimit": None},
            {"name": "Zurückgestellt", "position": 1, "wipLimit": 2},
        ],
    }
    agent, manager = ({"id": acme.agency.people[role].gid} for role in (Role.AGENT, Role.MANAGER))
    assert found == [
        {
            "cursor": found[0]["cursor"],
            "prevCursor": start,
            "kind": "UPDATED",
            "id": board["id"],
            "changedFields": ["columns"],
            "actor": agent,
            "board": shown,
        },
        {
            "cursor": found[1]["cursor"],
            "prevCursor": found[0]["cursor"],
            "kind": "UPDATED",
            "id": board["id"],
            "changedFields": ["name"],
            "actor": manager,
            "board": shown,
        },
    ]


@pytest.mark.parametrize(
    "text",
    [
        'subscription { taskChanged(boardId: "?") { kind } }',
        'subscription { taskChanged(taskId: "?") { kind } }',
        'subscription { boardChanged(boardId: "?") { kind } }',
    ],
)
async def test_an_unreadable_id_is_refused(state: State, acme: Signed, text: str) -> None:
    with pytest.raises(RequestRefused) as caught:
        async with listening(state, token_of(acme), text):
            pass
    (error,) = caught.value.errors
    assert isinstance(error.original_error, ApiError)
    assert error.original_error.code is ErrorCode.INVALID_INPUT


async def test_of_another_agency_nothing_is_heard(state: State, acme: Signed, rival: Signed) -> None:
    start, theirs = await cursor_of(acme), await new(rival.agent, "A")
    text = "subscription ($t: ID, $a: String) { taskChanged(taskId: $t, after: $a) { id } }"
    for id in (theirs["id"], encode_id("Task", uuid7()), encode_id("Board", uuid7())):
        await moved(rival.agent, theirs["id"], status="DONE")
        await moved(rival.agent, theirs["id"], status="TODO")
        with pytest.raises(TimeoutError):
            async with listening(state, token_of(acme), text, t=id, a=start) as answers, asyncio.timeout(0.3):
                await anext(answers)
