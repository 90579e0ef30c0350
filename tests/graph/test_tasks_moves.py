"""`taskMove`: any place of any column, by one row's update, under the rules of the board."""

from typing import Any

import pytest

from domain.access import Role
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Client, Signed
from tests.graph.tasks_world import (
    ARCHIVE,
    DELETE,
    UPDATE,
    column_of,
    columns,
    lines,
    moved,
    new,
    second_board,
    several,
)
from tests.graph.world import ERRORS, events, problems, rows, untouched

COLUMN_UPDATE = f"""mutation ($id: ID!, $input: BoardColumnInput!) {{
  boardColumnUpdate(id: $id, input: $input) {{ board {{ id }} {ERRORS} }} }}"""


async def limit(signed: Signed, status: str, **changes: Any) -> None:
    """Change a column of the default board."""
    column = (await columns(signed.agent))[status]
    payload = (await signed.agent.data(COLUMN_UPDATE, id=column["id"], input=changes))["boardColumnUpdate"]
    assert payload["userErrors"] == []


@pytest.mark.parametrize(
    ("card", "input", "order"),
    [
        ("A", {"position": 2}, "BCA"),
        ("A", {"position": 1}, "BAC"),
        ("A", {"position": 0}, "ABC"),
        ("C", {"position": 0}, "CAB"),
        ("C", {"position": 1}, "ACB"),
        ("B", {"position": 99}, "ACB"),
        ("B", {}, "ACB"),
        ("A", {"afterId": "C"}, "BCA"),
        ("A", {"afterId": "B"}, "BAC"),
        ("C", {"afterId": "A"}, "ACB"),
        ("B", {"afterId": "A"}, "ABC"),
    ],
)
async def test_a_place_in_the_column(acme: Signed, card: str, input: dict[str, Any], order: str) -> None:
    ids = await several(acme.agent, "ABC")
    if "afterId" in input:
        input = {"afterId": ids[input["afterId"]]}
    payload = await moved(acme.agent, ids[card], **input)
    assert (payload["userErrors"], payload["warnings"]) == ([], [])
    assert await column_of(acme.agent, "TODO") == order
    assert payload["task"]["position"] == order.index(card)


async def test_another_column_by_its_id_or_its_status(acme: Signed) -> None:
    ids = await several(acme.agent, "ABC")
    review = (await columns(acme.agent))["REVIEW"]
    by_id = await moved(acme.agent, ids["A"], columnId=review["id"])
    assert by_id["task"]["column"] == {"id": review["id"], "name": "In Prüfung", "status": "REVIEW"}
    assert (await moved(acme.agent, ids["B"], status="REVIEW", position=0))["task"]["position"] == 0
    both = await moved(acme.agent, ids["C"], status="REVIEW", columnId=review["id"], afterId=ids["B"])
    assert (both["task"]["status"], both["task"]["position"]) == ("REVIEW", 1)
    assert await column_of(acme.agent, "REVIEW") == "BCA"
    assert await column_of(acme.agent, "TODO") == ""


async def test_to_where_it_is_changes_nothing(state: State, acme: Signed) -> None:
    ids = await several(acme.agent, "ABC")
    for input in ({"position": 1}, {"afterId": ids["A"]}, {"status": "TODO", "position": 1}):
        async with untouched_tasks(state, acme):
            payload = await moved(acme.agent, ids["B"], **input)
            assert (payload["task"]["version"], payload["userErrors"]) == (1, [])
    assert await column_of(acme.agent, "TODO") == "ABC"


def untouched_tasks(state: State, signed: Signed) -> Any:
    return untouched(state, signed)


async def test_a_move_changes_one_row_and_tells_one_event(state: State, acme: Signed) -> None:
    ids = await several(acme.agent, "ABC")
    before = {row["id"]: row for row in await rows(state, acme.agency.id, "task")}
    written = len(await events(state, acme.agency.id))
    payload = await moved(acme.agent, ids["A"], position=1)
    after = {row["id"]: row for row in await rows(state, acme.agency.id, "task")}
    changed = [id for id in after if after[id] != before[id]]
    assert [encode_id("Task", id) for id in changed] == [ids["A"]]
    assert (await events(state, acme.agency.id))[written:] == [("task.moved", "MOVED", 2, ["rank"])]
    assert payload["task"]["version"] == 2
    assert (await lines(state, acme))[-1] == ("MOVED", [])


