"""How a stranger tries comments, steps, labels, watchers, dependencies and statistics of tasks; see `strangers`."""

from collections.abc import Callable
from typing import Any

from domain.access import Role
from tests.conftest import Signed
from tests.contract.strangers import NODES_MADE, WORDS, World, agent_of, mirror, other_id, probe
from tests.contract.strangers_tasks import DUE, FILTERED, new_task, own_task

_ERRORS = "userErrors { code field details }"
_TASK = f""" {{ task {{ id version labels {{ id }} watchers {{ id }} dependencies {{ id }}
  subtasks {{ id title assignee {{ id }} }} }} {_ERRORS} }} }}"""
_COMMENT = f" {{ comment {{ id text mentions {{ id }} parent {{ id }} reactions {{ emoji count }} }} {_ERRORS} }} }}"
_LABEL = f" {{ taskLabel {{ id name }} {_ERRORS} }} }}"

WORDS |= {
    "Mutation.taskBlock(reason)": "a sentence, shown as it is",
    "Mutation.commentReactionToggle(emoji)": "a picture",
}


# --- records ---------------------------------------------------------------------------------------------------------


async def new_comment(world: World, signed: Signed, task: str | None = None) -> str:
    document = 'mutation ($t: ID!) { taskCommentAdd(taskId: $t, text: "Bitte prüfen") { comment { id } } }'
    data = await signed.owner.data(document, t=task or await new_task(world, signed))
    return str(data["taskCommentAdd"]["comment"]["id"])


async def new_label(_world: World, signed: Signed) -> str:
    number = len((await signed.owner.data("{ taskLabels { id } }"))["taskLabels"])
    document = "mutation ($n: String!) { taskLabelCreate(input: { name: $n }) { taskLabel { id } } }"
    return str((await signed.owner.data(document, n=f"Etikett {number}"))["taskLabelCreate"]["taskLabel"]["id"])


async def steps_of(signed: Signed, task: str) -> list[str]:
    data = await signed.owner.data("query ($t: ID!) { task(id: $t) { subtasks { id } } }", t=task)
    return [str(step["id"]) for step in data["task"]["subtasks"]]


async def new_subtask(world: World, signed: Signed) -> str:
    """The only step of a new task."""
    return (await steps_of(signed, await new_task(world, signed, subtasks=[{"title": "Anrufen"}])))[0]


async def new_line(world: World, signed: Signed) -> str:
    document = "query ($t: ID!) { task(id: $t) { activityLog { nodes { id } } } }"
    data = await signed.owner.data(document, t=await new_task(world, signed))
    return str(data["task"]["activityLog"]["nodes"][0]["id"])


NODES_MADE |= {"Comment": new_comment, "TaskLabel": new_label, "Subtask": new_subtask, "TaskLog": new_line}


