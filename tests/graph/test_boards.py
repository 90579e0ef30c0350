"""Boards, their columns and projects through the schema."""

from typing import Any

import pytest

from domain.tasks import DEFAULT_COLUMNS
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Client, Signed
from tests.graph.tasks_world import BOARD, BOARD_CREATE, column_of, columns, lines, moved, new, second_board, several
from tests.graph.world import ERRORS, created, events, problems, rows, untouched

UPDATE = f"""mutation ($id: ID!, $input: BoardInput!) {{
  boardUpdate(id: $id, input: $input) {{ board {{ {BOARD} }} {ERRORS} }} }}"""
DELETE = f"""mutation ($id: ID!, $to: ID) {{
  boardDelete(id: $id, moveTasksToId: $to) {{ board {{ id deletedAt }} {ERRORS} }} }}"""
ADD = f"""mutation ($id: ID!, $input: BoardColumnInput!) {{
  boardColumnAdd(boardId: $id, input: $input) {{ board {{ {BOARD} }} {ERRORS} }} }}"""
CHANGE = f"""mutation ($id: ID!, $input: BoardColumnInput!) {{
  boardColumnUpdate(id: $id, input: $input) {{ board {{ {BOARD} }} {ERRORS} }} }}"""
REORDER = f"""mutation ($id: ID!, $ids: [ID!]!) {{
  boardColumnsReorder(boardId: $id, columnIds: $ids) {{ board {{ {BOARD} }} {ERRORS} }} }}"""
REMOVE = f"""mutation ($id: ID!, $to: ID) {{
  boardColumnDelete(id: $id, moveTasksToId: $to) {{ board {{ {BOARD} }} {ERRORS} }} }}"""
PROJECT = "id name description color status progress property { id } boards { name } version deletedAt"
PROJECT_CREATE = f"""mutation ($input: ProjectInput!) {{
  projectCreate(input: $input) {{ project {{ {PROJECT} }} {ERRORS} }} }}"""
PROJECT_UPDATE = f"""mutation ($id: ID!, $input: ProjectInput!) {{
  projectUpdate(id: $id, input: $input) {{ project {{ {PROJECT} }} {ERRORS} }} }}"""
PROJECT_DELETE = f"mutation ($id: ID!) {{ projectDelete(id: $id) {{ project {{ {PROJECT} }} {ERRORS} }} }}"
RESTORE = f"mutation ($ids: [ID!]!) {{ trashRestore(ids: $ids) {{ restored {{ id }} {ERRORS} }} }}"


async def done(client: Client, text: str, name: str, **variables: Any) -> dict[str, Any]:
    """The board or project of an answer that must not have errors."""
    payload: dict[str, Any] = (await client.data(text, **variables))[name]
    assert payload["userErrors"] == []
    found: dict[str, Any] = payload.get("board") or payload["project"]
    return found


def names(board: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(column["position"], column["status"], column["name"]) for column in board["columns"]]


async def test_every_agency_begins_with_a_board(acme: Signed) -> None:
    data = await acme.customer.data(f"{{ board {{ {BOARD} }} boards {{ name }} }}")
    assert data["board"] is None, "a customer without a task sees no board"
    board = (await acme.agent.data(f"{{ board {{ {BOARD} }} }}"))["board"]
    assert board == {
        "id": board["id"],
        "name": "Aufgaben",
        "description": None,
        "wipLimit": None,
        "isDefault": True,
        "version": 1,
        "deletedAt": None,
        "project": None,
        "columns": [
            {
                "id": board["columns"][position]["id"],
                "name": plan.name("de"),
                "status": plan.status.value,
                "position": position,
                "wipLimit": plan.wip_limit,
                "color": plan.color,
                "allowFrom": [],
                "isTerminal": plan.status.value == "DONE",
                "taskCount": 0,
            }
            for position, plan in enumerate(DEFAULT_COLUMNS)
        ],
    }
    found = await acme.agent.data("query ($id: ID) { board(id: $id) { name } }", id=board["id"])
    assert found == {"board": {"name": "Aufgaben"}}
    assert await acme.agent.data("query ($id: ID) { board(id: $id) { name } }", id=None) == found
    assert await acme.agent.data("{ board(id: null) { name } }") == found
    assert await acme.agent.data("query ($id: ID) { board(id: $id) { id } }", id=encode_id("Board", uuid7())) == {
        "board": None
    }
    assert await acme.agent.code('{ board(id: "?") { id } }') == "INVALID_INPUT"


