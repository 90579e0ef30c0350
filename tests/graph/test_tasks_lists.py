"""Lists of tasks: every condition and every order, on their own page, of a board, of a property and of a member."""

from typing import Any

import pytest

from domain.access import Role
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id
from tests.conftest import Signed
from tests.factories import platform
from tests.graph.tasks_world import ARCHIVE, BLOCK, new, second_board
from tests.graph.world import created

LIST = """query ($f: TaskFilter, $o: [TaskOrder!]) {
  tasks(first: 100, filter: $f, orderBy: $o) { totalCount nodes { title } } }"""
BY_TITLE = [{"field": "TITLE", "direction": "ASC"}]
LABEL = 'mutation { taskLabelCreate(input: { name: "Eilig" }) { taskLabel { id } userErrors { code } } }'
WATCH = "mutation ($id: ID!) { taskWatchToggle(id: $id) { userErrors { code } } }"


async def stocked(state: State, acme: Signed) -> dict[str, str]:
    """Five tasks, A to E, and the ids that conditions name."""
    manager = acme.agency.people[Role.MANAGER].gid
    board, property = (await second_board(acme.agent))["id"], (await created(acme))["id"]
    label = (await acme.agent.data(LABEL))["taskLabelCreate"]["taskLabel"]["id"]
    about = "Grundbuch in der Goethestraße"
    await new(acme.agent, "A", priority="LOW", dueDate="2020-01-01T00:00:00Z", description=about)
    await new(acme.agent, "B", priority="URGENT", dueDate="2020-01-02T00:00:00Z", status="DONE", boardId=board)
    third = await new(acme.manager, "C", priority="HIGH", assigneeId=manager, startDate="2029-01-01T00:00:00Z")
    fourth = await new(acme.agent, "D", propertyId=property, labelIds=[label], status="BACKLOG")
    await new(acme.agent, "E")
    await acme.agent.data(BLOCK, id=third["id"], reason="Wartet")
    await acme.agent.data(WATCH, id=fourth["id"])
    gone = await new(acme.agent, "F", dueDate="2020-01-01T00:00:00Z")
    await acme.agent.data(ARCHIVE, id=gone["id"])
    tenant, moment = acme.agency.id, "update task set created_at = '2021-01-01' where tenant_id = $1 and id = $2"
    await platform(state, moment, tenant, decode_id(third["id"], "Task"))
    agent = acme.agency.people[Role.AGENT].gid
    return {"board": board, "property": property, "label": label, "manager": manager, "agent": agent}


async def test_every_condition(state: State, acme: Signed) -> None:
    ids = await stocked(state, acme)
    cases: list[tuple[dict[str, Any] | None, str]] = [
        (None, "ABCDE"),
        ({"status": {"in": ["DONE", "BACKLOG"]}}, "BD"),
        ({"priority": {"eq": "URGENT"}}, "B"),
        ({"priority": {"notIn": ["URGENT", "MEDIUM"]}}, "AC"),
        ({"assigneeId": {"eq": ids["manager"]}}, "C"),
        ({"assigneeId": {"ne": ids["manager"]}}, "ABDE"),
        ({"boardId": {"eq": ids["board"]}}, "B"),
        ({"projectId": {"isNull": True}}, "ABCDE"),
        ({"propertyId": {"eq": ids["property"]}}, "D"),
        ({"dueDate": {"lt": "2021-01-01T00:00:00Z"}}, "AB"),
        ({"startDate": {"isNull": False}}, "C"),
        ({"createdAt": {"lt": "2022-01-01T00:00:00Z"}}, "C"),
        ({"createdById": {"eq": ids["manager"]}}, "C"),
        ({"labelIds": [ids["label"]]}, "D"),
        ({"labelIds": [ids["board"]]}, ""),
        ({"labelIds": []}, ""),
        ({"isOverdue": True}, "A"),
        ({"isOverdue": False}, "BCDE"),
        ({"isOverdue": True, "archived": True}, "F"),
        ({"isBlocked": True}, "C"),
        ({"isBlocked": False}, "ABDE"),
        ({"watchedByMe": True}, "D"),
        ({"watchedByMe": False}, "ABCE"),
        ({"search": "goethestrasse"}, "A"),
        ({"search": "grundb"}, "A"),
        ({"or": [{"priority": {"eq": "LOW"}}, {"isBlocked": True}]}, "AC"),
        ({"not": {"status": {"eq": "TODO"}}}, "BCD"),
    ]
    for given, expected in cases:
        found = (await acme.agent.data(LIST, f=given, o=BY_TITLE))["tasks"]
        titles = "".join(node["title"] for node in found["nodes"])
        assert (given, titles, found["totalCount"]) == (given, expected, len(expected))
    # Whoever else asks watches nothing.
    assert (await acme.manager.data(LIST, f={"watchedByMe": True}))["tasks"]["totalCount"] == 0


