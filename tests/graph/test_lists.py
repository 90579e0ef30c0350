"""Lists in pages: walking them gives exactly the whole order, forwards and backwards, whatever happens in between."""

import base64
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx2
import orjson
import pytest
import pytest_asyncio

import models
from domain.access import Role
from models.base import now
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.factories import make_agency, make_properties
from tests.graph.world import created, rows

LIST = """
query ($first: Int, $after: String, $last: Int, $before: String, $page: PageInput, $filter: PropertyFilter,
       $orderBy: [PropertyOrder!]) {
  properties(first: $first, after: $after, last: $last, before: $before, page: $page, filter: $filter,
             orderBy: $orderBy) {
    nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
NOTES = """
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $page: PageInput) {
  property(id: $id) { notes(first: $first, after: $after, last: $last, before: $before, page: $page) {
    nodes { id body } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
    pageMeta { page size pages total } } }
}"""
PAGE = """
query ($page: PageInput, $filter: PropertyFilter) {
  properties(page: $page, filter: $filter) {
    nodes { id } totalCount pageMeta { page size pages total } pageInfo { hasNextPage hasPreviousPage } }
}"""
COLUMNS = {
    "CREATED_AT": "created_at",
    "UPDATED_AT": "updated_at",
    "TITLE": "title_key",
    "PRICE": "price",
    "PRICE_PER_SQM": "price_per_sqm",
    "LIVING_AREA": "living_area",
    "ROOMS": "rooms",
    "DAYS_ON_MARKET": "days_on_market",
    "STATUS": "status",
}
STOCK = 23
Order = Sequence[tuple[str, str]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(state: State, http: httpx2.AsyncClient) -> Signed:
    """An agency whose properties have equal values and gaps in every column."""
    signed = Signed(await make_agency(state, "Shop"), http)
    start = now()
    titles = ("Haus", "Häuschen", "Ärztehaus", "haus", "Zimmer", "Straße 1", "Strasse 2")
    statuses = ("AVAILABLE", "RESERVED", "SOLD", "WITHDRAWN", "PREPARATION")
    stock = [
        {
            "title": titles[n % 7],
            "status": statuses[n % 5],
            "price": None if n % 4 == 0 else (n % 3) * 1_000_00,
            "living_area": None if n % 6 == 1 else (n % 5 + 1) * 10_00,
            "rooms": None if n % 5 == 2 else n % 4 + 1,
            "first_available_at": None if n % 3 == 0 else start - timedelta(days=n % 8),
            "closed_at": start if n % 7 == 0 and n % 3 else None,
            "created_at": start - timedelta(minutes=n % 6),
            "updated_at": start - timedelta(minutes=n % 9),
        }
        for n in range(STOCK)
    ]
    await make_properties(state, signed.agency, stock)
    return signed


def naive(found: list[dict[str, Any]], order: Order) -> list[str]:
    """Ids sorted without any cleverness: the last key first, each sort keeping the order of the ones before."""
    result = sorted(found, key=lambda row: row["id"], reverse=order[0][1] == "DESC")
    for field, direction in reversed(order):
        column = COLUMNS[field]
        valued = [row for row in result if row[column] is not None]
        empty = [row for row in result if row[column] is None]
        result = sorted(valued, key=lambda row: row[column], reverse=direction == "DESC") + empty
    return [encode_id("Property", row["id"]) for row in result]


async def stock_of(state: State, signed: Signed) -> list[dict[str, Any]]:
    found = await rows(state, signed.agency.id, "property")
    for row in found:
        first, end = row["first_available_at"], (row["closed_at"] or now()).date()
        row["days_on_market"] = None if first is None else (end - first.date()).days
    return found


def order_by(order: Order) -> list[dict[str, str]]:
    return [{"field": field, "direction": direction} for field, direction in order]


async def walk(signed: Signed, order: Order, size: int, *, backward: bool) -> list[str]:
    """All ids, read in pages; checks on the way what each page says of itself."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        place = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        page = (await signed.agent.data(LIST, orderBy=order_by(order), **place))["properties"]
        here, info = [node["id"] for node in page["nodes"]], page["pageInfo"]
        assert [edge["node"]["id"] for edge in page["edges"]] == here
        assert (info["startCursor"], info["endCursor"]) == (page["edges"][0]["cursor"], page["edges"][-1]["cursor"])
        ids = here + ids if backward else ids + here
        assert len(ids) == len(set(ids))
        more, behind = ("hasPreviousPage", "hasNextPage") if backward else ("hasNextPage", "hasPreviousPage")
        assert info[behind] == (cursor is not None)
        if not info[more]:
            return ids
        assert len(here) == size
        cursor = info["startCursor" if backward else "endCursor"]


