"""Inputs meant to hurt: huge filters, made-up cursors, amounts at the edge. Each is refused in a word, or works."""

import base64
import json
from typing import Any

import pytest
from sqlalchemy import text as sql

from domain.access import Role
from loaders.sql import STATEMENTS
from resolvers.kit.context import State
from tests.conftest import Client, Signed
from tests.factories import make_properties, property_input
from tests.graph.world import CREATE, DELETE, ERRORS, UPDATE, created, untouched

FILTERED = "query ($filter: PropertyFilter) { properties(filter: $filter, first: 5) { nodes { id } } }"
ORDERED = """query ($after: String, $orderBy: [PropertyOrder!]) {
  properties(first: 1, after: $after, orderBy: $orderBy) { nodes { id } pageInfo { endCursor } } }"""
NOTES = """query ($id: ID!, $after: String) {
  property(id: $id) { notes(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } } }"""
TRASH = "query ($after: String) { trash(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } }"
NOTE = f"""mutation ($id: ID!) {{
  propertyNoteAdd(propertyId: $id, input: {{ body: "Notiz" }}) {{ note {{ id }} {ERRORS} }} }}"""
EMPTY: dict[str, Any] = {}
UNPRICED = {"price": {"isNull": True}}


def refusal(body: dict[str, Any]) -> tuple[str, list[str]]:
    """Code and field of the only error of an answer."""
    (error,) = body["errors"]
    return error["extensions"]["code"], error["extensions"]["field"]


