"""Steps, labels, watchers and dependencies of tasks, by mutations of their own and as lists in the input of a task."""

import asyncio
from typing import Any

import pytest

from domain.access import Role
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Client, Signed
from tests.graph.parts_world import LABEL, LABEL_CREATE, label, same, statements
from tests.graph.tasks_world import ARCHIVE, CREATE, DELETE, DUE, UPDATE, lines, new
from tests.graph.world import ERRORS, events, problems, rows, untouched

STEPS = "id subtaskProgress subtasks { id title done position assignee { id } dueDate completedAt }"
READ = f"query ($id: ID!) {{ task(id: $id) {{ {STEPS} }} }}"
ADD = f"""mutation ($task: ID!, $input: SubtaskInput!) {{
  taskSubtaskAdd(taskId: $task, input: $input) {{ task {{ {STEPS} }} {ERRORS} }} }}"""
CHANGE = f"""mutation ($id: ID!, $input: SubtaskInput!) {{
  taskSubtaskUpdate(id: $id, input: $input) {{ task {{ {STEPS} }} {ERRORS} }} }}"""
REORDER = f"""mutation ($task: ID!, $ids: [ID!]!) {{
  taskSubtasksReorder(taskId: $task, subtaskIds: $ids) {{ task {{ {STEPS} }} {ERRORS} }} }}"""
REMOVE = f"mutation ($id: ID!) {{ taskSubtaskDelete(id: $id) {{ task {{ {STEPS} }} {ERRORS} }} }}"
LABEL_UPDATE = f"""mutation ($id: ID!, $input: TaskLabelInput!) {{
  taskLabelUpdate(id: $id, input: $input) {{ taskLabel {{ {LABEL} }} {ERRORS} }} }}"""
LABEL_DELETE = f"mutation ($id: ID!) {{ taskLabelDelete(id: $id) {{ taskLabel {{ id }} {ERRORS} }} }}"
LABELS = f"{{ taskLabels {{ {LABEL} }} }}"
BORNE = "query ($id: ID!) { task(id: $id) { labels { name color } watchers { id } dependencies { id title status } } }"
WATCH = f"mutation ($id: ID!) {{ taskWatchToggle(id: $id) {{ task {{ id version watchers {{ id }} }} {ERRORS} }} }}"
BULK = f"""mutation ($ids: [ID!]!, $input: TaskBulkInput!) {{ tasksUpdate(ids: $ids, input: $input) {{
  results {{ id task {{ labels {{ name }} }} {ERRORS} }} succeededCount failedCount {ERRORS} }} }}"""


async def steps(client: Client, titles: str = "ABC") -> tuple[str, list[str]]:
    """A task with a step per letter."""
    task = (await new(client, subtasks=[{"title": title} for title in titles]))["id"]
    found = (await client.data(READ, id=task))["task"]["subtasks"]
    assert [(step["title"], step["position"]) for step in found] == list(zip(titles, range(len(titles)), strict=True))
    return task, [step["id"] for step in found]


def titles(payload: dict[str, Any]) -> str:
    """The steps of a payload in their order; their places have no gap."""
    found = payload["task"]["subtasks"]
    assert [step["position"] for step in found] == list(range(len(found)))
    return "".join(step["title"] for step in found)


async def update(client: Client, id: str, **input: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(UPDATE, id=id, input=input))["taskUpdate"]
    return found


