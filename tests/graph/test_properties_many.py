"""Many properties at once, and copies."""

from typing import Any

import httpx2

from domain.access import Role
from domain.plans import PLANS, LimitResource, PlanKey
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Client, Signed
from tests.factories import make_agency, make_properties, property_input
from tests.graph.test_mutations import execute
from tests.graph.world import CREATE, ERRORS, events, problems, rows, untouched

BULK = f"""mutation ($ids: [ID!]!, $input: PropertyBulkInput!) {{
  propertiesUpdate(ids: $ids, input: $input) {{
    results {{ id property {{ id status assignedAgent {{ id }} }} {ERRORS} }}
    succeededCount failedCount {ERRORS} }} }}"""
DELETE = f"""mutation ($ids: [ID!]!) {{
  propertiesDelete(ids: $ids) {{ results {{ id property {{ deletedAt }} {ERRORS} }}
    succeededCount failedCount {ERRORS} }} }}"""
SHOWN = """title status externalNumber openImmoId description price { amount currency } livingArea rooms location
  firstAvailableAt closedAt version notes { totalCount } features { balcony unknown } amenities
  contactPersons { name email phone role user { id } } assignedAgent { id } createdBy { id }"""
READ = f"query ($id: ID!) {{ property(id: $id) {{ {SHOWN} }} }}"
DUPLICATE = f"mutation ($id: ID!) {{ propertyDuplicate(id: $id) {{ property {{ {SHOWN} }} {ERRORS} }} }}"
NOTE = 'mutation ($id: ID!) { propertyNoteAdd(propertyId: $id, input: { body: "Dach" }) { note { id } } }'


async def made(state: State, signed: Signed, *columns: dict[str, Any]) -> list[str]:
    return [encode_id("Property", row.id) for row in await make_properties(state, signed.agency, list(columns))]


async def test_many_are_changed_each_by_itself(state: State, acme: Signed, rival: Signed) -> None:
    ready = {"status": "AVAILABLE", "price": 100, "city": "Berlin", "rooms": 4}
    first, second = await made(state, acme, ready, {"status": "SOLD"})
    (foreign,) = await made(state, rival, ready)
    manager = acme.agency.people[Role.MANAGER].gid
    given = {"status": "RESERVED", "statusReason": "Handschlag", "assignedAgentId": manager}
    payload = (await acme.agent.data(BULK, ids=[first, second, foreign, "?"], input=given))["propertiesUpdate"]
    assert (payload["succeededCount"], payload["failedCount"], payload["userErrors"]) == (1, 3, [])
    assert [(result["id"], problems(result)) for result in payload["results"]] == [
        (first, []),
        (second, [("INVALID_TRANSITION", "input.status")]),
        (foreign, [("NOT_FOUND", "ids.2")]),
        ("?", [("INVALID_INPUT", "ids.3")]),
    ]
    shown = {"id": first, "status": "RESERVED", "assignedAgent": {"id": manager}}
    assert [result["property"] for result in payload["results"]] == [shown, None, None, None]
    stored = {encode_id("Property", row["id"]): row for row in await rows(state, acme.agency.id, "property")}
    assert (stored[first]["status_reason"], stored[second]["status"]) == ("Handschlag", "SOLD")
    assert stored[second]["assigned_agent_id"] != acme.agency.people[Role.MANAGER].id
    entries = await rows(state, acme.agency.id, "audit_entry", "seq")
    assert [(row["operation"], row["outcome"], row["error_code"]) for row in entries] == [
        ("propertiesUpdate", "SUCCESS", None),
        ("propertiesUpdate", "FAILED", "INVALID_TRANSITION"),
        ("propertiesUpdate", "FAILED", "NOT_FOUND"),
        ("propertiesUpdate", "FAILED", "INVALID_INPUT"),
    ]


async def test_what_a_step_of_many_lacks_is_told_by_the_name_it_has_there(state: State, acme: Signed) -> None:
    ready = {"status": "AVAILABLE", "price": 100, "city": "Berlin", "rooms": 4}
    ids = await made(state, acme, ready, {"status": "RESERVED"})
    async with untouched(state, acme):
        payload = (await acme.agent.data(BULK, ids=ids[:1], input={"status": "RESERVED"}))["propertiesUpdate"]
        assert problems(payload["results"][0]) == [("VALIDATION_ERROR", "input.statusReason")]
        payload = (await acme.agent.data(BULK, ids=ids[1:], input={"status": "SOLD"}))["propertiesUpdate"]
        assert problems(payload["results"][0]) == [("VALIDATION_ERROR", "input.closingPrice")]
        payload = (await acme.agent.data(BULK, ids=ids, input={"assignedAgentId": "VXNlcjoxMjM"}))["propertiesUpdate"]
        assert problems(payload) == [("INVALID_INPUT", "input.assignedAgentId")]


