"""Real input: the 21,613 house sales of King County go in through the API and come out filtered, sorted and paged.

    python3 dev.py bench kc_import [path of kc_house_data.csv] [--rows N]

Every answer is compared with a naive scan of the file. Square feet become m², amounts are USD, country is US. There is
no sales record yet: the price is the sale's, and the sale itself is told in `otherDescription`. Quarter bathrooms are
rounded up to halves. What the file does not say (city, street, rooms) stays empty.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import csv
import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
from _server import fresh_database, percentile, served

from settings import Settings
from storage.database import dsn, logins

DEFAULT = Path(__file__).parent.parent.parent / "shared" / "data" / "kc_house_data.csv"
SQUARE_FOOT = Decimal("0.09290304")
PER_REQUEST = 10  # as many mutations as one document may hold
CONNECTIONS = 4
REPEATS = 40

REGISTER = """
mutation ($input: RegisterInput!) {
  authRegister(input: $input) { accessToken userErrors { message field } }
}"""
LIST = """
query PropertyList(
  $first: Int, $after: String, $last: Int, $before: String, $page: PageInput
  $filter: PropertyFilter, $orderBy: [PropertyOrder!]
) {
  properties(
    first: $first, after: $after, last: $last, before: $before, page: $page, filter: $filter, orderBy: $orderBy
  ) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    pageMeta { page size pages total }
    nodes {
      id externalNumber title status type price { amount currency } livingArea rooms
      address { postalCode city }
    }
  }
}"""
WALK = """
query ($first: Int!, $after: String, $orderBy: [PropertyOrder!]) {
  properties(first: $first, after: $after, orderBy: $orderBy) {
    pageInfo { hasNextPage endCursor }
    nodes { id }
  }
}"""
ALL = """
query ($first: Int!, $after: String) {
  properties(first: $first, after: $after, orderBy: [{ field: CREATED_AT, direction: ASC }]) {
    pageInfo { hasNextPage endCursor }
    nodes { id createdAt updatedAt externalNumber price { amount currency } livingArea pricePerSqm { amount } }
  }
}"""


def square_metres(feet: str) -> str:
    return str((Decimal(feet) * SQUARE_FOOT).quantize(Decimal("0.01"), ROUND_HALF_UP))


def halves(number: str) -> str:
    return str(Decimal(math.ceil(Decimal(number) * 2)) / 2)


def property_input(sale: dict[str, str]) -> dict[str, Any]:
    """A sale as the input of `propertyCreate`."""
    day, price = sale["date"], Decimal(sale["price"]).quantize(Decimal("0.01"))
    given: dict[str, Any] = {
        "title": f"House of {sale['yr_built']} with {sale['bedrooms']} bedrooms in {sale['zipcode']}",
        "externalNumber": f"{sale['id']}-{day[:8]}",
        "type": "HOUSE",
        "marketingType": "BUY",
        "status": "AVAILABLE",
        "price": {"amount": str(price), "currency": "USD"},
        "livingArea": square_metres(sale["sqft_living"]),
        "plotArea": square_metres(sale["sqft_lot"]),
        "bedrooms": int(sale["bedrooms"]),
        "bathrooms": halves(sale["bathrooms"]),
        "floorsTotal": math.ceil(Decimal(sale["floors"])),
        "yearBuilt": int(sale["yr_built"]),
        "features": {"cellar": int(sale["sqft_basement"]) > 0},
        "address": {
            "postalCode": sale["zipcode"],
            "region": "Washington",
            "country": "US",
            "geo": {"latitude": sale["lat"], "longitude": sale["long"]},
        },
        "otherDescription": f"Sold on {day[:4]}-{day[4:6]}-{day[6:8]} for {price} USD, King County.",
    }
    if int(sale["yr_renovated"]):
        given["lastModernisation"] = int(sale["yr_renovated"])
    if int(sale["waterfront"]):
        given["description"] = "Directly at the waterfront."
    return given


@dataclass
class House:
    """A row as the naive scan sees it: the file's values in the units of the API, and what the server added."""

    given: dict[str, Any]
    gid: str
    created_at: str = ""
    updated_at: str = ""

    @property
    def id(self) -> UUID:
        return UUID(base64.urlsafe_b64decode(self.gid + "=" * (-len(self.gid) % 4)).decode().partition(":")[2])

    @property
    def price(self) -> Decimal:
        return Decimal(self.given["price"]["amount"])

    @property
    def area(self) -> Decimal:
        return Decimal(self.given["livingArea"])

    @property
    def per_square_metre(self) -> Decimal:
        return (self.price / self.area).quantize(Decimal("0.01"), ROUND_HALF_UP)

    @property
    def zip(self) -> str:
        return str(self.given["address"]["postalCode"])

    @property
    def words(self) -> list[str]:
        texts = [self.given[name] for name in ("title", "externalNumber", "otherDescription")]
        return re.findall(r"[a-z0-9]+", " ".join([*texts, self.given.get("description", ""), self.zip]).lower())


