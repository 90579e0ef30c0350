"""Typed filters and orders, turned into conditions once per form.

A filter is read in two steps. `parse` checks it and gives its form (which fields, which operators, how nested) and the
values to bind; `build` makes SQL from the form alone. So the same filter with other values uses the same prepared
statement. A null anywhere in a filter means "not given".
"""

import types
import typing
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, Union
from uuid import UUID

import strawberry
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    SmallInteger,
    Text,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from strawberry.types.unset import UNSET
from strawberry.utils.str_converters import to_camel_case

from domain.errors import ApiError, ErrorCode
from loaders.base import NO_FILTER, Condition
from loaders.paging import OrderKey
from loaders.sql import type_uuids
from models.base import BasisPoints, Halves, Hundredths, Minor, TenantRow
from resolvers.kit.ids import split_id
from resolvers.kit.inputs import node_names
from resolvers.kit.scalars import DecimalString, Unreadable, read_date, read_datetime, scaled

MAX_DEPTH = 5
MAX_LIST = 100
MAX_CONDITIONS = 100  # of one filter in all: compiling a condition costs, and grows faster than their number
E = TypeVar("E", bound=Enum)


def _op(description: str, **kwargs: Any) -> Any:
    return strawberry.field(default=UNSET, description=description, **kwargs)


@strawberry.input(description="Conditions on a text; all given ones must hold. Letter case and accents count.")
class StringFilter:
    eq: str | None = _op("Equal.")
    ne: str | None = _op("Not equal; rows without a value match.")
    in_: list[str] | None = _op("One of; an empty list matches nothing.", name="in")
    not_in: list[str] | None = _op("None of; an empty list matches everything.")
    contains: str | None = _op("Contains this text, letter case ignored.")
    starts_with: str | None = _op("Begins with this text, letter case ignored.")
    is_null: bool | None = _op("Whether there is no value.")


@strawberry.input(description="Conditions on an id; all given ones must hold.")
class IDFilter:
    eq: strawberry.ID | None = _op("Equal.")
    ne: strawberry.ID | None = _op("Not equal; rows without a value match.")
    in_: list[strawberry.ID] | None = _op("One of; an empty list matches nothing.", name="in")
    not_in: list[strawberry.ID] | None = _op("None of; an empty list matches everything.")
    is_null: bool | None = _op("Whether there is no value.")


@strawberry.input(description="Conditions on a whole number; all given ones must hold.")
class IntFilter:
    eq: int | None = _op("Equal.")
    ne: int | None = _op("Not equal; rows without a value match.")
    in_: list[int] | None = _op("One of; an empty list matches nothing.", name="in")
    lt: int | None = _op("Less than.")
    lte: int | None = _op("At most.")
    gt: int | None = _op("Greater than.")
    gte: int | None = _op("At least.")
    between: list[int] | None = _op("Two values, both included, the smaller first.")
    is_null: bool | None = _op("Whether there is no value.")


@strawberry.input(description="Conditions on an exact number; all given ones must hold.")
class DecimalFilter:
    eq: DecimalString | None = _op("Equal.")
    ne: DecimalString | None = _op("Not equal; rows without a value match.")
    in_: list[DecimalString] | None = _op("One of; an empty list matches nothing.", name="in")
    lt: DecimalString | None = _op("Less than.")
    lte: DecimalString | None = _op("At most.")
    gt: DecimalString | None = _op("Greater than.")
    gte: DecimalString | None = _op("At least.")
    between: list[DecimalString] | None = _op("Two values, both included, the smaller first.")
    is_null: bool | None = _op("Whether there is no value.")


@strawberry.input(description="Conditions on a day; all given ones must hold.")
class DateFilter:
    eq: date | None = _op("Equal.")
    lt: date | None = _op("Before.")
    lte: date | None = _op("Not after.")
    gt: date | None = _op("After.")
    gte: date | None = _op("Not before.")
    between: list[date] | None = _op("Two days, both included, the earlier first.")
    is_null: bool | None = _op("Whether there is no value.")


@strawberry.input(description="Conditions on a moment; all given ones must hold.")
class DateTimeFilter:
    lt: datetime | None = _op("Before.")
    lte: datetime | None = _op("Not after.")
    gt: datetime | None = _op("After.")
    gte: datetime | None = _op("Not before.")
    between: list[datetime] | None = _op("Two moments, both included, the earlier first.")
    is_null: bool | None = _op("Whether there is no value.")


