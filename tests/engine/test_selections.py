"""What a selection may look like: aliases, fragments, conditions, variables, types; for everybody."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from domain.access import Role
from tests.engine.executors import Executors
from tests.engine.world import World

ROLES = (*Role, None)
Variables = Callable[[World], dict[str, Any]]


def nothing(_world: World) -> dict[str, Any]:
    return {}


def first_property(world: World) -> dict[str, Any]:
    return {"id": world.ids["Property"][0]}


def mixed(world: World) -> dict[str, Any]:
    """Ids of everything there is and of much that is not, some of them twice."""
    ids = [id for kind in sorted(world.ids) for id in world.ids[kind][:4]]
    return {"ids": [*ids, *world.foreign, *world.nothing, *ids[:3]]}


DOCUMENTS: dict[str, tuple[str, Variables]] = {
    "typename everywhere": (
        """query ($id: ID!) { __typename q: __typename
        property(id: $id) { __typename t: __typename price { __typename } address { __typename geo { __typename } }
          features { __typename } viewerCan { __typename } commission { __typename }
          contactPersons { __typename user { __typename } } assignedAgent { __typename }
          notes(first: 1) { __typename pageInfo { __typename } pageMeta { __typename } edges { __typename
            node { __typename author { __typename } } } } }
        viewer { __typename user { __typename } membership { __typename tenant { __typename } } tenant { __typename
          usage { __typename } subscription { __typename } branding { __typename } } }
        trash(first: 1) { __typename edges { __typename node { __typename deletedBy { __typename } } } }
        errorCodes { __typename } }""",
        first_property,
    ),
    "nothing but typename": (
        """{ properties(first: 2) { __typename nodes { __typename } }
        node(id: "x") @skip(if: true) { __typename } }""",
        nothing,
    ),
    "one list several times": (
        """{ a: properties(first: 1) { nodes { id } } b: properties(first: 2) { nodes { id } }
        c: properties(last: 1) { nodes { id } } properties { totalCount }
        d: properties(page: { number: 2, size: 3 }) { nodes { id } pageMeta { page size pages total } } }""",
        nothing,
    ),
    "one list of children several times": (
        """{ properties(first: 8) { nodes { id
          notes(first: 1) { nodes { body } totalCount }
          second: notes(first: 3) { nodes { body } }
          last: notes(last: 2) { edges { cursor node { id body pinned } } pageInfo { startCursor hasPreviousPage } }
          page: notes(page: { number: 2, size: 2 }) { nodes { id } pageMeta { pages total p: page } n: totalCount }
        } } }""",
        nothing,
    ),
    "parts of a connection, aliased and merged": (
        """{ properties(first: 3) { n: nodes { id } nodes { id } nodes { title } edges { cursor } e: edges { c: cursor
          cursor n: node { id } node { id } node { t: title } } totalCount t: totalCount pageInfo { e: endCursor }
          pageInfo { hasNextPage e: endCursor startCursor hasPreviousPage } pageMeta { total } } }""",
        nothing,
    ),
    "counts without rows": (
        "{ properties { totalCount } a: properties(first: 1) { a: totalCount b: totalCount } trash { totalCount } }",
        nothing,
    ),
    "cursors without rows": (
        "{ properties(first: 2) { edges { cursor } } a: properties(last: 2) { pageInfo { startCursor endCursor } } }",
        nothing,
    ),
    "page without numbers": ("{ properties(first: 2) { pageMeta { page } } trash { pageMeta { total } } }", nothing),
    "fields merged through fragments": (
        """query ($id: ID!) { property(id: $id) { ...A ... on Node { id ...B } ... on Deletable { deletedAt }
          ... { title address { city } } ...A } }
        fragment A on Property { address { street geo { latitude } } assignedAgent { name } price { amount } }
        fragment B on Node { id ... on Property { ...C address { geo { longitude } } } ... on Deletable { ...D } }
        fragment C on Property { assignedAgent { id ...E } price { currency amount } ...A }
        fragment D on Deletable { deletedBy { ...E id } id deletedAt }
        fragment E on User { email role ...F }
        fragment F on Node { id __typename }""",
        first_property,
    ),
    "interfaces": (
        """query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Deletable { deletedAt deletedBy { name } }
          ... on Node { ... on Deletable { id } } ... on User { name email createdBy { id } }
          ... on Property { name: title notes(first: 1) { totalCount } }
          ... on Note { name: body author { id name } createdBy { id } }
          ... on Tenant { name usage { activeUsers propertiesCount } createdBy { id } }
          ... on ContactPerson { name mail: email user { name } } } }""",
        mixed,
    ),
    "deep": (
        """{ properties(first: 4) { nodes { notes(first: 2) { nodes { author { createdBy { createdBy { createdBy {
          id name email } } } } } } contactPersons { user { createdBy { name } } } createdBy { createdBy { id } }
          assignedAgent { createdBy { name } } deletedBy { id } } } }""",
        nothing,
    ),
    "the same person by several keys": (
        """{ properties(first: 28) { nodes { assignedAgent { id email phone role scopes permissions status bio }
          createdBy { id email phone lastLoginAt } a: assignedAgent { name } } } }""",
        nothing,
    ),
    "money in parts": (
        """{ properties(first: 6) { nodes { price { amount } rentCold { currency } serviceCharge { c: currency a: amount
          amount } closingPrice { amount currency } pricePerSqm { __typename amount } deposit { amount ... on Money {
          currency } } heatingCost { ...M } houseMoney { ...M amount } rentIncomeYear { amount } } } }
        fragment M on Money { currency amount }""",
        nothing,
    ),
    "all of a property": (
        """query ($id: ID!) { property(id: $id) { id deletedAt deletedBy { id } externalNumber openImmoId title
          description locationDescription equipmentDescription otherDescription status statusChangedAt type subtype
          usage marketingType priceOnRequest heatingIncluded livingArea usableArea totalArea plotArea rooms bedrooms
          bathrooms floor floorsTotal yearBuilt lastModernisation condition availableFrom availableFromText isRented
          location amenities firstAvailableAt closedAt daysOnMarket virtualTourUrl videoUrl createdAt updatedAt version
          address { street houseNumber postalCode city state region country geo { longitude latitude } showAddress
            formatted }
          features { parkingSpaces parkingType balcony garden elevator terrace cellar fittedKitchen barrierFree
            guestToilet fireplace furnished petsAllowed airConditioning pool sauna flatShareSuitable monument
            balconyArea terraceArea gardenArea heatingType energySource energyClass flooring orientation
            internetSpeedMbit unknown }
          commission { model buyerPercent sellerPercent text }
          viewerCan { update delete publish allowedStatuses } } }""",
        first_property,
    ),
    "all of a person and of the agency": (
        """{ viewer { user { id firstName lastName name email phone role department position status scopes permissions
            isActive locale timezone bio website joinedAt lastLoginAt createdAt updatedAt version createdBy { id } }
          membership { id tenant { id name slug } role isActive joinedAt } memberships { id tenant { id name slug } role
            isActive joinedAt } permissions scopes tenant { id } }
        tenant { id name slug companyEmail companyPhone website branding { primaryColor secondaryColor }
          usage { activeUsers propertiesCount } subscription { status currentPeriodEnd cancelAtPeriodEnd trialEndsAt }
          isActive maxUsers maxProperties storageLimitGb currency timezone language propertyNumberFormat createdAt
          updatedAt version createdBy { id } } }""",
        nothing,
    ),
    "all of the trash": (
        """{ trash(first: 4) { edges { cursor node { id type title deletedAt deletedBy { id name email } purgeAt
          sizeBytes } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
          pageMeta { page size pages total } } t: trash(page: { size: 3, number: 2 }) { nodes { type deletedBy { id } }
          pageMeta { page size pages total } totalCount } }""",
        nothing,
    ),
    "everything at once": (
        """query ($id: ID!) { streamCursor node(id: $id) { id } nodes(ids: [$id]) { id } property(id: $id) { id }
        properties(first: 1) { totalCount } propertyByExternalNumber(externalNumber: "P-0005") { title }
        trash { totalCount } tenant { id } viewer { user { id } } errorCodes { key label count } s: streamCursor }""",
        first_property,
    ),
    "the position alone": ("{ streamCursor a: streamCursor }", nothing),
    "the position beside a row that is not there": (
        'query { streamCursor property(id: "UHJvcGVydHk6MDFhMWZkZjctNTkyMS03YjE1LThlYWUtNjZmNGI0YTU3YjY3") { id } }',
        nothing,
    ),
    "the position beside an empty page": (
        """{ streamCursor properties(filter: { city: { eq: "Nirgends" } }) { nodes { id } totalCount pageInfo {
          hasNextPage hasPreviousPage startCursor endCursor } edges { cursor } } }""",
        nothing,
    ),
    "the position beside a full page": (
        """{ properties(first: 2) { edges { cursor } totalCount } streamCursor
        b: properties(last: 2, orderBy: { field: PRICE }) { edges { cursor } } }""",
        nothing,
    ),
    "keys that mean something in Python": (
        """{ r: properties(first: 1) { x: nodes { r: id x: title None: title self: title lambda: id __init__: id
          required: description t0: title t1: viewerCan { r: update } } } class: tenant { def: id } }""",
        nothing,
    ),
    "conditions with literals": (
        """query ($id: ID!) { property(id: $id) { id @include(if: true) title @include(if: false) status @skip(if: true)
          type @skip(if: false) usage @include(if: true) @skip(if: true) price @skip(if: false) @include(if: true) {
          amount } ... @include(if: false) { rooms } ... on Property @skip(if: true) { floor } ...A @skip(if: true)
          ...A ...A @include(if: false) } }
        fragment A on Property { condition }""",
        first_property,
    ),
    "everything left out": (
        """{ properties(first: 2) { nodes { id @skip(if: true) } edges { node { title @include(if: false) }
          cursor @skip(if: true) } pageInfo { endCursor @skip(if: true) } } tenant { id @skip(if: true) }
          viewer { user { name @skip(if: true) } } errorCodes { key @skip(if: true) } }""",
        nothing,
    ),
    "no root field left": ("{ properties @skip(if: true) { totalCount } tenant @include(if: false) { id } }", nothing),
    "introspection": ('{ __schema { queryType { name } } __type(name: "Money") { name } tenant { id } }', nothing),
}
FREE = {"introspection"}  # what only the reference executor can do


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_selection_is_answered_alike(both: Executors, world: World, name: str, role: Role | None) -> None:
    text, variables = DOCUMENTS[name]
    await both.compare(text, variables(world), role, planned=False if name in FREE else None)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("number", range(6))
async def test_every_property_looks_alike(both: Executors, world: World, number: int, role: Role | None) -> None:
    """The full one, the empty one, the hidden one, the odd one and two more, as everybody sees them."""
    await both.compare(DOCUMENTS["all of a property"][0], {"id": world.ids["Property"][number]}, role)
    await both.compare(DOCUMENTS["fields merged through fragments"][0], {"id": world.ids["Property"][number]}, role)


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_is_shown_alike(both: Executors, world: World, role: Role | None) -> None:
    """Members of every role and standing: what is masked of others is shown of oneself."""
    text = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { id firstName lastName name email phone role
      department position status scopes permissions isActive locale timezone bio website joinedAt lastLoginAt createdAt
      updatedAt version createdBy { email phone bio } } } }"""
    await both.compare(text, {"ids": world.ids["User"]}, role)


# --- variables -------------------------------------------------------------------------------------------------------

CONDITIONAL = """query ($a: Boolean!, $b: Boolean! = true, $c: Boolean = false) {
  properties(first: 3) @include(if: $b) {
    nodes { id @include(if: $a) title @skip(if: $a) ... on Node @include(if: $c) { id } ...P @skip(if: $b) }
    totalCount @skip(if: $c)
  }
  viewer @skip(if: $a) { user { id } }
  tenant { id @include(if: $b) }
}
fragment P on Property { status assignedAgent @include(if: $a) { name } }"""


@pytest.mark.parametrize("role", [Role.AGENT, Role.CUSTOMER, None])
async def test_conditions_with_variables(both: Executors, role: Role | None) -> None:
    """All combinations of one document: a plan made for one must not answer another."""
    flags: tuple[dict[str, Any], ...] = ({}, {"b": True}, {"b": False})
    calls = [{"a": a, **b, **c} for a in (True, False) for b in flags for c in ({}, {"c": True}, {"c": False})]
    for variables in (*calls, *reversed(calls), {}, {"a": None}, {"a": "true"}, {"a": 1}, {"a": True, "b": None}):
        await both.compare(CONDITIONAL, variables, role)


LISTED = """query ($first: Int, $page: PageInput, $filter: PropertyFilter, $orderBy: [PropertyOrder!], $n: Int = 2) {
  properties(first: $first, page: $page, filter: $filter, orderBy: $orderBy) {
    nodes { id notes(first: $n) { nodes { id } totalCount } } pageMeta { page size pages total } } }"""
GIVEN: tuple[dict[str, Any], ...] = (
    {},
    {"first": None, "page": None, "filter": None, "orderBy": None, "n": None},
    {"first": 3},
    {"first": 3.0},
    {"first": "3"},
    {"first": True},
    {"first": 3.5},
    {"first": 2**31},
    {"first": 0},
    {"first": 101},
    {"page": {}},
    {"page": {"number": 2}},
    {"page": {"number": 2, "size": 3}},
    {"page": {"number": None}},
    {"page": {"size": "3"}},
    {"page": {"number": 0}},
    {"page": {"other": 1}},
    {"page": []},
    {"page": {"size": 3}, "first": 3},
    {"filter": {}},
    {"filter": {"status": None}},
    {"filter": {"status": {}}},
    {"filter": {"status": {"in": []}}},
    {"filter": {"status": {"in": "AVAILABLE"}}},
    {"filter": {"status": {"in": ["AVAILABLE", None]}}},
    {"filter": {"status": {"eq": "available"}}},
    {"filter": {"status": {"eq": 1}}},
    {"filter": {"and": {"status": {"eq": "AVAILABLE"}}}},
    {"filter": {"and": [{"status": {"eq": "AVAILABLE"}}, {"or": [{"city": {"isNull": True}}, {}]}]}},
    {"filter": {"not": {"not": {"price": {"gte": 100}}}}},
    {"filter": {"price": {"between": ["1", "250000"]}}},
    {"filter": {"price": {"between": ["2", "1"]}}},
    {"filter": {"price": {"gte": 1.5}}},
    {"filter": {"price": {"gte": "x"}}},
    {"filter": {"features": "POOL"}},
    {"filter": {"features": ["POOL", "NO"]}},
    {"filter": {"typeGroup": "LAND"}},
    {"filter": {"createdAt": {"gte": "2026-03-14T15:09:26.536Z"}}},
    {"filter": {"createdAt": {"gte": "2026-03-14"}}},
    {"filter": {"search": ""}},
    {"filter": {"search": "!!"}},
    {"filter": {"search": "haus park"}},
    {"filter": {"unknown": 1}},
    {"filter": "x"},
    {"orderBy": []},
    {"orderBy": {"field": "TITLE"}},
    {"orderBy": [{"field": "TITLE", "direction": None}]},
    {"orderBy": [{"field": "TITLE", "direction": "ASC"}, {"field": "PRICE"}]},
    {"orderBy": [{"field": "TITLE"}, {"field": "TITLE"}]},
    {"orderBy": [{"field": "TITLE"}] * 6},
    {"orderBy": [{"field": "title"}]},
    {"orderBy": [{}]},
    {"orderBy": [None]},
    {"n": 0},
    {"n": "1"},
    {"unknown": 1},
)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.CUSTOMER, None])
async def test_values_of_variables(both: Executors, role: Role | None) -> None:
    """One document with whatever clients send, right and wrong, present, null and absent."""
    for variables in GIVEN:
        await both.compare(LISTED, variables, role)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("query ($n: Int! = 2) { properties(first: $n) { nodes { id } } }", {}),
        ("query ($n: Int! = 2) { properties(first: $n) { nodes { id } } }", {"n": 1}),
        ("query ($n: Int! = 2) { properties(first: $n) { nodes { id } } }", {"n": None}),
        ("query ($n: Int = 2) { properties(page: { number: 1, size: $n }) { nodes { id } } }", {}),
        ("query ($n: Int = 2) { properties(page: { number: 1, size: $n }) { nodes { id } } }", {"n": None}),
        ("query ($n: Int!) { properties(page: { size: $n }) { nodes { id } pageMeta { page } } }", {"n": 3}),
        (
            "query ($d: OrderDirection! = ASC) { properties(orderBy: { field: TITLE, direction: $d }) { totalCount } }",
            {},
        ),
        ("query ($s: PropertyStatus) { properties(filter: { status: { eq: $s } }) { totalCount } }", {}),
        ("query ($s: PropertyStatus) { properties(filter: { status: { eq: $s } }) { totalCount } }", {"s": None}),
        ("query ($s: PropertyStatus) { properties(filter: { status: { eq: $s } }) { totalCount } }", {"s": "SOLD"}),
        (
            "query ($s: PropertyStatus!) { properties(filter: { status: { in: [$s, SOLD] } }) { totalCount } }",
            {"s": "SOLD"},
        ),
        ("query ($s: [PropertyStatus!]) { properties(filter: { status: { in: $s } }) { totalCount } }", {"s": "SOLD"}),
        ("query ($s: PropertyStatus = SOLD) { properties(filter: { status: { eq: $s } }) { totalCount } }", {}),
        ("query ($f: StringFilter = null) { properties(filter: { city: $f }) { totalCount } }", {}),
        ("{ properties(filter: { city: null, and: null, status: { in: null } }, orderBy: null) { totalCount } }", {}),
        ("{ properties(filter: { and: [], or: [] }, orderBy: []) { totalCount } }", {}),
        ('{ properties(filter: { features: POOL, and: { city: { eq: "Köln" } } }) { totalCount } }', {}),
        ('{ properties(filter: { price: { gte: 100, lt: "250000.01" } }) { totalCount } }', {}),
        ('{ properties(filter: { city: { contains: "\\u006b\\u00d6" } }) { totalCount } }', {}),
        ('{ properties(filter: { city: { startsWith: """Be""" } }) { totalCount } }', {}),
        ("query ($id: ID!) { node(id: $id) { id } }", {"id": 5}),
        ("query ($id: ID!) { node(id: $id) { id } }", {"id": None}),
        ("query ($id: ID!) { node(id: $id) { id } }", {}),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": []}),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": "x"}),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [None]}),
        ("{ node(id: 5) { id } nodes(ids: 5) { id } }", {}),
        ("query ($n: String!) { propertyByExternalNumber(externalNumber: $n) { id } }", {"n": 5}),
        ("query ($t: NodeType = NOTE) { trash(type: $t) { nodes { type } } }", {}),
        ("query ($t: NodeType = NOTE) { trash(type: $t) { nodes { type } } }", {"t": None}),
        ("query A { tenant { id } } query B { viewer { user { id } } }", {}),
        ("query ($x: Int) { tenant { id } }", {}),
        ("{ tenant { nothing } }", {}),
        ("{", {}),
    ],
)
@pytest.mark.parametrize("role", [Role.OWNER, Role.CUSTOMER])
async def test_variables_and_literals(both: Executors, text: str, variables: dict[str, Any], role: Role) -> None:
    await both.compare(text, variables, role)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("query ($p: PageInput = { size: 2 }) { properties(page: $p) { nodes { id } pageMeta { page } } }", {}),
        ("query ($p: PageInput = { size: 2 }) { trash(page: $p) { nodes { id } } }", {"p": {"number": 2}}),
        (
            """query ($o: [PropertyOrder!] = [{ field: PRICE }], $f: PropertyFilter = { city: { eq: "Köln" } }) {
            properties(orderBy: $o, filter: $f) { nodes { id } } }""",
            {},
        ),
        (
            "query ($o: [PropertyOrder!] = { field: TITLE }) { properties(orderBy: $o) { totalCount } }",
            {},
        ),
        ("query ($s: [PropertyStatus!] = SOLD) { properties(filter: { status: { in: $s } }) { totalCount } }", {}),
        ("query ($d: Decimal = 100) { properties(filter: { price: { gte: $d } }) { totalCount } }", {}),
        ("query ($d: Decimal = 1.5) { properties(filter: { price: { gte: $d } }) { totalCount } }", {}),
        ('query ($d: [Decimal!] = [1, "2"]) { properties(filter: { price: { in: $d } }) { totalCount } }', {}),
        ('query ($d: DateTime = "2026-03-14") { properties(filter: { createdAt: { gte: $d } }) { totalCount } }', {}),
        ("query ($t: NodeType = null) { trash(type: $t) { totalCount } }", {}),
        ("query ($ids: [ID!]! = []) { nodes(ids: $ids) { id } }", {}),
        ('query ($ids: [ID!]! = [5, "x"]) { nodes(ids: $ids) { id } }', {}),
        ("query ($id: ID! = 5) { node(id: $id) { id } }", {}),
        ('query ($n: String! = """a\n  b""") { propertyByExternalNumber(externalNumber: $n) { id } }', {}),
    ],
)
async def test_defaults_of_variables(both: Executors, text: str, variables: dict[str, Any]) -> None:
    await both.compare(text, variables, Role.AGENT)


