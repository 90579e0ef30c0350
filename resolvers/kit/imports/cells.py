"""Lines of a table as values, and values as inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Any

from strawberry.types.maybe import Some

from domain import tabular
from domain.errors import ErrorCode, Problem
from domain.tabular import BadCell, Line, Table
from resolvers.kit.imports.door import Door, Numbers, Unit
from resolvers.kit.imports.matching import Source
from resolvers.kit.inputs import MoneyInput, rules
from resolvers.kit.scalars import DecimalString, Percent

LONGEST_CELL = 50_000


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