# One condition for the list, one for each of its filters, one for each field and one for each operator.
@pytest.mark.parametrize(
    ("given", "accepted"),
    [
        ({"or": [UNPRICED] * 33}, True),
        ({"or": [UNPRICED] * 34}, False),
        ({"or": [EMPTY] * 99}, True),
        ({"or": [EMPTY] * 100}, False),
        ({"not": {"and": [EMPTY] * 98}}, True),
        ({"not": {"and": [EMPTY] * 99}}, False),
        ({"or": [{"and": [UNPRICED] * 100}] * 10}, False),
        ({"or": [{"and": [{"or": [EMPTY] * 20}] * 10}] * 10}, False),
        ({"and": [{"city": {"eq": "a", "ne": "b", "contains": "c"}}] * 20}, False),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_a_filter_has_at_most_a_hundred_conditions(acme: Signed, given: Any, accepted: bool) -> None:
    compiled = list(STATEMENTS._entries)
    body = await acme.agent(FILTERED, filter=given)
    if accepted:
        assert body == {"data": {"properties": {"nodes": []}}}
        return
    assert refusal(body) == ("INVALID_INPUT", ["filter"])
    assert list(STATEMENTS._entries) == compiled


def forged(cursor: str, place: int, value: str) -> str:
    """A cursor of this server with other JSON in one of its places."""
    payload = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    texts = [json.dumps(part) for part in payload]
    texts[place] = value
    return base64.urlsafe_b64encode(f"[{','.join(texts)}]".encode()).decode().rstrip("=")


NEVER = [
    *("true", "false", "1.5", "[]", "[1]", "{}", '{"t": 1}', '{"d": null}', '{"t": "soon"}', '{"d": "2026-13-01"}'),
    *("9223372036854775808", "-9223372036854775809", "1" * 40, "1e400", "NaN", '"\\u0000"', '"a\\u0000b"'),
    *('{"t": "0001-01-01T00:00:00+23:00"}', '{"t": "9999-12-31T23:00:00-23:00"}', '"\\ud800"'),
]
TEXT, NUMBER, MOMENT = '"x"', "1", '{"t": "2026-01-01T00:00:00+00:00"}'
KINDS = {
    "CREATED_AT": MOMENT,
    "UPDATED_AT": MOMENT,
    "TITLE": TEXT,
    "PRICE": NUMBER,
    "PRICE_PER_SQM": NUMBER,
    "LIVING_AREA": NUMBER,
    "ROOMS": NUMBER,
    "DAYS_ON_MARKET": NUMBER,
    "STATUS": TEXT,
}
ALWAYS_THERE = {"CREATED_AT", "UPDATED_AT", "TITLE", "STATUS"}


@pytest.mark.parametrize("field", KINDS)
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_a_forged_cursor_is_refused(state: State, acme: Signed, field: str, direction: str) -> None:
    await make_properties(state, acme.agency, [{"price": 100, "living_area": 100, "rooms": 2}] * 2)
    order = [{"field": field, "direction": direction}]
    cursor = (await acme.agent.data(ORDERED, orderBy=order))["properties"]["pageInfo"]["endCursor"]
    bad = [value for value in NEVER if value != KINDS[field]]
    bad += [value for value in (TEXT, NUMBER, MOMENT) if value != KINDS[field]]
    bad += ["null"] if field in ALWAYS_THERE else []
    for value in bad:
        body = await acme.agent(ORDERED, orderBy=order, after=forged(cursor, 1, value))
        assert (value, *refusal(body)) == (value, "INVALID_INPUT", ["after"])
    for value in ("null", "5", '""', '"x"', "[]", '"\\u0000"'):
        body = await acme.agent(ORDERED, orderBy=order, after=forged(cursor, 2, value))
        assert (value, *refusal(body)) == (value, "INVALID_INPUT", ["after"])


async def test_a_forged_cursor_of_notes_and_of_the_trash(acme: Signed) -> None:
    kept, gone = await created(acme), await created(acme)
    assert (await acme.agent.data(NOTE, id=kept["id"]))["propertyNoteAdd"]["userErrors"] == []
    assert (await acme.manager.data(DELETE, id=gone["id"]))["propertyDelete"]["userErrors"] == []
    notes = (await acme.manager.data(NOTES, id=kept["id"]))["property"]["notes"]["pageInfo"]["endCursor"]
    trash = (await acme.manager.data(TRASH))["trash"]["pageInfo"]["endCursor"]
    for value in [*NEVER, TEXT, "null"]:
        made_up: list[tuple[Client, str, dict[str, Any], str]] = [
            (acme.manager, NOTES, {"id": kept["id"]}, forged(notes, 1, value)),
            (acme.manager, NOTES, {"id": kept["id"]}, forged(notes, 2, value)),
            (acme.manager, TRASH, {}, forged(trash, 1, value)),
        ]
        for client, text, variables, after in made_up:
            assert (value, *refusal(await client(text, after=after, **variables))) == (
                value,
                "INVALID_INPUT",
                ["after"],
            )


async def test_the_largest_price_on_the_smallest_area(state: State, acme: Signed) -> None:
    async with untouched(state, acme):
        given = property_input(price={"amount": "1000000000.01"})
        payload = (await acme.agent.data(CREATE, input=given))["propertyCreate"]
        (error,) = payload["userErrors"]
        assert (payload["property"], error["code"], error["field"], error["details"]) == (
            None,
            "VALIDATION_ERROR",
            ["input", "price", "amount"],
            {"min": 0, "max": 1_000_000_000},
        )
    made = await created(acme, price={"amount": "1000000000.00"}, livingArea="0.01")
    text = "query ($id: ID!) { property(id: $id) { price { amount } livingArea pricePerSqm { amount } } }"
    assert (await acme.agent.data(text, id=made["id"]))["property"] == {
        "price": {"amount": "1000000000.00"},
        "livingArea": "0.01",
        "pricePerSqm": {"amount": "100000000000.00"},
    }


async def test_features_that_are_taken_away_are_unknown(acme: Signed) -> None:
    made = await created(
        acme,
        features={"balcony": True, "elevator": False, "parkingSpaces": 2, "flooring": ["PARQUET"], "balconyArea": "5"},
    )
    text = """query ($id: ID!) { property(id: $id) {
      features { balcony elevator parkingSpaces flooring balconyArea unknown } } }"""
    before = (await acme.agent.data(text, id=made["id"]))["property"]["features"]
    fresh = (await acme.agent.data(text, id=(await created(acme))["id"]))["property"]["features"]
    assert set(fresh["unknown"]) - set(before["unknown"]) == {"BALCONY", "ELEVATOR"}
    payload = (await acme.agent.data(UPDATE, id=made["id"], input={"features": None}))["propertyUpdate"]
    assert payload["userErrors"] == []
    after = (await acme.agent.data(text, id=made["id"]))["property"]["features"]
    assert after == {
        "balcony": False,
        "elevator": False,
        "parkingSpaces": None,
        "flooring": [],
        "balconyArea": None,
        "unknown": sorted({*fresh["unknown"], "PARKING"}),
    }


async def test_customers_see_the_name_of_a_member_and_nothing_else(state: State, acme: Signed) -> None:
    agent, customer = acme.agency.people[Role.AGENT], acme.agency.people[Role.CUSTOMER]
    text = """query ($id: ID!) { node(id: $id) { ... on User {
      id name email phone bio website role department position status joinedAt lastLoginAt permissions scopes } } }"""
    hidden = dict.fromkeys(
        ("email", "phone", "bio", "website", "role", "department", "position", "status"), None
    ) | dict.fromkeys(("joinedAt", "lastLoginAt", "permissions", "scopes"), None)
    async with state.database.write(acme.agency.id) as session:
        await session.execute(
            sql("update member set bio = 'Ich', website = 'https://x.example', department = 'A', position = 'B'")
        )
        await session.commit()
    assert (await acme.customer.data(text, id=agent.gid))["node"] == {"id": agent.gid, "name": "Agent Person", **hidden}
    own = (await acme.customer.data(text, id=customer.gid))["node"]
    assert (own["name"], own["bio"], own["role"]) == ("Customer Person", "Ich", "CUSTOMER")
    seen = (await acme.manager.data(text, id=agent.gid))["node"]
    assert (seen["bio"], seen["phone"]) == ("Ich", "+493023125000")
