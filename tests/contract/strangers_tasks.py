"""How a stranger tries boards, tasks and projects; see `strangers`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from domain.access import Role
from domain.errors import ApiError
from resolvers.kit.context import State
from tests.conftest import Signed
from tests.contract.strangers import (
    NODES_MADE,
    PROBES,
    Probe,
    World,
    agent_of,
    listening,
    mirror,
    new_property,
    nothing_more,
    other_cursor,
    other_id,
    other_position,
    position_of,
    probe,
)

DUE = 'dueDate: "2030-01-01T00:00:00Z"'
_ERRORS = "userErrors { code field details }"
_TASK = f" {{ task {{ id title status board {{ id }} assignee {{ id }} }} {_ERRORS} }} }}"
_BOARD = f" {{ board {{ id name project {{ id }} columns {{ id name status }} }} {_ERRORS} }} }}"
_PROJECT = f" {{ project {{ id name property {{ id }} }} {_ERRORS} }} }}"
_BULK = f" {{ results {{ task {{ id title }} {_ERRORS} }} succeededCount failedCount {_ERRORS} }} }}"


# --- records ---------------------------------------------------------------------------------------------------------


async def new_task(_world: World, signed: Signed, **changes: Any) -> str:
    """A task of the agency's own, on its default board."""
    document = "mutation ($i: TaskCreateInput!) { taskCreate(input: $i) { task { id } userErrors { code } } }"
    given = {"title": "Anrufen", "dueDate": "2030-01-01T00:00:00Z", **changes}
    return str((await signed.owner.data(document, i=given))["taskCreate"]["task"]["id"])


async def blocked_task(world: World, signed: Signed) -> str:
    id = await new_task(world, signed)
    document = 'mutation ($id: ID!) { taskBlock(id: $id, reason: "Wartet") { task { id } } }'
    await signed.owner.data(document, id=id)
    return id


async def new_board(_world: World, signed: Signed, **changes: Any) -> str:
    """A board besides the default one."""
    number = len((await signed.owner.data("{ boards { id } }"))["boards"])
    document = "mutation ($i: BoardInput!) { boardCreate(input: $i) { board { id } userErrors { code } } }"
    data = await signed.owner.data(document, i={"name": f"Board {number}", **changes})
    return str(data["boardCreate"]["board"]["id"])


async def default_board(_world: World, signed: Signed) -> str:
    return str((await signed.owner.data("{ board { id } }"))["board"]["id"])


async def new_column(world: World, signed: Signed) -> str:
    """The column BACKLOG of a new board."""
    document = "query ($id: ID!) { board(id: $id) { columns { id } } }"
    data = await signed.owner.data(document, id=await new_board(world, signed))
    return str(data["board"]["columns"][0]["id"])


async def column_of_default(_world: World, signed: Signed) -> str:
    """The column DONE of the default board."""
    data = await signed.owner.data("{ board { columns { id status } } }")
    return next(str(column["id"]) for column in data["board"]["columns"] if column["status"] == "DONE")


async def new_project(_world: World, signed: Signed, **changes: Any) -> str:
    number = len((await signed.owner.data("{ projects { id } }"))["projects"])
    document = "mutation ($i: ProjectInput!) { projectCreate(input: $i) { project { id } userErrors { code } } }"
    data = await signed.owner.data(document, i={"name": f"Projekt {number}", **changes})
    return str(data["projectCreate"]["project"]["id"])


async def own_task(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await new_task(world, signed)}


async def own_board(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await new_board(world, signed)}


async def own_project(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await new_project(world, signed)}


async def own_default(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await default_board(world, signed)}


async def own_column(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await new_column(world, signed)}


NODES_MADE |= {"Task": new_task, "Board": new_board, "BoardColumn": new_column, "Project": new_project}


# --- reading ---------------------------------------------------------------------------------------------------------


async def two_tasks_cursor(world: World, signed: Signed) -> str:
    """The cursor of the newer of two tasks: behind it lies the older one."""
    await new_task(world, signed)
    await new_task(world, signed)
    data = await signed.owner.data("{ tasks(first: 1) { edges { cursor } } }")
    return str(data["tasks"]["edges"][0]["cursor"])


