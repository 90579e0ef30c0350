"""Statistics of boards and of filtered tasks, and the log of a task."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.access import Role
from models.base import now
from resolvers.kit.context import State
from resolvers.kit.scalars import write_datetime
from tests.conftest import Signed
from tests.factories import platform
from tests.graph.parts_world import label, said, same, statements
from tests.graph.tasks_world import ARCHIVE, BLOCK, DELETE, UPDATE, new, second_board

NUMBERS = """totalTasks activeTasks completedTasks blockedTasks overdueTasks dueToday totalEstimatedHours
  totalActualHours completionRate"""
COUNTS = """tasksByPriority { key label count } tasksByStatus { key label count }
  tasksByAssignee { key label count }"""
ROWS = "upcomingDeadlines { title dueDate assignee { name } } recentActivity { action text at user { name } }"
ROOT = f"query ($filter: TaskFilter) {{ taskStatistics(filter: $filter) {{ {NUMBERS} {COUNTS} {ROWS} }} }}"
BOARDS = f"{{ boards {{ name statistics {{ {NUMBERS} {COUNTS} {ROWS} }} }} }}"
BOARD = f"query ($id: ID) {{ board(id: $id) {{ name statistics {{ {NUMBERS} {COUNTS} {ROWS} }} }} }}"
NOTHING = {
    **dict.fromkeys(NUMBERS.split(), 0),
    "completionRate": "0.00",
    "tasksByPriority": [],
    "tasksByStatus": [],
    "tasksByAssignee": [],
    "upcomingDeadlines": [],
    "recentActivity": [],
}
LOG = """query ($id: ID!, $after: String) { task(id: $id) { activityLog(after: $after) { totalCount
  nodes { action at text user { name } changes { field from to } } pageInfo { hasNextPage endCursor } } } }"""


def numbers(found: dict[str, Any]) -> list[Any]:
    return [found[name] for name in NUMBERS.split()]


async def test_nothing_is_nothing(state: State, acme: Signed) -> None:
    assert (await same(state, acme, ROOT))["taskStatistics"] == NOTHING
    assert (await same(state, acme, BOARD))["board"]["statistics"] == NOTHING


async def test_ten_tasks_of_which_four_are_done(state: State, acme: Signed) -> None:
    """The example of the description: 10 tasks, 4 DONE, 1 CANCELLED: 5 active, rate 40."""
    for _ in range(4):
        await new(acme.agent, status="DONE", estimatedHours=3)
    await new(acme.agent, status="CANCELLED")
    ids = [(await new(acme.agent, priority="URGENT"))["id"] for _ in range(5)]
    await acme.agent.data(BLOCK, id=ids[0], reason="Unterlagen fehlen")
    await acme.agent.data(UPDATE, id=ids[1], input={"actualHours": 7})
    for found in (
        (await same(state, acme, ROOT))["taskStatistics"],
        (await same(state, acme, BOARD))["board"]["statistics"],
    ):
        assert numbers(found) == [10, 5, 4, 1, 0, 0, 18, 7, "40.00"]
        assert found["tasksByPriority"] == [
            {"key": "MEDIUM", "label": "Medium", "count": 5},
            {"key": "URGENT", "label": "Urgent", "count": 5},
        ]
        assert [(one["key"], one["count"]) for one in found["tasksByStatus"]] == [
            ("TODO", 4),
            ("BLOCKED", 1),
            ("DONE", 4),
            ("CANCELLED", 1),
        ]
        agent = {"key": acme.agency.people[Role.AGENT].gid, "label": "Agent Person", "count": 10}
        assert found["tasksByAssignee"] == [agent]
        assert len(found["recentActivity"]) == 12


async def test_labels_of_counts_are_in_the_language_of_the_request(state: State, acme: Signed) -> None:
    await new(acme.agent, priority="HIGH")
    await new(acme.agent, assigneeId=acme.agency.people[Role.OWNER].gid)
    task = (await new(acme.agent, assigneeId=acme.agency.people[Role.OWNER].gid))["id"]
    await acme.agent.data(UPDATE, id=task, input={"assigneeId": None})
    document = f"{{ board {{ statistics {{ {COUNTS} }} }} taskStatistics {{ {COUNTS} }} }}"
    for language, high, todo, nobody in (
        ("en", "High", "To do", "Unassigned"),
        ("de", "Hoch", "Zu erledigen", "Nicht zugewiesen"),
    ):
        data = await same(state, acme, document, language=language)
        assert data["board"]["statistics"] == data["taskStatistics"]
        found = data["taskStatistics"]
        assert [one["label"] for one in found["tasksByPriority"]][1] == high
        assert found["tasksByStatus"] == [{"key": "TODO", "label": todo, "count": 3}]
        assert {(one["label"], one["count"]) for one in found["tasksByAssignee"]} == {
            ("Agent Person", 1),
            ("Owner Person", 1),
            (nobody, 1),
        }
        assert next(one["key"] for one in found["tasksByAssignee"] if one["label"] == nobody) == ""


async def test_the_archive_and_the_trash_do_not_count(state: State, acme: Signed) -> None:
    await acme.agent.data(ARCHIVE, id=(await new(acme.agent, "Archiv"))["id"], archived=True)
    await acme.agent.data(DELETE, id=(await new(acme.agent, "Weg"))["id"])
    assert numbers((await same(state, acme, ROOT))["taskStatistics"])[0] == 0
    assert numbers((await same(state, acme, BOARD))["board"]["statistics"])[0] == 0
    data = await same(state, acme, ROOT, filter={"archived": True})
    assert numbers(data["taskStatistics"])[0] == 1
    assert [one["action"] for one in data["taskStatistics"]["recentActivity"]] == ["ARCHIVED", "CREATED"]


async def test_what_a_filter_finds(state: State, acme: Signed) -> None:
    eilt = (await label(acme.agent))["id"]
    await new(acme.agent, "Anders", priority="LOW")
    await new(acme.agent, "Grundbuch prüfen", labelIds=[eilt], priority="HIGH", estimatedHours=5)
    for given in (
        {"labelIds": [eilt]},
        {"priority": {"eq": "HIGH"}},
        {"search": "Grundbuch"},
        {"not": {"priority": {"in": ["LOW"]}}},
        {"assigneeId": {"eq": acme.agency.people[Role.AGENT].gid}, "priority": {"ne": "LOW"}},
    ):
        found = (await same(state, acme, ROOT, filter=given))["taskStatistics"]
        assert (found["totalTasks"], found["totalEstimatedHours"]) == (1, 5), given
        assert [one["action"] for one in found["recentActivity"]] == ["CREATED"]
    body = await acme.agent(ROOT, filter={"labelIds": ["?"]})
    assert [(error["extensions"]["code"], error["extensions"]["field"]) for error in body["errors"]] == [
        ("INVALID_INPUT", ["filter", "labelIds", "0"])
    ]


async def test_deadlines(state: State, acme: Signed) -> None:
    """Overdue, due today by the agency's clock, and the ten soonest of the next seven days."""
    moment = now()
    for title, due in {
        "Gestern": moment - timedelta(days=1),
        "Morgen": moment + timedelta(days=1),
        "Bald": moment + timedelta(days=7) - timedelta(minutes=1),
        "Später": moment + timedelta(days=7, minutes=1),
    }.items():
        await new(acme.agent, title, dueDate=write_datetime(due))
    await new(acme.agent, "Fertig", status="DONE", dueDate=write_datetime(moment + timedelta(hours=1)))
    await new(acme.agent, "Alt", status="CANCELLED", dueDate=write_datetime(moment - timedelta(days=9)))
    data = await same(state, acme, f"{{ board {{ statistics {{ {NUMBERS} {ROWS} }} }} taskStatistics {{ {ROWS} }} }}")
    found = data["board"]["statistics"]
    assert found["overdueTasks"] == 1
    assert [task["title"] for task in found["upcomingDeadlines"]] == ["Morgen", "Bald"]
    assert data["taskStatistics"]["upcomingDeadlines"] == found["upcomingDeadlines"]
    for number in range(12):
        due = moment + timedelta(days=2, minutes=number)
        await new(acme.agent, f"{number}", dueDate=write_datetime(due))
    data = await same(state, acme, ROOT)
    expected = ["Morgen", *map(str, range(9))]
    assert [task["title"] for task in data["taskStatistics"]["upcomingDeadlines"]] == expected


