"""What holds when several want the same: locks, keys, places taken meanwhile, a stream that is gone."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import models
from domain.access import Role
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id
from resolvers.kit.streams import follow
from tests.conftest import Client, Signed
from tests.factories import connected, platform, property_input
from tests.graph.world import CREATE, DELETE, ERRORS, UPDATE, context_of, created, events, problems, rows, untouched

PURGE = f"mutation ($ids: [ID!]!) {{ trashPurge(ids: $ids) {{ purgedIds {ERRORS} }} }}"
RESTORE = f"mutation ($ids: [ID!]!) {{ trashRestore(ids: $ids) {{ restored {{ id }} {ERRORS} }} }}"
NOTE = f"""mutation ($id: ID!) {{
  propertyNoteAdd(propertyId: $id, input: {{ body: "Notiz" }}) {{ note {{ id }} {ERRORS} }} }}"""
UNNOTE = f"mutation ($id: ID!) {{ noteDelete(id: $id) {{ note {{ id }} {ERRORS} }} }}"
TRASH = "{ trash { nodes { id } totalCount } }"


async def discarded(signed: Signed, **changes: Any) -> str:
    id: str = (await created(signed, **changes))["id"]
    assert (await signed.manager.data(DELETE, id=id))["propertyDelete"]["userErrors"] == []
    return id


async def test_of_parallel_purges_in_two_orders_one_succeeds(state: State, acme: Signed) -> None:
    ids = [await discarded(acme) for _ in range(8)]
    orders = [ids, ids[::-1]] * 3
    bodies = await asyncio.gather(*(acme.owner(PURGE, ids=order) for order in orders))
    assert [body for body in bodies if "errors" in body] == []
    payloads = [body["data"]["trashPurge"] for body in bodies]
    assert Counter(tuple(code for code, _ in problems(payload)) for payload in payloads) == {
        (): 1,
        ("NOT_FOUND",): 5,
    }
    (order,) = [order for order, payload in zip(orders, payloads, strict=True) if not payload["userErrors"]]
    assert [payload["purgedIds"] for payload in payloads if payload["purgedIds"]] == [order]
    assert await rows(state, acme.agency.id, "property") == []
    purged = [event for event in await events(state, acme.agency.id) if event[0] == "property.purged"]
    assert len(purged) == len(ids)


async def test_a_row_locked_for_too_long_is_a_conflict(state: State, acme: Signed) -> None:
    made = await created(acme)
    async with connected(state.database.logins.platform) as holder, untouched(state, acme), holder.transaction():
        await holder.execute("select 1 from property where id = $1 for update", decode_id(made["id"], "Property"))
        payload = (await acme.agent.data(UPDATE, id=made["id"], input={"title": "Neu"}))["propertyUpdate"]
        assert (payload["property"], problems(payload)) == (None, [("CONFLICT", "")])
    (entry,) = [row for row in await rows(state, acme.agency.id, "audit_entry", "seq") if row["outcome"] == "FAILED"]
    assert (entry["operation"], entry["error_code"]) == ("propertyUpdate", "CONFLICT")
    payload = (await acme.agent.data(UPDATE, id=made["id"], input={"title": "Neu"}))["propertyUpdate"]
    assert (payload["property"]["title"], payload["userErrors"]) == ("Neu", [])


async def test_a_key_is_forgotten_after_a_day(state: State, acme: Signed) -> None:
    client = Client(acme.agent.http, acme.agent.token, {"Idempotency-Key": uuid7().hex})
    move = "update idempotency_key set created_at = created_at - $2::interval where tenant_id = $1 returning 1 as moved"

    async def create() -> str:
        id: str = (await client.data(CREATE, input=property_input()))["propertyCreate"]["property"]["id"]
        return id

    first = await create()
    assert await platform(state, move, acme.agency.id, timedelta(hours=23, minutes=59)) == [{"moved": 1}]
    assert await create() == first
    assert client.last.headers["Idempotency-Replayed"] == "true"
    assert await platform(state, move, acme.agency.id, timedelta(minutes=2)) == [{"moved": 1}]
    second = await create()
    assert "Idempotency-Replayed" not in client.last.headers
    assert {row["id"] for row in await rows(state, acme.agency.id, "property")} == {
        decode_id(first, "Property"),
        decode_id(second, "Property"),
    }
    assert second != first


async def test_a_deleted_note_is_its_authors_and_the_managers(state: State, acme: Signed) -> None:
    made = await created(acme)

    async def deleted_by(client: Client) -> str:
        id: str = (await client.data(NOTE, id=made["id"]))["propertyNoteAdd"]["note"]["id"]
        assert (await client.data(UNNOTE, id=id))["noteDelete"]["userErrors"] == []
        return id

    theirs, own = await deleted_by(acme.manager), await deleted_by(acme.agent)
    assert (await acme.agent.data(TRASH))["trash"] == {"nodes": [{"id": own}], "totalCount": 1}
    assert (await acme.manager.data(TRASH))["trash"] == {"nodes": [{"id": own}, {"id": theirs}], "totalCount": 2}
    async with untouched(state, acme):
        payload = (await acme.agent.data(RESTORE, ids=[own, theirs]))["trashRestore"]
        assert (payload["restored"], problems(payload)) == ([], [("INSUFFICIENT_PERMISSIONS", "ids.1")])
    for client, id in ((acme.agent, own), (acme.manager, theirs)):
        assert (await client.data(RESTORE, ids=[id]))["trashRestore"] == {"restored": [{"id": id}], "userErrors": []}
    again = await deleted_by(acme.agent)
    assert (await acme.manager.data(RESTORE, ids=[again]))["trashRestore"]["restored"] == [{"id": again}]


async def test_a_number_taken_meanwhile_keeps_all_in_the_trash(state: State, acme: Signed) -> None:
    taken, other = await discarded(acme, externalNumber="A-1"), await discarded(acme)
    await created(acme, externalNumber="A-1")
    for ids, place in (([taken, other], "0"), ([other, taken], "1")):
        async with untouched(state, acme):
            payload = (await acme.manager.data(RESTORE, ids=ids))["trashRestore"]
            assert (payload["restored"], problems(payload)) == ([], [("ALREADY_EXISTS", f"ids.{place}")])


async def test_a_stream_that_passes_events_over_knows_where_it_is(state: State, acme: Signed) -> None:
    context = await context_of(state, acme, Role.AGENT)
    start = (await acme.agent.data("{ streamCursor }"))["streamCursor"]
    made = await created(acme)
    assert (await acme.agent.data(UPDATE, id=made["id"], input={"title": "Neu"}))["propertyUpdate"]["userErrors"] == []
    reached = (await acme.agent.data("{ streamCursor }"))["streamCursor"]
    assert reached != start
    stream = follow(context, models.Property, start, lambda _event: False)
    waiting = asyncio.ensure_future(anext(aiter(stream)))
    async with asyncio.timeout(5):
        while context.stream_position != reached:
            done, _ = await asyncio.wait({waiting}, timeout=0.05)
            assert done == set()
    waiting.cancel()
    await asyncio.wait({waiting})


async def test_without_its_stream_an_agency_commits_nothing(state: State, acme: Signed) -> None:
    made = await created(acme)
    async with connected(state.database.logins.admin) as admin:  # no role of the server may
        (stream,) = await admin.fetch("delete from event_stream where tenant_id = $1 returning *", acme.agency.id)
    trail = await rows(state, acme.agency.id, "audit_entry")
    async with untouched(state, acme):
        for text, variables in (
            (CREATE, {"input": property_input()}),
            (UPDATE, {"id": made["id"], "input": {"title": "Neu"}}),
        ):
            assert await acme.agent.code(text, **variables) == "INTERNAL_ERROR"
    assert await rows(state, acme.agency.id, "audit_entry") == trail
    async with connected(state.database.logins.admin) as admin:  # other tests look at every agency's trail
        names = list(stream.keys())
        places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
        await admin.execute(f"insert into event_stream ({', '.join(names)}) values ({places})", *stream.values())
