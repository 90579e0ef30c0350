"""The way of a property from the first visit to the notary, step by step, through the schema."""

from itertools import product
from typing import Any

import pytest

from domain.access import Role
from models.base import now
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.factories import make_properties, property_input
from tests.graph.world import CREATE, STATUS, created, events, problems, rows, untouched

STATUSES = ("ACQUISITION", "PREPARATION", "AVAILABLE", "RESERVED", "SOLD", "RENTED", "WITHDRAWN")
# Written down anew, not taken from the code under test.
STEPS = {
    "ACQUISITION": {"PREPARATION", "WITHDRAWN"},
    "PREPARATION": {"AVAILABLE", "WITHDRAWN"},
    "AVAILABLE": {"RESERVED", "WITHDRAWN"},
    "RESERVED": {"AVAILABLE", "SOLD", "RENTED", "WITHDRAWN"},
    "SOLD": {"WITHDRAWN"},
    "RENTED": {"WITHDRAWN"},
    "WITHDRAWN": {"PREPARATION"},
}
ENDS = {"BUY": "SOLD", "LEASEHOLD": "SOLD", "RENT": "RENTED", "LEASING": "RENTED"}
READ = """query ($id: ID!) { property(id: $id) {
  status statusChangedAt firstAvailableAt closedAt closingPrice { amount currency } daysOnMarket
  viewerCan { allowedStatuses } } }"""
EVERYTHING = {"reason": "Wunsch des Eigentümers", "closingPrice": {"amount": "100.00"}}


def complete(**columns: Any) -> dict[str, Any]:
    """Columns of a property that lacks nothing for the market."""
    return {"price": 100_00, "rent_cold": 100_00, "city": "Berlin", "living_area": 50_00, **columns}


def allowed(status: str, marketing: str, *, manages: bool) -> list[str]:
    if status in ("SOLD", "RENTED") and not manages:
        return []
    wrong = {"SOLD", "RENTED"} - {ENDS[marketing]}
    return [step for step in STATUSES if step in STEPS[status] - wrong]


@pytest.mark.parametrize("marketing", sorted(ENDS))
@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT], ids=lambda role: role.value)
async def test_every_step_from_everywhere(state: State, acme: Signed, marketing: str, role: Role) -> None:
    pairs = list(product(STATUSES, STATUSES))
    columns = [complete(status=start, marketing_type=marketing) for start, _ in pairs]
    made = await make_properties(state, acme.agency, columns)
    client, done = acme.as_(role), []
    for (start, target), row in zip(pairs, made, strict=True):
        id = encode_id("Property", row.id)
        steps = allowed(start, marketing, manages=role is Role.MANAGER)
        payload = (await client.data(STATUS, id=id, input={"status": target, **EVERYTHING}))["propertyStatusSet"]
        if target == start:
            assert (payload["userErrors"], payload["property"]["status"], payload["property"]["version"]) == (
                [],
                start,
                1,
            )
        elif target in steps:
            assert payload["userErrors"] == []
            assert (payload["property"]["status"], payload["property"]["version"]) == (target, 2)
            done.append(row.id)
        else:
            assert problems(payload) == [("INVALID_TRANSITION", "input.status")]
            assert payload["userErrors"][0]["details"] == {"from": start, "to": target, "allowed": steps}
    stored = await rows(state, acme.agency.id, "event_outbox", "seq")
    assert [(event["type"], event["kind"], event["entity_id"]) for event in stored] == [
        ("property.status_changed", "STATUS_CHANGED", id) for id in done
    ]
    moved = {row["id"] for row in await rows(state, acme.agency.id, "property") if row["version"] == 2}
    assert moved == set(done)


@pytest.mark.parametrize("marketing", sorted(ENDS))
async def test_the_buttons_are_the_steps(state: State, acme: Signed, marketing: str) -> None:
    made = await make_properties(
        state, acme.agency, [complete(status=status, marketing_type=marketing) for status in STATUSES]
    )
    for row in made:
        for role in (Role.MANAGER, Role.AGENT):
            shown = (await acme.as_(role).data(READ, id=encode_id("Property", row.id)))["property"]
            steps = allowed(row.status, marketing, manages=role is Role.MANAGER)
            assert shown["viewerCan"] == {"allowedStatuses": steps}
    visible = [row for row in made if row.status in ("AVAILABLE", "RESERVED")]
    for row in visible:
        shown = (await acme.customer.data(READ, id=encode_id("Property", row.id)))["property"]
        assert shown["viewerCan"] == {"allowedStatuses": []}


@pytest.mark.parametrize(
    ("start", "target", "given", "path"),
    [
        ("AVAILABLE", "RESERVED", {}, "reason"),
        ("AVAILABLE", "RESERVED", {"reason": None}, "reason"),
        ("AVAILABLE", "RESERVED", {"reason": "  "}, "reason"),
        ("RESERVED", "SOLD", {}, "closingPrice"),
        ("RESERVED", "SOLD", {"closingPrice": None, "reason": "Notar"}, "closingPrice"),
        ("SOLD", "WITHDRAWN", {}, "reason"),
        ("SOLD", "WITHDRAWN", {"reason": ""}, "reason"),
        ("AVAILABLE", "RESERVED", {"reason": "x" * 501}, "reason"),
        ("RESERVED", "SOLD", {"closingPrice": {"amount": "-1.00"}}, "closingPrice.amount"),
        ("RESERVED", "SOLD", {"closingPrice": {"amount": "1.00", "currency": "USD"}}, "closingPrice.currency"),
    ],
)
async def test_what_a_step_needs(
    state: State, acme: Signed, start: str, target: str, given: dict[str, Any], path: str
) -> None:
    (row,) = await make_properties(state, acme.agency, [complete(status=start)])
    id = encode_id("Property", row.id)
    async with untouched(state, acme):
        payload = (await acme.manager.data(STATUS, id=id, input={"status": target, **given}))["propertyStatusSet"]
        assert problems(payload) == [("VALIDATION_ERROR", f"input.{path}")]