@pytest.mark.parametrize(
    "text",
    [
        "query ($v: Boolean = true) { properties(first: 1) { nodes { id title @include(if: $v) } } }",
        "query ($v: Boolean = true) { tenant @skip(if: $v) { id } errorCodes { key } }",
        "query ($v: Boolean = false) { properties(first: 1) { ...F @include(if: $v) } } "
        "fragment F on PropertyConnection { totalCount }",
    ],
)
async def test_a_condition_is_never_null(both: Executors, text: str) -> None:
    """A default lets a variable be nullable; null is refused all the same."""
    await both.compare(text, {}, Role.AGENT)
    answer = await both.compare(text, {"v": None}, Role.AGENT)
    assert "errors" in answer.body


@pytest.mark.parametrize(
    ("kind", "use", "value"),
    [
        ("[ID!]!", "nodes(ids: $x) { id }", ["VXNlcjox"]),
        ("PropertyFilter", "properties(filter: $x) { totalCount }", {"city": {"eq": "Berlin"}}),
        ("Int", "properties(first: $x) { totalCount }", 1),
    ],
)
async def test_a_name_means_another_thing_in_another_operation(
    both: Executors, kind: str, use: str, value: Any
) -> None:
    text = f"query A($x: {kind}) {{ {use} }} query B($x: Boolean!) {{ tenant @include(if: $x) {{ id }} }}"
    for name, given in (("A", value), ("B", True), ("A", value), ("B", False)):
        await both.compare(text, {"x": given}, Role.AGENT, name=name)


