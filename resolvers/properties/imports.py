"""Properties come in as a table."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import strawberry

import models
from domain import tabular
from domain.access import P
from domain.errors import ErrorCode, Refusal
from domain.properties.headings import HEADINGS, VALUES
from models.base import uuid7
from resolvers.kit.commands import Command
from resolvers.kit.imports import (
    Choices,
    Conflict,
    Door,
    Filling,
    Importer,
    Numbers,
    Unit,
    Verdict,
    opened,
)
from resolvers.kit.inputs import Input
from resolvers.kit.running import start
from resolvers.kit.uploads import Upload
from resolvers.properties.actions import create, update
from resolvers.properties.inputs import PropertyCreateInput, PropertyUpdateInput

JOB = "properties.import"
PREVIEW = 100  # rows that are checked at once

DOOR = Door(
    name="propertiesImport",
    model=models.Property,
    create_input=PropertyCreateInput,
    update_input=PropertyUpdateInput,
    create=create,
    update=update,
    needs_create=P.PROPERTY_CREATE,
    needs_update=P.PROPERTY_UPDATE,
    key="external_number",
    words=HEADINGS,
    values=VALUES,
    no_column=frozenset({"contactPersons", "expectedVersion"}),
)


@strawberry.enum(description="Kinds of files that can be imported.")
class ImportFormat(Enum):
    CSV = strawberry.enum_value("CSV", description="A table with headings; `;`, `,` or tab divide its columns.")


@strawberry.input(description="Where a field of a record comes from: a column, or a text.")
class ImportColumnInput:
    field: str = strawberry.field(description="The field, as inputs name it: `title`, `address.postalCode`.")
    column: str | None = strawberry.field(default=None, description="Heading of the column.")
    text: str | None = strawberry.field(
        default=None, description="The same for all rows; `{Heading}` stands for the cell of that column."
    )
    unit: Unit | None = strawberry.field(default=None, description="Unit of an area, when it is not m².")


@strawberry.input(description="A file of properties.")
class PropertyImportInput(Input):
    file: Upload = strawberry.field(description="At most 200 MiB.")
    format: ImportFormat = strawberry.field(description="What kind of file it is.")
    dry_run: bool | None = strawberry.field(default=True, description="Only check and report; nothing is written.")
    on_existing: Conflict | None = strawberry.field(
        default=Conflict.UPDATE, description="What happens to rows whose external number exists."
    )
    all_or_nothing: bool | None = strawberry.field(
        default=False, description="Write nothing when a row is wrong, instead of all that are right."
    )
    columns: list[ImportColumnInput] | None = strawberry.field(
        default=None, description="Which column is what; without it the headings decide. At most 100."
    )
    numbers: Numbers | None = strawberry.field(
        default=None, description="How `1.234` is meant; by default German unless commas divide the columns."
    )


@dataclass(frozen=True)
class Ordered:
    """What a job is to import, and how."""

    choices: Choices
    file_name: str


async def import_properties(command: Command, input: PropertyImportInput) -> dict[str, Any]:
    """Import properties from a table. A dry run shows at once how the columns are read and what becomes of the first
    rows, then a job checks them all; else the job writes them. A row whose external number exists is an update.
    """
    context, upload = command.context, input.file
    if upload.size > tabular.MOST_BYTES:
        raise Refusal.of(ErrorCode.FILE_TOO_LARGE, "input", "file", maxBytes=tabular.MOST_BYTES)
    table = await upload.read(opened)
    guessed = tabular.suggest(table.headings, {name: DOOR.words.get(name, ()) for name in DOOR.fields})
    given = input.columns
    fillings = (
        [Filling(entry.field, entry.column, entry.text, entry.unit) for entry in given]
        if given is not None
        else [Filling(name, heading) for name, heading in guessed.items()]
    )
    choices = Choices(
        tuple(fillings),
        input.on_existing or Conflict.UPDATE,
        bool(input.all_or_nothing),
        input.dry_run is not False,
        input.numbers,
    )
    importer = Importer(DOOR, context, table, choices, uuid7())
    report = None
    if choices.dry:
        verdicts: list[Verdict] = []
        counts = await importer.run(verdicts.extend, PREVIEW)
        language = context.request.language
        report = {
            **counts.told(),
            "rows": [_row(verdict, language) for verdict in verdicts],
            "columns": _columns(table, choices, guessed),
        }
    job = await start(command, JOB, task=Ordered(choices, upload.name), source=upload)
    return {"job": job, "report": report}


def _row(verdict: Verdict, language: str) -> dict[str, Any]:
    return {
        "line": verdict.line,
        "key": verdict.key,
        "outcome": verdict.outcome.value,
        "id": None,  # nothing was written
        "messages": [
            ": ".join(filter(None, (".".join(problem.field), problem.message(language))))
            for problem in verdict.problems
        ],
    }


def _columns(table: tabular.Table, choices: Choices, guessed: dict[str, str]) -> list[dict[str, Any]]:
    """Every column of the file: what it fills, what it probably is, and its first cell."""
    first = next(table.lines(), None)
    cells = first.cells if first is not None else []
    fills = {filling.column: filling.field for filling in choices.fillings if filling.column is not None}
    probably = {heading: name for name, heading in guessed.items()}
    return [
        {
            "heading": heading,
            "field": fills.get(heading),
            "suggestion": probably.get(heading),
            "sample": cells[index][:100] if index < len(cells) else None,
        }
        for index, heading in enumerate(table.headings)
    ]