async def test_steps_are_added_at_the_end_and_marked_as_done(state: State, acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    assert (await same(state, acme, READ, id=task))["task"] == {"id": task, "subtaskProgress": None, "subtasks": []}
    agent = acme.agency.people[Role.AGENT].gid
    first = {"title": "  Anrufen ", "assigneeId": agent, "dueDate": DUE}
    payload = (await acme.agent.data(ADD, task=task, input=first))["taskSubtaskAdd"]
    (step,) = payload["task"]["subtasks"]
    assert step == {
        "id": step["id"],
        "title": "Anrufen",
        "done": False,
        "position": 0,
        "assignee": {"id": agent},
        "dueDate": DUE,
        "completedAt": None,
    }
    payload = (await acme.agent.data(ADD, task=task, input={"title": "Mailen", "done": True}))["taskSubtaskAdd"]
    assert (payload["task"]["subtaskProgress"], payload["task"]["subtasks"][1]["position"]) == ("50.00", 1)
    assert payload["task"]["subtasks"][1]["completedAt"] is not None
    payload = await acme.agent.data(CHANGE, id=step["id"], input={"title": "Anrufen", "done": True})
    found = payload["taskSubtaskUpdate"]["task"]
    assert (found["subtaskProgress"], found["subtasks"][0]["done"]) == ("100.00", True)
    assert found["subtasks"][0]["completedAt"] is not None
    again = {"title": "Anrufen", "done": False, "assigneeId": None, "dueDate": None}
    found = (await acme.agent.data(CHANGE, id=step["id"], input=again))["taskSubtaskUpdate"]["task"]["subtasks"][0]
    assert found == {**step, "assignee": None, "dueDate": None}
    assert [event[1:] for event in (await events(state, acme.agency.id))[1:]] == [("UPDATED", 1, ["subtasks"])] * 4
    assert (await lines(state, acme))[1] == ("UPDATED", [{"field": "subtasks", "from": None, "to": "Anrufen"}])
    async with untouched(state, acme):
        payload = (await acme.agent.data(CHANGE, id=step["id"], input={"title": "Anrufen"}))["taskSubtaskUpdate"]
        assert payload["userErrors"] == []


async def test_steps_change_their_order_and_go(state: State, acme: Signed) -> None:
    task, (a, b, c) = await steps(acme.agent)
    assert titles((await acme.agent.data(REORDER, task=task, ids=[c, a, b]))["taskSubtasksReorder"]) == "CAB"
    assert titles((await acme.agent.data(REMOVE, id=a))["taskSubtaskDelete"]) == "CB"
    assert (await lines(state, acme))[-1] == ("UPDATED", [{"field": "subtasks", "from": "A", "to": None}])
    other, (x, *_) = await steps(acme.agent, "XY")
    async with untouched(state, acme):
        assert titles((await acme.agent.data(REORDER, task=task, ids=[c, b]))["taskSubtasksReorder"]) == "CB"
        for ids in ([c], [c, b, b], [c, b, x], [c, x], [], [c, "?"], [c, a]):
            payload = (await acme.agent.data(REORDER, task=task, ids=ids))["taskSubtasksReorder"]
            assert problems(payload) == [("VALIDATION_ERROR", "subtaskIds")]
        assert problems((await acme.agent.data(REMOVE, id=a))["taskSubtaskDelete"]) == [("NOT_FOUND", "id")]
    assert titles({"task": (await acme.agent.data(READ, id=other))["task"]}) == "XY"


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"title": " "}, "MISSING_REQUIRED_FIELD", "title"),
        ({"title": "x" * 201}, "VALIDATION_ERROR", "title"),
        ({"title": "x", "done": None}, "MISSING_REQUIRED_FIELD", "done"),
        ({"title": "x", "assigneeId": encode_id("User", uuid7())}, "NOT_FOUND", "assigneeId"),
        ({"title": "x", "assigneeId": "?"}, "INVALID_INPUT", "assigneeId"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_bad_steps(state: State, acme: Signed, given: dict[str, Any], code: str, path: str) -> None:
    task, (a, *_) = await steps(acme.agent)
    async with untouched(state, acme):
        payload = (await acme.agent.data(ADD, task=task, input=given))["taskSubtaskAdd"]
        assert problems(payload) == [(code, f"input.{path}")]
        payload = (await acme.agent.data(CHANGE, id=a, input=given))["taskSubtaskUpdate"]
        assert problems(payload) == [(code, f"input.{path}")]
        payload = await update(acme.agent, task, subtasks=[{"title": "A"}, given])
        assert problems(payload) == [(code, f"input.subtasks.1.{path}")]


async def test_a_hundred_steps_and_no_more(state: State, acme: Signed) -> None:
    task, _ = await steps(acme.agent, "x" * 100)
    async with untouched(state, acme):
        payload = (await acme.agent.data(ADD, task=task, input={"title": "y"}))["taskSubtaskAdd"]
        assert problems(payload) == [("VALIDATION_ERROR", "taskId")]
        payload = await update(acme.agent, task, subtasks=[{"title": "x"}] * 101)
        assert problems(payload) == [("VALIDATION_ERROR", "input.subtasks")]


async def test_the_steps_of_an_input_are_all_steps(state: State, acme: Signed) -> None:
    task, (a, b, _) = await steps(acme.agent)
    _, (x, *_) = await steps(acme.agent, "XY")
    wanted = [{"id": b, "title": "B", "done": True}, {"title": "N"}, {"id": a, "title": "Z"}]
    assert (await update(acme.agent, task, subtasks=wanted))["userErrors"] == []
    found = (await acme.agent.data(READ, id=task))["task"]["subtasks"]
    assert [(step["title"], step["done"], step["position"]) for step in found] == [
        ("B", True, 0),
        ("N", False, 1),
        ("Z", False, 2),
    ]
    assert (found[0]["id"], found[2]["id"]) == (b, a)
    async with untouched(state, acme):
        for bad in (x, encode_id("Subtask", uuid7())):
            payload = await update(acme.agent, task, subtasks=[{"id": a, "title": "A"}, {"id": bad, "title": "B"}])
            assert problems(payload) == [("NOT_FOUND", "input.subtasks.1.id")]
        twice = [{"id": a, "title": "A"}, {"id": a, "title": "A"}]
        assert problems(await update(acme.agent, task, subtasks=twice)) == [("NOT_FOUND", "input.subtasks.1.id")]
        present = [{"id": step["id"], "title": step["title"], "done": step["done"]} for step in found]
        assert (await update(acme.agent, task, subtasks=present))["userErrors"] == []
    for nothing in ([], None):
        assert (await update(acme.agent, task, subtasks=nothing))["userErrors"] == []
        assert (await acme.agent.data(READ, id=task))["task"]["subtasks"] == []


async def test_steps_of_others_are_not_there(state: State, acme: Signed, rival: Signed) -> None:
    task, (a, b, _) = await steps(acme.agent)
    await acme.agent.data(DELETE, id=task)
    async with untouched(state, acme, rival):
        for client, id in ((rival.agent, a), (acme.agent, b), (acme.agent, encode_id("Subtask", uuid7()))):
            payload = (await client.data(REMOVE, id=id))["taskSubtaskDelete"]
            assert problems(payload) == [("NOT_FOUND", "id")]
        assert problems((await acme.agent.data(REMOVE, id="?"))["taskSubtaskDelete"]) == [("INVALID_INPUT", "id")]
        payload = (await rival.agent.data(ADD, task=task, input={"title": "x"}))["taskSubtaskAdd"]
        assert problems(payload) == [("NOT_FOUND", "taskId")]


async def test_parallel_steps_keep_one_order(acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    await asyncio.gather(*(acme.agent.data(ADD, task=task, input={"title": letter}) for letter in "ABCDEFGH"))
    assert sorted(titles({"task": (await acme.agent.data(READ, id=task))["task"]})) == list("ABCDEFGH")


# --- labels ----------------------------------------------------------------------------------------------------------


async def test_labels_are_made_changed_and_told(state: State, acme: Signed) -> None:
    made = await label(acme.agent, "  Eilt ", color="#ff0000", description="Heute noch")
    assert made == {
        "id": made["id"],
        "name": "Eilt",
        "color": "#ff0000",
        "description": "Heute noch",
        "usageCount": 0,
    }
    plain = await label(acme.agent, "Akte")
    assert plain["color"] == "#3B82F6"
    payload = await acme.agent.data(LABEL_UPDATE, id=made["id"], input={"name": "Sofort", "description": None})
    changed = {**made, "name": "Sofort", "description": None}
    assert payload["taskLabelUpdate"]["taskLabel"] == changed
    assert (await same(state, acme, LABELS))["taskLabels"] == [plain, changed]


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({}, "MISSING_REQUIRED_FIELD", "input.name"),
        ({"name": None}, "MISSING_REQUIRED_FIELD", "input.name"),
        ({"name": " "}, "MISSING_REQUIRED_FIELD", "input.name"),
        ({"name": "x" * 51}, "VALIDATION_ERROR", "input.name"),
        ({"name": "x", "color": "red"}, "VALIDATION_ERROR", "input.color"),
        ({"name": "x", "description": "x" * 501}, "VALIDATION_ERROR", "input.description"),
        ({"name": "Da"}, "ALREADY_EXISTS", "input.name"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_bad_labels(state: State, acme: Signed, given: dict[str, Any], code: str, path: str) -> None:
    await label(acme.agent, "Da")
    other = await label(acme.agent, "Andere")
    async with untouched(state, acme):
        payload = (await acme.agent.data(LABEL_CREATE, input=given))["taskLabelCreate"]
        assert problems(payload) == [(code, path)]
        if given:
            payload = (await acme.agent.data(LABEL_UPDATE, id=other["id"], input=given))["taskLabelUpdate"]
            assert problems(payload) == [(code, path)]


async def test_labels_of_a_task_are_those_given(state: State, acme: Signed, rival: Signed) -> None:
    eilt, akte = await label(acme.agent, "Eilt"), await label(acme.agent, "Akte")
    task = (await new(acme.agent, labelIds=[eilt["id"], akte["id"], eilt["id"]]))["id"]
    borne = (await same(state, acme, BORNE, id=task))["task"]["labels"]
    assert [one["name"] for one in borne] == ["Akte", "Eilt"]
    payload = await update(acme.agent, task, labelIds=[eilt["id"]])
    assert (payload["userErrors"], payload["task"]["version"]) == ([], 1)
    assert (await events(state, acme.agency.id))[-1] == ("task.updated", "UPDATED", 1, ["labels"])
    action, (change,) = (await lines(state, acme))[-1]
    assert (action, change["field"], change["to"]) == ("UPDATED", "labels", [eilt["id"]])
    assert sorted(change["from"]) == sorted([eilt["id"], akte["id"]])
    foreign = await label(rival.agent)
    async with untouched(state, acme):
        payload = await update(acme.agent, task, labelIds=[eilt["id"]])
        assert payload["userErrors"] == []
        for bad, code in ((foreign["id"], "NOT_FOUND"), (task, "NOT_FOUND"), ("?", "INVALID_INPUT")):
            payload = await update(acme.agent, task, labelIds=[eilt["id"], bad])
            assert problems(payload) == [(code, "input.labelIds.1")]
        payload = await update(acme.agent, task, labelIds=[eilt["id"]] * 101)
        assert problems(payload) == [("VALIDATION_ERROR", "input.labelIds")]
    assert (await update(acme.agent, task, labelIds=None))["userErrors"] == []
    assert (await acme.agent.data(BORNE, id=task))["task"]["labels"] == []


async def test_a_label_is_used_by_tasks_on_their_boards(state: State, acme: Signed) -> None:
    eilt = (await label(acme.agent))["id"]
    tasks = [(await new(acme.agent, labelIds=[eilt]))["id"] for _ in range(4)]
    await acme.agent.data(ARCHIVE, id=tasks[0])
    await acme.agent.data(DELETE, id=tasks[1])
    assert [one["usageCount"] for one in (await same(state, acme, LABELS))["taskLabels"]] == [2]
    assert [one["usageCount"] for one in (await acme.customer.data(LABELS))["taskLabels"]] == []


async def test_a_deleted_label_leaves_all_tasks(state: State, acme: Signed, rival: Signed) -> None:
    eilt, akte = await label(acme.agent, "Eilt"), await label(acme.agent, "Akte")
    tasks = [(await new(acme.agent, labelIds=[eilt["id"], akte["id"]]))["id"] for _ in range(3)]
    async with untouched(state, acme):
        assert problems((await rival.agent.data(LABEL_DELETE, id=eilt["id"]))["taskLabelDelete"]) == [
            ("NOT_FOUND", "id")
        ]
    before = len(await events(state, acme.agency.id))
    payload = (await acme.agent.data(LABEL_DELETE, id=eilt["id"]))["taskLabelDelete"]
    assert payload == {"taskLabel": None, "userErrors": []}
    for task in tasks:
        borne = (await acme.agent.data(BORNE, id=task))["task"]["labels"]
        assert [one["name"] for one in borne] == ["Akte"]
    assert (await events(state, acme.agency.id))[before:] == [("task.updated", "UPDATED", 1, ["labels"])] * 3
    said = [row for row in await rows(state, acme.agency.id, "task_log") if row["action"] == "UPDATED"]
    assert [row["changes"] for row in said] == [[{"field": "labels", "from": "Eilt", "to": None}]] * 3
    assert {row["member_id"] for row in said} == {acme.agency.people[Role.AGENT].id}


async def test_labels_for_many_tasks(state: State, acme: Signed) -> None:
    eilt, akte = (await label(acme.agent, "Eilt"))["id"], (await label(acme.agent, "Akte"))["id"]
    one, two = (await new(acme.agent, labelIds=[akte]))["id"], (await new(acme.agent))["id"]
    payload = await acme.agent.data(BULK, ids=[one, two], input={"labelsAdd": [eilt], "labelsRemove": [akte]})
    assert [result["task"]["labels"] for result in payload["tasksUpdate"]["results"]] == [[{"name": "Eilt"}]] * 2
    payload = await acme.agent.data(BULK, ids=[one], input={"labelsAdd": [encode_id("TaskLabel", uuid7())]})
    (result,) = payload["tasksUpdate"]["results"]
    assert problems(result) == [("NOT_FOUND", "input.labelsAdd.0")]


# --- watchers --------------------------------------------------------------------------------------------------------


async def test_watching_begins_and_ends(state: State, acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    me = {"id": acme.agency.people[Role.MANAGER].gid}
    payload = (await acme.manager.data(WATCH, id=task))["taskWatchToggle"]
    assert payload == {"task": {"id": task, "version": 1, "watchers": [me]}, "userErrors": []}
    mine = "{ tasks(filter: { watchedByMe: true }) { nodes { id } } }"
    assert (await acme.manager.data(mine))["tasks"]["nodes"] == [{"id": task}]
    assert (await same(state, acme, BORNE, id=task))["task"]["watchers"] == [me]
    payload = (await acme.manager.data(WATCH, id=task))["taskWatchToggle"]
    assert payload["task"]["watchers"] == []
    assert [event[1:] for event in (await events(state, acme.agency.id))[1:]] == [("UPDATED", 1, ["watchers"])] * 2
    assert [changes for _, changes in (await lines(state, acme))[1:]] == [
        [{"field": "watchers", "from": None, "to": me["id"]}],
        [{"field": "watchers", "from": me["id"], "to": None}],
    ]


async def test_watchers_of_a_task_are_those_given(state: State, acme: Signed, rival: Signed) -> None:
    owner, customer = (acme.agency.people[role].gid for role in (Role.OWNER, Role.CUSTOMER))
    task = (await new(acme.agent, watcherIds=[owner, customer]))["id"]
    assert (await acme.customer.data(BORNE, id=task))["task"]["watchers"] == [{"id": customer}, {"id": owner}]
    assert (await update(acme.agent, task, watcherIds=[owner]))["userErrors"] == []
    assert (await acme.customer.data(BORNE, id=task))["task"] is None
    async with untouched(state, acme):
        payload = await update(acme.agent, task, watcherIds=[owner, rival.agency.people[Role.AGENT].gid])
        assert problems(payload) == [("NOT_FOUND", "input.watcherIds.1")]
        assert await acme.customer.code(WATCH, id=task) == "INSUFFICIENT_PERMISSIONS"


# --- dependencies ----------------------------------------------------------------------------------------------------


async def test_tasks_wait_for_others(state: State, acme: Signed) -> None:
    first, second = (await new(acme.agent, "Erst"))["id"], (await new(acme.agent, "Dann"))["id"]
    third = (await new(acme.agent, "Zuletzt", dependencyIds=[second, first]))["id"]
    found = (await same(state, acme, BORNE, id=third))["task"]["dependencies"]
    assert {one["id"]: one["title"] for one in found} == {first: "Erst", second: "Dann"}
    await acme.agent.data(DELETE, id=first)
    assert [one["id"] for one in (await same(state, acme, BORNE, id=third))["task"]["dependencies"]] == [second]


async def test_no_circle(state: State, acme: Signed, rival: Signed) -> None:
    a, b, c, d = [(await new(acme.agent, title))["id"] for title in "ABCD"]
    for task, other in ((b, a), (c, b), (d, c)):
        assert (await update(acme.agent, task, dependencyIds=[other]))["userErrors"] == []
    foreign = (await new(rival.agent))["id"]
    async with untouched(state, acme):
        for task, ids in ((a, [a]), (a, [b]), (a, [d]), (b, [d]), (a, [d, c])):
            payload = await update(acme.agent, task, dependencyIds=ids)
            assert problems(payload) == [("VALIDATION_ERROR", "input.dependencyIds")]
            assert payload["userErrors"][0]["message"] == "Tasks cannot wait for each other in a circle."
        payload = await update(acme.agent, a, dependencyIds=[foreign])
        assert problems(payload) == [("NOT_FOUND", "input.dependencyIds.0")]
    # Another way to the same task is no circle.
    assert (await update(acme.agent, d, dependencyIds=[a, b, c]))["userErrors"] == []
    assert (await update(acme.agent, b, dependencyIds=[]))["userErrors"] == []
    assert (await update(acme.agent, a, dependencyIds=[c]))["userErrors"] == [], "the way back was cut at B"


async def test_parallel_dependencies_make_no_circle(state: State, acme: Signed) -> None:
    for _ in range(5):
        a, b, c = [(await new(acme.agent, title))["id"] for title in "ABC"]
        payloads = await asyncio.gather(
            *(update(acme.agent, task, dependencyIds=[other]) for task, other in ((a, b), (b, c), (c, a)))
        )
        refused = [payload for payload in payloads if payload["userErrors"]]
        assert [problems(payload) for payload in refused] == [[("VALIDATION_ERROR", "input.dependencyIds")]]


async def test_a_board_of_tasks_with_all_their_parts_is_one_statement(state: State, acme: Signed) -> None:
    eilt = (await label(acme.agent))["id"]
    owner = acme.agency.people[Role.OWNER].gid
    before: str | None = None
    document = f"""{{ board {{ columns {{ tasks(first: 5) {{ nodes {{ title commentCount {STEPS} labels {{ name }}
      watchers {{ name }} dependencies {{ title }} comments {{ nodes {{ text }} }} activityLog(first: 2) {{
      nodes {{ action text user {{ name }} }} }} }} }} }} }} }}"""
    for number in range(3):
        given: dict[str, Any] = {"labelIds": [eilt], "watcherIds": [owner], "subtasks": [{"title": "A"}]}
        if before is not None:
            given["dependencyIds"] = [before]
        before = (await new(acme.agent, f"{number}", **given))["id"]
        assert await statements(state, acme, document) == 1
    await same(state, acme, document)
    await same(state, acme, document, language="de")


async def test_what_is_given_for_a_new_task_is_refused_as_a_whole(state: State, acme: Signed) -> None:
    given = {"title": "x", "dueDate": DUE, "subtasks": [{"title": ""}], "labelIds": ["?"], "recurrence": "täglich"}
    async with untouched(state, acme):
        payload = (await acme.agent.data(CREATE, input=given))["taskCreate"]
        assert problems(payload) == [
            ("MISSING_REQUIRED_FIELD", "input.subtasks.0.title"),
            ("INVALID_INPUT", "input.labelIds.0"),
        ] or problems(payload) == [
            ("INVALID_INPUT", "input.labelIds.0"),
            ("MISSING_REQUIRED_FIELD", "input.subtasks.0.title"),
        ]
