"""Favourites of people, and what properties were found to be worth."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.access import Role
from models.base import now
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.factories import make_properties
from tests.graph.world import ERRORS, events, problems, rows, untouched

TOGGLE = f"""mutation ($id: ID!) {{ propertyFavoriteToggle(id: $id) {{
  isFavorite node {{ id ... on Property {{ title isFavorite favoriteCount }} }} {ERRORS} }} }}"""
MARKS = "query ($id: ID!) { property(id: $id) { isFavorite favoriteCount version } }"
LIST = """query ($filter: PropertyFilter) { properties(filter: $filter, orderBy: { field: TITLE, direction: ASC }) {
  totalCount nodes { title isFavorite favoriteCount } } }"""
VALUE = f"""mutation ($id: ID!, $input: PropertyValuationInput!) {{
  propertyValuationAdd(propertyId: $id, input: $input) {{ propertyValuation {{
    value {{ amount currency }} date method source notes createdBy {{ id }} }} {ERRORS} }} }}"""
VALUATIONS = """query ($id: ID!) { property(id: $id) {
  valuations { totalCount nodes { value { amount currency } date method } } } }"""


async def made(state: State, signed: Signed, *titles: str) -> list[str]:
    given = [{"title": title, "status": "AVAILABLE"} for title in titles]
    return [encode_id("Property", row.id) for row in await make_properties(state, signed.agency, given)]


async def test_a_favourite_is_ones_own(state: State, acme: Signed) -> None:
    first, _ = await made(state, acme, "Erstes", "Zweites")
    node = {"id": first, "title": "Erstes", "isFavorite": True}
    for count, client in enumerate((acme.agent, acme.manager, acme.customer), start=1):
        payload = (await client.data(TOGGLE, id=first))["propertyFavoriteToggle"]
        assert payload == {"isFavorite": True, "node": {**node, "favoriteCount": count}, "userErrors": []}
    payload = (await acme.manager.data(TOGGLE, id=first))["propertyFavoriteToggle"]
    assert payload == {
        "isFavorite": False,
        "node": {**node, "isFavorite": False, "favoriteCount": 2},
        "userErrors": [],
    }
    # It is no change of the property: nobody hears of it, and its version stays.
    assert (await acme.agent.data(MARKS, id=first))["property"] == {
        "isFavorite": True,
        "favoriteCount": 2,
        "version": 1,
    }
    assert await events(state, acme.agency.id) == []
    shown = [
        {"title": "Erstes", "isFavorite": True, "favoriteCount": 2},
        {"title": "Zweites", "isFavorite": False, "favoriteCount": 0},
    ]
    for given, expected in ((None, shown), ({"isFavorite": True}, shown[:1]), ({"isFavorite": False}, shown[1:])):
        found = (await acme.agent.data(LIST, filter=given))["properties"]
        assert found == {"totalCount": len(expected), "nodes": expected}
    found = (await acme.manager.data(LIST, filter={"isFavorite": True}))["properties"]
    assert found == {"totalCount": 0, "nodes": []}
    entries = await rows(state, acme.agency.id, "audit_entry", "seq")
    assert {(row["operation"], row["outcome"], row["resource_type"]) for row in entries} == {
        ("propertyFavoriteToggle", "SUCCESS", "Property")
    }


async def test_twenty_toggles_at_once_leave_one_mark_or_none(state: State, acme: Signed) -> None:
    (id,) = await made(state, acme, "Haus")
    payloads = await asyncio.gather(*(acme.agent.data(TOGGLE, id=id) for _ in range(20)))
    answers = [payload["propertyFavoriteToggle"]["isFavorite"] for payload in payloads]
    assert (answers.count(True), answers.count(False)) == (10, 10)
    assert (await acme.agent.data(MARKS, id=id))["property"]["favoriteCount"] == 0


async def test_a_favourite_must_be_seen(state: State, acme: Signed, rival: Signed) -> None:
    (foreign,) = await made(state, rival, "Fremd")
    (hidden,) = [encode_id("Property", row.id) for row in await make_properties(state, acme.agency, [{}])]
    async with untouched(state, acme), untouched(state, rival):
        for client, id in ((acme.agent, foreign), (acme.customer, hidden), (acme.customer, foreign)):
            payload = (await client.data(TOGGLE, id=id))["propertyFavoriteToggle"]
            assert (payload["isFavorite"], payload["node"], problems(payload)) == (False, None, [("NOT_FOUND", "id")])


async def test_valuations_are_listed_the_newest_first(state: State, acme: Signed) -> None:
    (id,) = await made(state, acme, "Haus")
    today = now().date()
    given: list[dict[str, Any]] = [
        {"value": {"amount": "450000.00"}, "date": "2025-03-01", "method": "EXPERT", "source": "Gutachter"},
        {"value": {"amount": "470000.00"}, "notes": "Nach dem Umbau"},
        {"value": {"amount": "430000.00", "currency": "CHF"}, "date": "2024-12-31"},
    ]
    payload = [(await acme.agent.data(VALUE, id=id, input=one))["propertyValuationAdd"] for one in given]
    agent = acme.agency.people[Role.AGENT].gid
    assert payload[1] == {
        "propertyValuation": {
            "value": {"amount": "470000.00", "currency": "EUR"},
            "date": today.isoformat(),
            "method": "MANUAL",
            "source": None,
            "notes": "Nach dem Umbau",
            "createdBy": {"id": agent},
        },
        "userErrors": [],
    }
    assert (await acme.agent.data(VALUATIONS, id=id))["property"]["valuations"] == {
        "totalCount": 3,
        "nodes": [
            {"value": {"amount": "470000.00", "currency": "EUR"}, "date": today.isoformat(), "method": "MANUAL"},
            {"value": {"amount": "450000.00", "currency": "EUR"}, "date": "2025-03-01", "method": "EXPERT"},
            {"value": {"amount": "430000.00", "currency": "CHF"}, "date": "2024-12-31", "method": "MANUAL"},
        ],
    }
    # What an owner hopes for and a surveyor says is not the customers' affair.
    assert (await acme.customer.data(VALUATIONS, id=id))["property"]["valuations"] is None
    assert (await events(state, acme.agency.id))[-1][:2] == ("property.updated", "UPDATED")
    assert (await events(state, acme.agency.id))[-1][3] == ["valuations"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"value": {"amount": "0.00"}}, ("VALIDATION_ERROR", "input.value.amount")),
        ({"value": {"amount": "-1.00"}}, ("VALIDATION_ERROR", "input.value.amount")),
        ({"value": {"amount": "1.00", "currency": "EURO"}}, ("INVALID_INPUT", "input.value.currency")),
        ({"value": {"amount": "1.00"}, "source": "x" * 256}, ("VALIDATION_ERROR", "input.source")),
        ({"value": {"amount": "1.00"}, "date": "tomorrow"}, ("VALIDATION_ERROR", "input.date")),
    ],
)
async def test_what_is_no_valuation(
    state: State, acme: Signed, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    (id,) = await made(state, acme, "Haus")
    if given.get("date") == "tomorrow":
        given = {**given, "date": (now().date() + timedelta(days=1)).isoformat()}
    async with untouched(state, acme):
        assert problems((await acme.agent.data(VALUE, id=id, input=given))["propertyValuationAdd"]) == [expected]
