"""The way in for tables: a domain declares which inputs its rows become; the rules stay with its mutations.

Columns are matched with the fields of the domain's own inputs, cells are read as people write them, and every row goes
through the same functions as a mutation does: the same checks, events, audit entries and plan limits. Rows are written
some hundred at a time; what is wrong with one of them stops no other, unless all or nothing was asked for.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from functools import cache
from hashlib import sha256
from itertools import islice
from typing import Any, BinaryIO, ClassVar, Generic, TypeVar
from uuid import UUID

import strawberry
from sqlalchemy import Text, any_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.types.maybe import Some

from domain import tabular
from domain.errors import ErrorCode, Problem, Refusal, texts
from domain.tabular import BadCell, Line, Table, Unusable
from loaders.sql import param, type_uuids
from loaders.visibility import predicates, sight, table_of
from models.base import Owned, uuid7
from resolvers.kit.auditing import action_of, base_audit, describe
from resolvers.kit.changes import Recorder
from resolvers.kit.commands import Command, read_permission
from resolvers.kit.context import Context
from resolvers.kit.execution import constraint_problem, use
from resolvers.kit.ids import encode_id, split_id
from resolvers.kit.inputs import Cleaning, Input, MoneyInput, checked, node_names, rules
from resolvers.kit.scalars import DecimalString, Percent
from storage.events import Audit, Event, append_all

Row = TypeVar("Row", bound=Owned)
BATCH = 250  # rows of one transaction
TURN = 20  # rows after which others may have their turn
MOST_ROWS = 500_000
MOST_AT_ONCE = 25_000  # rows of an import that writes all or nothing
MOST_ERRORS = 10_000  # that are written down
LONGEST_CELL = 50_000
CURRENCY = "currency"

texts(
    {
        "no_headings": ("The first line must hold the headings.", "Die erste Zeile muss die Überschriften enthalten."),
        "columns": ("At most {max} columns; there are {found}.", "Höchstens {max} Spalten; es sind {found}."),
        "utf16": ("Please save the file as UTF-8.", "Bitte die Datei als UTF-8 speichern."),
        "bytes": ("The file is larger than {max} bytes.", "Die Datei ist größer als {max} Bytes."),
        "nul": ("The file holds NUL bytes: it is no CSV.", "Die Datei enthält NUL-Bytes: Sie ist keine CSV-Datei."),
        "quotes": (
            "From line {line} on a quote is not closed, or a cell is too long.",
            "Ab Zeile {line} ist ein Anführungszeichen nicht geschlossen oder eine Zelle zu lang.",
        ),
        "rows": ("At most {max} rows.", "Höchstens {max} Zeilen."),
        "line": ("Line {line} is longer than {max} signs.", "Zeile {line} ist länger als {max} Zeichen."),
        "import_field": ("There is no such field.", "Dieses Feld gibt es nicht."),
        "import_column": ("The file has no such column.", "Diese Spalte gibt es in der Datei nicht."),
        "import_twice": (
            "The file has several columns of this name.",
            "Die Datei hat mehrere Spalten mit diesem Namen.",
        ),
        "import_again": ("This field is filled twice.", "Dieses Feld wird zweimal gefüllt."),
        "import_needs": ("The fields {fields} must be filled.", "Die Felder {fields} müssen gefüllt werden."),
        "import_source": ("Either a column or a text.", "Entweder eine Spalte oder ein Text."),
        "cell_number": ("This is no number.", "Das ist keine Zahl."),
        "cell_whole": ("This is no whole number.", "Das ist keine ganze Zahl."),
        "cell_truth": ("Yes or no is expected.", "Hier steht ja oder nein."),
        "cell_day": ("This is no day.", "Das ist kein Datum."),
        "cell_choice": ("None of the known values.", "Keiner der bekannten Werte."),
        "cell_formula": ("A formula is no value.", "Eine Formel ist kein Wert."),
        "cell_length": ("The cell is too long.", "Die Zelle ist zu lang."),
        "cells": (
            "There are {found} cells, but {expected} headings.",
            "Es sind {found} Zellen, aber {expected} Überschriften.",
        ),
        "import_key_twice": (
            "Line {line} has the same {name}.",
            "Zeile {line} hat dieselbe Angabe {name}.",
        ),
        "import_exists": (
            "There is a record with this {name} already.",
            "Einen Datensatz mit dieser Angabe {name} gibt es.",
        ),
        "import_refused": (
            "Nothing was written: {failed} rows are wrong.",
            "Nichts wurde geschrieben: {failed} Zeilen sind fehlerhaft.",
        ),
    }
)


class Conflict(Enum):
    """What happens to a row whose record exists."""

    SKIP = "SKIP"
    UPDATE = "UPDATE"
    ERROR = "ERROR"


class Outcome(Enum):
    """What became of a row."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