SINGLE: list[Order] = [[(field, direction)] for field in COLUMNS for direction in ("ASC", "DESC")]
MIXED: list[Order] = [
    [("STATUS", "ASC"), ("PRICE", "DESC")],
    [("PRICE", "ASC"), ("ROOMS", "DESC")],
    [("PRICE", "DESC"), ("ROOMS", "ASC"), ("LIVING_AREA", "DESC")],
    [("ROOMS", "DESC"), ("DAYS_ON_MARKET", "ASC"), ("TITLE", "DESC"), ("PRICE", "ASC"), ("STATUS", "ASC")],
]


@pytest.mark.parametrize("order", SINGLE + MIXED, ids=lambda order: "-".join(":".join(key) for key in order))
async def test_walking_the_pages_gives_the_whole_order(state: State, shop: Signed, order: Order) -> None:
    expected = naive(await stock_of(state, shop), order)
    assert len(expected) == STOCK
    for size in (4, 7, 23, 100):
        assert await walk(shop, order, size, backward=False) == expected
        assert await walk(shop, order, size, backward=True) == expected


async def test_pages_of_one_row(state: State, shop: Signed) -> None:
    order = [("PRICE", "DESC")]
    expected = naive(await stock_of(state, shop), order)
    assert await walk(shop, order, 1, backward=False) == expected
    assert await walk(shop, order, 1, backward=True) == expected


async def test_the_newest_come_first_and_twenty_when_nothing_is_asked(state: State, shop: Signed) -> None:
    page = (await shop.agent.data(LIST))["properties"]
    assert [node["id"] for node in page["nodes"]] == naive(await stock_of(state, shop), [("CREATED_AT", "DESC")])[:20]


async def test_every_cursor_of_a_page_continues_from_its_row(state: State, shop: Signed) -> None:
    order = order_by([("ROOMS", "ASC")])
    edges = (await shop.agent.data(LIST, first=100, orderBy=order))["properties"]["edges"]
    ids = [edge["node"]["id"] for edge in edges]
    for place, edge in enumerate(edges):
        after = (await shop.agent.data(LIST, first=2, after=edge["cursor"], orderBy=order))["properties"]["nodes"]
        assert [node["id"] for node in after] == ids[place + 1 : place + 3]
        before = (await shop.agent.data(LIST, last=2, before=edge["cursor"], orderBy=order))["properties"]["nodes"]
        assert [node["id"] for node in before] == ids[max(0, place - 2) : place]


