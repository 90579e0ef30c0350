"""What the kit does around every mutation: one effect per key, limits that hold, versions, events, the trail."""

import asyncio
import hashlib
import json
from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

from domain.access import Role
from domain.plans import PLANS, LimitResource, PlanKey
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id
from tests.conftest import Client, Signed
from tests.factories import make_agency, property_input
from tests.graph.world import CREATE, DELETE, ERRORS, STATUS, UPDATE, created, events, problems, rows, untouched

NOTE = f"""
mutation ($id: ID!, $input: NoteInput!) {{
  propertyNoteAdd(propertyId: $id, input: $input) {{ note {{ id version updatedAt }} {ERRORS} }}
}}"""
READ = "query ($id: ID!) { property(id: $id) { title version createdAt updatedAt createdBy { id } } }"
ENTRY = (
    *("id", "actor_name", "action", "resource_type", "resource_id", "resource_title", "old_values", "new_values"),
    *("outcome", "error_code", "operation", "ip_address", "user_agent", "request_id", "timestamp", "actor_id"),
    "api_key_prefix",
)


def as_jsonb(value: Any) -> str:
    """A value as PostgreSQL writes jsonb: keys by length, then by bytes."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return "{" + ", ".join(f"{json.dumps(key)}: {as_jsonb(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_jsonb, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


async def execute(state: State, tenant: UUID, statement: str, **values: Any) -> None:
    """Change an agency's rows behind the API's back."""
    async with state.database.write(tenant) as session:
        await session.execute(text(statement), values)
        await session.commit()


async def trail(state: State, signed: Signed) -> list[dict[str, Any]]:
    return await rows(state, signed.agency.id, "audit_entry", "seq")


# Plan limits


async def test_60_parallel_creations_against_10_free_places_leave_10(state: State, http: httpx2.AsyncClient) -> None:
    limit = PLANS[PlanKey.STARTER].max_properties
    assert limit is not None
    signed = Signed(await make_agency(state, "Small", PlanKey.STARTER), http)
    taken = limit - 10
    await execute(state, signed.agency.id, "update plan_counter set used = :n where resource = 'PROPERTIES'", n=taken)
    answers = await asyncio.gather(*(signed.agent.data(CREATE, input=property_input()) for _ in range(60)))
    payloads = [answer["propertyCreate"] for answer in answers]
    good = [payload for payload in payloads if not payload["userErrors"]]
    refused = [error for payload in payloads for error in payload["userErrors"]]
    assert len(good) == 10
    assert Counter((error["code"], tuple(error["field"])) for error in refused) == {("PLAN_LIMIT_REACHED", ()): 50}
    assert refused[0]["details"] == {
        "resource": "PROPERTIES",
        "current": limit,
        "limit": limit,
        "requiredPlan": "PROFESSIONAL",
    }
    stored = await rows(state, signed.agency.id, "property")
    assert len(stored) == 10
    assert {payload["property"]["externalNumber"] for payload in good} == {row["external_number"] for row in stored}
    counters = {row["resource"]: row["used"] for row in await rows(state, signed.agency.id, "plan_counter")}
    assert counters["PROPERTIES"] == limit
    assert [event[:3] for event in await events(state, signed.agency.id)] == [("property.created", "CREATED", 1)] * 10


async def test_deleting_frees_a_place_and_restoring_takes_it(state: State, http: httpx2.AsyncClient) -> None:
    signed = Signed(await make_agency(state, "Small", PlanKey.STARTER), http)
    limit = PLANS[PlanKey.STARTER].limit(LimitResource.PROPERTIES)
    assert limit is not None
    first = await created(signed)
    await execute(state, signed.agency.id, "update plan_counter set used = :n where resource = 'PROPERTIES'", n=limit)
    await signed.manager.data(DELETE, id=first["id"])
    await created(signed)
    restore = f"mutation ($ids: [ID!]!) {{ trashRestore(ids: $ids) {{ restored {{ id }} {ERRORS} }} }}"
    async with untouched(state, signed):
        payload = (await signed.manager.data(restore, ids=[first["id"]]))["trashRestore"]
        assert problems(payload) == [("PLAN_LIMIT_REACHED", "")]


# Idempotency


def keyed(client: Client, key: str | None = None) -> Client:
    return Client(client.http, client.token, {"Idempotency-Key": key or uuid7().hex})


async def test_60_parallel_requests_with_one_key_have_one_effect(state: State, acme: Signed) -> None:
    client, given = keyed(acme.agent), property_input()
    answers = await asyncio.gather(*(client(CREATE, input=given) for _ in range(60)))
    (stored,) = await rows(state, acme.agency.id, "property")
    good = [answer["data"]["propertyCreate"] for answer in answers if "errors" not in answer]
    codes = [error["extensions"]["code"] for answer in answers for error in answer.get("errors", ())]
    assert codes == ["IDEMPOTENCY_IN_PROGRESS"] * (60 - len(good))
    assert {decode_id(payload["property"]["id"], "Property") for payload in good} == {stored["id"]}
    assert len(await events(state, acme.agency.id)) == 1
    assert len([entry for entry in await trail(state, acme) if entry["outcome"] == "SUCCESS"]) == 1


async def test_a_repeated_request_is_answered_again_without_a_second_effect(state: State, acme: Signed) -> None:
    client, given = keyed(acme.agent), property_input()
    first = await client(CREATE, input=given)
    assert "Idempotency-Replayed" not in client.last.headers
    async with untouched(state, acme):
        assert await client(CREATE, input=given) == first
        assert client.last.headers["Idempotency-Replayed"] == "true"


async def test_a_key_belongs_to_one_request(state: State, acme: Signed) -> None:
    client = keyed(acme.agent)
    await client.data(CREATE, input=property_input())
    async with untouched(state, acme):
        assert await client.code(CREATE, input=property_input(title="Andere")) == "IDEMPOTENCY_KEY_REUSED"


async def test_a_key_belongs_to_one_person(acme: Signed, rival: Signed) -> None:
    key, given = uuid7().hex, property_input()
    ids = {
        (await keyed(client, key).data(CREATE, input=given))["propertyCreate"]["property"]["id"]
        for client in (acme.agent, acme.manager, rival.agent)
    }
    assert len(ids) == 3


async def test_a_refusal_is_not_remembered(state: State, acme: Signed) -> None:
    client, given = keyed(acme.agent), property_input(externalNumber="A-1")
    made = await created(acme, externalNumber="A-1")
    async with untouched(state, acme):
        payload = (await client.data(CREATE, input=given))["propertyCreate"]
        assert problems(payload) == [("ALREADY_EXISTS", "input.externalNumber")]
    await acme.manager.data(DELETE, id=made["id"])
    assert (await client.data(CREATE, input=given))["propertyCreate"]["userErrors"] == []
    assert "Idempotency-Replayed" not in client.last.headers


async def test_every_root_field_of_a_request_has_its_own_effect(state: State, acme: Signed) -> None:
    client = keyed(acme.agent)
    both = """mutation ($input: PropertyCreateInput!) {
      a: propertyCreate(input: $input) { property { id } userErrors { code } }
      b: propertyCreate(input: $input) { property { id } userErrors { code } } }"""
    first = await client.data(both, input=property_input())
    assert first["a"]["property"]["id"] != first["b"]["property"]["id"]
    async with untouched(state, acme):
        assert await client.data(both, input=property_input()) == first


async def test_a_replay_shows_the_record_as_it_is_now(acme: Signed) -> None:
    client, given = keyed(acme.agent), property_input()
    made = (await client.data(CREATE, input=given))["propertyCreate"]["property"]
    await acme.agent.data(UPDATE, id=made["id"], input={"title": "Neu"})
    assert (await client.data(CREATE, input=given))["propertyCreate"]["property"]["title"] == "Neu"


# Version, updatedAt, events


async def test_a_change_raises_version_and_time_and_tells_what_changed(state: State, acme: Signed) -> None:
    made = await created(acme)
    (first,) = await events(state, acme.agency.id)
    assert first[:3] == ("property.created", "CREATED", 1)
    before = (await acme.agent.data(READ, id=made["id"]))["property"]
    assert before["createdBy"] == {"id": acme.agency.people[Role.AGENT].gid}
    given = {"title": "Neu", "price": {"amount": "1.00"}, "address": {"city": "Potsdam", "postalCode": "14467"}}
    await acme.manager.data(UPDATE, id=made["id"], input=given)
    after = (await acme.agent.data(READ, id=made["id"]))["property"]
    assert (after["version"], after["createdAt"], after["createdBy"]) == (2, before["createdAt"], before["createdBy"])
    assert after["updatedAt"] > before["updatedAt"]
    await acme.agent.data(STATUS, id=made["id"], input={"status": "WITHDRAWN"})
    await acme.manager.data(DELETE, id=made["id"])
    assert (await events(state, acme.agency.id))[1:] == [
        ("property.updated", "UPDATED", 2, ["address", "location", "price", "title"]),
        ("property.status_changed", "STATUS_CHANGED", 3, ["status", "statusChangedAt"]),
        ("property.deleted", "DELETED", 4, []),
    ]


async def test_a_child_raises_the_time_of_its_parent_but_not_the_version(state: State, acme: Signed) -> None:
    made = await created(acme)
    note = (await acme.agent.data(NOTE, id=made["id"], input={"body": "Ruft zurück"}))["propertyNoteAdd"]["note"]
    after = (await acme.agent.data(READ, id=made["id"]))["property"]
    assert after["version"] == 1
    assert after["updatedAt"] >= note["updatedAt"] > made["updatedAt"]
    persons = [{"name": "Berta", "email": "berta@example.com"}]
    await acme.agent.data(UPDATE, id=made["id"], input={"contactPersons": persons})
    last = (await acme.agent.data(READ, id=made["id"]))["property"]
    assert last["version"] == 1
    assert last["updatedAt"] > after["updatedAt"]
    assert [event[2:] for event in (await events(state, acme.agency.id))[1:]] == [
        (1, ["notes"]),
        (1, ["contactPersons"]),
    ]


async def test_events_are_numbered_without_gaps_in_the_order_of_commits(state: State, acme: Signed) -> None:
    async def one(n: int) -> None:
        given = property_input(title="" if n % 3 == 0 else f"Haus {n}")
        await acme.agent.data(CREATE, input=given)

    await asyncio.gather(*(one(n) for n in range(15)))
    stored = await rows(state, acme.agency.id, "event_outbox", "seq")
    assert [row["seq"] for row in stored] == list(range(1, 11))
    assert {row["entity_id"] for row in stored} == {row["id"] for row in await rows(state, acme.agency.id, "property")}
    assert {row["actor_id"] for row in stored} == {acme.agency.people[Role.AGENT].id}
    assert len({row["event_id"] for row in stored}) == 10
    (stream,) = await rows(state, acme.agency.id, "event_stream")
    assert (stream["last_seq"], stream["min_seq"], stream["audit_seq"]) == (10, 1, 15)


# The trail


async def test_the_trail_says_who_changed_what(state: State, acme: Signed) -> None:
    made = await created(acme, location="Mitte")
    await acme.manager.data(UPDATE, id=made["id"], input={"title": "Neu", "price": {"amount": "1.00"}})
    await acme.manager.data(DELETE, id=made["id"])
    create, update, delete = await trail(state, acme)
    manager = acme.agency.people[Role.MANAGER]
    said = {
        name: update[name]
        for name in ENTRY
        if name not in ("id", "timestamp", "request_id", "user_agent", "api_key_prefix")
    }
    assert said == {
        "actor_name": "Manager Person",
        "actor_id": manager.id,
        "action": "UPDATE",
        "resource_type": "Property",
        "resource_id": decode_id(made["id"], "Property"),
        "resource_title": "Neu",
        "old_values": {"title": "Helle Wohnung am Park", "price": "465000.00"},
        "new_values": {"title": "Neu", "price": "1.00"},
        "outcome": "SUCCESS",
        "error_code": None,
        "operation": "propertyUpdate",
        "ip_address": "127.0.0.1",
    }
    assert isinstance(update["timestamp"], datetime)
    assert (create["action"], create["operation"], create["old_values"]) == ("CREATE", "propertyCreate", {})
    assert create["new_values"]["location"] == "Mitte"
    assert (delete["action"], delete["operation"]) == ("DELETE", "propertyDelete")
    assert [entry["seq"] for entry in (create, update, delete)] == [1, 2, 3]


async def test_the_chain_of_the_trail_can_be_computed_from_its_rows(state: State, acme: Signed) -> None:
    made = await created(
        acme,
        title="Über „Anführungen“ \\ \n 😀",
        availableFrom="2026-12-01",
        amenities=["Kamin", "Ofen"],
        address={"city": "Köln", "geo": {"latitude": "50.9375", "longitude": "6.960279"}},
        commission={"model": "DOUBLE", "buyerPercent": "3.57"},
    )
    await acme.agent.data(UPDATE, id=made["id"], input={"title": "Neu", "features": {"balcony": True}})
    await acme.agent.data(NOTE, id=made["id"], input={"body": "x"})
    await acme.agent.data(CREATE, input=property_input(title=""))
    await acme.customer(CREATE, input=property_input())
    await acme.manager.data(DELETE, id=made["id"])
    entries = await trail(state, acme)
    assert [entry["outcome"] for entry in entries] == ["SUCCESS"] * 3 + ["FAILED", "DENIED", "SUCCESS"]
    head = b""
    for entry in entries:
        signed = {name: entry[name] for name in ENTRY}
        for name in ("id", "resource_id", "actor_id"):
            signed[name] = str(signed[name]) if signed[name] else None
        signed["timestamp"] = signed["timestamp"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = hashlib.sha256(head + as_jsonb(signed).encode()).digest()
        assert entry["hash"] == head
    (stream,) = await rows(state, acme.agency.id, "event_stream")
    assert stream["audit_head"] == head


async def test_a_refusal_is_in_the_trail_without_values(state: State, acme: Signed) -> None:
    async with untouched(state, acme):
        await acme.agent.data(CREATE, input=property_input(title="", externalNumber="geheim"))
    (entry,) = await trail(state, acme)
    assert (entry["outcome"], entry["error_code"], entry["operation"]) == (
        "FAILED",
        "MISSING_REQUIRED_FIELD",
        "propertyCreate",
    )
    assert (entry["old_values"], entry["new_values"], entry["resource_id"]) == ({}, {}, None)
    assert entry["actor_id"] == acme.agency.people[Role.AGENT].id


async def test_a_denied_mutation_is_in_the_trail(state: State, acme: Signed) -> None:
    made = await created(acme)
    attempts: list[tuple[Client, str, dict[str, Any]]] = [
        (acme.customer, CREATE, {"input": property_input()}),
        (acme.customer, UPDATE, {"id": made["id"], "input": {"title": "Neu"}}),
        (acme.customer, STATUS, {"id": made["id"], "input": {"status": "WITHDRAWN"}}),
        (acme.customer, DELETE, {"id": made["id"]}),
        (acme.customer, NOTE, {"id": made["id"], "input": {"body": "x"}}),
    ]
    async with untouched(state, acme):
        for client, document, variables in attempts:
            assert await client.code(document, **variables) == "INSUFFICIENT_PERMISSIONS"
    entries = (await trail(state, acme))[1:]
    assert [(entry["operation"], entry["outcome"], entry["error_code"]) for entry in entries] == [
        (operation, "DENIED", "INSUFFICIENT_PERMISSIONS")
        for operation in (
            "propertyCreate",
            "propertyUpdate",
            "propertyStatusSet",
            "propertyDelete",
            "propertyNoteAdd",
        )
    ]
    assert {entry["actor_id"] for entry in entries} == {acme.agency.people[Role.CUSTOMER].id}


async def test_without_a_token_nothing_is_changed_and_nobody_is_named(
    state: State, acme: Signed, anonymous: Client
) -> None:
    made = await created(acme)
    entries = len(await trail(state, acme))
    async with untouched(state, acme):
        assert await anonymous.code(UPDATE, id=made["id"], input={"title": "Neu"}) == "UNAUTHENTICATED"
    assert len(await trail(state, acme)) == entries


@pytest.mark.parametrize("status", ["CANCELED", "UNPAID", "INCOMPLETE", "SUSPENDED"])
async def test_without_a_subscription_data_can_only_be_read(state: State, acme: Signed, status: str) -> None:
    made = await created(acme)
    await execute(state, acme.agency.id, "update tenant set subscription_status = :status", status=status)
    state.viewers.clear()
    async with untouched(state, acme):
        for document, root, variables in (
            (CREATE, "propertyCreate", {"input": property_input()}),
            (UPDATE, "propertyUpdate", {"id": made["id"], "input": {"title": "Neu"}}),
            (DELETE, "propertyDelete", {"id": made["id"]}),
        ):
            payload = (await acme.manager.data(document, **variables))[root]
            assert problems(payload) == [("SUBSCRIPTION_INACTIVE", "")]
    assert (await acme.agent.data(READ, id=made["id"]))["property"]["title"] == made["title"]
    await execute(state, acme.agency.id, "update tenant set subscription_status = 'ACTIVE'")
    state.viewers.clear()
    assert (await acme.manager.data(DELETE, id=made["id"]))["propertyDelete"]["userErrors"] == []
