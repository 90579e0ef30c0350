"""Tasks through the schema: made, changed, archived, deleted, blocked, changed in bulk; their rules and refusals."""

from typing import Any

import pytest

from domain.access import Role
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id, encode_id
from tests.conftest import Client, Signed
from tests.factories import platform
from tests.graph.tasks_world import (
    ARCHIVE,
    BLOCK,
    CREATE,
    DELETE,
    DUE,
    UNBLOCK,
    UPDATE,
    column_of,
    lines,
    moved,
    new,
    second_board,
    several,
)
from tests.graph.world import ERRORS, created, events, problems, rows, untouched

BULK = f"""mutation ($ids: [ID!]!, $input: TaskBulkInput!) {{
  tasksUpdate(ids: $ids, input: $input) {{
    results {{ id task {{ id title status priority archived assignee {{ id }} }} {ERRORS} }}
    succeededCount failedCount {ERRORS} }} }}"""
BULK_DELETE = f"""mutation ($ids: [ID!]!) {{
  tasksDelete(ids: $ids) {{ results {{ id task {{ id }} {ERRORS} }} succeededCount failedCount {ERRORS} }} }}"""
PROJECT = f"mutation ($input: ProjectInput!) {{ projectCreate(input: $input) {{ project {{ id }} {ERRORS} }} }}"


async def changed(client: Client, id: str, **input: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(UPDATE, id=id, input=input))["taskUpdate"]
    return found


async def test_a_new_task_has_what_was_given_and_the_defaults(state: State, acme: Signed) -> None:
    board = (await acme.agent.data("{ board { id isDefault columns { id status } } }"))["board"]
    todo = next(column for column in board["columns"] if column["status"] == "TODO")
    agent = acme.agency.people[Role.AGENT].gid
    found = await new(acme.agent)
    assert found == {
        "id": found["id"],
        "title": "Anrufen",
        "description": "",
        "priority": "MEDIUM",
        "status": "TODO",
        "rank": "a0",
        "position": 0,
        "dueDate": DUE,
        "startDate": None,
        "completedAt": None,
        "progress": 0,
        "estimatedHours": 1,
        "actualHours": None,
        "storyPoints": None,
        "archived": False,
        "archivedAt": None,
        "isOverdue": False,
        "version": 1,
        "deletedAt": None,
        "board": {"id": board["id"]},
        "column": {"id": todo["id"], "name": "Zu erledigen", "status": "TODO"},
        "assignee": {"id": agent},
        "property": None,
        "project": None,
        "financing": None,
        "blocked": None,
    }
    assert board["isDefault"] is True
    assert (await events(state, acme.agency.id))[-1] == ("task.created", "CREATED", 1, [])
    (event,) = await rows(state, acme.agency.id, "event_outbox")
    assert event["data"] == {
        "board": str(decode_id(board["id"], "Board")),
        "toColumn": str(decode_id(todo["id"], "BoardColumn")),
    }
    assert await lines(state, acme) == [("CREATED", [])]


async def test_a_new_task_with_everything(acme: Signed) -> None:
    property = (await created(acme))["id"]
    project = (await acme.agent.data(PROJECT, input={"name": "Neubau"}))["projectCreate"]["project"]["id"]
    manager = acme.agency.people[Role.MANAGER].gid
    found = await new(
        acme.agent,
        "  Exposé prüfen ",
        description="Fotos fehlen",
        priority="URGENT",
        status="IN_PROGRESS",
        assigneeId=manager,
        startDate="2030-05-01T09:00:00+02:00",
        progress=30,
        estimatedHours=1000,
        storyPoints=8,
        propertyId=property,
        projectId=project,
        financing={
            "status": "REQUESTED",
            "amount": {"amount": "250000.00", "currency": "CHF"},
            "interestRate": "3.85",
            "termYears": 20,
        },
    )
    assert (found["title"], found["description"], found["priority"]) == ("Exposé prüfen", "Fotos fehlen", "URGENT")
    assert (found["status"], found["progress"], found["estimatedHours"]) == ("IN_PROGRESS", 30, 1000)
    assert (found["startDate"], found["storyPoints"]) == ("2030-05-01T07:00:00.000Z", 8)
    assert (found["assignee"], found["property"], found["project"]) == (
        {"id": manager},
        {"id": property},
        {"id": project},
    )
    assert found["financing"] == {
        "status": "REQUESTED",
        "amount": {"amount": "250000.00", "currency": "CHF"},
        "interestRate": "3.85",
        "termYears": 20,
    }
    done = await new(acme.agent, status="DONE", progress=10)
    assert (done["progress"], done["completedAt"] is not None) == (100, True)


