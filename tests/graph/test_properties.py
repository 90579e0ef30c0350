"""Who sees and does what with a property, and what is computed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.access import Role
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.factories import make_properties
from tests.graph.world import DELETE, ERRORS, STATUS, created, events, problems, rows, untouched

SHOWN = """query ($id: ID!) { property(id: $id) {
  title closingPrice { amount } notes { nodes { body } }
  address { street houseNumber postalCode city formatted showAddress geo { latitude longitude } }
  viewerCan { update delete publish allowedStatuses } assignedAgent { name } } }"""
PLACE = {
    "street": "Goethestraße",
    "houseNumber": "5",
    "postalCode": "10115",
    "city": "Berlin",
    "geo": {"latitude": "52.531677", "longitude": "13.381777"},
}


async def test_a_customer_sees_what_is_offered(state: State, acme: Signed) -> None:
    statuses = ("ACQUISITION", "PREPARATION", "AVAILABLE", "RESERVED", "SOLD", "RENTED", "WITHDRAWN")
    made = await make_properties(state, acme.agency, [{"status": status, "title": status} for status in statuses])
    ids = {row.status: encode_id("Property", row.id) for row in made}
    listed = (await acme.customer.data("{ properties { nodes { title } totalCount } }"))["properties"]
    assert sorted(node["title"] for node in listed["nodes"]) == ["AVAILABLE", "RESERVED"]
    assert listed["totalCount"] == 2
    for row in made:
        id, visible = ids[row.status], row.status in ("AVAILABLE", "RESERVED")
        number = row.external_number
        text = """query ($id: ID!, $number: String!) {
          property(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id }
          propertyByExternalNumber(externalNumber: $number) { id } }"""
        seen = {"id": id} if visible else None
        assert await acme.customer.data(text, id=id, number=number) == {
            "property": seen,
            "node": seen,
            "nodes": [seen],
            "propertyByExternalNumber": seen,
        }
    staff = (await acme.agent.data("{ properties { totalCount } }"))["properties"]
    assert staff == {"totalCount": 7}


async def test_a_customer_sees_town_and_postal_code_until_the_address_is_shown(acme: Signed) -> None:
    hidden = await created(acme, status="AVAILABLE", address=PLACE)
    shown = await created(acme, status="AVAILABLE", address={**PLACE, "showAddress": True})
    exact = {
        **PLACE,
        "formatted": "Goethestraße 5, 10115 Berlin",
        "geo": {"latitude": "52.531677", "longitude": "13.381777"},
    }
    coarse = {
        **PLACE,
        "street": None,
        "houseNumber": None,
        "formatted": "10115 Berlin",
        "geo": {"latitude": "52.53", "longitude": "13.38"},
    }
    for client, id, expected in (
        (acme.customer, hidden["id"], {**coarse, "showAddress": False}),
        (acme.customer, shown["id"], {**exact, "showAddress": True}),
        (acme.agent, hidden["id"], {**exact, "showAddress": False}),
    ):
        assert (await client.data(SHOWN, id=id))["property"]["address"] == expected


async def test_a_customer_sees_neither_closing_price_nor_notes_nor_buttons(state: State, acme: Signed) -> None:
    (row,) = await make_properties(state, acme.agency, [{"status": "RESERVED", "closing_price": 45_000_000}])
    id = encode_id("Property", row.id)
    note = f'mutation ($id: ID!) {{ propertyNoteAdd(propertyId: $id, input: {{ body: "x" }}) {{ {ERRORS} }} }}'
    await acme.agent.data(note, id=id)
    seen = (await acme.customer.data(SHOWN, id=id))["property"]
    assert (seen["closingPrice"], seen["notes"]) == (None, None)
    assert seen["viewerCan"] == {"update": False, "delete": False, "publish": False, "allowedStatuses": []}
    told = (await acme.agent.data(SHOWN, id=id))["property"]
    assert (told["closingPrice"], told["notes"]) == ({"amount": "450000.00"}, {"nodes": [{"body": "x"}]})


async def test_what_is_computed(state: State, acme: Signed) -> None:
    columns: list[dict[str, Any]] = [
        {"price": 46_500_000, "living_area": 82_00},
        {"marketing_type": "RENT", "rent_cold": 1_000_00, "living_area": 75_00},
        {"price": 46_500_000},
        {
            "first_available_at": datetime(2026, 10, 1, 9, tzinfo=UTC),
            "closed_at": datetime(2026, 11, 15, 7, tzinfo=UTC),
            "status": "SOLD",
        },
    ]
    await make_properties(state, acme.agency, columns)
    text = "{ properties { nodes { externalNumber pricePerSqm { amount currency } daysOnMarket } } }"
    found = {node.pop("externalNumber"): node for node in (await acme.agent.data(text))["properties"]["nodes"]}
    assert found == {
        "P-0000": {"pricePerSqm": {"amount": "5670.73", "currency": "EUR"}, "daysOnMarket": None},
        "P-0001": {"pricePerSqm": {"amount": "13.33", "currency": "EUR"}, "daysOnMarket": None},
        "P-0002": {"pricePerSqm": None, "daysOnMarket": None},
        "P-0003": {"pricePerSqm": None, "daysOnMarket": 45},
    }


async def test_a_number_finds_its_property(acme: Signed, rival: Signed) -> None:
    text = "query ($number: String!) { propertyByExternalNumber(externalNumber: $number) { id } }"
    made = await created(acme, externalNumber="A-1")
    await created(rival, externalNumber="B-1")
    for number, found in (("A-1", {"id": made["id"]}), ("a-1", None), ("B-1", None), ("", None), ("\u0000", None)):
        assert (await acme.agent.data(text, number=number))["propertyByExternalNumber"] == found
    await acme.manager.data(DELETE, id=made["id"])
    assert (await acme.agent.data(text, number="A-1"))["propertyByExternalNumber"] is None


async def test_a_deleted_property_is_nowhere(state: State, acme: Signed) -> None:
    made = await created(acme, status="AVAILABLE")
    payload = (await acme.manager.data(DELETE, id=made["id"]))["propertyDelete"]
    assert payload["userErrors"] == []
    for client in (acme.manager, acme.agent, acme.customer):
        text = "query ($id: ID!) { property(id: $id) { id } node(id: $id) { id } properties { totalCount } }"
        assert await client.data(text, id=made["id"]) == {
            "property": None,
            "node": None,
            "properties": {"totalCount": 0},
        }
    async with untouched(state, acme):
        payload = (await acme.manager.data(DELETE, id=made["id"]))["propertyDelete"]
        assert problems(payload) == [("NOT_FOUND", "id")]
        payload = (await acme.manager.data(STATUS, id=made["id"], input={"status": "WITHDRAWN"}))["propertyStatusSet"]
        assert problems(payload) == [("NOT_FOUND", "id")]
    counters = {row["resource"]: row["used"] for row in await rows(state, acme.agency.id, "plan_counter")}
    assert counters["PROPERTIES"] == 0
    assert [kind for _, kind, _, _ in await events(state, acme.agency.id)] == ["CREATED", "DELETED"]


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
async def test_the_buttons_tell_what_a_role_may_do(acme: Signed, role: Role) -> None:
    made = await created(acme, status="AVAILABLE")
    can = (await acme.as_(role).data(SHOWN, id=made["id"]))["property"]["viewerCan"]
    assert can["update"] == (role is not Role.CUSTOMER)
    body = await acme.as_(role)(DELETE, id=made["id"])
    deleted = "errors" not in body and body["data"]["propertyDelete"]["userErrors"] == []
    assert can["delete"] == deleted