# What the list can be sorted by. All rows share a status, have no rooms and came to the market today, so that the id
# alone decides there.
ORDERS: dict[str, Callable[[House], Any]] = {
    "CREATED_AT": lambda house: house.created_at,
    "UPDATED_AT": lambda house: house.updated_at,
    "TITLE": lambda house: re.sub("[^a-z0-9]+", " ", house.given["title"].lower()),
    "PRICE": lambda house: house.price,
    "PRICE_PER_SQM": lambda house: house.per_square_metre,
    "LIVING_AREA": lambda house: house.area,
    "ROOMS": lambda house: 0,
    "DAYS_ON_MARKET": lambda house: 0,
    "STATUS": lambda house: 0,
}


def _all_words(house: House, *wanted: str) -> bool:
    *whole, beginning = wanted
    return set(whole) <= set(house.words) and any(word.startswith(beginning) for word in house.words)


FILTERS: list[tuple[str, dict[str, Any], Callable[[House], bool]]] = [
    ("everything", {}, lambda house: True),
    (
        "price between",
        {"price": {"between": ["400000", "500000.50"]}},
        lambda house: 400_000 <= house.price <= Decimal("500000.50"),
    ),
    ("price at least", {"price": {"gte": "2000000"}}, lambda house: house.price >= 2_000_000),
    ("living area below", {"livingArea": {"lt": "100"}}, lambda house: house.area < 100),
    ("postal code", {"postalCode": {"eq": "98103"}}, lambda house: house.zip == "98103"),
    ("postal codes", {"postalCode": {"in": ["98103", "98178"]}}, lambda house: house.zip in {"98103", "98178"}),
    ("postal code begins", {"postalCode": {"startsWith": "9800"}}, lambda house: house.zip.startswith("9800")),
    ("built since", {"yearBuilt": {"gte": 2010}}, lambda house: house.given["yearBuilt"] >= 2010),
    ("bedrooms", {"bedrooms": {"eq": 5}}, lambda house: house.given["bedrooms"] == 5),
    ("bathrooms", {"bathrooms": {"gt": "4.5"}}, lambda house: Decimal(house.given["bathrooms"]) > Decimal("4.5")),
    ("cellar", {"features": ["CELLAR"]}, lambda house: house.given["features"]["cellar"]),
    (
        "and, or, not",
        {
            "or": [{"postalCode": {"eq": "98039"}}, {"and": [{"bedrooms": {"gte": 6}}, {"yearBuilt": {"lt": 1930}}]}],
            "not": {"price": {"lt": "500000"}},
        },
        lambda house: (
            (house.zip == "98039" or (house.given["bedrooms"] >= 6 and house.given["yearBuilt"] < 1930))
            and house.price >= 500_000
        ),
    ),
    ("nothing", {"status": {"eq": "SOLD"}}, lambda house: False),
    ("search a word", {"search": "waterfront"}, lambda house: _all_words(house, "waterfront")),
    ("search a beginning", {"search": "9817"}, lambda house: _all_words(house, "9817")),
    ("search two words", {"search": "98040 waterfr"}, lambda house: _all_words(house, "98040", "waterfr")),
    ("search a number", {"search": "7129300520-20141013"}, lambda house: _all_words(house, "7129300520", "20141013")),
    (
        "search and filter",
        {"search": "waterfront", "price": {"gte": "1500000"}},
        lambda house: _all_words(house, "waterfront") and house.price >= 1_500_000,
    ),
]


class Caller:
    """Sends documents as the owner of the new agency."""

    def __init__(self, address: str) -> None:
        self.http = httpx2.AsyncClient(base_url=address, timeout=60)

    async def __call__(self, document: str, **variables: Any) -> Any:
        response = await self.http.post("/graphql", json={"query": document, "variables": variables})
        body = response.json()
        if body.get("errors"):
            raise SystemExit(f"The server refused: {body['errors'][:2]}")
        return body["data"]

    async def register(self) -> None:
        owner = {"email": "owner@example.com", "password": "Owner123!", "firstName": "Kim", "lastName": "County"}
        agency = {"tenantName": "King County", "planKey": "ENTERPRISE", "acceptTerms": True}
        done = (await self(REGISTER, input=owner | agency))["authRegister"]
        if done["userErrors"]:
            raise SystemExit(f"Registration was refused: {done['userErrors']}")
        self.http.headers["Authorization"] = f"Bearer {done['accessToken']}"