async def test_done_is_finished_and_can_be_taken_back(state: State, acme: Signed) -> None:
    id = (await new(acme.agent, progress=40))["id"]
    done = (await moved(acme.agent, id, status="DONE"))["task"]
    assert (done["status"], done["progress"], done["isOverdue"]) == ("DONE", 100, False)
    assert done["completedAt"] is not None
    assert (await events(state, acme.agency.id))[-1][:2] == ("task.completed", "MOVED")
    back = (await moved(acme.agent, id, status="IN_PROGRESS"))["task"]
    assert (back["status"], back["progress"], back["completedAt"]) == ("IN_PROGRESS", 99, None)
    assert (await lines(state, acme))[1:] == [
        (
            "MOVED",
            [
                {"field": "status", "from": "TODO", "to": "DONE"},
                {"field": "progress", "from": 40, "to": 100},
            ],
        ),
        (
            "MOVED",
            [
                {"field": "status", "from": "DONE", "to": "IN_PROGRESS"},
                {"field": "progress", "from": 100, "to": 99},
            ],
        ),
    ]


async def test_a_status_without_a_column_has_no_column(acme: Signed) -> None:
    id = (await new(acme.agent))["id"]
    payload = await moved(acme.agent, id, status="ON_HOLD")
    assert (payload["task"]["status"], payload["task"]["column"]) == ("ON_HOLD", None)
    again = await moved(acme.agent, id, status="TODO")
    assert again["task"]["column"]["name"] == "Zu erledigen"


async def test_blocked_needs_a_reason_and_leaving_forgets_it(state: State, acme: Signed) -> None:
    id = (await new(acme.agent))["id"]
    async with untouched(state, acme):
        payload = await moved(acme.agent, id, status="BLOCKED")
        assert (payload["task"], problems(payload)) == (None, [("MISSING_REQUIRED_FIELD", "input.blockedReason")])
    blocked = (await moved(acme.agent, id, status="BLOCKED", blockedReason="Grundbuch fehlt"))["task"]
    agent = {"id": acme.agency.people[Role.AGENT].gid}
    assert blocked["blocked"] == {"reason": "Grundbuch fehlt", "by": agent, "blockedByTask": None}
    assert (await moved(acme.agent, id, status="REVIEW"))["task"]["blocked"] is None


async def test_a_column_says_whom_it_takes(state: State, acme: Signed) -> None:
    id = (await new(acme.agent))["id"]
    await limit(acme, "DONE", allowFrom=["REVIEW", "IN_PROGRESS"])
    async with untouched(state, acme):
        payload = await moved(acme.agent, id, status="DONE")
        assert payload["task"] is None
        assert payload["userErrors"] == [
            {
                "code": "INVALID_TRANSITION",
                "message": "The status cannot change from TODO to DONE.",
                "field": ["input", "status"],
                "details": {"from": "TODO", "to": "DONE", "allowed": ["REVIEW", "IN_PROGRESS"]},
            }
        ]
    await moved(acme.agent, id, status="REVIEW")
    assert (await moved(acme.agent, id, status="DONE"))["userErrors"] == []


async def test_a_full_column_takes_nobody_unless_forced(state: State, acme: Signed) -> None:
    ids = await several(acme.agent, "ABCD")
    for title in "ABC":
        assert (await moved(acme.agent, ids[title], status="REVIEW"))["userErrors"] == []
    told = {
        "code": "BUSINESS_RULE",
        "message": "The limit of 3 is reached (In Prüfung).",
        "field": ["input", "status"],
        "details": {"rule": "WIP_LIMIT", "limit": 3, "name": "In Prüfung"},
    }
    async with untouched(state, acme):
        payload = await moved(acme.agent, ids["D"], status="REVIEW")
        assert (payload["task"], payload["userErrors"], payload["warnings"]) == (None, [told], [])
        update = (await acme.agent.data(UPDATE, id=ids["D"], input={"status": "REVIEW"}))["taskUpdate"]
        assert (update["task"], update["userErrors"]) == (None, [told])
    # Who is there already may change places in a full column.
    assert (await moved(acme.agent, ids["C"], position=0))["userErrors"] == []
    forced = await moved(acme.agent, ids["D"], status="REVIEW", force=True)
    assert (forced["task"]["status"], forced["userErrors"], forced["warnings"]) == ("REVIEW", [], [told])
    # Archived and deleted tasks do not count.
    await acme.agent.data(ARCHIVE, id=ids["A"])
    await acme.agent.data(DELETE, id=ids["B"])
    last = await new(acme.agent, "E")
    assert (await moved(acme.agent, last["id"], status="REVIEW"))["userErrors"] == []
    assert await column_of(acme.agent, "REVIEW") == "CDE"


async def test_a_forced_move_answers_a_repeated_request_alike(acme: Signed) -> None:
    ids = await several(acme.agent, "ABCD")
    for title in "ABC":
        await moved(acme.agent, ids[title], status="REVIEW")
    client = Client(acme.agent.http, acme.agent.token, {"Idempotency-Key": uuid7().hex})
    first = await moved(client, ids["D"], status="REVIEW", force=True)
    again = await moved(client, ids["D"], status="REVIEW", force=True)
    assert client.last.headers["Idempotency-Replayed"] == "true"
    assert [warning["code"] for warning in first["warnings"]] == ["BUSINESS_RULE"]
    assert again == first


