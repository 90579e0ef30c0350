"""Jobs of properties: reading and writing files."""

from typing import Any

from pydantic import TypeAdapter

import models
from domain.errors import Refusal
from resolvers.kit.exports import write
from resolvers.kit.imports import ErrorFile, Importer, Verdict, opened
from resolvers.kit.running import Running, watched
from resolvers.properties import exports
from resolvers.properties.imports import DOOR, JOB, Ordered

_ORDERED = TypeAdapter(Ordered)
_EXPORTED = TypeAdapter(exports.Ordered)


@watched(JOB)
async def import_properties(running: Running) -> None:
    """Read a table of properties, row by row; what is wrong with which row stands in a file."""
    ordered: Ordered = _ORDERED.validate_python(running.row.task)
    language = running.context.request.language
    errors = ErrorFile(language)
    source = await running.source()
    try:
        importer = Importer(DOOR, running.context, opened(source), ordered.choices, running.row.id)
        running.total = await running.apart(importer.count)

        def told(verdicts: list[Verdict]) -> None:
            errors.add(verdicts)
            running.done += len(verdicts)
            running.step()

        try:
            await importer.run(told)
        except Refusal as refusal:
            running.error = refusal.problems[0].message(language)
        running.result = _result(importer, ordered)
        if errors.any:
            await running.keep(errors.file, _name(ordered.file_name, language), "csv")
    finally:
        source.close()
        errors.close()


def _result(importer: Importer[Any], ordered: Ordered) -> dict[str, Any]:
    return {**importer.counts.told(), "dryRun": ordered.choices.dry}


def _name(file: str, language: str) -> str:
    return f"{file.rpartition('.')[0] or file} - {'Fehler' if language == 'de' else 'errors'}.csv"


@watched(exports.JOB)
async def export_properties(running: Running) -> None:
    """Write a table of properties."""
    ordered = _EXPORTED.validate_python(running.row.task)
    name = "Objekte" if running.context.request.language == "de" else "Properties"
    await write(running, models.Property, exports.COLUMNS, ordered.format, name)
