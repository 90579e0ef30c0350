"""`propertyChanged`: a resumed stream delivers exactly what was missed, in order, to whoever may hear it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

import models
from domain.access import Role
from domain.errors import ApiError, ErrorCode
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from resolvers.kit.streams import follow
from resolvers.properties import changed
from storage.events import Cursor
from tests.conftest import Signed
from tests.graph.world import DELETE, ERRORS, STATUS, UPDATE, context_of, created, rows

NOTE = f'mutation ($id: ID!) {{ propertyNoteAdd(propertyId: $id, input: {{ body: "x" }}) {{ {ERRORS} }} }}'
RESTORE = f"mutation ($ids: [ID!]!) {{ trashRestore(ids: $ids) {{ {ERRORS} }} }}"
Stream = AsyncIterator[dict[str, Any]]


async def opened(
    state: State, signed: Signed, after: str | None, role: Role = Role.AGENT, ids: list[Any] | None = None
) -> Stream:
    return aiter(changed(await context_of(state, signed, role), ids, after))


async def take(stream: Stream, count: int) -> list[dict[str, Any]]:
    """The next events; fails when they do not come within five seconds."""
    async with asyncio.timeout(5):
        return [await anext(stream) for _ in range(count)]


async def refused(stream: Stream) -> ApiError:
    with pytest.raises(ApiError) as caught:
        await take(stream, 1)
    return caught.value


async def cursor_of(signed: Signed) -> str:
    return str((await signed.agent.data("{ streamCursor }"))["streamCursor"])


async def rename(signed: Signed, id: str, title: str) -> None:
    assert (await signed.agent.data(UPDATE, id=id, input={"title": title}))["propertyUpdate"]["userErrors"] == []


async def test_a_resumed_stream_delivers_exactly_what_was_missed(state: State, acme: Signed) -> None:
    first = await created(acme)
    start = await cursor_of(acme)
    await rename(acme, first["id"], "Eins")
    second = await created(acme)
    await acme.agent.data(NOTE, id=first["id"])
    await acme.agent.data(STATUS, id=second["id"], input={"status": "AVAILABLE"})
    await acme.manager.data(DELETE, id=second["id"])
    await acme.manager.data(RESTORE, ids=[second["id"]])
    stream = await opened(state, acme, start)
    found = await take(stream, 6)
    assert [(change["kind"], change["id"]) for change in found] == [
        ("UPDATED", first["id"]),
        ("CREATED", second["id"]),
        ("COMMENTED", first["id"]),
        ("STATUS_CHANGED", second["id"]),
        ("DELETED", second["id"]),
        ("RESTORED", second["id"]),
    ]
    assert [change["prev_cursor"] for change in found] == [start, *(change["cursor"] for change in found[:-1])]
    assert [Cursor.decode(change["cursor"]).seq for change in found] == [2, 3, 4, 5, 6, 7]
    assert [change["property"] is None for change in found] == [False, False, False, False, True, False]
    assert found[0]["changed_fields"] == ["title"]
    agent, manager = (acme.agency.people[role].id for role in (Role.AGENT, Role.MANAGER))
    assert [change["actor"].id for change in found] == [agent] * 4 + [manager] * 2
    # in the middle, and at the end
    for place in (0, 3):
        again = await opened(state, acme, found[place]["cursor"])
        assert await take(again, 5 - place) == found[place + 1 :]
    last = await opened(state, acme, found[-1]["cursor"])
    waiting = asyncio.ensure_future(anext(last))
    await rename(acme, first["id"], "Zwei")
    async with asyncio.timeout(5):
        change = await waiting
    assert (change["kind"], change["prev_cursor"]) == ("UPDATED", found[-1]["cursor"])


async def test_without_a_cursor_the_stream_starts_now(state: State, acme: Signed) -> None:
    made = await created(acme)
    stream = await opened(state, acme, None)
    waiting = asyncio.ensure_future(anext(stream))
    for n in range(50):
        await rename(acme, made["id"], f"Haus {n}")
        await asyncio.wait({waiting}, timeout=0.1)
        if waiting.done():
            break
    change = await waiting
    assert (change["kind"], change["id"]) == ("UPDATED", made["id"])
    assert Cursor.decode(change["cursor"]).seq == Cursor.decode(change["prev_cursor"]).seq + 1


async def test_only_the_named_properties_are_heard(state: State, acme: Signed) -> None:
    one, two = await created(acme), await created(acme)
    start = await cursor_of(acme)
    stream = await opened(state, acme, start, ids=[two["id"], "?", encode_id("User", uuid7())])
    for n in range(3):
        await rename(acme, one["id"], f"Eins {n}")
        await rename(acme, two["id"], f"Zwei {n}")
    found = await take(stream, 3)
    assert [change["id"] for change in found] == [two["id"]] * 3
    assert [change["prev_cursor"] for change in found] == [start, *(change["cursor"] for change in found[:-1])]


async def test_long_absences_are_caught_up_in_pieces(state: State, acme: Signed) -> None:
    made = await created(acme)
    start = await cursor_of(acme)
    (row,) = await rows(state, acme.agency.id, "property")
    values = {"tenant": acme.agency.id, "id": row["id"]}
    async with state.database.write(acme.agency.id) as session:
        insert = """insert into event_outbox
          (tenant_id, seq, event_id, at, type, kind, entity, entity_id, version, changed, data)
          select :tenant, n, gen_random_uuid(), now(), 'property.updated', 'UPDATED', 'property', :id, n, '{}', '{}'
            from generate_series(2, 1201) n"""
        await session.execute(text(insert), values)
        await session.execute(text("update event_stream set last_seq = 1201 where tenant_id = :tenant"), values)
        await session.commit()
    found = await take(await opened(state, acme, start), 1_200)
    assert [Cursor.decode(change["cursor"]).seq for change in found] == list(range(2, 1_202))
    assert {change["id"] for change in found} == {made["id"]}


async def test_nothing_of_another_agency_is_heard(state: State, acme: Signed, rival: Signed) -> None:
    start = await cursor_of(acme)
    await created(rival)
    made = await created(acme)
    (change,) = await take(await opened(state, acme, start), 1)
    assert (change["id"], change["prev_cursor"]) == (made["id"], start)


# Cursors that cannot be continued from


@pytest.mark.parametrize("cursor", ["", "x", "?", "\u0000", "ä", "A" * 31, "A" * 33, "A" * 1_000])
async def test_a_garbled_cursor_is_invalid_input(state: State, acme: Signed, cursor: str) -> None:
    error = await refused(await opened(state, acme, cursor))
    assert (error.code, error.field) == (ErrorCode.INVALID_INPUT, ["after"])


async def test_a_cursor_of_another_stream(state: State, acme: Signed, rival: Signed) -> None:
    for cursor in (await cursor_of(rival), Cursor(uuid7(), 0).encode()):
        assert (await refused(await opened(state, acme, cursor))).code is ErrorCode.EPOCH_CHANGED


async def test_a_cursor_newer_than_the_stream(state: State, acme: Signed) -> None:
    here = Cursor.decode(await cursor_of(acme))
    for ahead in (1, 1_000, 2**63 - 1 - here.seq, 2**64 - 1 - here.seq):
        cursor = Cursor(here.epoch, here.seq + ahead).encode()
        assert (await refused(await opened(state, acme, cursor))).code is ErrorCode.CURSOR_AHEAD


async def test_a_cursor_older_than_what_is_kept(state: State, acme: Signed) -> None:
    made = await created(acme)
    for n in range(5):
        await rename(acme, made["id"], f"Haus {n}")
    epoch = Cursor.decode(await cursor_of(acme)).epoch
    async with state.database.write(acme.agency.id) as session:
        await session.execute(text("update event_stream set min_seq = 4"))
        await session.commit()
    for seq in (0, 1, 2):
        error = await refused(await opened(state, acme, Cursor(epoch, seq).encode()))
        assert error.code is ErrorCode.CURSOR_EXPIRED
    found = await take(await opened(state, acme, Cursor(epoch, 3).encode()), 3)
    assert [Cursor.decode(change["cursor"]).seq for change in found] == [4, 5, 6]


async def test_too_many_ids(state: State, acme: Signed) -> None:
    with pytest.raises(ApiError) as caught:
        await opened(state, acme, None, ids=[encode_id("Property", uuid7())] * 101)
    error = caught.value
    assert (error.code, error.field, error.details) == (ErrorCode.INVALID_INPUT, ["ids"], {"max": 100})


# Rights at the moment of delivery


async def test_a_customer_hears_only_of_what_is_offered(state: State, acme: Signed) -> None:
    start = await cursor_of(acme)
    hidden = await created(acme)
    offered = await created(acme, status="AVAILABLE")
    await rename(acme, hidden["id"], "Geheim")
    await rename(acme, offered["id"], "Offen")
    found = await take(await opened(state, acme, start, Role.CUSTOMER), 2)
    assert [(change["kind"], change["id"]) for change in found] == [
        ("CREATED", offered["id"]),
        ("UPDATED", offered["id"]),
    ]
    assert [change["prev_cursor"] for change in found] == [start, found[0]["cursor"]]
    stream = await opened(state, acme, found[-1]["cursor"], Role.CUSTOMER)
    await acme.agent.data(STATUS, id=hidden["id"], input={"status": "AVAILABLE"})
    (change,) = await take(stream, 1)
    assert (change["kind"], change["id"]) == ("STATUS_CHANGED", hidden["id"])


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update session set revoked_at = now() where id = :session", ErrorCode.INVALID_TOKEN),
        ("update member set status = 'DEACTIVATED' where id = :member", ErrorCode.INVALID_TOKEN),
        ("update tenant set is_active = false", ErrorCode.TENANT_MISMATCH),
    ],
    ids=["session", "member", "agency"],
)
async def test_a_lost_right_ends_the_stream(state: State, acme: Signed, statement: str, code: ErrorCode) -> None:
    made = await created(acme)
    stream = await opened(state, acme, await cursor_of(acme))
    await rename(acme, made["id"], "Eins")
    await take(stream, 1)
    await rename(acme, made["id"], "Zwei")
    person = acme.agency.people[Role.AGENT]
    values = {"session": person.session_id, "member": person.id}
    async with state.database.write(acme.agency.id) as session:
        bound = {name: value for name, value in values.items() if f":{name}" in statement}
        await session.execute(text(statement), bound)
        await session.commit()
    state.viewers.clear()
    assert (await refused(stream)).code is code


async def test_a_changed_role_counts_at_the_next_event(state: State, acme: Signed) -> None:
    """Who becomes a customer hears no more of what customers do not see."""
    hidden, offered = await created(acme), await created(acme, status="AVAILABLE")
    stream = await opened(state, acme, await cursor_of(acme))
    async with state.database.write(acme.agency.id) as session:
        member = acme.agency.people[Role.AGENT].id
        await session.execute(text("update member set role = 'CUSTOMER' where id = :id"), {"id": member})
        await session.commit()
    state.viewers.clear()
    for id in (hidden["id"], offered["id"]):
        await acme.manager.data(UPDATE, id=id, input={"title": "Neu"})
    (change,) = await take(stream, 1)
    assert change["id"] == offered["id"]


async def test_any_model_can_be_followed(state: State, acme: Signed) -> None:
    context = await context_of(state, acme, Role.AGENT)
    start = await cursor_of(acme)
    made = await created(acme)
    stream = aiter(follow(context, models.Property, start, lambda event: event.kind == "CREATED"))
    (change,) = await take(stream, 1)
    assert change["id"] == made["id"]