class Numbers(Enum):
    """How numbers are meant that could be read in two ways."""

    GERMAN = "GERMAN"
    ENGLISH = "ENGLISH"


class Unit(Enum):
    """In which unit a column says an area, when not in that of the field."""

    SQUARE_FEET = "SQUARE_FEET"


@dataclass(frozen=True)
class Target:
    """A field of an input that a column may fill."""

    name: str  # as the API writes it, with points: `address.postalCode`
    path: tuple[str, ...]  # in Python
    kind: Any
    is_list: bool
    required: bool


@dataclass(frozen=True)
class Door(Generic[Row]):
    """What a domain declares: its inputs, the functions behind its mutations, and the words of its columns."""

    name: str  # of the operation, in the audit
    model: type[Row]
    create_input: type[Input]
    update_input: type[Input]
    create: Callable[[Command, Any], Awaitable[Row]]
    update: Callable[[Command, strawberry.ID, Any], Awaitable[Row]]
    needs_create: str
    needs_update: str
    key: str  # the column by which records are recognised
    words: Mapping[str, tuple[str, ...]]  # field → headings people give it
    values: Mapping[type[Enum], Mapping[str, str]]  # enum → what people write for its values
    no_column: frozenset[str] = frozenset()  # fields that no column can hold

    @property
    def fields(self) -> dict[str, Target]:
        """What columns may fill, by name."""
        made: Any = self.create_input
        return targets(made, self.no_column)


@dataclass(frozen=True)
class Filling:
    """Where a field comes from: a column, or a text in which `{heading}` stands for a column's cell."""

    field: str
    column: str | None = None
    text: str | None = None
    unit: Unit | None = None


@dataclass(frozen=True)
class Choices:
    """How an import is to be done."""

    fillings: tuple[Filling, ...]
    existing: Conflict = Conflict.UPDATE
    all_or_nothing: bool = False
    dry: bool = True
    numbers: Numbers | None = None


@dataclass
class Verdict:
    """What became of one row."""

    line: int
    key: str | None
    outcome: Outcome
    id: UUID | None = None
    problems: Sequence[Problem] = ()


@dataclass
class Counts:
    """How many rows came to which end."""

    total: int = 0
    ends: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))

    def add(self, verdict: Verdict) -> None:
        self.total += 1
        self.ends[verdict.outcome] += 1

    def told(self) -> dict[str, int]:
        return {"total": self.total, **{outcome.value.lower(): count for outcome, count in self.ends.items()}}


@cache
def targets(input: Any, no_column: frozenset[str] = frozenset()) -> dict[str, Target]:
    """The fields of an input that a cell can hold, those of its value objects included."""
    found: dict[str, Target] = {}

    def walk(kind: Any, names: tuple[str, ...], path: tuple[str, ...], required: bool) -> None:
        for rule in rules(kind):
            here, there = (*names, rule.graphql_name), (*path, rule.name)
            if ".".join(here) in no_column or rule.table is not None:
                continue
            needed = required and rule.required and not rule.maybe and rule.default is strawberry.UNSET
            if is_dataclass(rule.kind) and rule.kind is not MoneyInput:
                if not rule.is_list:
                    walk(rule.kind, here, there, needed)
                continue
            found[".".join(here)] = Target(".".join(here), there, rule.kind, rule.is_list, needed)
            if rule.kind is MoneyInput and not names:
                found.setdefault(CURRENCY, Target(CURRENCY, (CURRENCY,), str, False, False))

    walk(input, (), (), True)
    return found


