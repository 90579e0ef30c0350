"""Checks inputs against the columns they are for and turns them into column values; finds all problems at once.

An input class names its model: `class TagInput(Input, of=models.Tag)`. A field whose name is a column takes its rules
from there: whether it is required, how long, between which bounds, in which unit it is stored, which row it refers to.
What a column cannot say, an input says in `refine`.
"""

import re
import types
import typing
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Union
from uuid import UUID

import strawberry
from sqlalchemy import Column
from sqlalchemy.types import TypeEngine
from strawberry.types.maybe import Maybe, Some
from strawberry.types.unset import UNSET
from strawberry.utils.str_converters import to_camel_case

import models
from domain.errors import ErrorCode, Problem, Refusal
from models.base import BasisPoints, Halves, Hundredths, Minor, Owned, TenantRow
from resolvers.kit.ids import split_id
from resolvers.kit.scalars import READERS, CurrencyCode, DecimalString, Unreadable, read_currency, scaled

Path = tuple[str, ...]
LIST_MAX = 100
EURO = CurrencyCode("EUR")
ALLOWED_CONTROLS = {"\n", "\r", "\t"}


class Input:
    """Base of inputs. `of` is the model whose columns the fields of the same name stand for."""

    __model__: ClassVar[type[Owned] | None] = None
    # Fields whose column has another name.
    renames: ClassVar[dict[str, str]] = {}
    # Fields with ids of rows that no column of the model refers to: field → table.
    references: ClassVar[dict[str, str]] = {}
    # Fields whose text is taken as it is, blanks included.
    verbatim: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, of: type[Owned] | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if of is not None:
            cls.__model__ = of

    @classmethod
    def nothing(cls, values: dict[str, Any]) -> None:
        """What null for a whole value object means: every column of it that may be empty becomes empty."""
        itself: Any = cls
        for inner in rules(itself):
            if inner.column is not None and inner.column.nullable:
                values[inner.key] = None

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        """Rules over several fields, and fields that are no columns. `report(code, *path, rule=…)` adds a problem,
        `unless` one of the named fields has a problem already."""


@strawberry.input(description="An amount of money.")
class MoneyInput:
    amount: DecimalString = strawberry.field(description='At most two places, `"465000.00"`.')
    currency: CurrencyCode | None = strawberry.field(default=EURO, description="ISO 4217.")


@dataclass(frozen=True)
class FieldRule:
    """What the kit knows of one field of an input."""

    name: str
    key: str  # under which the value is stored: the column's name
    graphql_name: str
    kind: Any  # scalar, enum, Input class or MoneyInput
    is_list: bool
    column: Column[Any] | None
    required: bool
    verbatim: bool = False
    table: str | None = None  # of the rows whose ids it takes
    default: Any = UNSET  # of a field that may be left out
    maybe: bool = False  # whether absent and null are told apart


@dataclass(frozen=True)
class Reference:
    """An id found in an input; whether its row exists is asked once per table."""

    path: Path
    table: str
    id: UUID


