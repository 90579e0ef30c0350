"""Where cards stand: the column of a status, whether it is full, and the rank of a place in it.

A card is put somewhere while the row of its column is locked, so that two never get the same rank and no limit is
passed. Ranks are unique among all cards of a column, those in the trash and in the archive included: they keep their
place for the day they come back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.dialects.postgresql import UUID as PG_UUID

import models
from domain.errors import ErrorCode, Problem, Refusal
from domain.tasks import TERMINAL, TaskStatus, ranks
from loaders.visibility import table_of
from models.events import ChangeKind
from resolvers.kit.commands import Command

TASK = table_of(models.Task).c


@dataclass(frozen=True)
class Place:
    """The cards of a status on a board: those of its column, or those that have none."""

    board: models.Board
    status: TaskStatus
    column: models.BoardColumn | None

    def holds(self, row: models.Task) -> bool:
        """Whether a task stands here."""
        return row.board_id == self.board.id and row.status == self.status.value

    def cards(self, command: Command, what: ColumnElement[Any], but: UUID | None) -> Select[Any]:
        """Something of all cards but one."""
        return command.every(models.Task, what, deleted=None).where(*self._here(but))

    def shown(self, command: Command, what: ColumnElement[Any], but: UUID | None) -> Select[Any]:
        """Something of the cards that are on the board, but one."""
        return command.every(models.Task, what).where(*self._here(but), TASK.archived_at.is_(None))

    def _here(self, but: UUID | None) -> list[ColumnElement[bool]]:
        if self.column is not None:
            found = [TASK.column_id == self.column.id]
        else:
            found = [TASK.board_id == self.board.id, TASK.status == self.status.value, TASK.column_id.is_(None)]
        return found if but is None else [*found, TASK.id != but]


@dataclass(frozen=True)
class At:
    """A place among the cards of a column: behind a rank, by number, or the end."""

    index: int | None = None
    behind: str | None = None


END = At()


async def board_of(command: Command, id: UUID | None) -> models.Board:
    """A board of the agency; the default one when none is named."""
    board = table_of(models.Board).c
    which = board.is_default if id is None else board.id == id
    found: models.Board | None = await command.session.scalar(command.every(models.Board).where(which))
    if found is None:
        raise Refusal.of(ErrorCode.NOT_FOUND, "input", "boardId")
    return found


async def place_of(command: Command, board: models.Board, status: TaskStatus) -> Place:
    """The place of a status on a board, its column locked against others who put cards there."""
    column = table_of(models.BoardColumn).c
    found = command.every(models.BoardColumn).where(column.board_id == board.id, column.status == status.value)
    return Place(board, status, await command.session.scalar(found.with_for_update(key_share=True)))


async def full(command: Command, place: Place, row: models.Task) -> Problem | None:
    """The limit that a task would break by coming here; the column's first, then the board's."""
    column, board = place.column, place.board
    limit = None if column is None else column.wip_limit
    if column is not None and limit is not None and await _count(command, place, row.id) >= limit:
        return _limit(limit, column.name)
    comes = row.board_id != board.id or TaskStatus(row.status) in TERMINAL
    if board.wip_limit is not None and comes and place.status not in TERMINAL:
        await _lock(command, board)
        unfinished = command.every(models.Task, func.count()).where(
            TASK.board_id == board.id,
            TASK.status.not_in([status.value for status in TERMINAL]),
            TASK.archived_at.is_(None),
            TASK.id != row.id,
        )
        if (await command.session.execute(unfinished)).scalar_one() >= board.wip_limit:
            return _limit(board.wip_limit, board.name)
    return None


def _limit(limit: int, name: str) -> Problem:
    return Problem(ErrorCode.BUSINESS_RULE, (), "WIP_LIMIT", {"rule": "WIP_LIMIT", "limit": limit, "name": name})


async def _lock(command: Command, board: models.Board) -> None:
    id = table_of(models.Board).c.id
    found = command.every(models.Board, id, deleted=None).where(id == board.id)
    await command.session.execute(found.with_for_update(key_share=True))


async def _count(command: Command, place: Place, but: UUID, *conditions: ColumnElement[bool]) -> int:
    """How many cards are shown in a place, but one."""
    found = place.shown(command, func.count(), but).where(*conditions)
    return int((await command.session.execute(found)).scalar_one())


async def rank(command: Command, place: Place, at: At, row: models.Task | None = None) -> str:
    """The rank of a place, for a new card or for `row`, which keeps its own when it is there already."""
    moving = None if row is None else row.id
    low, high = await _neighbours(command, place, at, moving)
    if row is not None and place.holds(row) and (low is None or low < row.rank) and (high is None or row.rank < high):
        return row.rank
    found = ranks.between(low, high)
    if len(found) <= ranks.LONGEST:
        return found
    before = place.cards(command, func.count(), moving).where(TASK.rank <= low)
    index = 0 if low is None else (await command.session.execute(before)).scalar_one()
    numbered = await _number_anew(command, place, moving)
    return ranks.between(numbered[index - 1] if index else None, numbered[index] if index < len(numbered) else None)


async def position(command: Command, place: Place, rank: str, row: models.Task) -> int:
    """How many cards stand before a rank."""
    return await _count(command, place, row.id, TASK.rank < rank)


async def _neighbours(command: Command, place: Place, at: At, moving: UUID | None) -> tuple[str | None, str | None]:
    low = at.behind
    if at.index:
        before = place.shown(command, TASK.rank, moving).order_by(TASK.rank).offset(at.index - 1).limit(1)
        low = await command.session.scalar(before)
    if low is None and at.index != 0:
        return await command.session.scalar(place.cards(command, func.max(TASK.rank), moving)), None
    following = place.cards(command, func.min(TASK.rank), moving)
    return low, await command.session.scalar(following if low is None else following.where(TASK.rank > low))


_PUT = text(
    """update task set rank = new.rank, column_id = :column from unnest(:ids, :ranks) as new (id, rank)
        where task.tenant_id = :tenant and task.id = new.id"""
).bindparams(
    bindparam("ids", type_=ARRAY(PG_UUID)), bindparam("ranks", type_=ARRAY(TEXT)), bindparam("column", type_=PG_UUID)
)


async def put(command: Command, ids: Sequence[UUID], new: Sequence[str], column_id: UUID | None) -> None:
    """Put many cards into a column with these ranks, by one statement."""
    values = {"ids": list(ids), "ranks": list(new), "tenant": command.viewer.tenant_id, "column": column_id}
    await command.session.execute(_PUT, values)


async def _number_anew(command: Command, place: Place, moving: UUID | None) -> list[str]:
    """Give the cards of a column short ranks again, by one statement; who looks at the board reads it again."""
    cards = place.cards(command, TASK.rank, moving).add_columns(TASK.id).order_by(TASK.rank)
    found: Sequence[Any] = (await command.session.execute(cards)).all()
    # Behind all present ranks, so that none of the new ones is taken while they change.
    renewed = list(ranks.following(found[-1].rank if found else None, len(found)))
    column_id = None if place.column is None else place.column.id
    await put(command, [card.id for card in found], renewed, column_id)
    command.announce(place.board, ChangeKind.UPDATED, {"tasks"})
    return renewed
