"""Boards and tasks as they change."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

import models
from domain.errors import ApiError, ErrorCode
from resolvers.kit.commands import Ref
from resolvers.kit.context import Context
from resolvers.kit.ids import split_id
from resolvers.kit.streams import Following, follow
from storage.events import Stored

After = Annotated[
    str | None, strawberry.argument(description="Cursor to resume behind; without it the stream starts now.")
]


def task_changed(
    context: Context,
    board_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only tasks of this board.")] = None,
    task_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only this task.")] = None,
    after: After = None,
) -> Following:
    """Changes of tasks and of their parts, in commit order, from `after` on. A card that leaves the board is told."""
    board, task = _wanted(board_id, "Board", "boardId"), _wanted(task_id, "Task", "taskId")

    def concerns(event: Stored) -> bool:
        if event.entity != "task" or (task is not None and event.entity_id != task):
            return False
        return board is None or str(board) in (event.data.get("board"), event.data.get("fromBoard"))

    return follow(context, models.Task, after, concerns, _told)


def board_changed(
    context: Context,
    board_id: Annotated[strawberry.ID, strawberry.argument(description="The board.")],
    after: After = None,
) -> Following:
    """Changes of a board: its columns and limits. Its cards have a stream of their own."""
    board = _wanted(board_id, "Board", "boardId")
    return follow(context, models.Board, after, lambda event: event.entity == "board" and event.entity_id == board)


def _told(event: Stored) -> dict[str, Any]:
    """Whence a card came, where it stands, what was said."""
    return {
        "from_column": _ref("board_column", event.data.get("fromColumn")),
        "to_column": _ref("board_column", event.data.get("toColumn")),
        "position": event.data.get("position"),
        "comment": _ref("comment", event.data.get("comment")),
    }


def _ref(table: str, id: str | None) -> Ref | None:
    return None if id is None else Ref(table, UUID(id))


def _wanted(id: str | None, kind: str, field: str) -> UUID | None:
    """The uuid of an argument; an id of another type is nobody's."""
    if id is None:
        return None
    found = split_id(id)
    if found is None:
        raise ApiError(ErrorCode.INVALID_INPUT, field=[field], rule="id")
    return found[1] if found[0] == kind else NOBODY


NOBODY = UUID(int=0)