async def oldest_task_cursor(world: World, signed: Signed) -> str:
    await new_task(world, signed)
    data = await signed.owner.data(
        "{ tasks(last: 1, orderBy: [{ field: CREATED_AT, direction: ASC }]) { edges { cursor } } }"
    )
    return str(data["tasks"]["edges"][0]["cursor"])


def named_by(field: str, make: Callable[[World, Signed], Awaitable[str]]) -> Callable[..., Awaitable[str]]:
    """A record that one task names, beside which there is another task."""

    async def made(world: World, signed: Signed) -> str:
        id = await make(world, signed)
        await new_task(world, signed, **{field: id})
        await new_task(world, signed, assigneeId=signed.agency.people[Role.MANAGER].gid)
        return id

    return made


async def creator(world: World, signed: Signed) -> str:
    """The owner, who made one task, beside one that another one made."""
    await new_task(world, signed)
    document = "mutation ($i: TaskCreateInput!) { taskCreate(input: $i) { task { id } } }"
    await signed.agent.data(document, i={"title": "Zaun", "dueDate": "2030-01-01T00:00:00Z"})
    return signed.agency.people[Role.OWNER].gid


FILTERED: dict[str, Callable[..., Awaitable[str]]] = {
    "assigneeId": named_by("assigneeId", agent_of),
    "boardId": named_by("boardId", new_board),
    "projectId": named_by("projectId", new_project),
    "propertyId": named_by("propertyId", new_property),
    "createdById": creator,
}
for field, make in FILTERED.items():
    for operator, value in (("eq", "$x"), ("ne", "$x"), ("in", "[$x]"), ("notIn", "[$x]")):
        condition = f"{{ {field}: {{ {operator}: {value} }} }}"
        probe(
            f"Query.tasks(filter.{field}.{operator})",
            f"query($x: ID!) {{ tasks(filter: {condition}) {{ totalCount nodes {{ id }} }} }}",
            make,
        )
probe("Query.task(id)", "query($x: ID!) { task(id: $x) { id __typename title } }", new_task)
probe("Query.board(id)", "query($x: ID!) { board(id: $x) { id __typename name } }", new_board)
probe(
    "Query.boards(projectId)",
    "query($x: ID!) { boards(projectId: $x) { id name } }",
    lambda world, signed: _project_with_board(world, signed),
)
probe(
    "Query.tasks(after)",
    "query($x: String!) { tasks(after: $x) { nodes { id } totalCount pageInfo { hasNextPage } } }",
    two_tasks_cursor,
    other=other_cursor,
)
probe(
    "Query.tasks(before)",
    "query($x: String!) { tasks(before: $x, orderBy: [{ field: CREATED_AT, direction: ASC }], last: 2)"
    " { nodes { id } pageInfo { hasNextPage } } }",
    oldest_task_cursor,
    other=other_cursor,
)
mirror("Query.boards", "{ boards { id name } }", new_board)
mirror("Query.projects", "{ projects { id name } }", new_project)


async def _project_with_board(world: World, signed: Signed) -> str:
    project = await new_project(world, signed)
    await new_board(world, signed, projectId=project)
    return project


# --- tasks -----------------------------------------------------------------------------------------------------------

for field, maker in (
    ("assigneeId", agent_of),
    ("boardId", new_board),
    ("projectId", new_project),
    ("propertyId", new_property),
):
    probe(
        f"Mutation.taskCreate(input.{field})",
        f'mutation($x: ID!) {{ taskCreate(input: {{ title: "Neu", {DUE}, {field}: $x }}){_TASK}',
        maker,
    )
    if field != "boardId":
        probe(
            f"Mutation.taskUpdate(input.{field})",
            f"mutation($x: ID!, $own: ID!) {{ taskUpdate(id: $own, input: {{ {field}: $x }}){_TASK}",
            maker,
            more=own_task,
        )