@pytest.mark.parametrize(
    ("order", "titles"),
    [
        ({"field": "TITLE", "direction": "DESC"}, "EDCBA"),
        ({"field": "DUE_DATE", "direction": "ASC"}, "ABCDE"),
        ({"field": "PRIORITY", "direction": "DESC"}, "BCEDA"),
        ({"field": "STATUS", "direction": "ASC"}, "DAECB"),
        ({"field": "CREATED_AT", "direction": "ASC"}, "CABDE"),
    ],
)
async def test_every_order(state: State, acme: Signed, order: dict[str, str], titles: str) -> None:
    await stocked(state, acme)
    found = (await acme.agent.data(LIST, o=[order]))["tasks"]["nodes"]
    assert "".join(node["title"] for node in found) == titles


async def test_pages_follow_each_other_in_every_order(state: State, acme: Signed) -> None:
    await stocked(state, acme)
    text = """query ($o: [TaskOrder!], $after: String) {
      tasks(first: 2, orderBy: $o, after: $after) { nodes { title } pageInfo { hasNextPage endCursor } } }"""
    for field in ("POSITION", "CREATED_AT", "UPDATED_AT", "TITLE", "DUE_DATE", "PRIORITY", "STATUS"):
        whole = (await acme.agent.data(LIST, o=[{"field": field}]))["tasks"]["nodes"]
        found, after = [], None
        while True:
            page = (await acme.agent.data(text, o=[{"field": field}], after=after))["tasks"]
            found += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        assert (field, found) == (field, whole)


async def test_a_column_is_read_on(acme: Signed) -> None:
    for title in "ABC":
        await new(acme.agent, title)
    page = "tasks(first: 2, after: $after) { nodes { title } totalCount pageInfo { hasNextPage endCursor } }"
    first = f"query ($after: String) {{ board {{ columns {{ id status {page} }} }} }}"
    board = (await acme.agent.data(first))["board"]
    column = next(column for column in board["columns"] if column["status"] == "TODO")
    assert (column["tasks"]["nodes"], column["tasks"]["totalCount"]) == ([{"title": "A"}, {"title": "B"}], 3)
    more = f"query ($id: ID!, $after: String) {{ node(id: $id) {{ ... on BoardColumn {{ {page} }} }} }}"
    after = column["tasks"]["pageInfo"]["endCursor"]
    rest = (await acme.agent.data(more, id=column["id"], after=after))["node"]["tasks"]
    assert (rest["nodes"], rest["pageInfo"]["hasNextPage"]) == ([{"title": "C"}], False)


async def test_tasks_are_reached_from_what_they_are_about(state: State, acme: Signed) -> None:
    ids = await stocked(state, acme)
    data = await acme.agent.data(
        """query ($p: ID!, $b: ID!, $o: [TaskOrder!]) {
          property(id: $p) { tasks { nodes { title } } }
          board(id: $b) { tasks(filter: { status: { eq: DONE } }) { totalCount } }
          viewer { user { tasks(orderBy: $o) { nodes { title } } } } }""",
        p=ids["property"],
        b=ids["board"],
        o=BY_TITLE,
    )
    assert data["property"]["tasks"]["nodes"] == [{"title": "D"}]
    assert data["board"]["tasks"]["totalCount"] == 1
    assert [node["title"] for node in data["viewer"]["user"]["tasks"]["nodes"]] == ["A", "B", "D", "E"]