@pytest.mark.parametrize(("zone", "due", "expected"), [("Europe/Berlin", 12, 1), ("Pacific/Kiritimati", -18, 0)])
async def test_today_is_that_of_the_agency(state: State, acme: Signed, zone: str, due: int, expected: int) -> None:
    """Noon in Berlin is today in Berlin; eighteen hours before midnight of Kiritimati is yesterday there."""
    await platform(state, "update tenant set timezone = $1 where tenant_id = $2", zone, acme.agency.id)
    (today,) = await platform(state, "select (date_trunc('day', now() at time zone $1) at time zone $1) as start", zone)
    start: datetime = today["start"].astimezone(UTC)
    await new(acme.agent, dueDate=write_datetime(start + timedelta(hours=due)))
    await new(acme.agent, status="DONE", dueDate=write_datetime(start + timedelta(hours=due)))
    assert (await same(state, acme, ROOT))["taskStatistics"]["dueToday"] == expected
    assert (await same(state, acme, BOARD))["board"]["statistics"]["dueToday"] == expected


async def test_boards_side_by_side_and_one_statement_for_a_board(state: State, acme: Signed) -> None:
    other = await second_board(acme.agent)
    await new(acme.agent, "Hier")
    for title in ("Dort", "Dort auch"):
        await new(acme.agent, title, boardId=other["id"], dueDate=write_datetime(now() + timedelta(days=1)))
    data = await same(state, acme, BOARDS)
    found = {board["name"]: board["statistics"] for board in data["boards"]}
    assert {name: one["totalTasks"] for name, one in found.items()} == {"Aufgaben": 1, "Vermietung": 2}
    assert [task["title"] for task in found["Vermietung"]["upcomingDeadlines"]] == ["Dort", "Dort auch"]
    assert found["Aufgaben"]["upcomingDeadlines"] == []
    assert [len(found[name]["recentActivity"]) for name in ("Aufgaben", "Vermietung")] == [1, 2]
    assert await statements(state, acme, BOARD) == 1
    with_statistics = await statements(state, acme, BOARDS)
    assert with_statistics == await statements(state, acme, "{ boards { name } }")
    aliases = "{ board { a: statistics { n: totalTasks m: totalTasks } b: statistics { __typename completionRate } } }"
    assert (await same(state, acme, aliases))["board"] == {
        "a": {"n": 1, "m": 1},
        "b": {"__typename": "TaskStatistics", "completionRate": "0.00"},
    }