probe("Mutation.taskUpdate(id)", 'mutation($x: ID!) { taskUpdate(id: $x, input: { title: "Neu" })' + _TASK, new_task)
probe("Mutation.taskMove(id)", "mutation($x: ID!) { taskMove(id: $x, input: { status: DONE })" + _TASK, new_task)
for field, maker in (("columnId", column_of_default), ("boardId", new_board), ("afterId", new_task)):
    probe(
        f"Mutation.taskMove(input.{field})",
        f"mutation($x: ID!, $own: ID!) {{ taskMove(id: $own, input: {{ {field}: $x }}){_TASK}",
        maker,
        more=own_task,
    )
probe("Mutation.taskArchive(id)", "mutation($x: ID!) { taskArchive(id: $x)" + _TASK, new_task)
probe("Mutation.taskDelete(id)", "mutation($x: ID!) { taskDelete(id: $x)" + _TASK, new_task)
probe("Mutation.taskUnblock(id)", "mutation($x: ID!) { taskUnblock(id: $x)" + _TASK, blocked_task)
probe("Mutation.taskBlock(id)", 'mutation($x: ID!) { taskBlock(id: $x, reason: "Wartet")' + _TASK, new_task)
probe(
    "Mutation.taskBlock(blockedByTaskId)",
    'mutation($x: ID!, $own: ID!) { taskBlock(id: $own, reason: "Wartet", blockedByTaskId: $x)' + _TASK,
    new_task,
    more=own_task,
)
probe(
    "Mutation.tasksUpdate(ids)",
    "mutation($x: ID!) { tasksUpdate(ids: [$x], input: { priority: HIGH })" + _BULK,
    new_task,
)
probe(
    "Mutation.tasksUpdate(input.assigneeId)",
    "mutation($x: ID!, $own: ID!) { tasksUpdate(ids: [$own], input: { assigneeId: $x })" + _BULK,
    agent_of,
    more=own_task,
)
probe("Mutation.tasksDelete(ids)", "mutation($x: ID!) { tasksDelete(ids: [$x])" + _BULK, new_task)

# --- boards and projects ---------------------------------------------------------------------------------------------