async def test_bad_new_tasks_are_refused_and_change_nothing(state: State, acme: Signed, rival: Signed) -> None:
    theirs, stranger = await second_board(rival.agent), rival.agency.people[Role.AGENT].gid
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"title": "   "}, [("MISSING_REQUIRED_FIELD", "input.title")]),
        ({"title": "x" * 201}, [("VALIDATION_ERROR", "input.title")]),
        ({"title": "a\x00b"}, [("INVALID_INPUT", "input.title")]),
        ({"description": "x" * 2001}, [("VALIDATION_ERROR", "input.description")]),
        ({"estimatedHours": 0}, [("VALIDATION_ERROR", "input.estimatedHours")]),
        ({"estimatedHours": 1001}, [("VALIDATION_ERROR", "input.estimatedHours")]),
        ({"progress": 101}, [("VALIDATION_ERROR", "input.progress")]),
        ({"progress": -1, "storyPoints": 201}, [
            ("VALIDATION_ERROR", "input.progress"), ("VALIDATION_ERROR", "input.storyPoints")]),
        ({"startDate": "2030-05-06T07:08:09.001Z"}, [("VALIDATION_ERROR", "input.startDate")]),
        ({"dueDate": "2030-05-06T07:08:09"}, [("INVALID_INPUT", "input.dueDate")]),
        ({"status": "BLOCKED"}, [("MISSING_REQUIRED_FIELD", "input.status")]),
        ({"boardId": theirs["id"]}, [("NOT_FOUND", "input.boardId")]),
        ({"boardId": encode_id("Board", uuid7())}, [("NOT_FOUND", "input.boardId")]),
        ({"assigneeId": stranger}, [("NOT_FOUND", "input.assigneeId")]),
        ({"projectId": encode_id("Project", uuid7())}, [("NOT_FOUND", "input.projectId")]),
        ({"propertyId": "?"}, [("INVALID_INPUT", "input.propertyId")]),
        ({"financing": {"status": "NONE", "interestRate": "100.01"}}, [
            ("VALIDATION_ERROR", "input.financing.interestRate")]),
        ({"financing": {"status": "NONE", "amount": {"amount": "1.001"}}}, [
            ("INVALID_INPUT", "input.financing.amount.amount")]),
    ]  # fmt: skip
    async with untouched(state, acme, rival):
        for input, expected in cases:
            given = {"title": "Anrufen", "dueDate": DUE, **input}
            payload = (await acme.agent.data(CREATE, input=given))["taskCreate"]
            assert (input, payload["task"], problems(payload)) == (input, None, expected)


async def test_only_who_can_sign_in_can_be_asked(state: State, acme: Signed) -> None:
    manager = acme.agency.people[Role.MANAGER]
    await platform(
        state, "update member set status = 'DEACTIVATED' where tenant_id = $1 and id = $2", acme.agency.id, manager.id
    )
    id = (await new(acme.agent))["id"]
    async with untouched(state, acme):
        given = {"title": "x", "dueDate": DUE, "assigneeId": manager.gid}
        payload = (await acme.agent.data(CREATE, input=given))["taskCreate"]
        assert problems(payload) == [("NOT_FOUND", "input.assigneeId")]
        assert problems(await changed(acme.agent, id, assigneeId=manager.gid)) == [("NOT_FOUND", "input.assigneeId")]


