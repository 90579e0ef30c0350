"""Comments: said, answered, changed, taken back, reacted to. Who is called by name in one is a row of its own."""

from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import func

import models
from domain.access import Role
from domain.errors import ErrorCode, Refusal, texts
from domain.tasks import TaskAction
from domain.tasks.emojis import is_emoji
from domain.tasks.mentions import MOST_MENTIONS, mentioned
from loaders.paging import OrderKey
from loaders.visibility import table_of
from models.base import now
from resolvers.kit.commands import Command
from resolvers.kit.ids import decode_id
from resolvers.kit.inputs import cleaned_text
from resolvers.tasks.log import Changed, changed, log

MAX_REPLIES = 100
MAX_REACTIONS = 500
MAX_EMOJIS = 20
WORDS = changed("comments", None, None)
OLDEST_FIRST = (OrderKey.by("created_at"),)

texts(
    {
        "comment.one_level": ("An answer cannot be answered.", "Auf eine Antwort kann nicht geantwortet werden."),
        "comment.emoji": ("This is not a single emoji.", "Das ist kein einzelnes Emoji."),
        "comment.mention": ("The text calls somebody who is not there.", "Der Text nennt jemanden, den es nicht gibt."),
    }
)

Words = Annotated[
    str, strawberry.argument(description="What it says, at most 5,000 characters; `@[id]` calls a member by name.")
]


async def add(
    command: Command,
    task_id: Annotated[strawberry.ID, strawberry.argument(description="The task it is about.")],
    text: Words,
    parent_id: Annotated[strawberry.ID | None, strawberry.argument(description="The comment it answers.")] = None,
) -> models.Comment:
    """Comment on a task or answer a comment on it."""
    said = cleaned_text(models.Comment, "text", text)
    # A comment is always locked before its task: whoever changes one waits in the same order.
    parent = None if parent_id is None else await command.find(models.Comment, parent_id, "parentId")
    task = await command.find(models.Task, task_id, "taskId")
    if parent is not None:
        await _may_be_answered(command, task, parent)
    comment = models.Comment(
        tenant_id=task.tenant_id,
        task_id=task.id,
        author_id=command.viewer.member_id,
        text=said,
        parent_id=None if parent is None else parent.id,
    )
    await command.add(comment)
    await _call(command, comment, await _members(command, said))
    log(command, task, TaskAction.COMMENTED)
    return comment


async def update(command: Command, id: strawberry.ID, text: Words) -> models.Comment:
    """Change a comment of one's own."""
    said = cleaned_text(models.Comment, "text", text)
    comment = await _present(command, id)
    if comment.author_id != command.viewer.member_id:
        raise Refusal.of(ErrorCode.INSUFFICIENT_PERMISSIONS, "id")
    if said == comment.text:
        return comment
    comment.text, comment.edited_at = said, now()
    await _call(command, comment, await _members(command, said))
    await _told(command, comment)
    return comment


async def delete(command: Command, id: strawberry.ID) -> models.Comment:
    """Take a comment back: one's own, or any for managers. It stays without its text: answers keep their place."""
    comment = await _present(command, id)
    if comment.author_id != command.viewer.member_id and command.viewer.role.rank < Role.MANAGER.rank:
        raise Refusal.of(ErrorCode.INSUFFICIENT_PERMISSIONS, "id")
    comment.text, comment.deleted_at, comment.deleted_by_id = "", now(), command.viewer.member_id
    for model in (models.CommentMention, models.CommentReaction):
        for row in await _of(command, model, comment):
            await command.session.delete(row)
    await _told(command, comment)
    return comment


async def toggle_reaction(
    command: Command,
    id: strawberry.ID,
    emoji: Annotated[str, strawberry.argument(description="One emoji.")],
) -> models.Comment:
    """Put an emoji under a comment, or take one's own away again."""
    if not is_emoji(emoji):
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "emoji", rule="comment.emoji")
    comment = await _present(command, id)
    there = await _of(command, models.CommentReaction, comment)
    mine = next((row for row in there if (row.member_id, row.emoji) == (command.viewer.member_id, emoji)), None)
    if mine is not None:
        await command.session.delete(mine)
    elif len(there) >= MAX_REACTIONS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "emoji", rule="items", max=MAX_REACTIONS)
    elif len({row.emoji for row in there} | {emoji}) > MAX_EMOJIS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "emoji", rule="items", max=MAX_EMOJIS)
    else:
        command.session.add(
            models.CommentReaction(
                tenant_id=comment.tenant_id, comment_id=comment.id, member_id=command.viewer.member_id, emoji=emoji
            )
        )
    comment.updated_at = now()  # a reaction changes its comment, which changes its task
    before, after = (None, emoji) if mine is None else (emoji, None)
    await _told(command, comment, changed("reactions", before, after))
    return comment


async def _present(command: Command, id: str) -> models.Comment:
    comment = await command.find(models.Comment, id)
    if comment.deleted_at is not None:
        raise Refusal.of(ErrorCode.NOT_FOUND, "id")
    return comment


async def _may_be_answered(command: Command, task: models.Task, parent: models.Comment) -> None:
    """Refuse an answer to what is of another task, taken back, an answer itself, or answered often enough."""
    if parent.task_id != task.id or parent.deleted_at is not None:
        raise Refusal.of(ErrorCode.NOT_FOUND, "parentId")
    if parent.parent_id is not None:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "parentId", rule="comment.one_level")
    number = command.every(models.Comment, func.count()).where(table_of(models.Comment).c.parent_id == parent.id)
    if (await command.session.execute(number)).scalar_one() >= MAX_REPLIES:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "parentId", rule="items", max=MAX_REPLIES)


async def _members(command: Command, text: str) -> list[UUID]:
    """The members a text calls; ids of anything else are part of the text."""
    ids = [id for raw in mentioned(text) if (id := decode_id(raw, "User")) is not None]
    if len(ids) > MOST_MENTIONS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "text", rule="items", max=MOST_MENTIONS)
    column = table_of(models.Member).c
    known = command.every(models.Member, column.id).where(column.id.in_(ids))
    found = set(await command.session.scalars(known)) if ids else set()
    if len(found) < len(ids):
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "text", rule="comment.mention")
    return ids


async def _call(command: Command, comment: models.Comment, ids: list[UUID]) -> None:
    """Make the rows of who is called what the text says; answers keep theirs."""
    present = {row.member_id: row for row in await _of(command, models.CommentMention, comment)}
    for id, row in present.items():
        if id not in ids:
            await command.session.delete(row)
    for id in ids:
        if id not in present:
            command.session.add(models.CommentMention(tenant_id=comment.tenant_id, comment_id=comment.id, member_id=id))


async def _of(command: Command, model: Any, comment: models.Comment) -> list[Any]:
    """The small rows of a comment."""
    found = command.every(model).where(table_of(model).c.comment_id == comment.id)
    return list(await command.session.scalars(found))


async def _told(command: Command, comment: models.Comment, change: Changed = WORDS) -> None:
    """A line in the log of the task; what a comment said or says is no part of it."""
    assert comment.task_id is not None
    task = await command.get(models.Task, comment.task_id)
    log(command, task, TaskAction.UPDATED, [change])