# Matching columns


@dataclass(frozen=True)
class Source:
    """A field with the places of the cells it is made of."""

    target: Target
    filling: Filling
    pieces: tuple[str | int, ...]  # texts and columns

    def cell(self, cells: Sequence[str]) -> str:
        return "".join(piece if isinstance(piece, str) else cells[piece] for piece in self.pieces).strip()


def matched(door: Door[Any], table: Table, choices: Choices) -> list[Source]:
    """The fields with their columns. Refuses a matching that cannot be carried out, with all that is wrong with it."""
    problems: list[Problem] = []
    found: list[Source] = []
    taken: set[str] = set()
    for index, filling in enumerate(choices.fillings):
        path = ("input", "columns", str(index))
        target = door.fields.get(filling.field)
        if target is None:
            problems.append(Problem(ErrorCode.VALIDATION_ERROR, (*path, "field"), "import_field"))
            continue
        if filling.field in taken:
            problems.append(Problem(ErrorCode.VALIDATION_ERROR, (*path, "field"), "import_again"))
        taken.add(filling.field)
        if (filling.column is None) == (filling.text is None):
            problems.append(Problem(ErrorCode.VALIDATION_ERROR, path, "import_source"))
            continue
        where = "column" if filling.column is not None else "text"
        parts = [f"{{{filling.column}}}"] if filling.text is None else re.split(r"(\{[^{}]*\})", filling.text)
        pieces: list[str | int] = []
        for part in parts:
            if not (part[:1] == "{" and part[-1:] == "}"):
                pieces.append(part)
                continue
            count = table.headings.count(part[1:-1])
            if count != 1:
                rule = "import_twice" if count else "import_column"
                problems.append(Problem(ErrorCode.VALIDATION_ERROR, (*path, where), rule))
            else:
                pieces.append(table.headings.index(part[1:-1]))
        found.append(Source(target, filling, tuple(pieces)))
    missing = [target.name for target in door.fields.values() if target.required and target.name not in taken]
    if missing and choices.existing is not Conflict.UPDATE:
        details = {"fields": ", ".join(missing)}
        problems.append(Problem(ErrorCode.VALIDATION_ERROR, ("input", "columns"), "import_needs", details))
    if problems:
        raise Refusal(problems)
    return found


def opened(file: BinaryIO) -> Table:
    """The table in a file. Refuses a file that is none, by the argument it came with."""
    try:
        return tabular.read(file)
    except Unusable as unusable:
        raise Refusal([unusable_problem(unusable)]) from None


def unusable_problem(unusable: Unusable) -> Problem:
    code = ErrorCode.FILE_TOO_LARGE if unusable.rule == "bytes" else ErrorCode.VALIDATION_ERROR
    return Problem(code, ("input", "file"), unusable.rule, dict(unusable.details))


# Reading rows


@dataclass
class Read:
    """A row as values of the inputs, by their paths in Python."""

    line: int
    key: str | None
    values: dict[tuple[str, ...], Any]
    problems: list[Problem]