probe(
    "Mutation.boardCreate(input.projectId)",
    'mutation($x: ID!) { boardCreate(input: { name: "Neu", projectId: $x })' + _BOARD,
    new_project,
)
probe(
    "Mutation.boardCreate(input.columns.id)",
    'mutation($x: ID!) { boardCreate(input: { name: "Neu", columns: [{ id: $x, status: TODO }] })' + _BOARD,
    new_column,
    never="a new board has no columns yet",
)
probe("Mutation.boardUpdate(id)", 'mutation($x: ID!) { boardUpdate(id: $x, input: { name: "Neu" })' + _BOARD, new_board)
probe(
    "Mutation.boardUpdate(input.projectId)",
    "mutation($x: ID!, $own: ID!) { boardUpdate(id: $own, input: { projectId: $x })" + _BOARD,
    new_project,
    more=own_board,
)
probe(
    "Mutation.boardUpdate(input.columns.id)",
    "mutation($x: ID!, $own: ID!) { boardUpdate(id: $own, input: { columns: [{ id: $x }] })" + _BOARD,
    column_of_default,
    more=own_default,
)
probe("Mutation.boardDelete(id)", "mutation($x: ID!) { boardDelete(id: $x)" + _BOARD, new_board)
probe(
    "Mutation.boardDelete(moveTasksToId)",
    "mutation($x: ID!, $own: ID!) { boardDelete(id: $own, moveTasksToId: $x)" + _BOARD,
    new_board,
    more=own_board,
)
probe(
    "Mutation.boardColumnAdd(boardId)",
    "mutation($x: ID!) { boardColumnAdd(boardId: $x, input: { status: ON_HOLD })" + _BOARD,
    new_board,
)
probe(
    "Mutation.boardColumnAdd(input.id)",
    "mutation($x: ID!, $own: ID!) { boardColumnAdd(boardId: $own, input: { id: $x, status: ON_HOLD })" + _BOARD,
    new_column,
    more=own_board,
    never="a new column has no id yet",
)
probe(
    "Mutation.boardColumnUpdate(id)",
    'mutation($x: ID!) { boardColumnUpdate(id: $x, input: { name: "Neu" })' + _BOARD,
    new_column,
)
probe(
    "Mutation.boardColumnUpdate(input.id)",
    'mutation($x: ID!, $own: ID!) { boardColumnUpdate(id: $own, input: { id: $x, name: "Neu" })' + _BOARD,
    new_column,
    more=own_column,
    never="the column is named by `id` already",
)
probe(
    "Mutation.boardColumnsReorder(boardId)",
    "mutation($x: ID!) { boardColumnsReorder(boardId: $x, columnIds: [])" + _BOARD,
    new_board,
    never="an order names every column of one's own board",
)
probe(
    "Mutation.boardColumnsReorder(columnIds)",
    "mutation($x: ID!, $own: ID!) { boardColumnsReorder(boardId: $own, columnIds: [$x])" + _BOARD,
    lambda world, signed: _only_column(world, signed),
    more=lambda world, signed: _board_of_one_column(world, signed),
)
probe("Mutation.boardColumnDelete(id)", "mutation($x: ID!) { boardColumnDelete(id: $x)" + _BOARD, new_column)
probe(
    "Mutation.boardColumnDelete(moveTasksToId)",
    "mutation($x: ID!, $own: ID!) { boardColumnDelete(id: $own, moveTasksToId: $x)" + _BOARD,
    column_of_default,
    more=lambda world, signed: _backlog_of_default(world, signed),
)
probe(
    "Mutation.projectCreate(input.propertyId)",
    'mutation($x: ID!) { projectCreate(input: { name: "Neu", propertyId: $x })' + _PROJECT,
    new_property,
)
probe(
    "Mutation.projectUpdate(id)",
    'mutation($x: ID!) { projectUpdate(id: $x, input: { name: "Neu" })' + _PROJECT,
    new_project,
)
probe(
    "Mutation.projectUpdate(input.propertyId)",
    "mutation($x: ID!, $own: ID!) { projectUpdate(id: $own, input: { propertyId: $x })" + _PROJECT,
    new_property,
    more=own_project,
)
probe("Mutation.projectDelete(id)", "mutation($x: ID!) { projectDelete(id: $x)" + _PROJECT, new_project)

_BOARDS: dict[str, str] = {}


async def _only_column(world: World, signed: Signed) -> str:
    """The column of a board that has no other."""
    board = await new_board(world, signed, columns=[{"status": "TODO"}])
    _BOARDS[signed.agency.gid] = board
    data = await signed.owner.data("query ($id: ID!) { board(id: $id) { columns { id } } }", id=board)
    return str(data["board"]["columns"][0]["id"])


async def _board_of_one_column(world: World, signed: Signed) -> dict[str, Any]:
    """The board of that column; a stranger has one of its own."""
    if signed.agency.gid not in _BOARDS:
        await _only_column(world, signed)
    return {"own": _BOARDS[signed.agency.gid]}


async def _backlog_of_default(_world: World, signed: Signed) -> dict[str, Any]:
    """A column of the default board that may go: BACKLOG, or the next one when it is gone already."""
    data = await signed.owner.data("{ board { columns { id status } } }")
    return {"own": data["board"]["columns"][0]["id"]}


# --- streams ---------------------------------------------------------------------------------------------------------

RENAME = "mutation($id: ID!, $t: String!) { taskUpdate(id: $id, input: { title: $t }) { task { id } } }"


async def heard_until(state: State, signed: Signed, document: str, last: str, **variables: Any) -> list[str]:
    """Titles heard, up to the one known to come last; the code of the refusal when there is one."""
    token = signed.agency.people[Role.OWNER].token
    heard: list[str] = []
    try:
        async with listening(state, token, document, **variables) as answers, asyncio.timeout(10):
            async for answer in answers:
                heard.append(answer["data"]["taskChanged"]["task"]["title"])
                if heard[-1] == last:
                    break
    except ApiError as error:
        return [error.code.value]
    return heard