async def test_a_change_writes_only_what_is_given(state: State, acme: Signed) -> None:
    manager = acme.agency.people[Role.MANAGER].gid
    before = await new(acme.agent, startDate="2030-01-01T00:00:00Z", financing={"status": "REQUESTED", "termYears": 9})
    payload = await changed(acme.agent, before["id"], title="Neu", expectedVersion=1)
    assert (payload["userErrors"], payload["task"]) == ([], before | {"title": "Neu", "version": 2})
    assert (await events(state, acme.agency.id))[-1] == ("task.updated", "UPDATED", 2, ["title"])
    payload = await changed(acme.agent, before["id"], startDate=None, description=None, financing=None)
    assert (payload["task"]["startDate"], payload["task"]["description"]) == (None, "")
    assert payload["task"]["financing"] is None
    payload = await changed(acme.agent, before["id"], assigneeId=manager)
    assert payload["task"]["assignee"] == {"id": manager}
    assert (await events(state, acme.agency.id))[-1] == ("task.updated", "ASSIGNED", 4, ["assignee"])
    assert (await changed(acme.agent, before["id"], assigneeId=None))["task"]["assignee"] is None
    assert (await changed(acme.agent, before["id"], priority="HIGH"))["task"]["priority"] == "HIGH"
    agent = acme.agency.people[Role.AGENT].gid
    assert (await lines(state, acme))[1:] == [
        ("UPDATED", [{"field": "title", "from": "Anrufen", "to": "Neu"}]),
        (
            "UPDATED",
            [
                {"field": "startDate", "from": "2030-01-01T00:00:00.000Z", "to": None},
                {"field": "financing", "from": "REQUESTED", "to": None},
                {"field": "financing", "from": 9, "to": None},
            ],
        ),
        ("ASSIGNED", [{"field": "assignee", "from": agent, "to": manager}]),
        ("ASSIGNED", [{"field": "assignee", "from": manager, "to": None}]),
        ("PRIORITY_CHANGED", [{"field": "priority", "from": "MEDIUM", "to": "HIGH"}]),
    ]


async def test_the_same_again_changes_nothing(state: State, acme: Signed) -> None:
    id = (await new(acme.agent))["id"]
    async with untouched(state, acme):
        payload = await changed(acme.agent, id, title="Anrufen", status="TODO", dueDate=DUE, progress=0)
        assert (payload["userErrors"], payload["task"]["version"]) == ([], 1)


async def test_a_new_status_puts_it_at_the_end_of_that_column(state: State, acme: Signed) -> None:
    ids = await several(acme.agent, "ABC")
    await moved(acme.agent, ids["A"], status="REVIEW")
    payload = await changed(acme.agent, ids["B"], status="REVIEW", title="D")
    assert (payload["task"]["position"], payload["task"]["column"]["status"]) == (1, "REVIEW")
    assert await column_of(acme.agent, "REVIEW") == "AD"
    assert (await events(state, acme.agency.id))[-1] == (
        *("task.moved", "STATUS_CHANGED", 2),
        ["column", "status", "title"],
    )
    assert (await lines(state, acme))[-1] == (
        "STATUS_CHANGED",
        [{"field": "title", "from": "B", "to": "D"}, {"field": "status", "from": "TODO", "to": "REVIEW"}],
    )
    done = await changed(acme.agent, ids["B"], status="DONE")
    assert (done["task"]["progress"], done["task"]["completedAt"] is not None) == (100, True)
    assert (await changed(acme.agent, ids["B"], status="TODO", progress=50))["task"]["progress"] == 50


