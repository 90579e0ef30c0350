"""Tasks that come again: the next one is made when one is done, by the rule, and only one."""

from typing import Any

import pytest

from domain.access import Role
from resolvers.kit.context import State
from tests.conftest import Client, Signed
from tests.graph.parts_world import label, said
from tests.graph.tasks_world import CREATE, DUE, UPDATE, lines, moved, new
from tests.graph.world import events, problems, untouched

ALL = """{ tasks(orderBy: [{ field: DUE_DATE, direction: ASC }]) { nodes {
  id title description status priority progress dueDate startDate completedAt recurrence estimatedHours storyPoints
  commentCount assignee { id } labels { name } watchers { id } dependencies { id } column { status }
  subtasks { title done position completedAt } } } }"""


BULK = """mutation ($ids: [ID!]!, $input: TaskBulkInput!) {
  tasksUpdate(ids: $ids, input: $input) { failedCount } }"""


async def finish(client: Client, id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(UPDATE, id=id, input={"status": "DONE"}))["taskUpdate"]
    assert found["userErrors"] == []
    return found


async def test_the_next_one_is_like_the_first(state: State, acme: Signed) -> None:
    eilt = await label(acme.agent, "Eilt")
    owner, manager = (acme.agency.people[role].gid for role in (Role.OWNER, Role.MANAGER))
    other = (await new(acme.agent, "Vorher", status="DONE", dueDate="2026-01-01T00:00:00.000Z"))["id"]
    first = await new(
        acme.agent,
        "Heizung ablesen",
        description="Im Keller",
        priority="HIGH",
        assigneeId=manager,
        watcherIds=[owner],
        labelIds=[eilt["id"]],
        dependencyIds=[other],
        subtasks=[{"title": "Zähler", "done": True}, {"title": "Foto"}],
        estimatedHours=2,
        storyPoints=3,
        dueDate="2027-03-26T08:00:00.000Z",
        startDate="2027-03-25T08:00:00.000Z",
        recurrence="freq=weekly;count=2",
    )
    await said(acme.agent, first["id"])
    await finish(acme.agent, first["id"])
    _, done, following = (await acme.agent.data(ALL))["tasks"]["nodes"]
    assert (done["id"], done["status"], done["recurrence"]) == (first["id"], "DONE", None)
    assert following == {
        "id": following["id"],
        "title": "Heizung ablesen",
        "description": "Im Keller",
        "status": "TODO",
        "priority": "HIGH",
        "progress": 0,
        # The clocks change in between: nine o'clock in Berlin both times.
        "dueDate": "2027-04-02T07:00:00.000Z",
        "startDate": "2027-04-01T07:00:00.000Z",
        "completedAt": None,
        "recurrence": "FREQ=WEEKLY;COUNT=1",
        "estimatedHours": 2,
        "storyPoints": 3,
        "commentCount": 0,
        "assignee": {"id": manager},
        "labels": [{"name": "Eilt"}],
        "watchers": [{"id": owner}],
        "dependencies": [],
        "column": {"status": "TODO"},
        "subtasks": [
            {"title": "Zähler", "done": False, "position": 0, "completedAt": None},
            {"title": "Foto", "done": False, "position": 1, "completedAt": None},
        ],
    }
    # Written at one moment, in any order.
    said_of = dict((await lines(state, acme))[-3:])
    assert said_of.keys() == {"STATUS_CHANGED", "UPDATED", "CREATED"}
    assert said_of["UPDATED"] == [{"field": "recurrence", "from": "FREQ=WEEKLY;COUNT=2", "to": None}]
    assert [event[0] for event in (await events(state, acme.agency.id))][-2:] == ["task.completed", "task.created"]
    # The last one by its count has none after it.
    await finish(acme.agent, following["id"])
    assert len((await acme.agent.data(ALL))["tasks"]["nodes"]) == 3


async def test_one_successor_whatever_way_it_was_done_and_however_often(acme: Signed) -> None:
    for way in ("update", "move", "bulk"):
        task = (await new(acme.agent, way, recurrence="FREQ=DAILY", dueDate="2031-01-01T08:00:00.000Z"))["id"]
        for status in ("DONE", "TODO", "DONE"):
            if way == "move":
                assert (await moved(acme.agent, task, status=status, force=True))["userErrors"] == []
            elif way == "update":
                payload = (await acme.agent.data(UPDATE, id=task, input={"status": status}))["taskUpdate"]
                assert payload["userErrors"] == []
            else:
                payload = await acme.agent.data(BULK, ids=[task], input={"status": status})
                assert payload["tasksUpdate"]["failedCount"] == 0
        found = [one for one in (await acme.agent.data(ALL))["tasks"]["nodes"] if one["title"] == way]
        assert [(one["dueDate"], one["recurrence"]) for one in found] == [
            ("2031-01-01T08:00:00.000Z", None),
            ("2031-01-02T08:00:00.000Z", "FREQ=DAILY"),
        ]


async def test_a_full_column_does_not_stop_the_next_one(acme: Signed) -> None:
    task = (await new(acme.agent, recurrence="FREQ=DAILY"))["id"]
    await moved(acme.agent, task, status="IN_PROGRESS")
    for number in range(8):
        await new(acme.agent, f"{number}")
    await finish(acme.agent, task)
    found = (await acme.agent.data(ALL))["tasks"]["nodes"]
    assert len([one for one in found if one["status"] == "TODO"]) == 9


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("täglich", "Das ist keine RRULE für Tage (FREQ=DAILY, WEEKLY, MONTHLY oder YEARLY)."),
        ("FREQ=HOURLY", "Das ist keine RRULE für Tage (FREQ=DAILY, WEEKLY, MONTHLY oder YEARLY)."),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "Nach dieser Regel folgt nie ein Tag."),
    ],
)
async def test_bad_rules(state: State, acme: Signed, rule: str, message: str) -> None:
    task = (await new(acme.agent))["id"]
    acme_in_german = Client(acme.agent.http, acme.agent.token, {"Accept-Language": "de"})
    async with untouched(state, acme):
        for payload in (
            (await acme_in_german.data(CREATE, input={"title": "x", "dueDate": DUE, "recurrence": rule}))["taskCreate"],
            (await acme_in_german.data(UPDATE, id=task, input={"recurrence": rule}))["taskUpdate"],
        ):
            assert problems(payload) == [("VALIDATION_ERROR", "input.recurrence")]
            assert payload["userErrors"][0]["message"] == message


async def test_a_rule_is_set_and_taken_away(acme: Signed) -> None:
    task = (await new(acme.agent, recurrence="RRULE:FREQ=MONTHLY;BYDAY=1MO"))["id"]
    read = "query ($id: ID!) { task(id: $id) { recurrence } }"
    assert (await acme.agent.data(read, id=task))["task"]["recurrence"] == "FREQ=MONTHLY;BYDAY=1MO"
    for nothing in (None, ""):
        await acme.agent.data(UPDATE, id=task, input={"recurrence": "FREQ=DAILY"})
        assert (await acme.agent.data(read, id=task))["task"]["recurrence"] == "FREQ=DAILY"
        assert (await acme.agent.data(UPDATE, id=task, input={"recurrence": nothing}))["taskUpdate"]["userErrors"] == []
        assert (await acme.agent.data(read, id=task))["task"]["recurrence"] is None
    await finish(acme.agent, task)
    assert len((await acme.agent.data(ALL))["tasks"]["nodes"]) == 1