class Cleaning:
    """One pass over the arguments of a mutation."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.references: list[Reference] = []

    def report(self, code: ErrorCode, path: Path, rule: str | None = None, **details: Any) -> None:
        self.problems.append(Problem(code, path, rule, details))

    def clean(self, given: Any, path: Path) -> dict[str, Any]:
        """Column values of one input object."""
        values: dict[str, Any] = {}
        kind: Any = type(given)
        for rule in rules(kind):
            raw = getattr(given, rule.name)
            if isinstance(raw, Some):
                raw = raw.value
            elif raw is None:
                raw = rule.default  # null for a field with a default means the default
            if raw is UNSET:
                continue
            self._field(rule, raw, (*path, rule.graphql_name), values)

        def report(
            code: ErrorCode, *where: str, rule: str | None = None, unless: Sequence[str] = (), **details: Any
        ) -> None:
            unreadable = {problem.field for problem in self.problems}
            if not any((*path, name) in unreadable for name in unless):
                self.report(code, (*path, *where), rule, **details)

        if isinstance(given, Input):
            type(given).refine(values, report)
        return values

    def _field(self, rule: FieldRule, raw: Any, path: Path, values: dict[str, Any]) -> None:
        if raw is None:
            self._null(rule, path, values)
        elif rule.is_list:
            self._list(rule, raw, path, values)
        elif rule.kind is MoneyInput:
            self._money(rule, raw, path, values)
        elif is_input(rule.kind):
            found = self.clean(raw, path)
            if rule.kind.__model__ is not None and rule.column is None:
                values.update(found)  # a value object: its fields are columns of the same row
            else:
                values[rule.key] = found
        else:
            found = self._scalar(rule, raw, path)
            if found is not UNSET:
                values[rule.key] = found

    def _null(self, rule: FieldRule, path: Path, values: dict[str, Any]) -> None:
        if rule.column is not None and rule.column.info.get("blank"):
            values[rule.key] = ""  # a text that says nothing is the same as none
        elif rule.required:
            self.report(ErrorCode.MISSING_REQUIRED_FIELD, path)
        elif is_input(rule.kind) and not rule.is_list:
            rule.kind.nothing(values)
        else:
            values[rule.key] = [] if rule.is_list else None

    def _list(self, rule: FieldRule, raw: list[Any], path: Path, values: dict[str, Any]) -> None:
        limit = int(rule.column.info.get("items", LIST_MAX)) if rule.column is not None else LIST_MAX
        if len(raw) > limit:
            self.report(ErrorCode.VALIDATION_ERROR, path, "items", max=limit)
            return
        found = []
        for index, item in enumerate(raw):
            here = (*path, str(index))
            value = self.clean(item, here) if is_input(rule.kind) else self._scalar(rule, item, here)
            # A value counts once; two equal objects are two, or the paths of what follows would be wrong.
            if value is not UNSET and (is_input(rule.kind) or value not in found):
                found.append(value)
        values[rule.key] = found

    def _money(self, rule: FieldRule, raw: MoneyInput, path: Path, values: dict[str, Any]) -> None:
        try:
            amount = scaled(raw.amount, 2)
        except Unreadable as unreadable:
            self.problems.append(unreadable.problem.under(*path, "amount"))
            return
        try:
            currency = read_currency(raw.currency or EURO)
        except Unreadable as unreadable:
            self.problems.append(unreadable.problem.under(*path, "currency"))
            return
        if values.setdefault("currency", currency) != currency:
            self.report(ErrorCode.VALIDATION_ERROR, (*path, "currency"), "one_currency")
        if self._within(rule, amount, (*path, "amount")):
            values[rule.key] = amount

    def _scalar(self, rule: FieldRule, raw: Any, path: Path) -> Any:
        """The stored form of one value, or UNSET with a problem reported."""
        if isinstance(raw, Enum):
            return raw.value
        if rule.table is not None:
            return self.identify(raw, rule.table, path)
        try:
            value = _stored(rule, _readable(raw, line=_is_line(rule)) if isinstance(raw, str) else raw)
        except Unreadable as unreadable:
            self.problems.append(unreadable.problem.under(*path))
            return UNSET
        if isinstance(value, str):
            value = value if rule.verbatim else value.strip()
            if not value:
                if rule.column is not None and rule.column.info.get("blank"):
                    return ""
                if rule.required or rule.is_list:
                    self.report(ErrorCode.MISSING_REQUIRED_FIELD, path)
                    return UNSET
                return None
        return value if self._within(rule, value, path) else UNSET

    def _within(self, rule: FieldRule, value: Any, path: Path) -> bool:
        """Length and bounds, in the unit of the API."""
        column = rule.column
        if column is None:
            return True
        among = column.info.get("among")
        if among is not None and value not in among:
            self.report(ErrorCode.VALIDATION_ERROR, path)
            return False
        length = column.info.get("length", getattr(column.type, "length", None))
        if isinstance(value, str) and length is not None and len(value) > length:
            self.report(ErrorCode.VALIDATION_ERROR, path, "length", min=1 if rule.required else 0, max=length)
            return False
        low, high = column.info.get("min"), column.info.get("max")
        if low is None and high is None:
            return True
        number = Decimal(value) / _scale(column)
        if (low is not None and number < Decimal(str(low))) or (high is not None and number > Decimal(str(high))):
            name = "range" if low is not None and high is not None else "min" if low is not None else "max"
            bounds = {key: bound for key, bound in (("min", low), ("max", high)) if bound is not None}
            self.report(ErrorCode.VALIDATION_ERROR, path, name, **bounds)
            return False
        return True

    def identify(self, raw: str, table: str, path: Path) -> Any:
        """The uuid of a global id of a row of `table`; existence is checked later, for all ids at once."""
        found = split_id(raw)
        if found is None:
            self.report(ErrorCode.INVALID_INPUT, path, "id")
            return UNSET
        if found[0] != node_names()[table]:
            self.report(ErrorCode.NOT_FOUND, path)
            return UNSET
        self.references.append(Reference(path, table, found[1]))
        return found[1]


def cleaned_text(model: type[Owned], column: str, raw: str, *path: str) -> str:
    """A text given as an argument of its own, checked like a required field of an input that stands for the column."""
    cleaning, name = Cleaning(), to_camel_case(column)
    col = model.__table__.c[column]  # type: ignore[attr-defined]
    value = cleaning._scalar(FieldRule(column, column, name, str, False, col, True), raw, path or (name,))
    if cleaning.problems:
        raise Refusal(cleaning.problems)
    return str(value)


def is_input(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Input)


def _is_line(rule: FieldRule) -> bool:
    return rule.column is not None and bool(rule.column.info.get("line"))


# What nobody sees in a name but what changes what is seen: breaks, marks of direction, blanks without width.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def _readable(value: str, *, line: bool = False) -> str:
    """Text without NUL, control characters and lone surrogates; a line also without what cannot be seen."""
    for character in value:
        if (
            (character < " " and character not in ALLOWED_CONTROLS)
            or "\ud800" <= character <= "\udfff"
            or character == "\x7f"
        ):
            raise Unreadable(ErrorCode.INVALID_INPUT, "characters")
    if line and _UNSEEN.search(value.strip()):
        raise Unreadable(ErrorCode.INVALID_INPUT, "characters")
    return unicodedata.normalize("NFC", value) if line else value


_SCALES: tuple[tuple[type[TypeEngine[Any]], int], ...] = (
    (Minor, 100),
    (Hundredths, 100),
    (BasisPoints, 100),
    (Halves, 2),
)


def _scale(column: Column[Any]) -> int:
    return next((scale for kind, scale in _SCALES if isinstance(column.type, kind)), 1)


def _stored(rule: FieldRule, raw: Any) -> Any:
    kind = type(rule.column.type) if rule.column is not None else None
    if kind in (Hundredths, BasisPoints, Minor):
        return scaled(raw, 2)
    if kind is Halves:
        doubled = scaled(raw, 1) * 2
        if doubled % 10:
            raise Unreadable(ErrorCode.VALIDATION_ERROR, "step", step="0.5")
        return doubled // 10
    reader = READERS.get(rule.kind)
    return reader(raw) if reader is not None else raw


@cache
def node_names() -> dict[str, str]:
    """GraphQL type name per table."""
    found = {}
    for name in models.__all__:
        model = getattr(models, name)
        if isinstance(model, type) and issubclass(model, TenantRow):
            found[str(model.__tablename__)] = getattr(model, "__node__", None) or model.__name__
    return found


@cache
def model_of_table(table: str) -> type[TenantRow]:
    for name in models.__all__:
        model = getattr(models, name)
        if isinstance(model, type) and issubclass(model, TenantRow) and model.__tablename__ == table:
            return model
    raise LookupError(table)


@cache
def rules(cls: type) -> tuple[FieldRule, ...]:
    """The fields of an input class with the columns they stand for."""
    model: type[Owned] | None = getattr(cls, "__model__", None)
    columns = model.__table__.c if model is not None else {}  # type: ignore[attr-defined]
    hints = typing.get_type_hints(cls)
    found = []
    for field in cls.__strawberry_definition__.fields:  # type: ignore[attr-defined]
        name = field.python_name
        kind, nullable, is_list = _unwrap(hints[name])
        key = getattr(cls, "renames", {}).get(name, name)
        column = columns[key] if key in columns and not is_input(kind) else None
        required = not nullable if column is None else not column.nullable and not is_list
        public = field.graphql_name or to_camel_case(name)
        verbatim: frozenset[str] = getattr(cls, "verbatim", frozenset())
        default = UNSET if field.default in (MISSING, None) else field.default
        table = getattr(cls, "references", {}).get(name) or (
            column.info.get("references") if column is not None else None
        )
        maybe = typing.get_origin(hints[name]) is Maybe
        found.append(
            FieldRule(name, key, public, kind, is_list, column, required, name in verbatim, table, default, maybe)
        )
    return tuple(found)


def _unwrap(hint: Any) -> tuple[Any, bool, bool]:
    """Inner type, whether null is allowed, whether it is a list."""
    nullable = is_list = False
    while True:
        origin = typing.get_origin(hint)
        if origin is Maybe:
            nullable, hint = True, typing.get_args(hint)[0]
        elif origin in (Union, types.UnionType):
            inner = [arg for arg in typing.get_args(hint) if arg not in (type(None), type(UNSET))]
            nullable, hint = True, inner[0]
        elif origin is list:
            is_list, hint = True, typing.get_args(hint)[0]
        else:
            return hint, nullable, is_list


def checked(found: Iterable[Problem]) -> list[Problem]:
    """Problems in the order of their paths, each once."""
    unique: list[Problem] = []
    for problem in found:
        if not any(other.field == problem.field and other.code == problem.code for other in unique):
            unique.append(problem)
    return unique