@pytest.mark.parametrize(
    ("input", "expected"),
    [
        ({"title": None}, [("MISSING_REQUIRED_FIELD", "input.title")]),
        ({"dueDate": None}, [("MISSING_REQUIRED_FIELD", "input.dueDate")]),
        ({"priority": None}, [("MISSING_REQUIRED_FIELD", "input.priority")]),
        ({"status": None}, [("MISSING_REQUIRED_FIELD", "input.status")]),
        ({"dueDate": "2029-12-31T00:00:00Z"}, [("VALIDATION_ERROR", "input.startDate")]),
        ({"startDate": "2031-01-01T00:00:00Z"}, [("VALIDATION_ERROR", "input.startDate")]),
        ({"status": "DONE", "progress": 50}, [("VALIDATION_ERROR", "input.progress")]),
        ({"status": "BLOCKED"}, [("MISSING_REQUIRED_FIELD", "input.blockedReason")]),
        ({"blockedReason": "Wartet"}, [("VALIDATION_ERROR", "input.blockedReason")]),
        ({"blockedReason": "x" * 501, "status": "BLOCKED"}, [("VALIDATION_ERROR", "input.blockedReason")]),
        ({"actualHours": 10001, "estimatedHours": 0}, [
            ("VALIDATION_ERROR", "input.estimatedHours"), ("VALIDATION_ERROR", "input.actualHours")]),
        ({"expectedVersion": 7}, [("CONFLICT", "input.expectedVersion")]),
    ],
)  # fmt: skip
async def test_bad_changes_are_refused_and_change_nothing(
    state: State, acme: Signed, input: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    id = (await new(acme.agent, startDate="2030-01-01T00:00:00Z"))["id"]
    async with untouched(state, acme):
        payload = await changed(acme.agent, id, **input)
        assert (payload["task"], problems(payload)) == (None, expected)


async def test_foreign_missing_and_deleted_tasks_are_not_found(state: State, acme: Signed, rival: Signed) -> None:
    gone, foreign = (await new(acme.agent))["id"], (await new(rival.agent))["id"]
    assert (await acme.agent.data(DELETE, id=gone))["taskDelete"]["userErrors"] == []
    calls = [
        ("taskUpdate", UPDATE, {"input": {"title": "x"}}),
        ("taskArchive", ARCHIVE, {}),
        ("taskDelete", DELETE, {}),
        ("taskBlock", BLOCK, {"reason": "x"}),
        ("taskUnblock", UNBLOCK, {}),
    ]
    async with untouched(state, acme, rival):
        for id in (gone, foreign, encode_id("Task", uuid7()), encode_id("Board", uuid7())):
            for name, document, more in calls:
                assert problems((await acme.agent.data(document, id=id, **more))[name]) == [("NOT_FOUND", "id")]


async def test_the_archive_hides_and_gives_back(state: State, acme: Signed) -> None:
    ids = await several(acme.agent, "ABC")
    payload = (await acme.agent.data(ARCHIVE, id=ids["B"]))["taskArchive"]
    assert (payload["task"]["archived"], payload["task"]["archivedAt"] is not None) == (True, True)
    assert await column_of(acme.agent, "TODO") == "AC"
    text = "query ($f: TaskFilter) { tasks(filter: $f, orderBy: [{field: TITLE, direction: ASC}])"
    text += " { totalCount nodes { title } } }"

    async def titles(given: dict[str, Any] | None) -> str:
        found = (await acme.agent.data(text, f=given))["tasks"]
        assert found["totalCount"] == len(found["nodes"])
        return "".join(node["title"] for node in found["nodes"])

    assert await titles(None) == "AC"
    assert await titles({}) == "AC"
    assert await titles({"archived": True}) == "B"
    assert await titles({"archived": False}) == "AC"
    assert await titles({"or": [{"archived": True}, {"archived": False}]}) == "ABC"
    assert await titles({"not": {"archived": True}}) == "AC"
    assert await titles({"not": {"status": {"eq": "DONE"}}}) == "AC"
    async with untouched(state, acme):
        await acme.agent.data(ARCHIVE, id=ids["B"])
    back = (await acme.agent.data(ARCHIVE, id=ids["B"], archived=False))["taskArchive"]
    assert (back["task"]["archivedAt"], back["userErrors"]) == (None, [])
    assert await column_of(acme.agent, "TODO") == "ABC"
    assert [action for action, _ in await lines(state, acme)][3:] == ["ARCHIVED", "ARCHIVED"]


async def test_block_and_unblock(state: State, acme: Signed) -> None:
    ids = await several(acme.agent, "AB")
    payload = (await acme.agent.data(BLOCK, id=ids["A"], reason=" Wartet auf Notar ", by=ids["B"]))["taskBlock"]
    agent = {"id": acme.agency.people[Role.AGENT].gid}
    assert payload["task"]["status"] == "BLOCKED"
    assert payload["task"]["blocked"] == {
        "reason": "Wartet auf Notar",
        "by": agent,
        "blockedByTask": {"id": ids["B"]},
    }
    assert await column_of(acme.agent, "BLOCKED") == "A"
    again = (await acme.agent.data(BLOCK, id=ids["A"], reason="Wartet auf Bank"))["taskBlock"]["task"]
    assert again["blocked"] == {"reason": "Wartet auf Bank", "by": agent, "blockedByTask": {"id": ids["B"]}}
    done = (await acme.agent.data(UNBLOCK, id=ids["A"]))["taskUnblock"]
    assert (done["task"]["status"], done["task"]["blocked"]) == ("IN_PROGRESS", None)
    assert [action for action, _ in await lines(state, acme)][2:] == ["BLOCKED", "BLOCKED", "UNBLOCKED"]
    async with untouched(state, acme):
        for given, expected in (
            ({"reason": "  "}, [("MISSING_REQUIRED_FIELD", "reason")]),
            ({"reason": "x" * 501}, [("VALIDATION_ERROR", "reason")]),
            ({"reason": "a\x00b"}, [("INVALID_INPUT", "reason")]),
            ({"reason": "x", "by": ids["A"]}, [("VALIDATION_ERROR", "blockedByTaskId")]),
            ({"reason": "x", "by": encode_id("Task", uuid7())}, [("NOT_FOUND", "blockedByTaskId")]),
            ({"reason": "x", "by": "?"}, [("INVALID_INPUT", "blockedByTaskId")]),
        ):
            assert problems((await acme.agent.data(BLOCK, id=ids["A"], **given))["taskBlock"]) == expected
        payload = (await acme.agent.data(UNBLOCK, id=ids["A"], status="TODO"))["taskUnblock"]
        assert problems(payload) == [("INVALID_TRANSITION", "status")]


async def test_many_are_changed_one_by_one(state: State, acme: Signed, rival: Signed) -> None:
    ids = await several(acme.agent, "ABC")
    foreign = (await new(rival.agent))["id"]
    manager = acme.agency.people[Role.MANAGER].gid
    given = {"priority": "HIGH", "assigneeId": manager, "status": "IN_PROGRESS", "dueDate": DUE}
    payload = (await acme.agent.data(BULK, ids=[ids["A"], foreign, "?", ids["B"]], input=given))["tasksUpdate"]
    assert (payload["succeededCount"], payload["failedCount"], payload["userErrors"]) == (2, 2, [])
    assert [(result["id"], problems(result)) for result in payload["results"]] == [
        (ids["A"], []),
        (foreign, [("NOT_FOUND", "ids.1")]),
        ("?", [("INVALID_INPUT", "ids.2")]),
        (ids["B"], []),
    ]
    assert [result["task"] and result["task"]["priority"] for result in payload["results"]] == [
        "HIGH",
        None,
        None,
        "HIGH",
    ]
    assert await column_of(acme.agent, "IN_PROGRESS") == "AB"
    # Each has its own transaction: two events, two entries of the trail, and the failures are recorded as well.
    assert [event[0] for event in await events(state, acme.agency.id)][3:] == ["task.moved", "task.moved"]
    entries = await rows(state, acme.agency.id, "audit_entry", "seq")
    assert [(row["operation"], row["outcome"]) for row in entries][3:] == [
        ("tasksUpdate", "SUCCESS"),
        ("tasksUpdate", "FAILED"),
        ("tasksUpdate", "FAILED"),
        ("tasksUpdate", "SUCCESS"),
    ]
    archived = (await acme.agent.data(BULK, ids=[ids["C"]], input={"archived": True}))["tasksUpdate"]
    assert archived["results"][0]["task"]["archived"] is True


async def test_a_bulk_that_is_wrong_as_a_whole_changes_nothing(state: State, acme: Signed) -> None:
    ids = await several(acme.agent, "AB")
    none = {"results": [], "succeededCount": 0, "failedCount": 0}
    async with untouched(state, acme):
        payload = (await acme.agent.data(BULK, ids=[ids["A"]] * 101, input={"priority": "LOW"}))["tasksUpdate"]
        assert {**none, "userErrors": payload["userErrors"]} == payload
        assert problems(payload) == [("VALIDATION_ERROR", "ids")]
        payload = (await acme.agent.data(BULK, ids=[ids["A"]], input={"priority": None}))["tasksUpdate"]
        assert problems(payload) == [("MISSING_REQUIRED_FIELD", "input.priority")]
        assert (await acme.agent.data(BULK, ids=[], input={}))["tasksUpdate"] == {**none, "userErrors": []}


async def test_a_repeated_bulk_has_one_effect(state: State, acme: Signed) -> None:
    ids = await several(acme.agent, "AB")
    client = Client(acme.agent.http, acme.agent.token, {"Idempotency-Key": uuid7().hex})
    first = await client.data(BULK, ids=list(ids.values()), input={"priority": "LOW"})
    written = await events(state, acme.agency.id)
    assert await client.data(BULK, ids=list(ids.values()), input={"priority": "LOW"}) == first
    assert await events(state, acme.agency.id) == written
    assert await client.code(BULK, ids=list(ids.values()), input={"priority": "HIGH"}) == "IDEMPOTENCY_KEY_REUSED"


async def test_many_are_deleted_one_by_one(state: State, acme: Signed) -> None:
    ids = await several(acme.agent, "ABC")
    payload = (await acme.agent.data(BULK_DELETE, ids=[ids["A"], ids["A"], ids["C"]]))["tasksDelete"]
    assert (payload["succeededCount"], payload["failedCount"]) == (2, 1)
    assert [problems(result) for result in payload["results"]] == [[], [("NOT_FOUND", "ids.1")], []]
    assert await column_of(acme.agent, "TODO") == "B"
    assert [action for action, _ in await lines(state, acme)][3:] == ["DELETED", "DELETED"]


async def test_a_customer_sees_what_is_assigned_to_or_watched_by_them(state: State, acme: Signed) -> None:
    customer = acme.agency.people[Role.CUSTOMER]
    mine = await new(acme.agent, "A", assigneeId=customer.gid)
    watched, hidden = await new(acme.agent, "B"), await new(acme.agent, "C")
    await platform(
        state,
        """insert into task_watcher (tenant_id, id, created_at, updated_at, task_id, member_id)
           values ($1, gen_random_uuid(), now(), now(), $2, $3)""",
        acme.agency.id,
        decode_id(watched["id"], "Task"),
        customer.id,
    )
    other = await second_board(acme.agent)
    data = await acme.customer.data("{ tasks { nodes { title } totalCount } board { columns { status taskCount } } }")
    assert data["tasks"] == {"nodes": [{"title": "B"}, {"title": "A"}], "totalCount": 2}
    assert {column["status"]: column["taskCount"] for column in data["board"]["columns"]}["TODO"] == 2
    assert await column_of(acme.customer, "TODO") == "AB"
    assert (await acme.customer.data("query ($id: ID!) { task(id: $id) { id } }", id=hidden["id"])) == {"task": None}
    assert (await acme.customer.data("query ($id: ID) { board(id: $id) { id } }", id=other["id"])) == {"board": None}
    assert (await acme.customer.data("{ boards { name } }")) == {"boards": [{"name": "Aufgaben"}]}
    for text in (CREATE, UPDATE, DELETE):
        variables = {"id": mine["id"], "input": {"title": "x", "dueDate": DUE}}
        wanted = {name: value for name, value in variables.items() if f"${name}" in text}
        assert await acme.customer.code(text, **wanted) == "INSUFFICIENT_PERMISSIONS"