def creation(count: int) -> str:
    variables = ", ".join(f"$a{n}: PropertyCreateInput!" for n in range(count))
    fields = "property { id } userErrors { code message field }"
    return (
        f"mutation ({variables}) {{ "
        + " ".join(f"a{n}: propertyCreate(input: $a{n}) {{ {fields} }}" for n in range(count))
        + " }"
    )


async def create(caller: Caller, inputs: Sequence[dict[str, Any]]) -> list[House]:
    """Send everything over a few connections; a refused row is printed and counted."""
    chunks = [inputs[start : start + PER_REQUEST] for start in range(0, len(inputs), PER_REQUEST)]
    waiting = iter(chunks)
    houses: list[House] = []
    refused: list[Any] = []
    taken: list[float] = []

    async def work() -> None:
        for chunk in waiting:
            started = time.perf_counter()
            answer = await caller(creation(len(chunk)), **{f"a{n}": given for n, given in enumerate(chunk)})
            taken.append(time.perf_counter() - started)
            for n, given in enumerate(chunk):
                done = answer[f"a{n}"]
                if done["userErrors"]:
                    refused.append((given["externalNumber"], done["userErrors"]))
                else:
                    houses.append(House(given, done["property"]["id"]))

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - started
    print(
        f"created {len(houses):,} of {len(inputs):,} rows in {seconds:.1f} s: {len(houses) / seconds:.0f} rows/s, "
        f"{len(refused)} refused; request of {PER_REQUEST}: p50 {percentile(taken, 0.5) * 1000:.0f} ms, "
        f"p99 {percentile(taken, 0.99) * 1000:.0f} ms; {CONNECTIONS} connections"
    )
    for number, problems in refused[:10]:
        print(f"  refused {number}: {problems}")
    if refused:
        raise SystemExit(1)
    return houses


async def walk(caller: Caller, document: str, **variables: Any) -> tuple[list[dict[str, Any]], list[float]]:
    """All nodes of a list, page by page, with the time of each page."""
    nodes: list[dict[str, Any]] = []
    taken: list[float] = []
    after = None
    while True:
        started = time.perf_counter()
        page = (await caller(document, first=100, after=after, **variables))["properties"]
        taken.append(time.perf_counter() - started)
        nodes += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes, taken
        after = page["pageInfo"]["endCursor"]


class Checks:
    """Counts comparisons and prints those that fail."""

    def __init__(self) -> None:
        self.made = 0
        self.failed = 0

    def same(self, what: str, found: Any, expected: Any) -> None:
        self.made += 1
        if found != expected:
            self.failed += 1
            print(f"  DIFFERENT {what}: found {str(found)[:200]} expected {str(expected)[:200]}")


async def read_back(caller: Caller, houses: list[House], checks: Checks) -> None:
    """Every row came in as the file has it."""
    nodes, _ = await walk(caller, ALL)
    by_id = {node["id"]: node for node in nodes}
    checks.same("number of rows", (len(nodes), len(by_id)), (len(houses), len(houses)))
    for house in houses:
        node = by_id[house.gid]
        house.created_at, house.updated_at = node["createdAt"], node["updatedAt"]
        found = (node["externalNumber"], node["price"], node["livingArea"], node["pricePerSqm"])
        given = house.given
        expected = (given["externalNumber"], given["price"], given["livingArea"])
        checks.same("row", found, (*expected, {"amount": str(house.per_square_metre)}))


def ordered(houses: list[House], field: str, direction: str) -> list[House]:
    key = ORDERS[field]
    return sorted(houses, key=lambda house: (key(house), house.id), reverse=direction == "DESC")


async def check_orders(caller: Caller, houses: list[House], checks: Checks) -> None:
    print("\nall pages of 100 by cursor, every order; ms of the first ten pages and of the last ten")
    for field in ORDERS:
        for direction in ("ASC", "DESC"):
            nodes, taken = await walk(caller, WALK, orderBy=[{"field": field, "direction": direction}])
            expected = [house.gid for house in ordered(houses, field, direction)]
            checks.same(f"order {field} {direction}", [node["id"] for node in nodes] == expected, True)
            first, last = percentile(taken[:10], 0.5) * 1000, percentile(taken[-10:], 0.5) * 1000
            print(f"  {field:<15} {direction:<4} {len(taken):>4} pages  p50 {first:6.1f}  {last:6.1f}")