async def test_many_go_to_the_trash(state: State, acme: Signed) -> None:
    ids = await made(state, acme, {}, {})
    before = {row["resource"]: row["used"] for row in await rows(state, acme.agency.id, "plan_counter")}
    payload = (await acme.agent.data(DELETE, ids=[*ids, ids[0]]))["propertiesDelete"]
    assert (payload["succeededCount"], payload["failedCount"], payload["userErrors"]) == (2, 1, [])
    assert [problems(result) for result in payload["results"]] == [[], [], [("NOT_FOUND", "ids.2")]]
    assert (await acme.agent.data("{ properties { totalCount } }"))["properties"]["totalCount"] == 0
    after = {row["resource"]: row["used"] for row in await rows(state, acme.agency.id, "plan_counter")}
    assert before["PROPERTIES"] - after["PROPERTIES"] == 2


async def test_a_copy_has_the_facts_but_not_the_history(state: State, acme: Signed) -> None:
    person = {"name": "Eva Beispiel", "email": "eva@example.com", "role": "Verkäuferin"}
    given = property_input(
        title="Haus am See", price={"amount": "450000.00"}, livingArea="120.5", rooms="4.5", amenities=["Steg"],
        address={"city": "Potsdam"}, features={"balcony": True}, contactPersons=[person, {**person, "name": "Uwe"}],
        status="AVAILABLE",
    )  # fmt: skip
    id = (await acme.agent.data(CREATE, input=given))["propertyCreate"]["property"]["id"]
    await acme.agent.data(NOTE, id=id)
    source = (await acme.manager.data(READ, id=id))["property"]
    payload = (await acme.manager.data(DUPLICATE, id=id))["propertyDuplicate"]
    copy = payload["property"]
    assert payload["userErrors"] == []
    assert copy == source | {
        "title": "Haus am See (Kopie)",
        "status": "PREPARATION",
        "firstAvailableAt": None,
        "version": 1,
        "notes": {"totalCount": 0},
        "createdBy": {"id": acme.agency.people[Role.MANAGER].gid},
        "externalNumber": copy["externalNumber"],
        "openImmoId": copy["openImmoId"],
    }
    assert copy["externalNumber"] != source["externalNumber"]
    assert copy["openImmoId"] != source["openImmoId"]
    assert (await acme.manager.data(READ, id=id))["property"] == source
    assert [event[:3] for event in await events(state, acme.agency.id)][-1:] == [("property.created", "CREATED", 1)]


async def test_a_title_that_is_too_long_for_the_suffix_is_cut(state: State, acme: Signed) -> None:
    (id,) = await made(state, acme, {"title": "x" * 200})
    title = (await acme.agent.data(DUPLICATE, id=id))["propertyDuplicate"]["property"]["title"]
    assert title == "x" * 192 + " (Kopie)"


async def test_a_copy_counts_against_the_plan(state: State, http: httpx2.AsyncClient) -> None:
    signed = Signed(await make_agency(state, "Klein", PlanKey.STARTER), http)
    (id,) = await made(state, signed, {})
    limit = PLANS[PlanKey.STARTER].limit(LimitResource.PROPERTIES)
    await execute(state, signed.agency.id, "update plan_counter set used = :n where resource = 'PROPERTIES'", n=limit)
    async with untouched(state, signed):
        assert problems((await signed.agent.data(DUPLICATE, id=id))["propertyDuplicate"]) == [
            ("PLAN_LIMIT_REACHED", "")
        ]


async def test_a_repeated_copy_is_one_copy(state: State, acme: Signed) -> None:
    (id,) = await made(state, acme, {})
    client = Client(acme.agent.http, acme.agent.token, {"Idempotency-Key": uuid7().hex})
    assert await client.data(DUPLICATE, id=id) == await client.data(DUPLICATE, id=id)
    assert len(await rows(state, acme.agency.id, "property")) == 2