@strawberry.input(description="Conditions on an enum; all given ones must hold.")
class EnumFilter(Generic[E]):
    eq: E | None = _op("Equal.")
    ne: E | None = _op("Not equal; rows without a value match.")
    in_: list[E] | None = _op("One of; an empty list matches nothing.", name="in")
    not_in: list[E] | None = _op("None of; an empty list matches everything.")
    is_null: bool | None = _op("Whether there is no value.")


OPERATORS = (StringFilter, IDFilter, IntFilter, DecimalFilter, DateFilter, DateTimeFilter, EnumFilter)

# The table, and `bind(type)` or the flag that was given.
Special = Callable[[Any, Any], ColumnElement[bool]]


class Filter:
    """Base of filters: `class PropertyFilter(Filter, of=models.Property)`.

    A field filters the column of its name, or of the same name with `_id`; a field in `specials` has a function that
    gets the table and `bind(type)` and answers a condition; `search` goes through the search door.
    """

    __model__: ClassVar[type[TenantRow]]
    specials: ClassVar[dict[str, Special]] = {}
    # Fields that go by another name than their column.
    renames: ClassVar[dict[str, str]] = {}
    # Specials that take an id or a list of ids: name → table of the rows.
    references: ClassVar[dict[str, str]] = {}
    # Specials that hold with this value unless the filter, or one nested in it, names them.
    presumed: ClassVar[dict[str, bool]] = {}
    # Whether a special asks for what is the viewer's own: then an answer cannot be shared with others.
    personal: ClassVar[bool] = False
    # Filters on what is no column: name → expression over the table.
    expressions: ClassVar[dict[str, Callable[[Any], ColumnElement[Any]]]] = {}

    def __init_subclass__(cls, of: type[TenantRow], **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__model__ = of


# Operators that find about as many rows whatever they compare with.
EQUALITY = {"eq", "in_"}


@dataclass
class _Parse:
    """Collects values while the form is read."""

    values: dict[str, Any] = field(default_factory=dict)
    conditions: int = 0
    one_plan: bool = True
    named: set[str] = field(default_factory=set)

    def count(self, path: Sequence[str]) -> None:
        """One more condition; too many are refused before anything is built."""
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise _bad(path[:1], rule="items", max=MAX_CONDITIONS)

    def bind(self, value: Any) -> str:
        name = f"f{len(self.values)}"
        self.values[name] = value
        return name


def condition(given: Filter | None, kind: type[Filter] | None = None) -> Condition:
    """A filter as form, builder and values; bad values are INVALID_INPUT with the path.

    `kind` is the class of a filter that was not given: what it presumes holds all the same.
    """
    absent = given is None or given is UNSET
    if absent and (kind is None or not kind.presumed):
        return NO_FILTER
    parse = _Parse()
    cls: type[Filter] = kind if absent and kind is not None else type(given)  # type: ignore[assignment]
    form = () if given is None or absent else _read(given, parse, ("filter",), 1)
    form += tuple(("special", name, value) for name, value in cls.presumed.items() if name not in parse.named)
    return Condition((cls.__name__, form), lambda table: _build_all(cls, form, table), parse.values, parse.one_plan)


def _bad(
    path: Sequence[str], code: ErrorCode = ErrorCode.INVALID_INPUT, rule: str | None = None, **details: Any
) -> ApiError:
    return ApiError(code, field=path, rule=rule, **details)


def _read(given: Filter, parse: _Parse, path: tuple[str, ...], depth: int) -> tuple[Hashable, ...]:
    if depth > MAX_DEPTH:
        raise _bad(path, rule="depth", max=MAX_DEPTH)
    form: list[Hashable] = []
    for item in given.__strawberry_definition__.fields:  # type: ignore[attr-defined]
        name = item.python_name
        value = getattr(given, name)
        if value is UNSET or value is None:
            continue
        here = (*path, item.graphql_name or to_camel_case(name))
        parse.count(here)
        parse.named.add(name)
        if name in ("and_", "or_"):
            if len(value) > MAX_LIST:
                raise _bad(here, rule="items", max=MAX_LIST)
            form.append(
                (name, tuple(_inner(inner, parse, (*here, str(i)), depth + 1) for i, inner in enumerate(value)))
            )
        elif name == "not_":
            form.append((name, _read(value, parse, here, depth + 1)))
        elif name == "search" and name not in given.specials:
            text = search_text(value, here)
            # Nothing but punctuation holds no word to look for.
            words = any(character.isalnum() for character in text)
            parse.one_plan = False
            form.append(("search", parse.bind(text)) if words else ("nothing",))
        elif name in given.specials:
            form.append(_special(type(given), name, value, parse, here))
            parse.one_plan = False
        else:
            form += _operators(type(given), name, value, parse, here)
    return tuple(form)


def _inner(given: Filter, parse: _Parse, path: tuple[str, ...], depth: int) -> tuple[Hashable, ...]:
    parse.count(path)
    return _read(given, parse, path, depth)


def search_text(value: str, path: tuple[str, ...]) -> str:
    """A text to search for, checked."""
    text = value.replace("\x00", " ").strip()
    if not 2 <= len(text) <= 200:
        raise _bad(path, rule="length", min=2, max=200)
    return text


def _special(cls: type[Filter], name: str, value: Any, parse: _Parse, path: tuple[str, ...]) -> Hashable:
    if isinstance(value, bool):
        return ("special", name, value)
    if isinstance(value, list):
        if len(value) > MAX_LIST:
            raise _bad(path, rule="items", max=MAX_LIST)
        table = cls.references.get(name)
        if table is not None:
            value = [_id(item, table, (*path, str(index))) for index, item in enumerate(value)]
        value = [getattr(item, "value", item) for item in value]
    elif name in cls.references:
        value = _id(value, cls.references[name], path)
    return ("special", name, parse.bind(getattr(value, "value", value)))


def _operators(cls: type[Filter], name: str, given: Any, parse: _Parse, path: tuple[str, ...]) -> list[Hashable]:
    """One entry per operator given: (operator, filter field, name of the bound value or the flag)."""
    found: list[Hashable] = []
    for item in given.__strawberry_definition__.fields:
        value = getattr(given, item.python_name)
        if value is UNSET or value is None:
            continue
        here = (*path, item.graphql_name or to_camel_case(item.python_name))
        parse.count(here)
        if item.python_name == "is_null":
            found.append(("is_null", name, value))
            continue
        parse.one_plan = parse.one_plan and item.python_name in EQUALITY
        if isinstance(value, list):
            if len(value) > MAX_LIST:
                raise _bad(here, rule="items", max=MAX_LIST)
            read = [_value(cls, name, each, (*here, str(i))) for i, each in enumerate(value)]
        else:
            read = _value(cls, name, value, here)
        if item.python_name == "between":
            if len(read) != 2 or read[0] > read[1]:
                raise _bad(here)
            found.append(("between", name, (parse.bind(read[0]), parse.bind(read[1]))))
        elif item.python_name in ("contains", "starts_with"):
            pattern = str(read).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            found.append(("like", name, parse.bind(("%" if item.python_name == "contains" else "") + pattern + "%")))
        else:
            found.append((item.python_name, name, parse.bind(read)))
    return found


def _value(cls: type[Filter], name: str, value: Any, path: tuple[str, ...]) -> Any:
    """A value of a filter as the column stores it."""
    if isinstance(value, Enum):
        return value.value
    column = _column(cls, name)
    hashable: Any = cls
    kind = _kinds(hashable)[name]
    try:
        if kind is IDFilter:
            return _id(value, column.info.get("references") if column is not None else None, path)
        if kind is DateTimeFilter:
            return read_datetime(value)
        if kind is DateFilter:
            return read_date(value)
        if kind is DecimalFilter and column is not None:
            if isinstance(column.type, Halves):
                doubled = scaled(value, 1) * 2
                if doubled % 10:
                    raise Unreadable(ErrorCode.INVALID_INPUT, "step", step="0.5")
                return doubled // 10
            places = 2 if isinstance(column.type, Minor | Hundredths | BasisPoints) else 6
            return scaled(value, places) if places == 2 else float(value)
    except Unreadable as unreadable:
        raise _bad(path, rule=unreadable.problem.rule, **unreadable.problem.details) from None
    if isinstance(value, int) and not -(2**31) <= value < 2**31:
        raise _bad(path)
    return value.replace("\x00", "") if isinstance(value, str) else value


def _id(value: str, table: str | None, path: tuple[str, ...]) -> UUID:
    """The uuid of a global id. An id of another type matches nothing; so does the id of a row that is not there."""
    found = split_id(value)
    if found is None:
        raise _bad(path, rule="id")
    return found[1] if table is None or found[0] == node_names()[table] else _NOBODY


_NOBODY = UUID(int=0)


@cache
def _kinds(cls: type[Filter]) -> dict[str, Any]:
    """Operator class per field."""
    found = {}
    for name, hint in typing.get_type_hints(cls).items():
        inner = hint
        if typing.get_origin(hint) in (Union, types.UnionType):
            inner = next((arg for arg in typing.get_args(hint) if arg is not type(None)), hint)
        found[name] = typing.get_origin(inner) or inner
    return found


def _column(cls: type[Filter], name: str) -> Any:
    columns = cls.__model__.__table__.c  # type: ignore[attr-defined]
    name = cls.renames.get(name, name)
    return columns.get(name) if name in columns else columns.get(name + "_id")


def _expression(cls: type[Filter], name: str, table: Any) -> ColumnElement[Any]:
    if name in cls.expressions:
        return cls.expressions[name](table)
    column = _column(cls, name)
    assert column is not None, f"{cls.__name__}.{name} is neither a column nor an expression"
    return table.c[column.name]  # type: ignore[no-any-return]


def _build_all(cls: type[Filter], form: Sequence[Any], table: Any) -> list[ColumnElement[bool]]:
    return [_build(cls, entry, table) for entry in form]


def _build(cls: type[Filter], entry: Any, table: Any) -> ColumnElement[bool]:
    operator = entry[0]
    if operator in ("and_", "or_"):
        join = and_ if operator == "and_" else or_
        empty = true() if operator == "and_" else literal_column("false")
        return (
            join(empty, *(and_(true(), *_build_all(cls, inner, table)) for inner in entry[1])) if entry[1] else true()
        )
    if operator == "not_":
        # A row without a value does not fulfil the inner condition, so it fulfils its negation.
        return func.coalesce(not_(and_(true(), *_build_all(cls, entry[1], table))), literal_column("true"))
    if operator == "nothing":
        return literal_column("false")
    if operator == "search":
        door = getattr(func.app, f"search_{cls.__model__.__tablename__}")
        return table.c.id.in_(select(door(bindparam(entry[1], type_=Text)).column_valued("found")))  # type: ignore[no-any-return]
    if operator == "special":
        value = entry[2]
        return cls.specials[entry[1]](
            table, value if isinstance(value, bool) else lambda type_: bindparam(value, type_=type_)
        )
    expression = _expression(cls, entry[1], table)
    return _compare(operator, expression, entry[2])


def _compare(operator: str, expression: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    if operator == "is_null":
        return expression.is_(None) if value else expression.is_not(None)
    if operator == "between":
        low, high = (bindparam(name, type_=_wide(expression)) for name in value)
        return and_(expression >= low, expression <= high)
    if operator in ("in_", "not_in"):
        kind = type_uuids if expression.type.__class__.__name__ == "Uuid" else ARRAY(_wide(expression))
        found = expression == any_(bindparam(value, type_=kind))
        return found if operator == "in_" else or_(expression.is_(None), not_(found))
    bound = bindparam(value, type_=_wide(expression))
    match operator:
        case "eq":
            return expression == bound
        case "ne":
            return expression.is_distinct_from(bound)
        case "lt":
            return expression < bound
        case "lte":
            return expression <= bound
        case "gt":
            return expression > bound
        case "gte":
            return expression >= bound
        case "like":
            return expression.ilike(bindparam(value, type_=Text), escape="\\")
    raise LookupError(operator)


def _wide(expression: ColumnElement[Any]) -> Any:
    """The type to bind a value as: a filter may name numbers that a small column could not hold."""
    return Integer() if isinstance(expression.type, SmallInteger) else expression.type


# Orders


@strawberry.enum(description="Direction of a sort; rows without a value come last in both.")
class OrderDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="Smallest first.")
    DESC = strawberry.enum_value("DESC", description="Largest first.")


class Order:
    """Base of orders. `keys` says what each value of the field enum sorts by."""

    keys: ClassVar[dict[str, OrderKey]]
    default: ClassVar[tuple[OrderKey, ...]]


NEWEST_FIRST = (OrderKey.by("created_at", descending=True),)


def ordering(given: Sequence[Any] | None, cls: type[Order] | None) -> tuple[OrderKey, ...]:
    """The order of a list: as asked, else the default of the type."""
    if not given or cls is None:
        return cls.default if cls is not None and hasattr(cls, "default") else NEWEST_FIRST
    if len(given) > 5:
        raise _bad(("orderBy",), rule="items", max=5)
    found: list[OrderKey] = []
    for index, item in enumerate(given):
        key = cls.keys[item.field.value].directed(item.direction is OrderDirection.DESC)
        if any(other.name == key.name for other in found):
            raise _bad(("orderBy", str(index)))
        found.append(key)
    return tuple(found)
