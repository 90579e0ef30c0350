"""JSON written by the database: expressions that answer the text of a value, exactly as the server would write it.

A row with forty columns is dearer to take apart and put together again in Python than to read. So the columns that are
shown as they are become one text per row. Every function here has a counterpart in Python (`resolvers.kit.scalars`,
`encode_id`, orjson); that both give the same bytes is tested over all values that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, func, literal_column
from sqlalchemy.ext.compiler import compiles

MOST_ARGUMENTS = 90  # a function of PostgreSQL takes at most 100
NULL = "null"

Write = Callable[[ColumnElement[Any]], ColumnElement[Any]]


class Fixed(ColumnElement[str]):
    """A piece of text that is always the same: part of the statement, never a value of a request."""

    inherit_cache = False

    def __init__(self, text: str) -> None:
        self.text = text
        self.type = Text()


@compiles(Fixed)
def _quoted(element: Fixed, compiler: Any, **_: Any) -> str:
    found: str = compiler.render_literal_value(element.text, element.type)
    return found


def joined(parts: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """Parts one after another; none of them may be null."""
    if len(parts) == 1:
        return cast(parts[0], Text)
    if len(parts) <= MOST_ARGUMENTS:
        return func.concat(*parts)
    groups = [parts[start : start + MOST_ARGUMENTS] for start in range(0, len(parts), MOST_ARGUMENTS)]
    return joined([joined(group) for group in groups])


def or_null(found: ColumnElement[Any]) -> ColumnElement[Any]:
    """A text, or the word null where there is none."""
    return func.coalesce(cast(found, Text), Fixed(NULL))


def truth(found: ColumnElement[bool]) -> ColumnElement[Any]:
    """Whether a condition holds; one that is null does not."""
    return case((found, Fixed("true")), else_=Fixed("false"))


def string(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A text with everything escaped that JSON wants escaped."""
    return func.to_json(value)


def day(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A calendar day. The driver stores the first and the last one it knows as infinite."""
    return _finite(value, cast(func.to_json(value), Text), '"9999-12-31"', '"0001-01-01"')


def _finite(value: ColumnElement[Any], found: ColumnElement[Any], last: str, first: str) -> ColumnElement[Any]:
    epoch = cast(Fixed("epoch"), value.type)
    return case((func.isfinite(value), found), (value > epoch, Fixed(last)), (value < epoch, Fixed(first)))


def quoted(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value whose text needs no escaping."""
    return Fixed('"').op("||")(cast(value, Text)).op("||")(Fixed('"'))


def plain(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A number or a truth value."""
    return cast(value, Text)


def moment(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A time in UTC with three digits of a second: `write_datetime`."""
    found = func.to_char(func.timezone(Fixed("UTC"), value), Fixed(r'"\""YYYY-MM-DD"T"HH24:MI:SS.MS"Z\""'))
    return _finite(value, found, '"9999-12-31T23:59:59.999Z"', '"0001-01-01T00:00:00.000Z"')


def hundredths(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A whole number of hundredths with two places, in quotes."""
    return _decimal(value, "0.01")


def halves(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A whole number of halves with one place, in quotes."""
    return _decimal(value, "0.5")


def _decimal(value: ColumnElement[Any], unit: str) -> ColumnElement[Any]:
    """An exact product has as many places as its unit."""
    return case((value.is_not(None), func.concat(Fixed('"'), value.op("*")(literal_column(unit)), Fixed('"'))))


def chosen(columns: Sequence[ColumnElement[Any]], table: Mapping[tuple[str, ...], str]) -> ColumnElement[Any]:
    """A text that a table tells for every combination of the columns' values; what makes no difference is not asked."""
    if len(set(table.values())) == 1:
        return Fixed(next(iter(table.values())))
    column, *others = columns
    parts: dict[str, dict[tuple[str, ...], str]] = {}
    for (first, *rest), text in table.items():
        parts.setdefault(first, {})[tuple(rest)] = text
    *listed, last = parts.items()
    if all(part == last[1] for _, part in listed):
        return chosen(others, last[1])
    return case(
        *((column == Fixed(value), chosen(others, part)) for value, part in listed), else_=chosen(others, last[1])
    )


def global_id(type_name: str, id: ColumnElement[Any]) -> ColumnElement[Any]:
    """`encode_id` in quotes. Neither names nor uuids ever give the letters in which base64url differs."""
    named = Fixed(type_name + ":").op("||")(cast(id, Text))
    found = func.encode(func.convert_to(named, Fixed("UTF8")), Fixed("base64"))
    length = len(type_name) + 37
    if length >= 57:  # longer texts are broken into lines
        found = func.replace(found, literal_column("E'\\n'", Text), Fixed(""))
    if length % 3:
        found = func.rtrim(found, Fixed("="))
    return quoted(found)