async def test_a_new_board_has_the_usual_columns_or_those_given(state: State, acme: Signed) -> None:
    project = (await done(acme.agent, PROJECT_CREATE, "projectCreate", input={"name": "Neubau"}))["id"]
    usual = await second_board(acme.agent, description="Mietersuche", projectId=project, wipLimit=20)
    assert (usual["description"], usual["wipLimit"], usual["isDefault"]) == ("Mietersuche", 20, False)
    assert usual["project"] == {"id": project}
    assert [status for _, status, _ in names(usual)] == [plan.status.value for plan in DEFAULT_COLUMNS]
    given = [
        {"status": "TODO", "name": "Neu", "wipLimit": 4, "color": "#112233"},
        {"status": "DONE", "allowFrom": ["TODO"]},
    ]
    own = await second_board(acme.agent, "Zwei", columns=given)
    assert names(own) == [(0, "TODO", "Neu"), (1, "DONE", "Erledigt")]
    assert [(c["wipLimit"], c["color"], c["allowFrom"], c["isTerminal"]) for c in own["columns"]] == [
        (4, "#112233", [], False),
        (None, "#8E8E93", ["TODO"], True),
    ]
    assert (await events(state, acme.agency.id))[-1] == ("board.created", "CREATED", 1, [])
    data = await acme.agent.data(
        "query ($p: ID) { all: boards { name } some: boards(projectId: $p) { name } }", p=project
    )
    assert data == {
        "all": [{"name": "Aufgaben"}, {"name": "Vermietung"}, {"name": "Zwei"}],
        "some": [{"name": "Vermietung"}],
    }