def _hears(argument: str, make: Callable[[World, Signed], Awaitable[str]]) -> Probe:
    """Listening to a record and, in the same answer, to what one may hear anyway, which ends the wait."""
    keep: dict[str, Any] = {}
    document = (
        f"subscription($x: ID!, $after: String) {{ taskChanged({argument}: $x, after: $after) {{ task {{ title }} }} }}"
    )

    async def made(world: World, signed: Signed) -> str:
        keep["owner"], keep["name"] = signed, await make(world, signed)
        return str(keep["name"])

    async def call(world: World, signed: Signed, name: str, _more: dict[str, Any]) -> Any:
        after = await position_of(world, signed)
        if signed is keep["owner"] and name == keep["name"]:
            task = name if argument == "taskId" else await new_task(world, signed, boardId=name)
            await signed.owner.data(RENAME, id=task, t="Zaun")
            return await heard_until(world.state, signed, document, "Zaun", x=name, after=after)
        return await silent(world.state, signed, document, x=name, after=after)

    return Probe(f"Subscription.taskChanged({argument})", call, made, other_id, nothing_more)


async def silent(state: State, signed: Signed, document: str, **variables: Any) -> list[Any]:
    """What is heard within a moment: nothing, when there is nothing to hear."""
    token = signed.agency.people[Role.OWNER].token
    try:
        async with listening(state, token, document, **variables) as answers, asyncio.timeout(0.2):
            return [await anext(answers)]
    except TimeoutError:
        return []
    except ApiError as error:
        return [error.code.value]


for argument, maker in (("taskId", new_task), ("boardId", new_board)):
    PROBES[f"Subscription.taskChanged({argument})"] = _hears(argument, maker)


def _resumed(field: str, document: str) -> Probe:
    """What is heard from a place in the stream on: the kind, or the code of the refusal."""

    async def call(world: World, signed: Signed, name: str, _more: dict[str, Any]) -> Any:
        # A record of one's own: without the locks it would be chance whose board is the default one.
        made = await (new_task if field == "taskChanged" else new_board)(world, signed)
        token = signed.agency.people[Role.OWNER].token
        variables = {"board": made} if "$board" in document else {}
        try:
            async with listening(world.state, token, document, after=name, **variables) as answers:
                async with asyncio.timeout(10):
                    return {"data": (await anext(answers))["data"]}
        except ApiError as error:
            return {"errors": [error.code.value]}

    return Probe(f"Subscription.{field}(after)", call, position_of, other_position, nothing_more)


PROBES["Subscription.taskChanged(after)"] = _resumed(
    "taskChanged", "subscription($after: String) { taskChanged(after: $after) { kind } }"
)
PROBES["Subscription.boardChanged(after)"] = _resumed(
    "boardChanged",
    "subscription($board: ID!, $after: String) { boardChanged(boardId: $board, after: $after) { kind } }",
)


def _board_heard() -> Probe:
    """Listening to a board: the own one tells its change, every other one nothing."""
    keep: dict[str, Any] = {}
    document = "subscription($x: ID!, $after: String) { boardChanged(boardId: $x, after: $after) { kind } }"

    async def made(world: World, signed: Signed) -> str:
        keep["name"] = await new_board(world, signed)
        keep["owner"] = signed
        return str(keep["name"])

    async def call(world: World, signed: Signed, name: str, _more: dict[str, Any]) -> Any:
        after = await position_of(world, signed)
        if signed is keep["owner"] and name == keep["name"]:
            rename = 'mutation($id: ID!) { boardUpdate(id: $id, input: { description: "Neu" }) { board { id } } }'
            await signed.owner.data(rename, id=name)
            token = signed.agency.people[Role.OWNER].token
            async with listening(world.state, token, document, x=name, after=after) as answers, asyncio.timeout(10):
                return {"data": (await anext(answers))["data"]}
        return await silent(world.state, signed, document, x=name, after=after)

    return Probe("Subscription.boardChanged(boardId)", call, made, other_id, nothing_more)


PROBES["Subscription.boardChanged(boardId)"] = _board_heard()
