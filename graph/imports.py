"""Records that come in, and go out, as files."""

import strawberry

import models
from domain.access import P, Scope
from graph.kit.payload import Payload, Shape, row
from graph.kit.root import mutation
from resolvers.kit.imports import Outcome
from resolvers.properties import exports, imports


@strawberry.type(description="What becomes of a row of a file.")
class ImportRow(Shape):
    line: int = strawberry.field(description="Line of the file it begins in, from 1.")
    key: str | None = strawberry.field(description="What the record is recognised by.")
    outcome: Outcome = strawberry.field(description="What becomes of it.")
    id: strawberry.ID | None = strawberry.field(description="The record; null for a new one that is not written yet.")
    messages: list[str] = strawberry.field(description="What is wrong with it, for a person.")


@strawberry.type(description="How a column of a file is read.")
class ImportColumn(Shape):
    heading: str = strawberry.field(description="What stands above it.")
    field: str | None = strawberry.field(description="The field it fills by itself; null when it fills none.")
    suggestion: str | None = strawberry.field(description="The field it probably is.")
    sample: str | None = strawberry.field(description="Its first cell.")


@strawberry.type(description="What becomes of the first rows of a file.")
class ImportReport(Shape):
    total: int = strawberry.field(description="Rows that were looked at, at most 100; the job looks at all.")
    created: int = strawberry.field(description="New records.")
    updated: int = strawberry.field(description="Records that change.")
    skipped: int = strawberry.field(description="Records that stay as they are.")
    failed: int = strawberry.field(description="Rows that are wrong.")
    rows: list[ImportRow] = strawberry.field(description="Every row that was looked at.")
    columns: list[ImportColumn] = strawberry.field(description="Every column of the file.")


@strawberry.type(description="The job that imports, or why it was refused.")
class ImportPayload(Payload):
    job = row(models.Job, "The job that reads the whole file.")
    report: ImportReport | None = strawberry.field(description="Of a dry run: what can be said at once.")


@strawberry.type(description="The job that exports, or why it was refused.")
class ExportPayload(Payload):
    job = row(models.Job, "The job that writes the file; its `resultUrl` leads there.")


@strawberry.type
class Mutation:
    properties_import: ImportPayload = mutation(imports.import_properties, needs=P.PROPERTY_CREATE)
    properties_export: ExportPayload = mutation(
        exports.export_properties, needs=P.PROPERTY_EXPORT, scope=Scope.READ, category="read"
    )
