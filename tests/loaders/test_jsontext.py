"""What the database writes as JSON is, to the byte, what the server writes: over every character and every edge."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Text, Uuid, select

from loaders import jsontext
from loaders.sql import compile_statement, param
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from resolvers.kit.scalars import hundredths, unscaled, write_datetime
from tests.factories import connected

# Surrogates are no characters, and PostgreSQL stores no NUL.
CHARACTERS = [chr(code) for code in [*range(1, 0xD800), 0xE000, 0xFFFD, 0xFFFF, 0x1F600, 0x10FFFF]]
TEXTS = ["", 'Er sagte "Ja" \\ Nein', "Zeile\r\n\tTab", "</script>", "\u2028\u2029", "Größe 👩‍👩‍👧", *CHARACTERS]
NUMBERS = [0, 1, 5, 9, 10, 99, 100, 101, 12_345, 10**17, -1, -5, -99, -100, -101, -12_345]
MOMENTS = [
    datetime(2026, 11, 20, 18, 6, 15, tzinfo=UTC),
    datetime(2026, 1, 1, 0, 0, 0, 1_000, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
    *(datetime(2026, 3, 29, tzinfo=UTC) + timedelta(minutes=30 * n, milliseconds=7 * n) for n in range(8)),
]
ID = UUID("01a1fe5c-cde6-7f4d-9742-e4775a656433")


async def written(state: State, write: jsontext.Write, kind: Any, values: list[Any]) -> list[str]:
    """What the database makes of each value."""
    statement = compile_statement(select(write(param("value", kind))))
    async with connected(state.database.logins.app) as connection:
        prepared = await connection.prepare(statement.sql)
        return [await prepared.fetchval(*statement.args({"value": value})) for value in values]


def as_json(values: list[Any]) -> list[str]:
    return [orjson.dumps(value).decode() for value in values]


async def test_every_character_is_escaped_alike(state: State) -> None:
    together = ["".join(CHARACTERS[start : start + 500]) for start in range(0, len(CHARACTERS), 500)]
    values = [*TEXTS[:300], *together]
    assert await written(state, jsontext.string, Text(), values) == as_json(values)


async def test_amounts_have_two_places_and_a_sign(state: State) -> None:
    expected = as_json([hundredths(number) for number in NUMBERS])
    assert await written(state, jsontext.hundredths, BigInteger(), NUMBERS) == expected
    assert expected[1] == '"0.01"'
    assert expected[10] == '"-0.01"'


async def test_halves_have_one_place_and_a_sign(state: State) -> None:
    numbers = [number for number in NUMBERS if abs(number) < 2**31]
    expected = as_json([unscaled(number * 5, 1) for number in numbers])
    assert await written(state, jsontext.halves, Integer(), numbers) == expected


async def test_moments_have_three_digits_in_utc(state: State) -> None:
    expected = as_json([write_datetime(moment) for moment in MOMENTS])
    assert await written(state, jsontext.moment, DateTime(timezone=True), MOMENTS) == expected


async def test_days_numbers_and_truth_values(state: State) -> None:
    days = [date(2026, 2, 28), date(1, 1, 1), date(9999, 12, 31)]
    assert await written(state, jsontext.day, Date(), days) == as_json([day.isoformat() for day in days])
    small = [number for number in NUMBERS if abs(number) < 2**31]
    assert await written(state, jsontext.plain, Integer(), small) == as_json(small)
    assert await written(state, jsontext.plain, Boolean(), [True, False]) == as_json([True, False])


@pytest.mark.parametrize("name", ["A", "Ab", "Abc", "User", "Property", "ContactPerson", "X" * 20, "X" * 21, "X" * 60])
async def test_ids_are_those_of_the_server(state: State, name: str) -> None:
    found = await written(state, lambda value: jsontext.global_id(name, value), Uuid(), [ID])
    assert found == as_json([encode_id(name, ID)])


async def test_what_is_missing_is_null(state: State) -> None:
    for write, kind in (
        (jsontext.string, Text()),
        (jsontext.quoted, Text()),
        (jsontext.plain, Integer()),
        (jsontext.hundredths, BigInteger()),
        (jsontext.halves, Integer()),
        (jsontext.moment, DateTime(timezone=True)),
        (jsontext.day, Date()),
    ):
        assert await written(state, lambda value, write=write: jsontext.or_null(write(value)), kind, [None]) == ["null"]


async def test_many_pieces_are_more_than_one_function_takes(state: State) -> None:
    pieces = [jsontext.Fixed(f"{number}'") for number in range(8_500)]
    found = await written(state, lambda value: jsontext.joined([*pieces, value]), Text(), ["end"])
    assert found == ["".join(f"{number}'" for number in range(8_500)) + "end"]