class Reader:
    """Turns lines into values."""

    def __init__(self, door: Door[Any], table: Table, sources: list[Source], numbers: Numbers | None) -> None:
        self._door = door
        self._sources = sources
        self._width = len(table.headings)
        self._german = table.german if numbers is None else numbers is Numbers.GERMAN
        self.key = next((target.name for target in door.fields.values() if target.path == (door.key,)), "")

    def read(self, line: Line) -> Read:
        """One line; everything that is wrong with it is found."""
        row = Read(line.number, None, {}, [])
        cells = line.cells
        if any(cell.strip() for cell in cells[self._width :]):
            details = {"found": len(cells), "expected": self._width}
            row.problems.append(Problem(ErrorCode.VALIDATION_ERROR, (), "cells", details))
            return row
        cells = [*cells, *([""] * (self._width - len(cells)))]
        for source in self._sources:
            cell = source.cell(cells)
            if not cell:
                continue
            path = tuple(source.target.name.split("."))
            try:
                value = self._value(source, cell)
            except BadCell as bad:
                row.problems.append(Problem(ErrorCode.INVALID_INPUT, path, f"cell_{bad.rule}", dict(bad.details)))
                continue
            row.values[source.target.path] = value
            if source.target.name == self.key:
                row.key = cell
        return row

    def _value(self, source: Source, cell: str) -> Any:
        if len(cell) > LONGEST_CELL:
            raise BadCell("length")
        if cell[0] == "=":
            raise BadCell("formula")
        target = source.target
        if target.is_list:
            return [self._one(source, part.strip()) for part in re.split(r"[;,|]", cell) if part.strip()]
        return self._one(source, cell)

    def _one(self, source: Source, cell: str) -> Any:
        kind = source.target.kind
        if kind is bool:
            return tabular.truth(cell)
        if kind is int:
            return tabular.whole(cell, german=self._german)
        if kind is date:
            return tabular.day(cell).isoformat()
        if kind is MoneyInput:
            amount, currency = tabular.money(cell, german=self._german)
            return amount, currency
        if kind in (DecimalString, Percent):
            return self._decimal(source, cell)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return self._member(kind, cell)
        return cell

    def _decimal(self, source: Source, cell: str) -> str:
        text = re.sub(r"\s*(m²|m2|qm|sqm|%|sqft|ft²)$", "", cell, flags=re.IGNORECASE)
        value = tabular.number(text, german=self._german)
        if source.filling.unit is Unit.SQUARE_FEET:
            value = (value * tabular.SQUARE_FOOT).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return format(value, "f")

    def _member(self, kind: type[Enum], cell: str) -> Enum:
        word = tabular.plain(cell)
        for member in kind:
            if tabular.plain(member.name) == word:
                return member
        name = self._door.values.get(kind, {}).get(word)
        if name is None:
            raise BadCell("choice")
        return kind[name]


def built(kind: Any, values: Mapping[tuple[str, ...], Any], currency: str | None) -> Any:
    """An input made of values by their paths; what is not given is absent."""
    own: dict[str, Any] = {}
    for rule in rules(kind):
        inner = {path[1:]: value for path, value in values.items() if path[0] == rule.name}
        if not inner:
            continue
        if () in inner:
            given = inner[()]
            if rule.kind is MoneyInput:
                amount, named = given
                given = MoneyInput(amount=format(amount, "f"), currency=named or currency or "EUR")  # type: ignore[arg-type]
        else:
            given = built(rule.kind, inner, currency)
        own[rule.name] = Some(given) if rule.maybe else given
    return kind(**own)


# Writing rows


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


class ErrorFile:
    """What is wrong with which row, as a CSV for people."""

    HEADINGS: ClassVar = {
        "de": ("Zeile", "Schlüssel", "Feld", "Fehler", "Meldung"),
        "en": ("Line", "Key", "Field", "Code", "Message"),
    }

    def __init__(self, language: str) -> None:
        self._language = language
        self._written = 0
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._text = io.TextIOWrapper(self.file, "utf-8-sig", newline="", write_through=True)
        self._rows = csv.writer(self._text, delimiter=";")
        self._rows.writerow(self.HEADINGS[language])

    def add(self, verdicts: list[Verdict]) -> None:
        for verdict in verdicts:
            for problem in verdict.problems:
                self._written += 1
                if self._written > MOST_ERRORS:
                    return
                cells = (verdict.line, verdict.key or "", ".".join(problem.field), problem.code.value)
                self._rows.writerow([*map(tabular.harmless, cells), problem.message(self._language)])

    @property
    def any(self) -> bool:
        """Whether there is anything to tell."""
        return self._written > 0

    def close(self) -> None:
        self._text.close()