async def check_filters(caller: Caller, houses: list[House], checks: Checks) -> None:
    print(f"\nPropertyList, 20 rows by price with totalCount, {REPEATS} times each; ms")
    by_price = ordered(houses, "PRICE", "DESC")
    order = [{"field": "PRICE", "direction": "DESC"}]
    for name, filter, holds in FILTERS:
        expected = [house.gid for house in by_price if holds(house)]
        taken = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            page = (await caller(LIST, first=20, filter=filter, orderBy=order))["properties"]
            taken.append(time.perf_counter() - started)
        checks.same(f"count of {name}", page["totalCount"], len(expected))
        checks.same(f"first page of {name}", [node["id"] for node in page["nodes"]], expected[:20])
        if len(expected) > 20:
            variables = {"filter": filter, "orderBy": order, "first": 20, "after": page["pageInfo"]["endCursor"]}
            page = (await caller(LIST, **variables))["properties"]
            checks.same(f"second page of {name}", [node["id"] for node in page["nodes"]], expected[20:40])
        print(
            f"  {name:<20} {len(expected):>6} rows  p50 {percentile(taken, 0.5) * 1000:6.1f}"
            f"  p95 {percentile(taken, 0.95) * 1000:6.1f}"
        )


async def check_pages(caller: Caller, houses: list[House], checks: Checks) -> None:
    """The page form, from the front and far behind, and pages from the end."""
    print("\npages by number, 50 rows by living area; ms")
    expected = [house.gid for house in ordered(houses, "LIVING_AREA", "ASC")]
    order = [{"field": "LIVING_AREA", "direction": "ASC"}]
    pages = math.ceil(len(expected) / 50)
    for number in sorted({1, 2, max(1, pages // 2), pages, pages + 1}):
        taken = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            page = (await caller(LIST, page={"number": number, "size": 50}, orderBy=order))["properties"]
            taken.append(time.perf_counter() - started)
        wanted = expected[(number - 1) * 50 : number * 50]
        checks.same(f"page {number}", [node["id"] for node in page["nodes"]], wanted)
        meta = {"page": number, "size": 50, "pages": pages, "total": len(expected)}
        checks.same(f"numbers of page {number}", page["pageMeta"], meta)
        print(f"  page {number:<6} p50 {percentile(taken, 0.5) * 1000:6.1f}")
    page = (await caller(LIST, last=20, orderBy=order))["properties"]
    checks.same("last rows", [node["id"] for node in page["nodes"]], expected[-20:])
    page = (await caller(LIST, last=20, before=page["pageInfo"]["startCursor"], orderBy=order))["properties"]
    checks.same("rows before them", [node["id"] for node in page["nodes"]], expected[-40:-20])


async def book(database_url: str) -> None:
    """Put the agency on its plan: nobody can pay yet, and the trial ends at a hundred properties."""
    connection = await asyncpg.connect(dsn(logins(Settings(environment="test", database_url=database_url)).platform))
    try:
        await connection.execute("update tenant set subscription_status = 'ACTIVE', trial_ends_at = null")
    finally:
        await connection.close()


async def measure(database_url: str, address: str, sales: list[dict[str, str]]) -> int:
    caller, checks = Caller(address), Checks()
    await caller.register()
    await book(database_url)
    houses = await create(caller, [property_input(sale) for sale in sales])
    await read_back(caller, houses, checks)
    await check_orders(caller, houses, checks)
    await check_filters(caller, houses, checks)
    await check_pages(caller, houses, checks)
    await caller.http.aclose()
    print(f"\n{checks.made:,} comparisons with the file, {checks.failed} different")
    return checks.failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("path", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--rows", type=int, default=None, help="only the first N rows")
    arguments = parser.parse_args()
    if not arguments.path.is_file():
        parser.error(f"there is no file {arguments.path}; name the place of kc_house_data.csv")
    with arguments.path.open(newline="") as file:
        sales = list(csv.DictReader(file))[: arguments.rows]
    with fresh_database() as url, served(url) as address:
        return 1 if asyncio.run(measure(url, address, sales)) else 0


if __name__ == "__main__":
    raise SystemExit(main())