@pytest.mark.parametrize(
    ("columns", "missing"),
    [
        ({"price": None}, ["input.price"]),
        ({"price": 0}, ["input.price"]),
        ({"city": None}, ["input.address.city"]),
        ({"living_area": None}, ["input.livingArea"]),
        ({"marketing_type": "RENT", "rent_cold": None}, ["input.rentCold"]),
        ({"price": None, "city": None, "living_area": None}, ["input.price", "input.address.city", "input.livingArea"]),
        ({"price": None, "price_on_request": True}, []),
        ({"price": 0, "price_on_request": True}, []),
        ({"city": None, "postal_code": "10115"}, []),
        ({"living_area": None, "rooms": 5}, []),
        ({"type": "OFFICE", "living_area": None}, []),
        ({"marketing_type": "RENT", "price": None}, []),
    ],
    ids=repr,
)
async def test_what_the_market_needs(state: State, acme: Signed, columns: dict[str, Any], missing: list[str]) -> None:
    (row,) = await make_properties(state, acme.agency, [complete(status="PREPARATION", **columns)])
    before = len(await events(state, acme.agency.id))
    payload = (await acme.agent.data(STATUS, id=encode_id("Property", row.id), input={"status": "AVAILABLE"}))[
        "propertyStatusSet"
    ]
    assert problems(payload) == [("VALIDATION_ERROR", path) for path in missing]
    assert len(await events(state, acme.agency.id)) == before + (not missing)


async def test_the_whole_way_to_the_notary_and_back(state: State, acme: Signed) -> None:
    made = await created(acme)

    async def step(status: str, **given: Any) -> dict[str, Any]:
        payload = (await acme.manager.data(STATUS, id=made["id"], input={"status": status, **given}))[
            "propertyStatusSet"
        ]
        assert payload["userErrors"] == []
        found: dict[str, Any] = (await acme.manager.data(READ, id=made["id"]))["property"]
        assert found["status"] == status
        return found

    fresh = (await acme.manager.data(READ, id=made["id"]))["property"]
    assert (fresh["firstAvailableAt"], fresh["daysOnMarket"]) == (None, None)
    offered = await step("AVAILABLE")
    assert offered["statusChangedAt"] == offered["firstAvailableAt"] > fresh["statusChangedAt"]
    assert offered["daysOnMarket"] == 0
    await step("RESERVED", reason="Notartermin")
    again = await step("AVAILABLE")
    assert again["firstAvailableAt"] == offered["firstAvailableAt"]
    await step("RESERVED", reason="Notartermin")
    sold = await step("SOLD", closingPrice={"amount": "450000.00"}, closedAt="2027-01-15T10:00:00+01:00")
    assert (sold["closingPrice"], sold["closedAt"]) == (
        {"amount": "450000.00", "currency": "EUR"},
        "2027-01-15T09:00:00.000Z",
    )
    back = await step("WITHDRAWN", reason="Rücktritt vom Kaufvertrag")
    assert (back["closingPrice"], back["closedAt"]) == (None, None)
    await step("PREPARATION")
    (stored,) = await rows(state, acme.agency.id, "property")
    assert (stored["status_reason"], stored["version"]) == (None, 8)
    kinds = [kind for _, kind, _, _ in await events(state, acme.agency.id)]
    assert kinds == ["CREATED"] + ["STATUS_CHANGED"] * 7


async def test_a_sale_is_closed_now_unless_said_otherwise(state: State, acme: Signed) -> None:
    (row,) = await make_properties(state, acme.agency, [complete(status="RESERVED")])
    before = now()
    price = {"amount": "1.00"}
    await acme.agent.data(STATUS, id=encode_id("Property", row.id), input={"status": "SOLD", "closingPrice": price})
    (stored,) = await rows(state, acme.agency.id, "property")
    assert before <= stored["status_changed_at"] <= stored["closed_at"] <= now()
    assert stored["closing_price"] == 100


async def test_the_present_status_again_is_no_change(state: State, acme: Signed) -> None:
    made = await created(acme, status="AVAILABLE")
    async with untouched(state, acme):
        payload = (await acme.agent.data(STATUS, id=made["id"], input={"status": "AVAILABLE"}))["propertyStatusSet"]
        assert payload["userErrors"] == []
        assert payload["property"]["version"] == 1


@pytest.mark.parametrize("status", ["ACQUISITION", "PREPARATION", "AVAILABLE"])
async def test_a_property_may_begin_early(state: State, acme: Signed, status: str) -> None:
    payload = (await acme.agent.data(CREATE, input=property_input(status=status)))["propertyCreate"]
    assert (payload["userErrors"], payload["property"]["status"]) == ([], status)
    (stored,) = await rows(state, acme.agency.id, "property")
    assert (stored["first_available_at"] is not None) == (status == "AVAILABLE")
    assert [event[:3] for event in await events(state, acme.agency.id)] == [("property.created", "CREATED", 1)]