async def test_one_of_several_operations(both: Executors) -> None:
    text = """query A($n: Int!) { properties(first: $n) { totalCount ...F } }
    query B($n: Boolean!) { tenant @include(if: $n) { id } }
    query C { properties { ...F } }
    fragment F on PropertyConnection { nodes { title } }"""
    for name, variables in (("A", {"n": 2}), ("B", {"n": True}), ("B", {"n": False}), ("C", {}), ("D", {}), (None, {})):
        await both.compare(text, variables, Role.AGENT, name=name)


@pytest.mark.parametrize("language", ["de", "en"])
async def test_texts_are_in_the_language_of_the_request(both: Executors, language: str) -> None:
    text = '{ errorCodes { key label } properties(first: 0) { totalCount } node(id: "x") { id } }'
    await both.compare(text, {}, Role.AGENT, language=language)
    await both.compare("{ errorCodes { key label } }", {}, Role.AGENT, language=language)


async def test_a_guest_is_shown_the_other_agency(both: Executors, world: World) -> None:
    """The owner of the one agency is a customer in the other one."""
    text = """{ tenant { id usage { propertiesCount } } properties { nodes { id title viewerCan { update } } }
    viewer { membership { role } memberships { role } permissions } trash { totalCount } }"""
    at_home = await both.compare(text, {}, Role.OWNER)
    away = await both.compare(text, {}, Role.OWNER, tenant=world.rival.gid)
    assert at_home.body["data"]["viewer"]["membership"] == {"role": "OWNER"}
    assert away.body["data"]["viewer"]["membership"] == {"role": "CUSTOMER"}
    assert away.body["data"]["tenant"] == {"id": world.rival.gid, "usage": None}


async def test_whoever_asks_for_the_plan_is_answered_alike(both: Executors, world: World) -> None:
    text, variables = DOCUMENTS["everything at once"]
    first, _ = await both.answers(text, variables(world), Role.ADMIN, extensions={"plan": True})
    second = await both.compare(text, variables(world), Role.ADMIN)
    assert orjson.dumps(first.body["data"]) == orjson.dumps(second.body["data"])
    plan = first.body["extensions"]["plan"]
    assert (plan["executor"], plan["reason"]) == ("planned", None)
    assert {step["field"] for step in plan["steps"]} >= {"node", "nodes", "property", "properties", "tenant", "viewer"}
