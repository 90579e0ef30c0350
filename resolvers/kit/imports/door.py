"""What a domain declares of its tables, and how one is to be read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import strawberry

from domain.errors import Problem
from models.base import Owned
from resolvers.kit.commands import Command
from resolvers.kit.inputs import Input, MoneyInput, rules

Row = TypeVar("Row", bound=Owned)
CURRENCY = "currency"


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