def beside(make: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """How an agency makes a record inside a new task, and how its calls learn which task that was."""
    kept: dict[str, str] = {}

    async def made(world: World, signed: Signed) -> str:
        kept[signed.agency.slug] = await new_task(world, signed, subtasks=[{"title": "Anrufen"}])
        return str(await make(world, signed, kept[signed.agency.slug]))

    async def task(world: World, signed: Signed) -> dict[str, Any]:
        return {"own": kept.get(signed.agency.slug) or await new_task(world, signed)}

    return made, task


async def step_of(_world: World, signed: Signed, task: str) -> str:
    return (await steps_of(signed, task))[0]


async def mention(world: World, signed: Signed) -> str:
    return f"@[{await agent_of(world, signed)}]"


def other_mention(name: str) -> str:
    return f"@[{other_id(name[2:-1])}]"


async def own_comment(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await new_comment(world, signed)}


async def own_subtask(world: World, signed: Signed) -> dict[str, Any]:
    return {"own": await new_subtask(world, signed)}


# --- comments --------------------------------------------------------------------------------------------------------

probe(
    "Mutation.taskCommentAdd(taskId)", 'mutation($x: ID!) { taskCommentAdd(taskId: $x, text: "Ja")' + _COMMENT, new_task
)
probe(
    "Mutation.taskCommentAdd(text)",
    "mutation($x: String!, $own: ID!) { taskCommentAdd(taskId: $own, text: $x)" + _COMMENT,
    mention,
    other=other_mention,
    more=own_task,
)
probe(
    "Mutation.commentUpdate(text)",
    "mutation($x: String!, $own: ID!) { commentUpdate(id: $own, text: $x)" + _COMMENT,
    mention,
    other=other_mention,
    more=own_comment,
)
probe("Mutation.commentUpdate(id)", 'mutation($x: ID!) { commentUpdate(id: $x, text: "Nein")' + _COMMENT, new_comment)
probe("Mutation.commentDelete(id)", "mutation($x: ID!) { commentDelete(id: $x)" + _COMMENT, new_comment)
probe(
    "Mutation.commentReactionToggle(id)",
    'mutation($x: ID!) { commentReactionToggle(id: $x, emoji: "👍")' + _COMMENT,
    new_comment,
)


comment, its_task = beside(new_comment)
probe(
    "Mutation.taskCommentAdd(parentId)",
    'mutation($x: ID!, $own: ID!) { taskCommentAdd(taskId: $own, text: "Ja", parentId: $x)' + _COMMENT,
    comment,
    more=its_task,
)

# --- steps -----------------------------------------------------------------------------------------------------------

step, its_task = beside(step_of)
probe(
    "Mutation.taskSubtaskAdd(taskId)",
    'mutation($x: ID!) { taskSubtaskAdd(taskId: $x, input: { title: "Neu" })' + _TASK,
    new_task,
)
for field, maker in (("assigneeId", agent_of), ("id", new_subtask)):
    probe(
        f"Mutation.taskSubtaskAdd(input.{field})",
        f'mutation($x: ID!, $own: ID!) {{ taskSubtaskAdd(taskId: $own, input: {{ title: "Neu", {field}: $x }}){_TASK}',
        maker,
        more=own_task,
    )
    probe(
        f"Mutation.taskSubtaskUpdate(input.{field})",
        f'mutation($x: ID!, $own: ID!) {{ taskSubtaskUpdate(id: $own, input: {{ title: "Neu", {field}: $x }}){_TASK}',
        maker,
        more=own_subtask,
    )
probe(
    "Mutation.taskSubtaskUpdate(id)",
    'mutation($x: ID!) { taskSubtaskUpdate(id: $x, input: { title: "Neu" })' + _TASK,
    new_subtask,
)
probe("Mutation.taskSubtaskDelete(id)", "mutation($x: ID!) { taskSubtaskDelete(id: $x)" + _TASK, new_subtask)
probe(
    "Mutation.taskSubtasksReorder(taskId)",
    "mutation($x: ID!) { taskSubtasksReorder(taskId: $x, subtaskIds: [])" + _TASK,
    new_task,
)
probe(
    "Mutation.taskSubtasksReorder(subtaskIds)",
    "mutation($x: ID!, $own: ID!) { taskSubtasksReorder(taskId: $own, subtaskIds: [$x])" + _TASK,
    step,
    more=its_task,
)
probe(
    "Mutation.taskUpdate(input.subtasks.id)",
    'mutation($x: ID!, $own: ID!) { taskUpdate(id: $own, input: { subtasks: [{ id: $x, title: "Neu" }] })' + _TASK,
    step,
    more=its_task,
)
probe(
    "Mutation.taskCreate(input.subtasks.id)",
    f'mutation($x: ID!) {{ taskCreate(input: {{ title: "Neu", {DUE}, subtasks: [{{ id: $x, title: "A" }}] }}){_TASK}',
    new_subtask,
    never="a new task has no steps yet",
)

# --- what inputs of tasks name ---------------------------------------------------------------------------------------

for field, maker in (
    ("labelIds", new_label),
    ("watcherIds", agent_of),
    ("dependencyIds", new_task),
):
    probe(
        f"Mutation.taskCreate(input.{field})",
        f'mutation($x: ID!) {{ taskCreate(input: {{ title: "Neu", {DUE}, {field}: [$x] }}){_TASK}',
        maker,
    )
    probe(
        f"Mutation.taskUpdate(input.{field})",
        f"mutation($x: ID!, $own: ID!) {{ taskUpdate(id: $own, input: {{ {field}: [$x] }}){_TASK}",
        maker,
        more=own_task,
    )
_STEP = 'subtasks: [{ title: "A", assigneeId: $x }]'
probe(
    "Mutation.taskCreate(input.subtasks.assigneeId)",
    f'mutation($x: ID!) {{ taskCreate(input: {{ title: "Neu", {DUE}, {_STEP} }}){_TASK}',
    agent_of,
)
probe(
    "Mutation.taskUpdate(input.subtasks.assigneeId)",
    f"mutation($x: ID!, $own: ID!) {{ taskUpdate(id: $own, input: {{ {_STEP} }}){_TASK}",
    agent_of,
    more=own_task,
)
_BULK = f" {{ results {{ task {{ labels {{ id }} }} {_ERRORS} }} succeededCount failedCount {_ERRORS} }} }}"
for field in ("labelsAdd", "labelsRemove"):
    probe(
        f"Mutation.tasksUpdate(input.{field})",
        f"mutation($x: ID!, $own: ID!) {{ tasksUpdate(ids: [$own], input: {{ {field}: [$x] }}){_BULK}",
        new_label,
        more=own_task,
    )
probe("Mutation.taskWatchToggle(id)", "mutation($x: ID!) { taskWatchToggle(id: $x)" + _TASK, new_task)

# --- labels ----------------------------------------------------------------------------------------------------------

probe(
    "Mutation.taskLabelUpdate(id)",
    'mutation($x: ID!) { taskLabelUpdate(id: $x, input: { name: "Neu" })' + _LABEL,
    new_label,
)
probe("Mutation.taskLabelDelete(id)", "mutation($x: ID!) { taskLabelDelete(id: $x)" + _LABEL, new_label)
mirror("Query.taskLabels", "{ taskLabels { id name } }", new_label)

# --- statistics ------------------------------------------------------------------------------------------------------


async def labelled(world: World, signed: Signed) -> str:
    """A label that one of two tasks bears."""
    id = await new_label(world, signed)
    await new_task(world, signed, labelIds=[id])
    await new_task(world, signed, assigneeId=signed.agency.people[Role.MANAGER].gid)
    return id


_FIGURES = "{ totalTasks tasksByAssignee { key } upcomingDeadlines { id } recentActivity { id } }"
for field, maker in FILTERED.items():
    for operator, value in (("eq", "$x"), ("ne", "$x"), ("in", "[$x]"), ("notIn", "[$x]")):
        probe(
            f"Query.taskStatistics(filter.{field}.{operator})",
            f"query($x: ID!) {{ taskStatistics(filter: {{ {field}: {{ {operator}: {value} }} }}) {_FIGURES} }}",
            maker,
        )
probe(
    "Query.taskStatistics(filter.labelIds)",
    f"query($x: ID!) {{ taskStatistics(filter: {{ labelIds: [$x] }}) {_FIGURES} }}",
    labelled,
)
probe(
    "Query.tasks(filter.labelIds)",
    "query($x: ID!) { tasks(filter: { labelIds: [$x] }) { totalCount nodes { id } } }",
    labelled,
)
