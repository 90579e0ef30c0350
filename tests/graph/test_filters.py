"""Filters: each finds exactly what a naive scan finds; bad ones are refused; the search knows German."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.access import Role
from domain.properties import TYPE_GROUPS, Condition, HeatingType, PropertyTypeGroup
from models.base import now, uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from resolvers.kit.scalars import write_datetime
from tests.conftest import Signed
from tests.factories import make_agency, make_properties
from tests.graph.world import created, rows

LIST = """
query ($filter: PropertyFilter) {
  properties(first: 100, filter: $filter) { nodes { id } totalCount }
}"""
STOCK = 40
SCALES = {
    "price": 100,
    "rentCold": 100,
    "rentWarm": 100,
    "livingArea": 100,
    "usableArea": 100,
    "plotArea": 100,
    "rooms": 2,
    "bathrooms": 2,
}
INTEGERS = ("bedrooms", "floor", "yearBuilt", "daysOnMarket")
TEXTS = ("city", "postalCode", "externalNumber")
ENUMS = {
    "status": ("AVAILABLE", "RESERVED", "SOLD", "PREPARATION"),
    "type": ("HOUSE", "APARTMENT", "LAND", "OFFICE"),
    "subtype": ("VILLA", "LOFT", "UNSPECIFIED"),
    "usage": ("RESIDENTIAL", "COMMERCIAL"),
    "marketingType": ("BUY", "RENT"),
    "condition": tuple(item.value for item in list(Condition)[:2]),
    "energyClass": ("A_PLUS", "C"),
    "heatingType": tuple(item.value for item in list(HeatingType)[:2]),
    "state": ("BE", "BY"),
}
COLUMNS = {
    "rentCold": "rent_cold",
    "rentWarm": "rent_warm",
    "livingArea": "living_area",
    "usableArea": "usable_area",
    "plotArea": "plot_area",
    "yearBuilt": "year_built",
    "daysOnMarket": "days_on_market",
    "postalCode": "postal_code",
    "externalNumber": "external_number",
    "marketingType": "marketing_type",
    "energyClass": "energy_class",
    "heatingType": "heating_type",
    "assignedAgentId": "assigned_agent_id",
    "availableFrom": "available_from",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(state: State, http: httpx2.AsyncClient) -> Signed:
    """An agency with forty properties, every column with gaps and repeated values."""
    signed = Signed(await make_agency(state, "Shop"), http)
    dice = random.Random(7)  # noqa: S311  the same stock in every run
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    agents = [person.id for person in signed.agency.people.values()][:2]

    def some(*values: Any) -> Any:
        return dice.choice((None, *values))

    stock = []
    for n in range(STOCK):
        cold = some(500_00, 800_00)
        stock.append(
            {
                "external_number": f"P_{n % 10}%{n}",
                "status": dice.choice(ENUMS["status"]),
                "type": dice.choice(ENUMS["type"]),
                "subtype": some(*ENUMS["subtype"]),
                "usage": dice.choice(ENUMS["usage"]),
                "marketing_type": dice.choice(ENUMS["marketingType"]),
                "condition": some(*ENUMS["condition"]),
                "energy_class": some(*ENUMS["energyClass"]),
                "heating_type": some(*ENUMS["heatingType"]),
                "state": some(*ENUMS["state"]),
                "price": some(0, 100_000_00, 250_000_50),
                "rent_cold": cold,
                "rent_warm": None if cold is None else some(800_00, 900_00),
                "living_area": some(50_00, 82_50),
                "usable_area": some(0, 10_00),
                "plot_area": some(300_00, 500_00),
                "rooms": some(2, 5, 7),
                "bathrooms": some(2, 3),
                "bedrooms": some(1, 2),
                "floor": some(-1, 0, 4),
                "year_built": some(1900, 2020),
                "city": some("Berlin", "berlin", "München", "50% Stadt", "A_B"),
                "postal_code": some("10115", "01067"),
                "features": dice.sample(["BALCONY", "GARDEN", "SAUNA", "POOL"], dice.randrange(5)),
                "assigned_agent_id": some(*agents),
                "available_from": some(date(2026, 1, 1), date(2026, 6, 1)),
                "first_available_at": some(now() - timedelta(days=3), now() - timedelta(days=30)),
                "created_at": start + timedelta(hours=n % 7),
                "updated_at": start + timedelta(hours=n % 5),
            }
        )
    await make_properties(state, signed.agency, stock)
    return signed


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stock(state: State, shop: Signed) -> list[dict[str, Any]]:
    """The same properties as plain rows."""
    found = await rows(state, shop.agency.id, "property")
    for row in found:
        first = row["first_available_at"]
        row["days_on_market"] = None if first is None else (now().date() - first.date()).days
    return found


# The naive scan

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, other: value is not None and value == other,
    "ne": lambda value, other: value != other,
    "in": lambda value, other: value is not None and value in other,
    "notIn": lambda value, other: value is None or value not in other,
    "lt": lambda value, other: value is not None and value < other,
    "lte": lambda value, other: value is not None and value <= other,
    "gt": lambda value, other: value is not None and value > other,
    "gte": lambda value, other: value is not None and value >= other,
    "between": lambda value, other: value is not None and other[0] <= value <= other[1],
    "contains": lambda value, other: value is not None and other.lower() in value.lower(),
    "startsWith": lambda value, other: value is not None and value.lower().startswith(other.lower()),
    "isNull": lambda value, other: (value is None) == other,
}


def read(field: str, value: Any) -> Any:
    """A value of a filter as the row has it."""
    if isinstance(value, list):
        return [read(field, item) for item in value]
    if isinstance(value, bool):
        return value
    if field in SCALES:
        return int(Decimal(value) * SCALES[field])
    if field == "availableFrom":
        return date.fromisoformat(value)
    if field in ("createdAt", "updatedAt"):
        return datetime.fromisoformat(value)
    return value


def matches(row: dict[str, Any], conditions: dict[str, Any]) -> bool:
    for field, wanted in conditions.items():
        if wanted is None:
            continue
        if field == "and":
            good = all(matches(row, inner) for inner in wanted)
        elif field == "or":
            good = any(matches(row, inner) for inner in wanted)
        elif field == "not":
            good = not matches(row, wanted)
        elif field == "features":
            good = set(wanted) <= set(row["features"])
        elif field == "typeGroup":
            good = row["type"] in {kind.value for kind in TYPE_GROUPS[PropertyTypeGroup(wanted)]}
        else:
            value = row[COLUMNS.get(field, field)]
            if field == "assignedAgentId" and value is not None:
                value = encode_id("User", value)
            good = all(
                COMPARE[operator](value, read(field, other)) for operator, other in wanted.items() if other is not None
            )
        if not good:
            return False
    return True


async def check(shop: Signed, stock: list[dict[str, Any]], conditions: dict[str, Any] | None) -> int:
    """Assert that the list finds what the naive scan finds; answers how many."""
    found = (await shop.agent.data(LIST, filter=conditions))["properties"]
    expected = {encode_id("Property", row["id"]) for row in stock if matches(row, conditions or {})}
    assert {node["id"] for node in found["nodes"]} == expected
    assert found["totalCount"] == len(expected) == len(found["nodes"])
    return len(expected)


VALUES: dict[str, list[Any]] = {
    "price": ["0", "100000.00", "250000.5", "7"],
    "rentCold": ["500", "800.00"],
    "rentWarm": ["800", "900.00"],
    "livingArea": ["50", "82.5", "82.50"],
    "usableArea": ["0", "10.00"],
    "plotArea": ["300", "400.01"],
    "rooms": ["1", "2.5", "3.5", "4"],
    "bathrooms": ["1", "1.5"],
    "bedrooms": [1, 2, 3],
    "floor": [-1, 0, 4],
    "yearBuilt": [1900, 2000, 2020],
    "daysOnMarket": [3, 10, 30],
    "city": ["Berlin", "berlin", "München", "Ort", ""],
    "postalCode": ["10115", "01067"],
    "externalNumber": ["P_0%0", "P_1%11"],
    "availableFrom": ["2026-01-01", "2026-03-01", "2026-06-01"],
    "createdAt": ["2026-03-01T12:00:00.000Z", "2026-03-01T16:00:00+01:00", "2026-03-01T18:00:00.001Z"],
    "updatedAt": ["2026-03-01T13:00:00.000Z", "2026-03-01T15:00:00.000Z"],
    **{field: list(values) for field, values in ENUMS.items()},
}
LISTED, RANGED = ("in", "notIn"), ("lt", "lte", "gt", "gte")


def operators(field: str) -> tuple[str, ...]:
    if field in ENUMS:
        return ("eq", "ne", "in", "notIn", "isNull")
    if field in TEXTS:
        return ("eq", "ne", "in", "notIn", "contains", "startsWith", "isNull")
    if field in ("createdAt", "updatedAt"):
        return (*RANGED, "between", "isNull")
    if field == "availableFrom":
        return ("eq", *RANGED, "between", "isNull")
    return ("eq", "ne", "in", *RANGED, "between", "isNull")


@pytest.mark.parametrize("field", sorted(VALUES))
async def test_every_operator_finds_what_a_naive_scan_finds(
    shop: Signed, stock: list[dict[str, Any]], field: str
) -> None:
    values, sizes = VALUES[field], set()
    for operator in operators(field):
        options: list[Any] = values
        if operator in LISTED:
            options = [[], values[:1], values[:2], [*values, *values]]
        elif operator == "between":
            low, high = sorted(values, key=lambda value: read(field, value))[:: len(values) - 1]
            options = [[low, high], [low, low], [high, high]]
        elif operator == "isNull":
            options = [True, False]
        for option in options:
            sizes.add(await check(shop, stock, {field: {operator: option}}))
            await check(shop, stock, {"not": {field: {operator: option}}})
    assert len(sizes) > 1, "the data tell nothing apart"


async def test_texts_take_wildcards_literally(shop: Signed, stock: list[dict[str, Any]]) -> None:
    for text in ("%", "_", "0%", "P_1", "\\", "50%", "STADT", "ünch", "a_b", "'"):
        for operator in ("contains", "startsWith"):
            for field in ("city", "externalNumber"):
                await check(shop, stock, {field: {operator: text}})
    assert await check(shop, stock, {"externalNumber": {"startsWith": "p_"}}) == STOCK
    assert await check(shop, stock, {"externalNumber": {"contains": "%%"}}) == 0


async def test_the_agent_and_the_features(shop: Signed, stock: list[dict[str, Any]]) -> None:
    one, two = (shop.agency.people[role].gid for role in list(Role)[:2])
    nobody, other = encode_id("User", uuid7()), encode_id("Property", uuid7())
    for asked in ({"eq": one}, {"ne": one}, {"in": [one, two]}, {"notIn": [one]}, {"isNull": True}, {"isNull": False}):
        assert 0 < await check(shop, stock, {"assignedAgentId": asked}) < STOCK
    for id in (nobody, other):
        assert await check(shop, stock, {"assignedAgentId": {"eq": id}}) == 0
        assert await check(shop, stock, {"assignedAgentId": {"ne": id}}) == STOCK
    for keys in ([], ["BALCONY"], ["SAUNA", "POOL"], ["POOL", "POOL"], ["BALCONY", "GARDEN", "SAUNA", "POOL"]):
        await check(shop, stock, {"features": keys})
        await check(shop, stock, {"not": {"features": keys}})
    for group in PropertyTypeGroup:
        await check(shop, stock, {"typeGroup": group.value})
        await check(shop, stock, {"not": {"typeGroup": group.value}})


async def test_nothing_given_is_no_condition(shop: Signed, stock: list[dict[str, Any]]) -> None:
    everything: list[dict[str, Any] | None] = [None, {}, {"price": None}, {"price": {}}, {"price": {"eq": None}}]
    everything += [{"and": []}, {"not": None}, {"search": None}, {"features": []}, {"status": {"notIn": []}}]
    for conditions in everything:
        assert await check(shop, stock, conditions) == STOCK
    assert await check(shop, stock, {"status": {"in": []}}) == 0


SIMPLE = st.sampled_from(sorted(VALUES)).flatmap(
    lambda field: st.sampled_from([name for name in operators(field) if name not in ("between", *LISTED)]).flatmap(
        lambda operator: (st.booleans() if operator == "isNull" else st.sampled_from(VALUES[field])).map(
            lambda value: {field: {operator: value}}
        )
    )
)


def nest(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        several.map(lambda found: {"and": found}),
        several.map(lambda found: {"or": found}),
        inner.map(lambda found: {"not": found}),
        st.tuples(SIMPLE, several).map(lambda pair: {**pair[0], "or": pair[1]}),
    )


@settings(max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conditions=st.one_of(SIMPLE, nest(SIMPLE), nest(nest(SIMPLE)), nest(nest(nest(SIMPLE)))))
async def test_nested_conditions_find_what_a_naive_scan_finds(
    shop: Signed, stock: list[dict[str, Any]], conditions: dict[str, Any]
) -> None:
    await check(shop, stock, conditions)


# What is refused


def deep(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {"price": {"gt": "0"}}
    for _ in range(levels - 1):
        found = {"not": found}
    return found


async def test_conditions_nest_five_deep(shop: Signed, stock: list[dict[str, Any]]) -> None:
    await check(shop, stock, deep(5))
    body = await shop.agent(LIST, filter=deep(6))
    assert [(error["extensions"]["code"], error["extensions"]["field"]) for error in body["errors"]] == [
        ("INVALID_INPUT", ["filter", "not", "not", "not", "not", "not"])
    ]


MANY = 101


@pytest.mark.parametrize(
    ("conditions", "path"),
    [
        ({"price": {"between": ["2", "1"]}}, ["price", "between"]),
        ({"price": {"between": ["1"]}}, ["price", "between"]),
        ({"price": {"between": []}}, ["price", "between"]),
        ({"price": {"between": ["1", "2", "3"]}}, ["price", "between"]),
        ({"floor": {"between": [2, 1]}}, ["floor", "between"]),
        ({"availableFrom": {"between": ["2026-02-01", "2026-01-01"]}}, ["availableFrom", "between"]),
        ({"createdAt": {"between": ["2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z"]}}, ["createdAt", "between"]),
        ({"price": {"eq": "1e3"}}, ["price", "eq"]),
        ({"price": {"eq": "1.005"}}, ["price", "eq"]),
        ({"price": {"in": ["1", "x"]}}, ["price", "in", "1"]),
        ({"rooms": {"gt": "2.3"}}, ["rooms", "gt"]),
        ({"availableFrom": {"eq": "2026-02-30"}}, ["availableFrom", "eq"]),
        ({"createdAt": {"gt": "2026-01-01T00:00:00"}}, ["createdAt", "gt"]),
        ({"createdAt": {"gt": "gestern"}}, ["createdAt", "gt"]),
        ({"assignedAgentId": {"eq": "undecodable"}}, ["assignedAgentId", "eq"]),
        ({"assignedAgentId": {"in": ["?"]}}, ["assignedAgentId", "in", "0"]),
        ({"city": {"in": ["x"] * MANY}}, ["city", "in"]),
        ({"price": {"in": ["1"] * MANY}}, ["price", "in"]),
        ({"status": {"notIn": ["SOLD"] * MANY}}, ["status", "notIn"]),
        ({"features": ["POOL"] * MANY}, ["features"]),
        ({"and": [{}] * MANY}, ["and"]),
        ({"or": [{"and": [{}, {"price": {"lt": "?"}}]}]}, ["or", "0", "and", "1", "price", "lt"]),
        ({"search": "a"}, ["search"]),
        ({"search": " a "}, ["search"]),
        ({"search": ""}, ["search"]),
        ({"search": "x" * 201}, ["search"]),
    ],
    ids=lambda value: repr(value)[:60],
)
async def test_bad_filters_are_invalid_input_with_their_path(
    shop: Signed, conditions: dict[str, Any], path: list[str]
) -> None:
    body = await shop.agent(LIST, filter=conditions)
    assert body["data"] is None
    assert [(error["extensions"]["code"], error["extensions"]["field"]) for error in body["errors"]] == [
        ("INVALID_INPUT", ["filter", *path])
    ]


@pytest.mark.parametrize(
    "conditions",
    [
        {"city": {"eq": "\u0000"}},
        {"city": {"contains": "a\u0000b"}},
        {"price": {"eq": "9" * 15}},
        {"price": {"lt": "-" + "9" * 15}},
        {"livingArea": {"eq": "9" * 15}},
        {"rooms": {"gt": "99999"}},
        {"bathrooms": {"in": ["999999999"]}},
        {"floor": {"eq": 2_147_483_647}},
        {"floor": {"in": [-2_147_483_648]}},
        {"daysOnMarket": {"gt": 2_147_483_647}},
        {"createdAt": {"lt": "0001-01-01T00:00:00Z"}},
        {"createdAt": {"lt": "9999-12-31T23:59:59.999Z"}},
        {"createdAt": {"lt": "9999-12-31T23:59:59.999-12:00"}},
        {"search": "a\u0000b"},
    ],
    ids=repr,
)
async def test_no_value_of_a_filter_breaks_the_server(shop: Signed, conditions: dict[str, Any]) -> None:
    body = await shop.agent(LIST, filter=conditions)
    assert {error["extensions"]["code"] for error in body.get("errors", ())} <= {"INVALID_INPUT"}


# Search


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def library(state: State, http: httpx2.AsyncClient) -> tuple[Signed, dict[str, str]]:
    """Three properties to search in, and their letters by id."""
    signed = Signed(await make_agency(state, "Library"), http)
    texts = {
        "a": {
            "title": "Helle Wohnungen am Park",
            "description": "Frisch renovierte Bäder, Müllerhof um die Ecke.",
            "externalNumber": "OBJ-77-A",
            "address": {"street": "Große Straße", "city": "Köln", "postalCode": "50667"},
        },
        "b": {
            "title": "Villa Müller",
            "equipmentDescription": "Kamin, Sauna und Garten",
            "externalNumber": "OBJ-78",
            "address": {"street": "Goethestraße", "city": "Bad Homburg", "postalCode": "61348"},
        },
        "c": {
            "title": "Ladenlokal",
            "locationDescription": "Ruhige Häuser ringsum, Café im Haus",
            "otherDescription": "Provisionsfrei",
            "externalNumber": "XY/9",
            "location": "Zentrum",
            "address": {"city": "Erfurt", "postalCode": "99084"},
        },
    }
    ids = {(await created(signed, **given))["id"]: letter for letter, given in texts.items()}
    return signed, ids


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Wohnung", "a"),
        ("wohnungen", "a"),
        ("WOHNUNG PARK", "a"),
        ("helle wohnung", "a"),
        ("renoviert", "a"),
        ("Bad", "ab"),
        ("strasse", "a"),
        ("Straße", "a"),
        ("grosse strasse", "a"),
        ("goethestr", "b"),
        ("goethestrasse", "b"),
        ("Goethestraße Homb", "b"),
        ("müller", "ab"),
        ("Mueller", "ab"),
        ("muller", "ab"),
        ("villa müller", "b"),
        ("haus", "c"),
        ("Häuser", "c"),
        ("cafe", "c"),
        ("sauna garten", "b"),
        ("sauna laden", ""),
        ("OBJ-77-A", "a"),
        ("obj-78", "b"),
        ("XY/9", "c"),
        ("50667", "a"),
        ("506", "a"),
        ("köln", "a"),
        ("Koeln", "a"),
        ("zentrum", "c"),
        ("provisionsfr", "c"),
        ("gibtesnicht", ""),
    ],
)
async def test_the_search_knows_german(library: tuple[Signed, dict[str, str]], text: str, found: str) -> None:
    signed, letters = library
    answer = (await signed.agent.data(LIST, filter={"search": text}))["properties"]
    assert "".join(sorted(letters[node["id"]] for node in answer["nodes"])) == found
    assert answer["totalCount"] == len(found)


@pytest.mark.parametrize(
    "text",
    [
        *("?!", "...", "&&", "''", "('", "a & | b", "!villa", "villa:*", "villa <-> müller", "\\\\", "%%", "__", ":*"),
        *("( (", "'; drop table property; --", '"villa', "villa' or '1'='1", "😀😀", "ß" * 200, "a " * 100),
        "\u202e\u200b",
    ],
    ids=ascii,
)
async def test_no_text_breaks_the_search(library: tuple[Signed, dict[str, str]], text: str) -> None:
    signed, letters = library
    answer = (await signed.agent.data(LIST, filter={"search": text}))["properties"]
    assert {node["id"] for node in answer["nodes"]} <= letters.keys()
    if not any(character.isalnum() for character in text):
        assert answer == {"nodes": [], "totalCount": 0}
    everything = (await signed.agent.data(LIST))["properties"]
    assert everything["totalCount"] == 3


async def test_a_search_stays_within_the_agency_and_its_conditions(
    library: tuple[Signed, dict[str, str]], acme: Signed
) -> None:
    signed, letters = library
    await created(acme, title="Villa Müller")
    for conditions, found in (
        ({"search": "müller", "city": {"eq": "Köln"}}, "a"),
        ({"and": [{"search": "müller"}, {"search": "villa"}]}, "b"),
        ({"or": [{"search": "villa"}, {"search": "laden"}]}, "bc"),
        ({"not": {"search": "müller"}}, "c"),
    ):
        answer = (await signed.agent.data(LIST, filter=conditions))["properties"]
        assert "".join(sorted(letters[node["id"]] for node in answer["nodes"])) == found


def test_times_are_written_as_they_are_compared() -> None:
    assert write_datetime(datetime(2026, 3, 1, 12, tzinfo=UTC)) == "2026-03-01T12:00:00.000Z"
