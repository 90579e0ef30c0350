"""Lists go out as files: rows the viewer sees, as the viewer sees them, as CSV or as a spreadsheet."""

from __future__ import annotations

import csv
import io
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import any_, select

from domain.errors import ApiError, ErrorCode, Problem, Refusal, texts
from domain.tabular import harmless
from loaders.base import Condition
from loaders.paging import OrderKey, Page, ordered
from loaders.sql import STATEMENTS, compile_statement, param, type_uuids
from loaders.visibility import predicates, sight, table_of
from models.base import Owned
from resolvers.kit.commands import read_permission
from resolvers.kit.context import Context, Viewer
from resolvers.kit.filters import Filter, condition
from resolvers.kit.running import Running
from resolvers.kit.uploads import Upload

MOST_ROWS = 10_000
BATCH = 500
WORDS = {"de": {True: "ja", False: "nein"}, "en": {True: "yes", False: "no"}}

texts({"export_rows": ("At most {max} records in one file.", "Höchstens {max} Datensätze in einer Datei.")})


class ExportFormat(Enum):
    """What kind of file is made."""

    CSV = "CSV"
    XLSX = "XLSX"


@dataclass(frozen=True)
class Column:
    """A column of the file: its headings, what it is made of, and how; `None` leaves a cell empty."""

    headings: dict[str, str]  # by language
    columns: tuple[str, ...]
    show: Callable[..., Any]  # the values of the columns, then the viewer


def filtered(given: Filter | None) -> Condition:
    """The condition of a filter that stands in an input; what is wrong with it is the input's problem."""
    try:
        return condition(given)
    except ApiError as error:
        path = ("input", *error.field)
        raise Refusal([Problem(ErrorCode.VALIDATION_ERROR, path, error.rule, dict(error.details))]) from None


async def chosen(context: Context, model: type[Owned], only: Condition, order: tuple[OrderKey, ...]) -> list[UUID]:
    """Ids of the rows a list shows, in its order. Refused when there are too many."""
    table = table_of(model)
    seen = predicates(model, sight(read_permission(model), context.signed_in))
    orders = [key.column(table).label(f"order{index}") for index, key in enumerate(order)]
    found = select(table.c.id, *orders).where(*seen, *only.build(table)).subquery()
    in_order = ordered(found.c, order, Page(limit=MOST_ROWS))
    statement = select(found.c.id).order_by(*in_order).limit(MOST_ROWS + 1)
    rows = await context.loaders.fetch(compile_statement(statement, one_plan=False), dict(only.values))
    if len(rows) > MOST_ROWS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", rule="export_rows", max=MOST_ROWS)
    return [row["id"] for row in rows]


def listed(ids: Sequence[UUID]) -> Upload:
    """Ids as a file for the job that writes the rows: too many for a column of it."""
    content = b"".join(id.bytes for id in ids)
    return Upload("ids", "application/octet-stream", io.BytesIO(content), len(content))


async def write(
    running: Running, model: type[Owned], columns: Sequence[Column], format: ExportFormat, name: str
) -> None:
    """Write the rows whose ids came with the job, under the rights of this moment, and keep the file."""
    with await running.source() as source:
        content = await running.apart(source.read)
    ids = [UUID(bytes=content[start : start + 16]) for start in range(0, len(content), 16)]
    running.total = len(ids)
    language, viewer = running.context.request.language, running.context.signed_in
    sheet = sheet_of(format, language)
    try:
        sheet.add([column.headings[language] for column in columns])
        written = 0
        for start in range(0, len(ids), BATCH):
            rows = await _read(running.context, model, columns, ids[start : start + BATCH])
            await running.apart(partial(_add, sheet, [_cells(row, columns, viewer) for row in rows]))
            running.done = min(start + BATCH, len(ids))
            written += len(rows)
            running.step()
        running.result = {"rows": written}
        await running.apart(sheet.finish)
        await running.keep(sheet.file, f"{name}.{sheet.extension}", sheet.extension)
    finally:
        sheet.file.close()


async def _read(context: Context, model: type[Owned], columns: Sequence[Column], ids: list[UUID]) -> list[Any]:
    table, seen = table_of(model), sight(read_permission(model), context.signed_in)
    names = list(dict.fromkeys(name for column in columns for name in column.columns))
    statement = STATEMENTS.get(
        ("export", model, seen),
        lambda: select(table.c.id, *(table.c[name] for name in names)).where(
            *predicates(model, seen), table.c.id == any_(param("ids", type_uuids))
        ),
    )
    found = {row["id"]: row for row in await context.loaders.fetch(statement, {"ids": ids})}
    return [found[id] for id in ids if id in found]


def _cells(row: Any, columns: Sequence[Column], viewer: Viewer) -> list[Any]:
    return [column.show(*(row[name] for name in column.columns), viewer) for column in columns]


def _add(sheet: Sheet, rows: list[list[Any]]) -> None:
    for cells in rows:
        sheet.add(cells)


# Files


class Sheet(ABC):
    """A file being written, row by row."""

    extension: str

    def __init__(self, language: str) -> None:
        self.language = language
        self.file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - whoever made the sheet closes it

    @abstractmethod
    def add(self, cells: list[Any]) -> None:
        """Write a row."""

    @abstractmethod
    def finish(self) -> None:
        """Write what is left."""

    def plain(self, value: Any) -> Any:
        """A value without what only Python knows."""
        if isinstance(value, bool):
            return WORDS[self.language][value]
        if isinstance(value, list | tuple):
            return ", ".join(map(str, value))
        return value


class CsvSheet(Sheet):
    """A table as text: with a point and commas in English, a comma and semicolons in German."""

    extension = "csv"

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self._text = io.TextIOWrapper(self.file, "utf-8-sig", newline="", write_through=True)
        self._rows = csv.writer(self._text, delimiter=";" if language == "de" else ",")

    def add(self, cells: list[Any]) -> None:
        self._rows.writerow([self._cell(self.plain(value)) for value in cells])

    def _cell(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            text = format(value, "f")
            return text.replace(".", ",") if self.language == "de" else text
        return value.isoformat() if isinstance(value, date) else harmless(value)

    def finish(self) -> None:
        self._text.flush()
        self._text.detach()


class XlsxSheet(Sheet):
    """A spreadsheet, whose numbers and days are numbers and days."""

    extension = "xlsx"

    def __init__(self, language: str) -> None:
        from openpyxl import Workbook  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy, and rarely asked for

        super().__init__(language)
        self._book = Workbook(write_only=True)
        self._rows = self._book.create_sheet()

    def add(self, cells: list[Any]) -> None:
        self._rows.append([harmless(self.plain(value)) for value in cells])

    def finish(self) -> None:
        self._book.save(self.file)


def sheet_of(format: ExportFormat, language: str) -> Sheet:
    """An empty file of a format."""
    return XlsxSheet(language) if format is ExportFormat.XLSX else CsvSheet(language)
