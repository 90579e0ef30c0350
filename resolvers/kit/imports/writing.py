"""Rows become records, some hundred in a transaction; each has its event, audit entry and place in the plan."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Any, Generic
from uuid import UUID

import strawberry
from sqlalchemy import Text, any_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import ErrorCode, Problem, Refusal
from domain.tabular import Line, Table, Unusable
from loaders.sql import param, type_uuids
from loaders.visibility import predicates, sight, table_of
from models.base import uuid7
from resolvers.kit.auditing import action_of, base_audit, describe
from resolvers.kit.changes import Recorder
from resolvers.kit.commands import Command, read_permission
from resolvers.kit.context import Context
from resolvers.kit.execution import constraint_problem, use
from resolvers.kit.ids import encode_id, split_id
from resolvers.kit.imports.cells import Read, Reader, built
from resolvers.kit.imports.door import CURRENCY, Choices, Conflict, Counts, Door, Outcome, Row, Verdict, targets
from resolvers.kit.imports.matching import matched, unusable_problem
from resolvers.kit.inputs import Cleaning, Input, checked, node_names
from storage.events import Audit, Event, append_all

BATCH = 250  # rows of one transaction
TURN = 20  # rows after which others may have their turn
MOST_ROWS = 500_000
MOST_AT_ONCE = 25_000  # rows of an import that writes all or nothing


@dataclass
class BatchCommand(Command):
    """A command for many rows: those it will need were read before, new ones are inserted together."""

    known: dict[UUID, Any] = field(default_factory=dict)
    new_id: UUID = field(default_factory=uuid7)

    async def find(self, model: type[Any], id: str, *path: str, **more: Any) -> Any:
        found = split_id(id)
        assert found is not None
        return self.known[found[1]]

    async def add(self, row: Any) -> Any:
        row.id = self.new_id
        self.session.add(row)
        return row


Entries = list[tuple[list[Event], Audit]]


class Importer(Generic[Row]):
    """One import: reads, checks and writes the rows of a table.

    `seed` is the id of the job. What a line makes has an id that follows from it: when the job is begun anew, what was
    made before is found again.
    """

    def __init__(self, door: Door[Row], context: Context, table: Table, choices: Choices, seed: UUID) -> None:
        self.door, self.context, self.table, self.choices, self.seed = door, context, table, choices, seed
        self.viewer = context.signed_in
        self.sources = matched(door, table, choices)
        self.reader = Reader(door, table, self.sources, choices.numbers)
        self.counts = Counts()
        self._seen: dict[int, int] = {}
        changed: Any = door.update_input
        self._updatable = frozenset(target.path for target in targets(changed, door.no_column).values())

    def count(self) -> int:
        """How many rows there are; reads the whole file. Refuses one that breaks off, or is longer than is bearable."""
        most = MOST_AT_ONCE if self.choices.all_or_nothing else MOST_ROWS
        total = 0
        try:
            for total, _ in enumerate(self.table.lines(), 1):
                if total > most:
                    raise Unusable("rows", max=most)
        except Unusable as unusable:
            raise Refusal([unusable_problem(unusable)]) from None
        return total

    async def run(self, told: Callable[[list[Verdict]], None], limit: int | None = None) -> Counts:
        """Carry it out; every batch of rows is told of."""
        database, tenant = self.context.state.database, self.viewer.tenant_id
        lines = islice(self.table.lines(), limit)
        if self.choices.all_or_nothing and not self.choices.dry:
            async with database.write(tenant) as session:
                entries: Entries = []
                async for rows in self._batches(lines):
                    told(self._counted(await self._batch(session, rows, entries)))
                if self.counts.ends[Outcome.FAILED]:
                    raise Refusal.of(
                        ErrorCode.VALIDATION_ERROR, rule="import_refused", failed=self.counts.ends[Outcome.FAILED]
                    )
                await append_all(session, tenant, entries)
                await session.commit()
            await self.context.state.bus.hint(tenant)
            return self.counts
        async for rows in self._batches(lines):
            async with database.write(tenant) as session:
                entries = []
                verdicts = await self._batch(session, rows, entries)
                if self.choices.dry:
                    await session.rollback()
                elif entries:
                    await append_all(session, tenant, entries)
                    await session.commit()
            await self.context.state.bus.hint(tenant)
            told(self._counted(verdicts))
        return self.counts

    def _counted(self, verdicts: list[Verdict]) -> list[Verdict]:
        for verdict in verdicts:
            self.counts.add(verdict)
        return verdicts

    async def _batches(self, lines: Iterator[Line]) -> AsyncIterator[list[Read]]:
        def some() -> list[Read]:
            return [self._checked(self.reader.read(line)) for line in islice(lines, BATCH)]

        while rows := await asyncio.to_thread(some):
            yield rows

    def _checked(self, row: Read) -> Read:
        """Two rows of one file with the same key: the second is wrong, whichever was meant."""
        if row.key is not None:
            before = self._seen.setdefault(hash(row.key), row.line)
            if before != row.line:
                details = {"line": before, "name": self.reader.key}
                row.problems.append(Problem(ErrorCode.ALREADY_EXISTS, (self.reader.key,), "import_key_twice", details))
        return row

    async def _batch(self, session: AsyncSession, rows: list[Read], entries: Entries) -> list[Verdict]:
        """Write a batch at once; when the database refuses one of its rows, one by one."""
        bad = [Verdict(row.line, row.key, Outcome.FAILED, None, row.problems) for row in rows if row.problems]
        good = [row for row in rows if not row.problems]
        found = await self._attempt(session, good, entries)
        if found is None:
            found = [verdict for row in good for verdict in await self._alone(session, row, entries)]
        return sorted([*bad, *found], key=lambda verdict: verdict.line)

    async def _alone(self, session: AsyncSession, row: Read, entries: Entries) -> list[Verdict]:
        problems: list[Problem] = []
        found = await self._attempt(session, [row], entries, problems)
        return found or [Verdict(row.line, row.key, Outcome.FAILED, None, problems)]

    async def _attempt(
        self, session: AsyncSession, rows: list[Read], entries: Entries, problems: list[Problem] | None = None
    ) -> list[Verdict] | None:
        """Write some rows; None when the database would not have them, with nothing of them left."""
        recorder = Recorder(self.viewer.member_id)
        session.info["recorder"] = recorder
        command = BatchCommand(self.context, self.door.name, session, recorder)
        try:
            async with session.begin_nested():
                by_key = await self._known(session, rows, command)
                with session.no_autoflush:
                    verdicts = []
                    for index, row in enumerate(rows):
                        if index % TURN == 0:
                            await asyncio.sleep(0)
                        verdicts.append(await self._row(command, row, by_key))
                await session.flush()
                for resource, by in command.counts.items():
                    await use(session, self.viewer.tenant_id, resource, by)
        except IntegrityError as error:
            if problems is not None:
                problems.append(_of_row(constraint_problem(error)))
            return None
        except Refusal as refusal:
            if problems is not None:
                problems += map(_of_row, refusal.problems)
            return None
        entries += self._entries(recorder)
        return verdicts

    async def _known(self, session: AsyncSession, rows: list[Read], command: BatchCommand) -> dict[str, Row]:
        """The records the rows speak of, locked, by their keys; those an earlier attempt of this import made too."""
        model = self.door.model
        columns = table_of(model).c
        seen = predicates(model, sight(read_permission(model), self.viewer))
        keys, ids = param("keys", ARRAY(Text)), param("ids", type_uuids)
        statement = (
            select(model)
            .where(*seen, or_(columns[self.door.key] == any_(keys), columns.id == any_(ids)))
            .order_by(columns.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        given = {
            "tenant": self.viewer.tenant_id,
            "member": self.viewer.member_id,
            "keys": [row.key for row in rows if row.key is not None],
            "ids": [self._id(row) for row in rows],
        }
        found = list((await session.execute(statement, given)).scalars())
        command.known = {record.id: record for record in found}
        return {getattr(record, self.door.key): record for record in found}

    def _id(self, row: Read) -> UUID:
        """The id of what a line makes: it begins with the time of the job, like every id."""
        made = sha256(self.seed.bytes + row.line.to_bytes(8, "big")).digest()[:10]
        value = int.from_bytes(self.seed.bytes[:6] + made, "big")
        return UUID(int=value & ~(0xF000 << 64) & ~(0xC000 << 48) | 0x7000 << 64 | 0x8000 << 48)

    async def _row(self, command: BatchCommand, row: Read, by_key: Mapping[str, Row]) -> Verdict:
        id = self._id(row)
        if id in command.known:
            return Verdict(row.line, row.key, Outcome.CREATED, id)
        present = by_key.get(row.key) if row.key is not None else None
        try:
            if present is None:
                command.new_id = id
                made = await self._make(command, row)
                return Verdict(row.line, row.key, Outcome.CREATED, made.id)
            return await self._change(command, row, present)
        except Refusal as refusal:
            if present is not None:
                command.session.expunge(present)  # what was set before the refusal must not be written
            return Verdict(row.line, row.key, Outcome.FAILED, None, [_of_row(found) for found in refusal.problems])

    async def _make(self, command: BatchCommand, row: Read) -> Row:
        if not self.viewer.may(self.door.needs_create):
            raise Refusal.of(ErrorCode.INSUFFICIENT_PERMISSIONS)
        missing = [
            Problem(ErrorCode.MISSING_REQUIRED_FIELD, ("input", *target.name.split(".")))
            for target in self.door.fields.values()
            if target.required and target.path not in row.values
        ]
        if missing:
            raise Refusal(missing)
        return await self.door.create(command, self._input(command, self.door.create_input, row.values))

    async def _change(self, command: BatchCommand, row: Read, present: Row) -> Verdict:
        existing = self.choices.existing
        if existing is Conflict.ERROR:
            raise Refusal.of(
                ErrorCode.ALREADY_EXISTS, "input", self.reader.key, rule="import_exists", name=self.reader.key
            )
        if existing is Conflict.SKIP:
            return Verdict(row.line, row.key, Outcome.SKIPPED, present.id)
        if not self.viewer.may(self.door.needs_update):
            raise Refusal.of(ErrorCode.INSUFFICIENT_PERMISSIONS)
        values = {path: value for path, value in row.values.items() if path in self._updatable or path == (CURRENCY,)}
        input = self._input(command, self.door.update_input, values)
        await self.door.update(command, strawberry.ID(encode_id(self._node, present.id)), input)
        changed = command.session.is_modified(present)
        return Verdict(row.line, row.key, Outcome.UPDATED if changed else Outcome.SKIPPED, present.id)

    @property
    def _node(self) -> str:
        return node_names()[table_of(self.door.model).name]

    def _input(self, command: Command, kind: type[Input], values: dict[tuple[str, ...], Any]) -> Any:
        """The input of a row, checked as a mutation checks it."""
        made = built(kind, values, values.get((CURRENCY,)))
        cleaning = Cleaning()
        command.cleaned = {id(made): cleaning.clean(made, ("input",))}
        if cleaning.problems:
            raise Refusal(checked(cleaning.problems))
        return made

    def _entries(self, recorder: Recorder) -> Entries:
        """Every changed record has its event and its audit entry."""
        found: Entries = []
        for key, change in recorder.changes.items():
            alone = Recorder(recorder.actor)
            alone.changes, alone.tellings = {key: change}, recorder.tellings
            entry = base_audit(self.context, self.door.name, action_of(alone, key))
            describe(entry, alone, [key])
            found.append((alone.events(), entry))
        return found


def _of_row(problem: Problem) -> Problem:
    """A problem as a row has it: without the argument it would have had."""
    path = problem.field[1:] if problem.field[:1] == ("input",) else problem.field
    return Problem(problem.code, path, problem.rule, problem.details)
