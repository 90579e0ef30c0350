"""Which column is which field; and why a file or a matching cannot be used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from domain import tabular
from domain.errors import ErrorCode, Problem, Refusal, texts
from domain.tabular import Table, Unusable
from resolvers.kit.imports.door import Choices, Conflict, Door, Filling, Target

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