@pytest.mark.parametrize("order", [[("PRICE", "DESC")], [("PRICE", "ASC")], [("CREATED_AT", "DESC")]], ids=str)
async def test_rows_that_come_and_go_neither_repeat_nor_hide_others(state: State, acme: Signed, order: Order) -> None:
    base = now() - timedelta(days=1)

    def row(n: int, name: str) -> dict[str, Any]:
        price = None if n > 15 else n * 100
        return {"price": price, "external_number": f"{name}-{n}", "created_at": base + timedelta(minutes=n)}

    made = await make_properties(state, acme.agency, [row(n, "A") for n in range(20)])
    expected = naive(await stock_of(state, acme), order)
    seen: list[str] = []
    cursor: str | None = None
    removed: list[str] = []
    for step in range(20):
        page = (await acme.agent.data(LIST, first=3, after=cursor, orderBy=order_by(order)))["properties"]
        seen += [node["id"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        await make_properties(state, acme.agency, [row(n, f"B{step}") for n in (0, 7, 15, 19)])
        if step == 1:  # the row the cursor stands on goes away
            async with state.database.write(acme.agency.id) as session:
                gone = next(item for item in made if encode_id("Property", item.id) == seen[-1])
                stored = await session.get(models.Property, (acme.agency.id, gone.id))
                assert stored is not None
                stored.deleted_at = now()
                removed = [seen[-1]]
                await session.commit()
    old = set(expected)
    assert [id for id in seen if id in old] == expected
    assert len(seen) == len(set(seen)) > len(expected)
    assert removed


# The page form


@pytest.mark.parametrize(
    ("number", "size", "length", "meta"),
    [
        (1, 20, 20, {"page": 1, "size": 20, "pages": 2, "total": 25}),
        (2, 20, 5, {"page": 2, "size": 20, "pages": 2, "total": 25}),
        (3, 20, 0, {"page": 3, "size": 20, "pages": 2, "total": 25}),
        (1, 25, 25, {"page": 1, "size": 25, "pages": 1, "total": 25}),
        (25, 1, 1, {"page": 25, "size": 1, "pages": 25, "total": 25}),
        (1, 100, 25, {"page": 1, "size": 100, "pages": 1, "total": 25}),
    ],
)
async def test_pages_by_number(
    state: State, acme: Signed, number: int, size: int, length: int, meta: dict[str, int]
) -> None:
    await make_properties(state, acme.agency, [{"price": n} for n in range(25)])
    expected = naive(await stock_of(state, acme), [("CREATED_AT", "DESC")])
    found = (await acme.agent.data(PAGE, page={"number": number, "size": size}))["properties"]
    assert [node["id"] for node in found["nodes"]] == expected[(number - 1) * size :][:size]
    assert len(found["nodes"]) == length
    assert (found["totalCount"], found["pageMeta"]) == (25, meta)
    assert found["pageInfo"] == {"hasNextPage": number * size < 25, "hasPreviousPage": number > 1}


async def test_an_empty_list_has_no_pages(acme: Signed) -> None:
    found = (await acme.agent.data(PAGE, page={}))["properties"]
    assert found == {
        "nodes": [],
        "totalCount": 0,
        "pageMeta": {"page": 1, "size": 20, "pages": 0, "total": 0},
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False},
    }


async def test_with_cursors_there_are_no_page_numbers(shop: Signed) -> None:
    found = (await shop.agent.data(PAGE))["properties"]
    assert (found["totalCount"], found["pageMeta"]) == (STOCK, None)


# What is refused


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"first": 0}, ["first"]),
        ({"first": -1}, ["first"]),
        ({"first": 101}, ["first"]),
        ({"first": 2_147_483_647}, ["first"]),
        ({"last": 0}, ["last"]),
        ({"last": 101}, ["last"]),
        ({"page": {"size": 0}}, ["page", "size"]),
        ({"page": {"size": 101}}, ["page", "size"]),
        ({"page": {"number": 0}}, ["page", "number"]),
        ({"page": {"number": -1}}, ["page", "number"]),
        ({"page": {"number": 10_000_001}}, ["page", "number"]),
        ({"first": 1, "last": 1}, ["last"]),
        ({"first": 1, "page": {}}, ["first"]),
        ({"last": 1, "page": {}}, ["last"]),
        ({"after": "x", "page": {}}, ["after"]),
        ({"before": "x", "page": {}}, ["before"]),
        ({"after": "x", "before": "y"}, ["before"]),
        ({"last": 1, "after": "x"}, ["after"]),
        ({"first": 1, "before": "x"}, ["before"]),
        *[({"after": bad}, ["after"]) for bad in ("", "x", "?", "null", "W10", "e30", "\u0000", "W10=" * 50)],
        ({"before": "x"}, ["before"]),
    ],
    ids=str,
)
async def test_bad_paging_is_invalid_input_with_its_path(
    shop: Signed, state: State, given: dict[str, Any], path: list[str]
) -> None:
    body = await shop.agent(LIST, **given)
    assert [(error["extensions"]["code"], error["extensions"]["field"]) for error in body["errors"]] == [
        ("INVALID_INPUT", path)
    ]
    assert body["data"] is None
    id = encode_id("Property", (await rows(state, shop.agency.id, "property"))[0]["id"])
    body = await shop.agent(NOTES, id=id, **given)
    assert [(error["extensions"]["code"], error["extensions"]["field"]) for error in body["errors"]] == [
        ("INVALID_INPUT", path)
    ]


async def test_a_cursor_belongs_to_one_order_and_one_filter(shop: Signed) -> None:
    by_price = order_by([("PRICE", "DESC")])
    given = {"orderBy": by_price, "filter": {"price": {"gt": "0"}}}
    cursor = (await shop.agent.data(LIST, first=2, **given))["properties"]["pageInfo"]["endCursor"]
    assert (await shop.agent.data(LIST, first=2, after=cursor, **given))["properties"]["nodes"] != []
    for other in (
        {"orderBy": by_price},
        {"orderBy": by_price, "filter": {"price": {"gt": "1"}}},
        {"orderBy": by_price, "filter": {"price": {"gte": "0"}}},
        {"orderBy": order_by([("PRICE", "ASC")]), "filter": {"price": {"gt": "0"}}},
        {"orderBy": order_by([("PRICE_PER_SQM", "DESC")]), "filter": {"price": {"gt": "0"}}},
        {"filter": {"price": {"gt": "0"}}},
    ):
        assert await shop.agent.code(LIST, first=2, after=cursor, **other) == "INVALID_INPUT"


