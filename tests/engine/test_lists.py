"""Lists: every filter, every order, every way to page, cursors of this list and of others; answered alike."""

import base64
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, get_named_type, get_nullable_type

from domain.access import Role
from graph.schema import schema
from tests.engine.documents import Word, literal
from tests.engine.executors import Executors
from tests.engine.world import ORDERS, TEXTS, World

TYPES = schema._schema.type_map
FILTER = TYPES["PropertyFilter"]
assert isinstance(FILTER, GraphQLInputObjectType)

# --- filters ---------------------------------------------------------------------------------------------------------

VALUES: dict[str, list[Any]] = {
    "String": ["Berlin", "", "%", "P-00", TEXTS[2]],
    "Decimal": ["250000.00", 100, "2.5", "-1"],
    "Int": [1, -5, 2_020],
    "Date": ["2026-10-01", "0009-09-09", "2000-01-01"],
    "DateTime": ["2026-03-14T15:09:26.536Z", "2026-03-14T16:09:26.537+01:00", "2026-03-05T15:09:26.535Z"],
    "Boolean": [True, False],
}


def _values(world: World, kind: Any, name: str) -> Iterator[Any]:
    """Values for an operator: some of each kind, for `between` in the right order."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLEnumType):
        known: list[Any] = [Word(key) for key in list(named.values)[:3]]
    elif named.name == "ID":
        known = [world.ids["User"][3], world.ids["User"][1], world.ids["Property"][0], *world.nothing[2:3]]
    else:
        known = VALUES[named.name]
    if name == "between":
        pairs = {"Int": [0, 9], "Decimal": ["2.5", "250000"], "Date": known[1::-1], "DateTime": known[:2]}
        yield pairs[named.name]
    elif isinstance(get_nullable_type(kind), GraphQLList):
        yield from ([], known[:3], known[0])
    else:
        yield from known
    yield None


def _conditions(world: World, name: str) -> Iterator[dict[str, Any]]:
    kind = FILTER.fields[name].type
    named = get_named_type(kind)
    if name in ("and", "or"):
        inner = {"city": {"eq": "Köln"}}, {"price": {"isNull": True}, "status": {"ne": Word("SOLD")}}
        yield from ({name: found} for found in ([], list(inner), inner[0], [{name: list(inner)}, {}], [{}]))
    elif name == "not":
        yield from ({name: found} for found in ({}, {"city": {"eq": "Köln"}}, {"not": {"price": {"gt": "100"}}}))
    elif name == "search":
        yield from ({name: found} for found in ("wohnung", "haus park", "Schmuckstück", "10115", "!!", "🏡 lo"))
    elif isinstance(named, GraphQLInputObjectType):
        for operator, found in named.fields.items():
            yield from ({name: {operator: value}} for value in _values(world, found.type, operator))
    else:
        yield from ({name: value} for value in _values(world, kind, name))


@pytest.mark.parametrize("name", list(FILTER.fields))
async def test_every_operator_of_a_filter(both: Executors, world: World, name: str) -> None:
    """As a literal for those who see all, as a variable for those who see little."""
    text = "query ($f: PropertyFilter) { properties(first: 5, filter: $f) { totalCount nodes { id } } }"
    for condition in _conditions(world, name):
        await both.compare(text.replace("$f)", literal(condition) + ")").replace("($f: PropertyFilter) ", ""))
        await both.compare(text, {"f": condition}, Role.CUSTOMER)


async def test_filters_of_one_document_do_not_mix(both: Executors) -> None:
    text = """query ($a: PropertyFilter, $b: PropertyFilter) {
      a: properties(filter: $a) { totalCount nodes { id city: address { city } } }
      b: properties(filter: $b, page: { size: 3 }) { totalCount nodes { id } pageMeta { total } }
      c: properties(filter: { and: [$a, $b] }) { totalCount }
      d: properties(filter: { or: [$a, { not: $b }], typeGroup: LAND }) { totalCount } }"""
    given = {"a": {"city": {"eq": "Köln"}}, "b": {"city": {"eq": "Berlin"}, "search": "haus"}}
    await both.compare(text, given, Role.AGENT)
    await both.compare(text, {"a": given["b"], "b": given["a"]}, Role.AGENT)
    await both.compare(text, {"a": {}, "b": None}, Role.AGENT)


# --- orders and pages ------------------------------------------------------------------------------------------------

SEVERAL: list[list[dict[str, str]]] = [
    [{"field": "STATUS", "direction": "ASC"}, {"field": "PRICE", "direction": "DESC"}],
    [{"field": "PRICE", "direction": "ASC"}, {"field": "ROOMS", "direction": "ASC"}],
    [{"field": "LIVING_AREA", "direction": "DESC"}, {"field": "CREATED_AT", "direction": "ASC"}],
    [
        {"field": "ROOMS", "direction": "DESC"},
        {"field": "DAYS_ON_MARKET", "direction": "ASC"},
        {"field": "TITLE", "direction": "DESC"},
    ],
]
WALK = """query ($o: [PropertyOrder!], $first: Int, $after: String, $last: Int, $before: String, $f: PropertyFilter) {
  properties(orderBy: $o, first: $first, after: $after, last: $last, before: $before, filter: $f) {
    totalCount edges { cursor node { id title } } nodes { price { amount } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } pageMeta { page } } }"""


async def walk(both: Executors, variables: dict[str, Any], role: Role, *, forwards: bool) -> list[str]:
    """All pages one after another; answers the ids in the order they were shown."""
    count, cursor, start = ("first", "after", "endCursor") if forwards else ("last", "before", "startCursor")
    found: list[str] = []
    place: str | None = None
    for _ in range(20):
        answer = await both.compare(WALK, {**variables, count: 7, cursor: place}, role)
        shown = answer.body["data"]["properties"]
        ids = [edge["node"]["id"] for edge in shown["edges"]]
        found = found + ids if forwards else ids + found
        place = shown["pageInfo"][start]
        if not shown["pageInfo"]["hasNextPage" if forwards else "hasPreviousPage"]:
            return found
    raise AssertionError("the list does not end")


@pytest.mark.parametrize(
    "order", [[order] for order in ORDERS] + SEVERAL, ids=lambda order: orjson.dumps(order).decode()
)
async def test_every_order_in_both_directions(both: Executors, world: World, order: Any) -> None:
    there = await walk(both, {"o": order}, Role.AGENT, forwards=True)
    assert await walk(both, {"o": order}, Role.AGENT, forwards=False) == there
    assert sorted(there) == sorted(world.ids["Property"])
    narrowed = {"o": order, "f": {"status": {"in": ["AVAILABLE", "SOLD"]}}}
    await walk(both, narrowed, Role.CUSTOMER, forwards=True)
    await walk(both, narrowed, Role.CUSTOMER, forwards=False)


PAGES: list[dict[str, Any]] = [
    {"page": {"number": number, "size": size}} for number in (1, 2, 4, 5, 99) for size in (1, 7, 28, 100)
]
WRONG: list[dict[str, Any]] = [
    {"first": 0},
    {"first": -1},
    {"first": 101},
    {"last": 0},
    {"last": 101},
    {"first": 1, "last": 1},
    {"after": "x"},
    {"before": "x"},
    {"after": ""},
    {"after": "ü"},
    {"after": "🏡"},
    {"after": "bnVsbA"},
    {"after": "W10"},
    {"after": "WzFd"},
    {"page": {"number": 0}},
    {"page": {"number": 10_000_001}},
    {"page": {"size": 0}},
    {"page": {"size": 101}},
    {"page": {}, "first": 1},
    {"page": {}, "after": "x"},
    {"page": {}, "last": 1},
    {"page": {}, "before": "x"},
]
PAGED = """query ($first: Int, $after: String, $last: Int, $before: String, $page: PageInput) {
  properties(first: $first, after: $after, last: $last, before: $before, page: $page, orderBy: { field: PRICE }) {
    nodes { id } pageMeta { page size pages total } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }"""
PAGED_NOTES = """query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $page: PageInput) {
  property(id: $id) { id
    notes(first: $first, after: $after, last: $last, before: $before, page: $page) {
      nodes { id body pinned } pageMeta { page size pages total } totalCount edges { cursor }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


@pytest.mark.parametrize("role", [Role.ADMIN, Role.CUSTOMER])
async def test_pages_of_a_list(both: Executors, role: Role) -> None:
    for given in (*PAGES, *WRONG):
        await both.compare(PAGED, given, role)


@pytest.mark.parametrize(("count", "ahead", "behind"), [("first", "Next", "Previous"), ("last", "Previous", "Next")])
async def test_a_page_knows_whether_there_is_more(
    both: Executors, world: World, count: str, ahead: str, behind: str
) -> None:
    """Both executors cut pages by the same function, so that they agree proves nothing of it."""
    whole = len(world.ids["Property"])
    for size in (1, whole - 1, whole, whole + 1):
        shown = (await both.compare(PAGED, {count: size}, Role.AGENT)).body["data"]["properties"]
        page = shown["pageInfo"]
        found = (len(shown["nodes"]), page[f"has{ahead}Page"], page[f"has{behind}Page"], shown["totalCount"])
        assert found == (min(size, whole), size < whole, False, whole)
    for number in (1, 2, 3):
        given = {"page": {"number": number, "size": whole // 2}}
        shown = (await both.compare(PAGED, given, Role.AGENT)).body["data"]["properties"]
        assert shown["pageInfo"]["hasNextPage"] is (number < 2)
        assert shown["pageInfo"]["hasPreviousPage"] is (number > 1)
        assert shown["pageMeta"] == {"page": number, "size": whole // 2, "pages": 2, "total": whole}


# --- lists of children -----------------------------------------------------------------------------------------------


async def test_pages_of_a_list_of_children(both: Executors, world: World) -> None:
    """Of a property with many notes, with a few, with none; of one that may not be seen, and of none at all."""
    some = [*world.ids["Property"][:2], world.ids["Property"][6], world.foreign[0], world.ids["TrashedProperty"][0]]
    for id in some:
        for given in PAGES[::2]:
            await both.compare(PAGED_NOTES, {"id": id, **given}, Role.AGENT)
        shown = id in world.ids["Property"]
        for given in WRONG:
            # Where there is no property nobody looks at the arguments below it, and the plan gives up in vain.
            answer = await both.compare(PAGED_NOTES, {"id": id, **given}, Role.AGENT, planned=False)
            assert ("errors" in answer.body) is shown
    for given in (*PAGES[:3], *WRONG):
        # A customer may not see notes: the arguments are nobody's concern either.
        answer = await both.compare(PAGED_NOTES, {"id": some[0], **given}, Role.CUSTOMER)
        assert answer.body["data"]["property"]["notes"] is None


@pytest.mark.parametrize("given", [({"first": 3}, {"page": {"size": 3}}), ({"page": {"size": 4}}, {"first": 4})])
async def test_both_ways_to_a_first_page_are_planned(
    both: Executors, world: World, given: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    """Whichever comes first leaves its statement behind; they ask for the same rows, and one for their number, too."""
    for one in given:
        await both.compare(PAGED_NOTES, {"id": world.ids["Property"][0], **one}, Role.AGENT)


async def test_pages_by_number_of_many_parents(both: Executors, world: World) -> None:
    """Each parent has pages of its own, whatever stands before them in the lists of the others."""
    document = """query ($ids: [ID!]!, $page: PageInput) {
      nodes(ids: $ids) { ... on Property { id notes(page: $page) { nodes { id } } } } }"""

    async def notes(number: int, size: int) -> dict[str, list[str]]:
        given = {"ids": world.ids["Property"][:10], "page": {"number": number, "size": size}}
        nodes = (await both.compare(document, given, Role.AGENT)).content["data"]["nodes"]
        return {node["id"]: [note["id"] for note in node["notes"]["nodes"]] for node in nodes}

    whole = await notes(1, 100)
    assert sum(len(found) > 1 for found in whole.values()) > 1
    for number, size in ((1, 1), (2, 1), (3, 2), (9, 5), (50, 1)):
        start = (number - 1) * size
        assert await notes(number, size) == {id: found[start : start + size] for id, found in whole.items()}


@pytest.mark.parametrize("forwards", [True, False])
async def test_a_walk_through_many_children(both: Executors, world: World, forwards: bool) -> None:
    count, cursor, start = ("first", "after", "endCursor") if forwards else ("last", "before", "startCursor")
    found, place = [], None
    for _ in range(10):
        given = {"id": world.ids["Property"][0], count: 30, cursor: place}
        notes = (await both.compare(PAGED_NOTES, given, Role.AGENT)).body["data"]["property"]["notes"]
        found += [node["id"] for node in (notes["nodes"] if forwards else reversed(notes["nodes"]))]
        place = notes["pageInfo"][start]
        if not notes["pageInfo"]["hasNextPage" if forwards else "hasPreviousPage"]:
            break
    assert len(found) == len(set(found)) == notes["totalCount"] == 130


def changed(cursor: str, index: int, value: Any) -> str:
    """A cursor that somebody made from another one."""
    payload = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    payload[index] = value
    return base64.urlsafe_b64encode(orjson.dumps(payload)).decode().rstrip("=")


@pytest.mark.parametrize("form", ["after", "before"])
async def test_cursors_of_other_parents(both: Executors, world: World, form: str) -> None:
    """A cursor belongs to one parent: below that one it is taken, below all others it is refused."""
    below_many = f"""query ($c: String, $ids: [ID!]!, $f: PropertyFilter) {{
      properties(first: 5, filter: $f) {{ nodes {{ id notes({form}: $c) {{ nodes {{ id }} }} }} }}
      nodes(ids: $ids) {{ id ... on Property {{ notes({form}: $c) {{ nodes {{ id }} totalCount }} }} }} }}"""
    own = [cursor for given, cursor in world.cursors["notes"] if given["id"] == world.ids["Property"][0]]
    others = [cursor for given, cursor in world.cursors["notes"] if given["id"] == world.ids["Property"][1]]
    lists = [cursor for _, cursor in (*world.cursors["properties"][:2], *world.cursors["trash"][:2])]
    for cursor in (
        *own,
        *others,
        *lists,
        changed(own[0], 1, "x"),
        changed(own[0], -1, "x"),
        changed(own[0], 1, 10**19),
    ):
        for id in world.ids["Property"][:3]:
            await both.compare(PAGED_NOTES, {"id": id, form: cursor}, Role.AGENT)
        for ids in (world.ids["Property"][:1], world.ids["Property"][:3], []):
            first, second = await both.answers(below_many, {"c": cursor, "ids": ids, "f": {}}, Role.AGENT)
            assert orjson.dumps(first.body["data"]) == orjson.dumps(second.body["data"])
    alone = await both.compare(below_many, {"c": own[0], "ids": world.ids["Property"][:1], "f": {"city": {"eq": "-"}}})
    assert alone.planned


async def test_cursors_of_other_lists(both: Executors, world: World) -> None:
    """A cursor belongs to its list, order and filter; values that somebody made up are refused."""
    for given, cursor in (*world.cursors["properties"], *world.cursors["notes"][:1], *world.cursors["trash"][:2]):
        here = {"o": given.get("orderBy"), "f": given.get("filter")}
        await both.compare(WALK, {**here, "first": 3, "after": cursor})
        await both.compare(WALK, {"first": 3, "after": cursor})
        await both.compare(WALK, {"o": [{"field": "PRICE", "direction": "ASC"}], "last": 3, "before": cursor})
        await both.compare("query ($c: String) { trash(after: $c) { nodes { id } } }", {"c": cursor})
        await both.compare("query ($c: String) { trash(type: NOTE, after: $c) { nodes { id } } }", {"c": cursor})
    price = next(
        (given, cursor)
        for given, cursor in world.cursors["properties"]
        if given.get("orderBy") == [{"field": "PRICE", "direction": "ASC"}]
    )
    for index, value in ((1, None), (1, 10**18), (1, "1"), (1, 1.5), (1, True), (-1, "0" * 32), (0, "x"), (-1, 5)):
        await both.compare(WALK, {"o": price[0]["orderBy"], "first": 3, "after": changed(price[1], index, value)})


async def test_the_trash(both: Executors) -> None:
    text = """query ($type: NodeType, $first: Int, $after: String, $page: PageInput) {
      trash(type: $type, first: $first, after: $after, page: $page) {
        edges { cursor node { id type title deletedAt purgeAt sizeBytes deletedBy { id name } } } nodes { id }
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } pageMeta { page size pages } } }"""
    for role in (*Role, None):
        for kind in (None, "PROPERTY", "NOTE", "OTHER"):
            for given in ({}, {"first": 2}, *PAGES[1:7:2], {"first": 0}, {"after": "x"}, {"page": {}, "first": 1}):
                await both.compare(text, {"type": kind, **given}, role)


async def test_children_with_a_cap_keep_their_order(both: Executors, world: World) -> None:
    text = "query ($id: ID!) { property(id: $id) { contactPersons { id name role email phone user { id email } } } }"
    for role in Role:
        for id in world.ids["Property"][:5]:
            await both.compare(text, {"id": id}, role)
    shown = (await both.compare(text, {"id": world.ids["Property"][0]})).body["data"]["property"]["contactPersons"]
    assert len(shown) == 20