async def test_the_limit_of_a_whole_board(state: State, acme: Signed) -> None:
    board = await second_board(acme.agent, wipLimit=2)
    for title in "AB":
        await new(acme.agent, title, boardId=board["id"])
    card = (await new(acme.agent, "C"))["id"]
    async with untouched(state, acme):
        payload = await moved(acme.agent, card, boardId=board["id"], status="IN_PROGRESS")
        assert problems(payload) == [("BUSINESS_RULE", "input.status")]
        assert payload["userErrors"][0]["details"] == {"rule": "WIP_LIMIT", "limit": 2, "name": "Vermietung"}
    # What is finished does not count.
    assert (await moved(acme.agent, card, boardId=board["id"], status="DONE"))["userErrors"] == []


async def test_another_board_takes_the_column_of_the_status(acme: Signed) -> None:
    board = await second_board(acme.agent)
    card = await new(acme.agent, "A")
    payload = await moved(acme.agent, card["id"], boardId=board["id"])
    assert payload["task"]["board"] == {"id": board["id"]}
    assert payload["task"]["column"]["id"] == board["columns"][1]["id"]
    assert await column_of(acme.agent, "TODO") == ""
    assert await column_of(acme.agent, "TODO", board["id"]) == "A"
    there = board["columns"][3]["id"]
    home = (await acme.agent.data("{ board { id } }"))["board"]["id"]
    assert (await moved(acme.agent, card["id"], boardId=home))["userErrors"] == []
    both = await moved(acme.agent, card["id"], boardId=board["id"], columnId=there)
    assert (both["task"]["status"], both["task"]["column"]["id"]) == ("REVIEW", there)


async def test_bad_moves_are_refused_and_change_nothing(state: State, acme: Signed, rival: Signed) -> None:
    ids = await several(acme.agent, "AB")
    other = await new(acme.agent, "C", status="REVIEW")
    archived = await new(acme.agent, "D")
    await acme.agent.data(ARCHIVE, id=archived["id"])
    board, here, theirs = await second_board(acme.agent), await columns(acme.agent), await columns(rival.agent)
    foreign = await new(rival.agent)
    nobody = encode_id("Task", uuid7())
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"columnId": here["DONE"]["id"], "status": "TODO"}, [("VALIDATION_ERROR", "input.status")]),
        ({"position": 0, "afterId": ids["B"]}, [("VALIDATION_ERROR", "input.afterId")]),
        ({"afterId": other["id"]}, [("VALIDATION_ERROR", "input.afterId")]),
        ({"afterId": archived["id"]}, [("VALIDATION_ERROR", "input.afterId")]),
        ({"afterId": ids["A"]}, [("VALIDATION_ERROR", "input.afterId")]),
        ({"columnId": board["columns"][0]["id"]}, [("VALIDATION_ERROR", "input.columnId")]),
        ({"position": -1}, [("VALIDATION_ERROR", "input.position")]),
        ({"columnId": theirs["DONE"]["id"]}, [("NOT_FOUND", "input.columnId")]),
        ({"columnId": encode_id("BoardColumn", uuid7())}, [("NOT_FOUND", "input.columnId")]),
        ({"columnId": ids["B"]}, [("NOT_FOUND", "input.columnId")]),
        ({"boardId": encode_id("Board", uuid7())}, [("NOT_FOUND", "input.boardId")]),
        ({"afterId": foreign["id"]}, [("NOT_FOUND", "input.afterId")]),
        ({"afterId": nobody}, [("NOT_FOUND", "input.afterId")]),
        ({"afterId": board["id"]}, [("NOT_FOUND", "input.afterId")]),
        ({"afterId": "?"}, [("INVALID_INPUT", "input.afterId")]),
        ({"columnId": "?"}, [("INVALID_INPUT", "input.columnId")]),
        (
            {"position": -1, "boardId": "?"},
            [("INVALID_INPUT", "input.boardId"), ("VALIDATION_ERROR", "input.position")],
        ),
    ]
    async with untouched(state, acme, rival):
        for input, expected in cases:
            payload = await moved(acme.agent, ids["A"], **input)
            assert (input, payload["task"], problems(payload)) == (input, None, expected)
        for id, code in ((nobody, "NOT_FOUND"), (foreign["id"], "NOT_FOUND"), ("?", "INVALID_INPUT")):
            assert problems(await moved(acme.agent, id, position=0)) == [(code, "id")]
        assert problems(await moved(acme.agent, archived["id"], position=0)) == [("VALIDATION_ERROR", "id")]


async def test_messages_are_german_for_those_who_ask_for_german(acme: Signed) -> None:
    id = (await new(acme.agent))["id"]
    client = Client(acme.agent.http, acme.agent.token, {"Accept-Language": "de"})
    payload = await moved(client, id, status="BLOCKED")
    assert payload["userErrors"][0]["message"] == "Was blockiert ist, braucht einen Grund."