@pytest.mark.parametrize(
    ("input", "expected"),
    [
        ({}, [("MISSING_REQUIRED_FIELD", "input.name")]),
        ({"name": " "}, [("MISSING_REQUIRED_FIELD", "input.name")]),
        ({"name": "Aufgaben"}, [("ALREADY_EXISTS", "input.name")]),
        ({"name": "x" * 201, "wipLimit": 0}, [
            ("VALIDATION_ERROR", "input.name"), ("VALIDATION_ERROR", "input.wipLimit")]),
        ({"name": "Neu", "columns": [{"name": "x"}]}, [("MISSING_REQUIRED_FIELD", "input.columns.0.status")]),
        ({"name": "Neu", "columns": [{"status": "TODO"}, {"status": "TODO"}]}, [
            ("ALREADY_EXISTS", "input.columns.1.status")]),
        ({"name": "Neu", "columns": [{"status": "TODO", "color": "blau", "wipLimit": 501}]}, [
            ("VALIDATION_ERROR", "input.columns.0.wipLimit"), ("VALIDATION_ERROR", "input.columns.0.color")]),
        ({"name": "Neu", "columns": [{"status": "TODO"}] * 9}, [("VALIDATION_ERROR", "input.columns")]),
        ({"name": "Neu", "projectId": encode_id("Project", uuid7())}, [("NOT_FOUND", "input.projectId")]),
    ],
)  # fmt: skip
async def test_bad_boards_are_refused(
    state: State, acme: Signed, input: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    async with untouched(state, acme):
        payload = (await acme.agent.data(BOARD_CREATE, input=input))["boardCreate"]
        assert (payload["board"], problems(payload)) == (None, expected)


async def test_a_board_is_changed(state: State, acme: Signed) -> None:
    board = (await acme.agent.data(f"{{ board {{ {BOARD} }} }}"))["board"]
    found = await done(acme.agent, UPDATE, "boardUpdate", id=board["id"], input={"name": "Büro", "expectedVersion": 1})
    assert found == {**board, "name": "Büro", "version": 2}
    async with untouched(state, acme):
        payload = (await acme.agent.data(UPDATE, id=board["id"], input={"name": "x", "expectedVersion": 1}))[
            "boardUpdate"
        ]
        assert problems(payload) == [("CONFLICT", "input.expectedVersion")]
        assert payload["userErrors"][0]["details"] == {"currentVersion": 2}


async def test_the_columns_of_a_board_are_replaced_as_a_whole(state: State, acme: Signed) -> None:
    board = (await acme.agent.data(f"{{ board {{ {BOARD} }} }}"))["board"]
    at = {column["status"]: column["id"] for column in board["columns"]}
    given = [
        {"id": at["DONE"], "name": "Fertig"},
        {"status": "ON_HOLD"},
        {"id": at["TODO"]},
    ]
    found = await done(acme.agent, UPDATE, "boardUpdate", id=board["id"], input={"columns": given})
    assert names(found) == [(0, "DONE", "Fertig"), (1, "ON_HOLD", "Zurückgestellt"), (2, "TODO", "Zu erledigen")]
    assert [found["columns"][0]["id"], found["columns"][2]["id"]] == [at["DONE"], at["TODO"]]
    await new(acme.agent)
    async with untouched(state, acme):
        for columns_given, expected in (
            ([{"id": at["DONE"]}], [("NOT_EMPTY", "input.columns")]),
            ([], [("BUSINESS_RULE", "input.columns")]),
            ([{"id": at["BACKLOG"]}], [("NOT_FOUND", "input.columns.0.id")]),
            ([{"id": at["TODO"]}, {"id": at["TODO"]}], [("NOT_FOUND", "input.columns.1.id")]),
            (
                [{"id": at["TODO"]}, {"id": at["DONE"], "status": "TODO"}],
                [("ALREADY_EXISTS", "input.columns.1.status")],
            ),
        ):
            payload = (await acme.agent.data(UPDATE, id=board["id"], input={"columns": columns_given}))["boardUpdate"]
            assert (columns_given, problems(payload)) == (columns_given, expected)


async def test_the_default_board_stays(state: State, acme: Signed) -> None:
    id = (await acme.agent.data("{ board { id } }"))["board"]["id"]
    async with untouched(state, acme):
        payload = (await acme.agent.data(DELETE, id=id))["boardDelete"]
        assert (payload["board"], problems(payload)) == (None, [("BUSINESS_RULE", "id")])
        assert payload["userErrors"][0]["details"] == {"rule": "DEFAULT_BOARD"}


async def test_a_deleted_board_takes_its_tasks_along_and_brings_them_back(state: State, acme: Signed) -> None:
    board = await second_board(acme.agent)
    await several(acme.agent, "AB", boardId=board["id"])
    gone = await new(acme.agent, "C", boardId=board["id"])
    await acme.agent.data("mutation ($id: ID!) { taskDelete(id: $id) { task { id } } }", id=gone["id"])
    assert (await done(acme.agent, DELETE, "boardDelete", id=board["id"]))["deletedAt"] is not None
    assert (await acme.agent.data("{ tasks { totalCount } boards { name } }")) == {
        "tasks": {"totalCount": 0},
        "boards": [{"name": "Aufgaben"}],
    }
    # Its name is free, and a task that is restored without its board goes to the default one.
    again = await second_board(acme.agent)
    payload = (await acme.agent.data(RESTORE, ids=[gone["id"]]))["trashRestore"]
    assert payload == {"restored": [{"id": gone["id"]}], "userErrors": []}
    assert await column_of(acme.agent, "TODO") == "C"
    async with untouched(state, acme):
        assert problems((await acme.agent.data(RESTORE, ids=[board["id"]]))["trashRestore"]) == [
            ("ALREADY_EXISTS", "ids.0")
        ]
    await done(acme.agent, DELETE, "boardDelete", id=again["id"])
    payload = (await acme.agent.data(RESTORE, ids=[board["id"]]))["trashRestore"]
    assert payload == {"restored": [{"id": board["id"]}], "userErrors": []}
    assert await column_of(acme.agent, "TODO", board["id"]) == "AB"
    assert [action for action, _ in await lines(state, acme)].count("RESTORED") == 3


async def test_the_tasks_of_a_deleted_board_may_move(state: State, acme: Signed) -> None:
    board = await second_board(acme.agent)
    ids = await several(acme.agent, "AB", boardId=board["id"])
    await moved(acme.agent, ids["B"], status="ON_HOLD")
    home = (await acme.agent.data("{ board { id } }"))["board"]["id"]
    await new(acme.agent, "C")
    await done(acme.agent, DELETE, "boardDelete", id=board["id"], to=home)
    assert await column_of(acme.agent, "TODO") == "CA"
    held = "query ($id: ID!) { task(id: $id) { status column { id } board { id } } }"
    assert await acme.agent.data(held, id=ids["B"]) == {
        "task": {"status": "ON_HOLD", "column": None, "board": {"id": home}}
    }
    other = await second_board(acme.agent, "Drei")
    async with untouched(state, acme):
        for to, expected in (
            (other["id"], [("VALIDATION_ERROR", "moveTasksToId")]),
            (board["id"], [("NOT_FOUND", "moveTasksToId")]),
            ("?", [("INVALID_INPUT", "moveTasksToId")]),
        ):
            assert problems((await acme.agent.data(DELETE, id=other["id"], to=to))["boardDelete"]) == expected


async def test_a_new_column_takes_the_tasks_of_its_status(state: State, acme: Signed) -> None:
    id = (await acme.agent.data("{ board { id } }"))["board"]["id"]
    ids = await several(acme.agent, "ABC")
    for title in "BAC":
        await moved(acme.agent, ids[title], status="ON_HOLD")
    board = await done(acme.agent, ADD, "boardColumnAdd", id=id, input={"status": "ON_HOLD", "wipLimit": 9})
    assert names(board)[-1] == (6, "ON_HOLD", "Zurückgestellt")
    assert (board["columns"][-1]["taskCount"], board["version"]) == (3, 1)
    assert await column_of(acme.agent, "ON_HOLD") == "ABC"
    assert (await events(state, acme.agency.id))[-1] == ("board.updated", "UPDATED", 1, ["columns"])
    async with untouched(state, acme):
        for input, expected in (
            ({"status": "ON_HOLD"}, [("ALREADY_EXISTS", "input.status")]),
            ({"name": "x"}, [("MISSING_REQUIRED_FIELD", "input.status")]),
            ({"status": "CANCELLED", "name": "x" * 101}, [("VALIDATION_ERROR", "input.name")]),
            ({"status": "CANCELLED", "id": board["columns"][0]["id"]}, [("VALIDATION_ERROR", "input.id")]),
        ):
            assert problems((await acme.agent.data(ADD, id=id, input=input))["boardColumnAdd"]) == expected


async def test_a_column_is_changed(state: State, acme: Signed) -> None:
    here = await columns(acme.agent)
    board = await done(
        acme.agent,
        CHANGE,
        "boardColumnUpdate",
        id=here["REVIEW"]["id"],
        input={"name": "Vier Augen", "wipLimit": None, "color": "#abcdef", "allowFrom": ["IN_PROGRESS"]},
    )
    assert board["columns"][3] == {
        **here["REVIEW"],
        "name": "Vier Augen",
        "wipLimit": None,
        "color": "#abcdef",
        "allowFrom": ["IN_PROGRESS"],
    }
    other = await done(acme.agent, CHANGE, "boardColumnUpdate", id=here["BACKLOG"]["id"], input={"status": "CANCELLED"})
    assert (other["columns"][0]["status"], other["columns"][0]["isTerminal"]) == ("CANCELLED", True)
    # What lies in the trash keeps its place in the column; tasks of the new status come behind it.
    gone = await new(acme.agent, "A", status="CANCELLED")
    await acme.agent.data("mutation ($id: ID!) { taskDelete(id: $id) { task { id } } }", id=gone["id"])
    held = await new(acme.agent, "B", status="ON_HOLD")
    assert held["column"] is None
    await done(acme.agent, CHANGE, "boardColumnUpdate", id=here["BACKLOG"]["id"], input={"status": "ON_HOLD"})
    assert await column_of(acme.agent, "ON_HOLD") == "B"
    await acme.agent.data(RESTORE, ids=[gone["id"]])
    cancelled = "query ($id: ID!) { task(id: $id) { status column { id } } }"
    assert await acme.agent.data(cancelled, id=gone["id"]) == {"task": {"status": "CANCELLED", "column": None}}
    await moved(acme.agent, held["id"], status="DONE")
    await done(acme.agent, CHANGE, "boardColumnUpdate", id=here["BACKLOG"]["id"], input={"status": "CANCELLED"})
    assert await column_of(acme.agent, "CANCELLED") == "A"
    await new(acme.agent)
    async with untouched(state, acme):
        for input, expected in (
            ({"status": "ON_HOLD"}, [("NOT_EMPTY", "input.status")]),
            ({"status": "DONE"}, [("ALREADY_EXISTS", "input.status")]),
            ({"name": None}, [("MISSING_REQUIRED_FIELD", "input.name")]),
            ({"wipLimit": 0}, [("VALIDATION_ERROR", "input.wipLimit")]),
        ):
            payload = (await acme.agent.data(CHANGE, id=here["TODO"]["id"], input=input))["boardColumnUpdate"]
            assert (input, problems(payload)) == (input, expected)


async def test_columns_get_another_order(state: State, acme: Signed) -> None:
    id, here = (await acme.agent.data("{ board { id } }"))["board"]["id"], await columns(acme.agent)
    ids = [column["id"] for column in here.values()]
    board = await done(acme.agent, REORDER, "boardColumnsReorder", id=id, ids=[*ids[1:], ids[0]])
    assert [column["id"] for column in board["columns"]] == [*ids[1:], ids[0]]
    assert [column["position"] for column in board["columns"]] == list(range(6))
    theirs = (await second_board(acme.agent))["columns"][0]["id"]
    async with untouched(state, acme):
        for wrong in (ids[:-1], [*ids, theirs], [*ids[:-1], theirs], [*ids[:-1], ids[0]], [*ids[:-1], "?"]):
            payload = (await acme.agent.data(REORDER, id=id, ids=wrong))["boardColumnsReorder"]
            assert problems(payload) == [("VALIDATION_ERROR", "columnIds")]


async def test_a_column_is_deleted(state: State, acme: Signed) -> None:
    here = await columns(acme.agent)
    board = await done(acme.agent, REMOVE, "boardColumnDelete", id=here["BACKLOG"]["id"])
    assert [(position, status) for position, status, _ in names(board)] == [
        *((0, "TODO"), (1, "IN_PROGRESS"), (2, "REVIEW"), (3, "BLOCKED"), (4, "DONE")),
    ]
    ids = await several(acme.agent, "AB")
    await new(acme.agent, "C", status="DONE")
    theirs = (await second_board(acme.agent))["columns"][0]["id"]
    async with untouched(state, acme):
        for to, expected in (
            (None, [("NOT_EMPTY", "id")]),
            (here["TODO"]["id"], [("VALIDATION_ERROR", "moveTasksToId")]),
            (theirs, [("VALIDATION_ERROR", "moveTasksToId")]),
            (encode_id("BoardColumn", uuid7()), [("NOT_FOUND", "moveTasksToId")]),
        ):
            payload = (await acme.agent.data(REMOVE, id=here["TODO"]["id"], to=to))["boardColumnDelete"]
            assert (to, problems(payload)) == (to, expected)
        payload = (await acme.agent.data(REMOVE, id=here["TODO"]["id"]))["boardColumnDelete"]
        assert payload["userErrors"][0]["details"] == {"references": {"tasks": 2}}
    await done(acme.agent, REMOVE, "boardColumnDelete", id=here["TODO"]["id"], to=here["DONE"]["id"])
    assert await column_of(acme.agent, "DONE") == "CAB"
    task = (await acme.agent.data("query ($id: ID!) { task(id: $id) { status progress } }", id=ids["A"]))["task"]
    assert task == {"status": "DONE", "progress": 100}
    small = await second_board(acme.agent, "Klein", columns=[{"status": "TODO"}])
    async with untouched(state, acme):
        payload = (await acme.agent.data(REMOVE, id=small["columns"][0]["id"]))["boardColumnDelete"]
        assert payload["userErrors"][0]["details"] == {"rule": "LAST_COLUMN"}


async def test_projects(state: State, acme: Signed) -> None:
    property = (await created(acme))["id"]
    project = await done(acme.agent, PROJECT_CREATE, "projectCreate", input={"name": "Neubau", "propertyId": property})
    assert project == {
        "id": project["id"],
        "name": "Neubau",
        "description": None,
        "color": "#0A84FF",
        "status": "ACTIVE",
        "progress": "0.00",
        "property": {"id": property},
        "boards": [],
        "version": 1,
        "deletedAt": None,
    }
    board = await second_board(acme.agent, projectId=project["id"])
    ids = await several(acme.agent, "ABC", projectId=project["id"])
    await moved(acme.agent, ids["A"], status="DONE")
    changed = await done(
        acme.agent,
        PROJECT_UPDATE,
        "projectUpdate",
        id=project["id"],
        input={"status": "DELAYED", "description": "Spät"},
    )
    assert (changed["status"], changed["description"], changed["progress"]) == ("DELAYED", "Spät", "33.33")
    assert changed["boards"] == [{"name": "Vermietung"}]
    listed = "query ($s: ProjectStatus) { projects(status: $s) { name } }"
    assert await acme.agent.data(listed, s="DELAYED") == {"projects": [{"name": "Neubau"}]}
    assert await acme.agent.data(listed, s="ACTIVE") == {"projects": []}
    gone = await done(acme.agent, PROJECT_DELETE, "projectDelete", id=project["id"])
    assert gone["deletedAt"] is not None
    shown = "query ($b: ID, $t: ID!) { board(id: $b) { project { id } } task(id: $t) { project { id } } }"
    assert await acme.agent.data(shown, b=board["id"], t=ids["B"]) == {
        "board": {"project": None},
        "task": {"project": None},
    }
    assert [event[0] for event in await events(state, acme.agency.id) if event[0].startswith("project")] == [
        "project.created",
        "project.status_changed",
        "project.deleted",
    ]
    async with untouched(state, acme):
        for input, expected in (
            ({}, [("MISSING_REQUIRED_FIELD", "input.name")]),
            ({"name": "x" * 201}, [("VALIDATION_ERROR", "input.name")]),
            ({"name": "x", "color": "#12345"}, [("VALIDATION_ERROR", "input.color")]),
            ({"name": "x", "propertyId": encode_id("Property", uuid7())}, [("NOT_FOUND", "input.propertyId")]),
        ):
            assert problems((await acme.agent.data(PROJECT_CREATE, input=input))["projectCreate"]) == expected
    assert len(await rows(state, acme.agency.id, "project")) == 1