def _forged(cursor: str, change: Any) -> str:
    payload = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return base64.urlsafe_b64encode(orjson.dumps(change(payload))).decode().rstrip("=")


@pytest.mark.parametrize("field", ["PRICE", "CREATED_AT", "TITLE", "DAYS_ON_MARKET"])
async def test_a_forged_cursor_is_no_error_of_the_server(shop: Signed, field: str) -> None:
    order = order_by([(field, "DESC")])
    cursor = (await shop.agent.data(LIST, first=2, orderBy=order))["properties"]["pageInfo"]["endCursor"]
    forgeries: list[Any] = [
        1,
        1.5,
        2**63 - 1,
        "x",
        "1",
        True,
        {"t": "2026-01-01T00:00:00"},
        {"t": "x"},
        {"d": "2026"},
        [],
    ]
    for value in forgeries:
        forged = _forged(cursor, lambda payload, value=value: [payload[0], value, payload[2]])
        body = await shop.agent(LIST, first=2, after=forged, orderBy=order)
        assert {error["extensions"]["code"] for error in body.get("errors", ())} <= {"INVALID_INPUT"}, value


@pytest.mark.parametrize(
    ("given", "path"),
    [
        (order_by([("PRICE", "ASC"), ("PRICE", "DESC")]), ["orderBy", "1"]),
        (order_by([(field, "ASC") for field in list(COLUMNS)[:6]]), ["orderBy"]),
    ],
)
async def test_bad_orders(shop: Signed, given: list[dict[str, str]], path: list[str]) -> None:
    body = await shop.agent(LIST, orderBy=given)
    assert [(error["extensions"]["code"], error["extensions"]["field"]) for error in body["errors"]] == [
        ("INVALID_INPUT", path)
    ]


# Lists of a record


async def test_notes_of_a_property_are_pinned_first_then_newest(state: State, acme: Signed) -> None:
    made, other = await created(acme), await created(acme)
    author, start = acme.agency.people[Role.AGENT].id, now()
    properties = {row["external_number"]: row["id"] for row in await rows(state, acme.agency.id, "property")}
    async with state.database.write(acme.agency.id) as session:
        for n in range(11):
            for target in (made, other):
                session.add(
                    models.Note(
                        tenant_id=acme.agency.id,
                        author_id=author,
                        property_id=properties[target["externalNumber"]],
                        body=str(n),
                        pinned=n % 4 == 0,
                        created_at=start - timedelta(minutes=n % 5),
                    )
                )
        await session.commit()
    property_id = properties[made["externalNumber"]]
    stored = [row for row in await rows(state, acme.agency.id, "note") if row["property_id"] == property_id]
    expected = [
        row["body"] for row in sorted(stored, key=lambda r: (r["pinned"], r["created_at"], r["id"]), reverse=True)
    ]
    for size in (2, 3, 100):
        for backward in (False, True):
            seen: list[str] = []
            cursor: str | None = None
            while True:
                place = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
                page = (await acme.agent.data(NOTES, id=made["id"], **place))["property"]["notes"]
                here = [node["body"] for node in page["nodes"]]
                seen = here + seen if backward else seen + here
                assert (page["totalCount"], page["pageMeta"]) == (11, None)
                if not page["pageInfo"]["hasPreviousPage" if backward else "hasNextPage"]:
                    break
                cursor = page["pageInfo"]["startCursor" if backward else "endCursor"]
            assert seen == expected
    page = (await acme.agent.data(NOTES, id=made["id"], page={"number": 3, "size": 4}))["property"]["notes"]
    assert [node["body"] for node in page["nodes"]] == expected[8:]
    assert page["pageMeta"] == {"page": 3, "size": 4, "pages": 3, "total": 11}
    foreign = (await acme.agent.data(NOTES, id=other["id"], first=1))["property"]["notes"]["pageInfo"]["endCursor"]
    assert await acme.agent.code(NOTES, id=made["id"], first=1, after=foreign) == "INVALID_INPUT"
