"""Tasks of the rich agency with all their parts: full ones, empty ones, and ties in what lists are sorted by."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

import models
from domain.tasks import TaskStatus
from loaders.visibility import table_of
from models.base import now, uuid7


async def add_tasks(session: Any, tenant: UUID, people: list[UUID], customer: UUID, texts: tuple[str, ...]) -> Any:
    """Rows by the name of their type, in the order in which they were made."""
    board = await session.scalar(select(models.Board).where(table_of(models.Board).c.tenant_id == tenant))
    column_of = table_of(models.BoardColumn).c
    statement = select(models.BoardColumn).where(column_of.tenant_id == tenant).order_by(column_of.position)
    columns = {column.status: column for column in await session.scalars(statement)}
    labels = [models.TaskLabel(tenant_id=tenant, name=f"{text[:40]} {number}") for number, text in enumerate(texts[:4])]
    project = models.Project(tenant_id=tenant, name=texts[1], description=texts[4])
    session.add_all([*labels, project])
    await session.flush()
    tasks = [_task(tenant, board, columns, project, people, number, texts) for number in range(14)]
    tasks[-1].deleted_at = now()
    session.add_all(tasks)
    await session.flush()
    comments, parts = [], []
    for number, task in enumerate(tasks[:6]):
        for kind in (number, number + 1):
            parts.append(models.TaskLabelLink(tenant_id=tenant, task_id=task.id, label_id=labels[kind % 4].id))
        parts.append(models.TaskWatcher(tenant_id=tenant, task_id=task.id, member_id=(customer, *people)[number % 4]))
        if number:
            parts.append(models.TaskDependency(tenant_id=tenant, task_id=task.id, depends_on_id=tasks[number - 1].id))
        for position in range(number % 4):
            parts.append(_step(tenant, task, position, people, texts))
        for at in range(number * 5 % 23):
            comments.append(_comment(tenant, task, people, at, texts))
        for action in ("CREATED", "STATUS_CHANGED", "UPDATED"):
            parts.append(_line(tenant, task, people[number % 3], action, texts[number]))
    session.add_all([*parts, *comments])
    await session.flush()
    answers = [_comment(tenant, None, people, at, texts, comments[at % 5]) for at in range(12)]
    session.add_all(answers)
    await session.flush()
    for at, comment in enumerate([*comments[:9], *answers[:3]]):
        for emoji in ("👍", "❤️", "👩‍💻")[: at % 4]:
            for member in (customer, *people)[: 1 + at % 3]:
                session.add(_reaction(tenant, comment, member, emoji))
        session.add(models.CommentMention(tenant_id=tenant, comment_id=comment.id, member_id=people[at % 3]))
    steps = [part for part in parts if isinstance(part, models.Subtask)]
    lines = [part for part in parts if isinstance(part, models.TaskLog)]
    return {
        "Task": tasks[:-1],
        "TrashedTask": tasks[-1:],
        "Board": [board],
        "BoardColumn": list(columns.values()),
        "Project": [project],
        "TaskLabel": labels,
        "Comment": [*comments[:4], *answers[:4]],
        "Subtask": steps,
        "TaskLog": lines,
    }


def _task(
    tenant: UUID, board: Any, columns: Any, project: Any, people: list[UUID], number: int, texts: tuple[str, ...]
) -> models.Task:
    status = list(TaskStatus)[number % 8]
    column = columns.get(status.value)
    full = number % 3 == 0
    done = status is TaskStatus.DONE
    return models.Task(
        tenant_id=tenant,
        board_id=board.id,
        column_id=None if column is None else column.id,
        rank=f"a{number:02d}",
        title=texts[number % len(texts)][:200],
        description=texts[(number + 1) % len(texts)] if full else "",
        priority=("LOW", "MEDIUM", "HIGH", "URGENT")[number % 4],
        status=status.value,
        assignee_id=(None, *people)[number % 4],
        due_date=now() + timedelta(days=number // 2 - 2),
        start_date=now() - timedelta(days=20) if full else None,
        completed_at=now() if done else None,
        progress=100 if done else number,
        actual_hours=number if full else None,
        story_points=5 if full else None,
        project_id=project.id if full else None,
        financing_status="APPROVED" if full else None,
        financing_amount=12_345 if full else None,
        financing_rate=375 if full else None,
        blocked_reason=texts[2] if status is TaskStatus.BLOCKED else None,
        blocked_since=now() if status is TaskStatus.BLOCKED else None,
        archived_at=now() if number == 5 else None,
        recurrence="FREQ=WEEKLY" if full else None,
    )


def _step(tenant: UUID, task: Any, position: int, people: list[UUID], texts: tuple[str, ...]) -> models.Subtask:
    done = position % 2 == 0
    return models.Subtask(
        tenant_id=tenant,
        task_id=task.id,
        title=texts[position][:200],
        position=position,
        done=done,
        completed_at=now() if done else None,
        assignee_id=(None, *people)[position % 3],
    )


def _comment(
    tenant: UUID, task: Any, people: list[UUID], at: int, texts: tuple[str, ...], parent: Any = None
) -> models.Comment:
    gone = at % 6 == 5
    return models.Comment(
        tenant_id=tenant,
        task_id=parent.task_id if parent is not None else task.id,
        parent_id=None if parent is None else parent.id,
        author_id=people[at % 3],
        text="" if gone else texts[at % len(texts)][:5000],
        edited_at=now() if at % 4 == 0 else None,
        deleted_at=now() if gone else None,
        deleted_by_id=people[0] if gone else None,
        created_at=now() + timedelta(milliseconds=at // 2),
    )


def _line(tenant: UUID, task: Any, member: UUID, action: str, text: str) -> models.TaskLog:
    changes: list[dict[str, Any]] = {
        "STATUS_CHANGED": [{"field": "status", "from": "TODO", "to": "REVIEW"}],
        "UPDATED": [{"field": "title", "from": None, "to": text}, {"field": "labels", "from": [], "to": ["x"]}],
    }.get(action, [])
    return models.TaskLog(tenant_id=tenant, task_id=task.id, member_id=member, action=action, changes=changes)


def _reaction(tenant: UUID, comment: Any, member: UUID, emoji: str) -> models.CommentReaction:
    return models.CommentReaction(
        id=uuid7(), tenant_id=tenant, comment_id=comment.id, member_id=member, emoji=emoji, created_at=now()
    )
