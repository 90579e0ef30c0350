"""The board of a demo agency: labels, tasks with their steps and comments, made as their people make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from migrations.demo.api import Api
from models.base import now
from resolvers.kit.ids import decode_id

LABEL = "mutation($input: TaskLabelInput!) { done: taskLabelCreate(input: $input) { taskLabel { id } %s } }"
TASK = "mutation($input: TaskCreateInput!) { done: taskCreate(input: $input) { task { id } %s } }"
BLOCK = "mutation($id: ID!, $reason: String!) { done: taskBlock(id: $id, reason: $reason) { %s } }"
COMMENT = "mutation($id: ID!, $text: String!) { done: taskCommentAdd(taskId: $id, text: $text) { %s } }"
FINISHED_BEFORE_DUE = 1  # days
EVENING = 15  # hour of the day at which things are due, UTC


@dataclass(frozen=True)
class Card:
    """A task that was made, and for how many days it has been there."""

    task: UUID
    days_old: int
    due_at: datetime


async def make_board(
    as_: Callable[[str], Api], content: dict[str, Any], ids: dict[str, str], properties: dict[str, str]
) -> list[Card]:
    """Make the labels and tasks of an agency; `ids` are its members by e-mail, `properties` its objects by title."""
    board, first = content["board"], content["board"]["tasks"][0]["assignee"]
    labels = {}
    for label in board["labels"]:
        labels[label["name"]] = (await as_(first)(LABEL, input=label))["taskLabel"]["id"]
    return [await _card(as_, entry, ids, labels, properties) for entry in board["tasks"]]


async def _card(
    as_: Callable[[str], Api],
    entry: dict[str, Any],
    ids: dict[str, str],
    labels: dict[str, str],
    properties: dict[str, str],
) -> Card:
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    due_at = midnight + timedelta(days=entry["dueInDays"], hours=EVENING)
    same = ("title", "description", "priority", "progress", "financing", "recurrence")
    input = {name: entry[name] for name in same if name in entry} | {
        "status": "TODO" if entry["status"] == "BLOCKED" else entry["status"],
        "assigneeId": ids[entry["assignee"]],
        "dueDate": due_at.isoformat(),
        "estimatedHours": entry["hours"],
        "labelIds": [labels[name] for name in entry.get("labels", [])],
        "subtasks": [{"title": title, "done": done} for title, done in entry.get("steps", [])],
    }
    if "points" in entry:
        input["storyPoints"] = entry["points"]
    if "property" in entry:
        input["propertyId"] = properties[entry["property"]]
    api = as_(entry["assignee"])
    id = (await api(TASK, input=input))["task"]["id"]
    if "blocked" in entry:
        await api(BLOCK, id=id, reason=entry["blocked"])
    for author, text in entry.get("comments", []):
        await as_(author)(COMMENT, id=id, text=text)
    found = decode_id(id, "Task")
    assert found is not None
    return Card(found, entry["daysOld"], due_at)


async def make_cards_old(platform: asyncpg.Connection[Any], tenant: UUID, cards: list[Card]) -> None:
    """Spread what happened to the tasks over the days they have been there."""
    for card in cards:
        made = now() - timedelta(days=card.days_old)
        finished = card.due_at - timedelta(days=FINISHED_BEFORE_DUE)
        await platform.execute(
            "update task set created_at = $3, updated_at = $4, "
            "completed_at = case status when 'DONE' then $5::timestamptz end, "
            "blocked_since = case status when 'BLOCKED' then $4::timestamptz end where tenant_id = $1 and id = $2",
            tenant,
            card.task,
            made,
            made + (now() - made) / 2,
            finished,
        )
        for table in ("task_log", "comment", "subtask"):
            # One after another, in the order in which they were made.
            await platform.execute(
                f"update {table} t set created_at = $3::timestamptz + n.place * interval '47 minutes', "
                "updated_at = $3::timestamptz + n.place * interval '47 minutes' "
                f"from (select id, row_number() over (order by id) as place from {table} "
                "where tenant_id = $1 and task_id = $2) n where t.tenant_id = $1 and t.id = n.id",
                tenant,
                card.task,
                made,
            )
