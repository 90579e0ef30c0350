"""Comments on records, with their answers and reactions."""

from datetime import datetime

import strawberry

import models
from domain.access import P
from domain.tasks.mentions import MOST_MENTIONS
from graph.kit.connection import children, through
from graph.kit.field import one
from graph.kit.groups import grouped
from graph.kit.node import Node
from graph.kit.payload import Payload, Shape, given, rows
from graph.kit.root import mutation
from loaders.paging import OrderKey
from resolvers.tasks import comments

BY_NAME = (OrderKey.by("name", str),)


@strawberry.type(description="An emoji under a comment, with everybody who put it there.")
class Reaction(Shape):
    emoji: str = strawberry.field(description="The emoji.")
    users = rows(models.Member, "Whose reaction it is, the first one first.")
    count: int = strawberry.field(description="How many they are.")
    reacted_by_me: bool = given("mine", "Whether the viewer is one of them.")


@strawberry.type(description="What somebody said about a record. One that was taken back stays, without its text.")
class Comment(Node, of=models.Comment, needs=P.TASK_READ):
    author = one(models.Comment.author_id)
    text: str
    parent = one(models.Comment.parent_id)
    replies: list["Comment"] = children(
        models.Comment.parent_id,
        order=comments.OLDEST_FIRST,
        cap=comments.MAX_REPLIES,
        description="Answers, the oldest first; at most 100.",
    )
    mentions = through(
        models.CommentMention.comment_id,
        models.CommentMention.member_id,
        order=BY_NAME,
        cap=MOST_MENTIONS,
        description="Members whom the text calls with `@[id]`, by name; at most 50.",
    )
    reactions: list[Reaction] = grouped(
        models.CommentReaction.comment_id,
        by=models.CommentReaction.emoji,
        member=models.CommentReaction.member_id,
        order=comments.OLDEST_FIRST,
        cap=comments.MAX_REACTIONS,
        description="Emojis under it, in the order in which they first came; at most 20.",
    )
    edited_at: datetime | None
    deleted_at: datetime | None
    deleted_by = one(models.Comment.deleted_by_id)


@strawberry.type(description="The comment, or why it was refused.")
class CommentPayload(Payload):
    comment: Comment | None = strawberry.field(description="The comment as it is now.")


@strawberry.type
class Mutation:
    task_comment_add: CommentPayload = mutation(comments.add, needs=P.TASK_READ)
    comment_update: CommentPayload = mutation(comments.update, needs=P.TASK_READ)
    comment_delete: CommentPayload = mutation(comments.delete, needs=P.TASK_READ)
    comment_reaction_toggle: CommentPayload = mutation(comments.toggle_reaction, needs=P.TASK_READ)