async def test_customers_count_what_they_see(state: State, acme: Signed) -> None:
    customer = acme.agency.people[Role.CUSTOMER].gid
    await new(acme.agent, "Fremd")
    await new(acme.agent, "Eigen", watcherIds=[customer], dueDate=write_datetime(now() + timedelta(days=1)))
    for found in (
        (await same(state, acme, ROOT, Role.CUSTOMER))["taskStatistics"],
        (await same(state, acme, BOARD, Role.CUSTOMER))["board"]["statistics"],
    ):
        assert found["totalTasks"] == 1
        assert [task["title"] for task in found["upcomingDeadlines"]] == ["Eigen"]
        assert len(found["recentActivity"]) == 1


async def test_the_log_is_read_by_people(state: State, acme: Signed) -> None:
    task = (await new(acme.agent, "Anrufen"))["id"]
    eilt = (await label(acme.agent))["id"]
    await acme.manager.data(UPDATE, id=task, input={"priority": "HIGH"})
    await acme.agent.data(UPDATE, id=task, input={"title": "Mailen", "labelIds": [eilt]})
    await said(acme.agent, task)
    await acme.agent.data(UPDATE, id=task, input={"status": "IN_PROGRESS"})
    german = (await same(state, acme, LOG, language="de", id=task))["task"]["activityLog"]
    assert [node["text"] for node in german["nodes"]] == [
        "Status geändert: Status Zu erledigen → In Arbeit",
        "Kommentiert",
        "Geändert: Titel Anrufen → Mailen; Etiketten",
        "Priorität geändert: Priorität Mittel → Hoch",
        "Aufgabe angelegt",
    ]
    english = (await same(state, acme, LOG, id=task))["task"]["activityLog"]
    assert english["nodes"][0]["text"] == "Status changed: status To do → In progress"
    assert english["nodes"][2]["changes"] == [
        {"field": "title", "from": "Anrufen", "to": "Mailen"},
        {"field": "labels", "from": [], "to": [eilt]},
    ]
    assert (english["nodes"][3]["user"], english["nodes"][3]["action"]) == (
        {"name": "Manager Person"},
        "PRIORITY_CHANGED",
    )
    assert (english["totalCount"], english["pageInfo"]["hasNextPage"]) == (5, False)


async def test_the_log_goes_back_in_pages(state: State, acme: Signed) -> None:
    task = (await new(acme.agent))["id"]
    for number in range(21):
        await acme.agent.data(UPDATE, id=task, input={"title": f"{number}"})
    first = (await same(state, acme, LOG, id=task))["task"]["activityLog"]
    assert [node["changes"][0]["to"] for node in first["nodes"]] == [str(number) for number in range(20, 0, -1)]
    after = first["pageInfo"]["endCursor"]
    rest = (await same(state, acme, LOG, id=task, after=after))["task"]["activityLog"]
    assert [node["action"] for node in rest["nodes"]] == ["UPDATED", "CREATED"]
