"""The audit trail through the schema: what it tells, to whom, and that nobody can change it unnoticed."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import make_url

from domain.access import Role
from domain.errors import ApiError
from jobs import JOBS
from models.base import now
from resolvers import audit
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id, encode_id
from resolvers.kit.jobs import AgencyWork
from resolvers.kit.running import Started
from resolvers.kit.scalars import write_datetime
from settings import Settings
from storage import trail
from storage.database import dsn
from storage.events import Cursor
from tests.conftest import Client, Signed
from tests.contract.strangers import listening
from tests.graph.world import CREATE, DELETE, UPDATE, created, property_input, rows

ENTRY = """{ timestamp user { id } actorName apiKeyPrefix action resourceType resourceId resourceTitle
  oldValues newValues changes { field from to } description outcome errorCode operation
  ipAddress userAgent requestId hash }"""
LIST = f"query ($filter: AuditEntryFilter) {{ auditEntries(filter: $filter) {{ nodes {ENTRY} totalCount }} }}"
DONE = "query ($filter: AuditEntryFilter) { auditEntries(filter: $filter) { nodes { action operation outcome } } }"
VERIFY = "query ($from: DateTime, $to: DateTime) { auditVerify(from: $from, to: $to) { ok checked firstBrokenId } }"
NODE = "query ($id: ID!) { node(id: $id) { id } }"
HISTORY = """query ($id: ID!) { property(id: $id) { history(first: 5) { totalCount nodes {
  actorName operation changes { field from to } ipAddress userAgent } } } }"""


@pytest_asyncio.fixture
async def admin(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """Somebody with the database in hand, whom no grant stops."""
    connection = await asyncpg.connect(dsn(make_url(settings.database_url)))
    try:
        yield connection
    finally:
        await connection.close()


async def entries(state: State, signed: Signed) -> list[dict[str, Any]]:
    return await rows(state, signed.agency.id, "audit_entry", "seq")


async def renamed(signed: Signed, id: str, title: str) -> None:
    payload = (await signed.agent.data(UPDATE, id=id, input={"title": title}))["propertyUpdate"]
    assert payload["userErrors"] == []


async def filtered(signed: Signed, **given: Any) -> list[str]:
    """Operations of the entries a filter finds, oldest first, without those that tell of this reading."""
    filter = {"and": [{"action": {"ne": "READ_SENSITIVE"}}, given]}
    found = (await signed.owner.data(DONE, filter=filter))["auditEntries"]["nodes"]
    return [entry["operation"] for entry in reversed(found)]


# What an entry tells


async def test_an_entry_tells_who_did_what_from_where(acme: Signed) -> None:
    made = await created(acme, price={"amount": "465000.00"})
    agent = acme.agency.people[Role.AGENT]
    manager = acme.agency.people[Role.MANAGER]
    headers = {"User-Agent": "Firefox", "X-Request-ID": "the-request", "Accept-Language": "de"}
    given = {"title": "Neu", "price": {"amount": "1.00"}, "assignedAgentId": manager.gid}
    await acme.agent(UPDATE, _headers=headers, id=made["id"], input=given)
    filter = {"operation": {"eq": "propertyUpdate"}}
    body = await acme.owner(LIST, _headers={"Accept-Language": "de"}, filter=filter)
    (entry,) = body["data"]["auditEntries"]["nodes"]
    assert datetime.fromisoformat(entry.pop("timestamp")) <= now()
    assert len(bytes.fromhex(entry.pop("hash"))) == 32
    old = {"title": "Helle Wohnung am Park", "price": "465000.00", "assignedAgent": agent.gid}
    new = {"title": "Neu", "price": "1.00", "assignedAgent": manager.gid}
    assert entry == {
        "user": {"id": agent.gid},
        "actorName": "Agent Person",
        "apiKeyPrefix": None,
        "action": "UPDATE",
        "resourceType": "Property",
        "resourceId": made["id"],
        "resourceTitle": "Neu",
        "oldValues": old,
        "newValues": new,
        "changes": [
            {"field": name, "from": old[name], "to": new[name]} for name in ("assignedAgent", "price", "title")
        ],
        "description": "Immobilie „Neu“ geändert",
        "outcome": "SUCCESS",
        "errorCode": None,
        "operation": "propertyUpdate",
        "ipAddress": "127.0.0.1",
        "userAgent": "Firefox",
        "requestId": "the-request",
    }


async def test_what_was_denied_or_failed_names_the_record_that_was_meant(acme: Signed) -> None:
    made = await created(acme)
    assert await acme.customer.code(DELETE, id=made["id"]) == "INSUFFICIENT_PERMISSIONS"
    await acme.agent.data(UPDATE, id=made["id"], input={"title": "x" * 300})
    document = """query { auditEntries(filter: { outcome: { ne: SUCCESS } }) { nodes {
      action outcome errorCode operation resourceType resourceId resourceTitle changes { field } description } } }"""
    found = (await acme.owner.data(document))["auditEntries"]["nodes"]
    about = {"resourceType": "Property", "resourceId": made["id"], "resourceTitle": None, "changes": []}
    assert found == [
        {
            "action": "UPDATE",
            "outcome": "FAILED",
            "errorCode": "VALIDATION_ERROR",
            "operation": "propertyUpdate",
            **about,
            "description": "Changed property – failed: This value is not allowed.",
        },
        {
            "action": "DELETE",
            "outcome": "DENIED",
            "errorCode": "INSUFFICIENT_PERMISSIONS",
            "operation": "propertyDelete",
            **about,
            "description": "Deleted property – denied: You may not do this.",
        },
    ]


async def test_a_key_used_for_something_else_has_failed(state: State, acme: Signed) -> None:
    headers = {"Idempotency-Key": "once"}
    await acme.agent(CREATE, _headers=headers, input=property_input())
    refused = await acme.agent(CREATE, _headers=headers, input=property_input(title="Anders"))
    assert refused["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_KEY_REUSED"
    told = [(entry["outcome"], entry["error_code"]) for entry in await entries(state, acme)]
    assert told == [("SUCCESS", None), ("FAILED", "IDEMPOTENCY_KEY_REUSED")]


async def test_filters(acme: Signed, rival: Signed) -> None:
    first, second = await created(acme, title="Große Straße"), await created(acme, title="Park")
    await renamed(acme, first["id"], "Größe")
    between = write_datetime(now())
    await acme.manager.data(DELETE, id=second["id"])
    assert await acme.customer.code(DELETE, id=first["id"]) == "INSUFFICIENT_PERMISSIONS"
    everything = ["propertyCreate", "propertyCreate", "propertyUpdate", "propertyDelete", "propertyDelete"]
    manager = acme.agency.people[Role.MANAGER].gid
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, everything),
        ({"userId": {"eq": manager}}, ["propertyDelete"]),
        ({"userId": {"eq": encode_id("Property", acme.agency.people[Role.MANAGER].id)}}, []),
        ({"action": {"eq": "DELETE"}}, ["propertyDelete", "propertyDelete"]),
        ({"resourceType": {"eq": "Property"}}, everything),
        ({"resourceType": {"eq": "Task"}}, []),
        ({"resourceId": {"eq": first["id"]}}, ["propertyCreate", "propertyUpdate", "propertyDelete"]),
        ({"outcome": {"eq": "DENIED"}}, ["propertyDelete"]),
        ({"timestamp": {"gt": between}}, ["propertyDelete", "propertyDelete"]),
        ({"timestamp": {"lte": between}}, everything[:3]),
        ({"ipAddress": {"eq": "127.0.0.1"}}, everything),
        ({"ipAddress": {"startsWith": "10."}}, []),
        ({"operation": {"in": ["propertyUpdate"]}}, ["propertyUpdate"]),
        ({"search": "grosse str"}, ["propertyCreate"]),
        ({"search": "MANAGER pers"}, ["propertyDelete"]),
        ({"search": "nirgends"}, []),
        ({"not": {"outcome": {"eq": "SUCCESS"}}}, ["propertyDelete"]),
    ]
    for given, expected in cases:
        assert (given, await filtered(acme, **given)) == (given, expected)
    assert await filtered(rival) == []


async def test_pages_go_by_time_in_both_directions(acme: Signed) -> None:
    for number in range(5):
        await created(acme, title=f"Haus {number}")
    document = """query ($after: String, $by: [AuditEntryOrder!]) { auditEntries(first: 2, after: $after, orderBy: $by,
      filter: { action: { eq: CREATE } }) { nodes { resourceTitle } pageInfo { hasNextPage endCursor } } }"""
    for order, expected in ((None, [4, 3, 2, 1, 0]), ([{"field": "TIMESTAMP", "direction": "ASC"}], [0, 1, 2, 3, 4])):
        seen, after, more = [], None, True
        while more:
            page = (await acme.owner.data(document, after=after, by=order))["auditEntries"]
            seen += [node["resourceTitle"] for node in page["nodes"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert seen == [f"Haus {number}" for number in expected]


# Who reads it


async def test_reading_the_trail_is_recorded_once_per_call(state: State, acme: Signed) -> None:
    await created(acme)
    document = "{ auditEntries { totalCount } again: auditEntries(first: 1) { nodes { id } } auditVerify { ok } }"
    found = (await acme.owner.data(document))["again"]["nodes"][0]["id"]
    assert (await acme.owner.data(NODE, id=found)) == {"node": {"id": found}}
    told = [
        (entry["action"], entry["operation"], entry["resource_type"], entry["outcome"], entry["actor_name"])
        for entry in (await entries(state, acme))[1:]
    ]
    assert told == [
        ("READ_SENSITIVE", "auditEntries, auditVerify", "AuditEntry", "SUCCESS", "Owner Person"),
        ("READ_SENSITIVE", "node", "AuditEntry", "SUCCESS", "Owner Person"),
    ]


async def test_other_reading_is_not_recorded(state: State, acme: Signed) -> None:
    made = await created(acme)
    before = await entries(state, acme)
    await acme.owner.data(HISTORY, id=made["id"])
    await acme.owner.data(NODE, id=made["id"])
    assert await entries(state, acme) == before


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT, Role.CUSTOMER])
async def test_who_may_not_read_the_trail_gets_nothing_of_it(state: State, acme: Signed, role: Role) -> None:
    await created(acme)
    (entry,) = await entries(state, acme)
    client = acme.as_(role)
    assert await client.code("{ auditEntries { totalCount } }") == "INSUFFICIENT_PERMISSIONS"
    assert await client.code("{ auditVerify { ok } }") == "INSUFFICIENT_PERMISSIONS"
    assert await client.data(NODE, id=encode_id("AuditEntry", entry["id"])) == {"node": None}
    assert await entries(state, acme) == [entry]


async def test_a_records_history_is_for_those_whose_record_it_is(acme: Signed) -> None:
    mine = await created(acme, title="Meins")
    await renamed(acme, mine["id"], "Deins")
    other = (await acme.manager.data(CREATE, input=property_input()))["propertyCreate"]["property"]
    assert await acme.customer.code(DELETE, id=mine["id"]) == "INSUFFICIENT_PERMISSIONS"
    change = {
        "actorName": "Agent Person",
        "operation": "propertyUpdate",
        "changes": [{"field": "title", "from": "Meins", "to": "Deins"}],
        "ipAddress": None,
        "userAgent": None,
    }
    history = (await acme.agent.data(HISTORY, id=mine["id"]))["property"]["history"]
    assert (history["totalCount"], history["nodes"][0]) == (2, change)
    assert [entry["operation"] for entry in history["nodes"]] == ["propertyUpdate", "propertyCreate"]
    assert (await acme.agent.data(HISTORY, id=other["id"])) == {"property": {"history": None}}
    assert (await acme.manager.data(HISTORY, id=mine["id"])) == {"property": {"history": None}}
    (first, _) = (await acme.owner.data(HISTORY, id=mine["id"]))["property"]["history"]["nodes"]
    assert first == {**change, "ipAddress": "127.0.0.1", "userAgent": first["userAgent"]}
    assert first["userAgent"] is not None


async def test_histories_of_a_page_are_told_apart(acme: Signed) -> None:
    for title in ("Eins", "Zwei"):
        made = await created(acme, title=title)
        await renamed(acme, made["id"], title + "!")
    document = "{ properties { nodes { title history(first: 1) { totalCount nodes { changes { from to } } } } } }"
    found = (await acme.agent.data(document))["properties"]["nodes"]
    assert [one["title"] for one in found] == ["Zwei!", "Eins!"]
    for one, title in zip(found, ("Zwei", "Eins"), strict=True):
        assert one["history"] == {"totalCount": 2, "nodes": [{"changes": [{"from": title, "to": f"{title}!"}]}]}


# Nobody changes it unnoticed


async def verified(signed: Signed, **given: Any) -> tuple[bool, int, str | None]:
    found = (await signed.owner.data(VERIFY, **given))["auditVerify"]
    return found["ok"], found["checked"], found["firstBrokenId"]


async def chained(state: State, signed: Signed) -> list[dict[str, Any]]:
    """Six entries of all kinds."""
    made = await created(signed, title="Über „Anführungen“ \\ \n 😀", address={"city": "Köln", "postalCode": "50667"})
    await renamed(signed, made["id"], "Neu")
    await signed.agent.data(CREATE, input=property_input(title=""))
    await signed.customer.code(DELETE, id=made["id"])
    await signed.manager.data(DELETE, id=made["id"])
    await created(signed)
    return await entries(state, signed)


TAMPERING = {
    "title": "update audit_entry set resource_title = 'Haus' where id = $1",
    "person": "update audit_entry set actor_id = gen_random_uuid() where id = $1",
    "name": "update audit_entry set actor_name = 'Niemand' where id = $1",
    "nobody": "update audit_entry set actor_id = null where id = $1",
    "time": "update audit_entry set timestamp = timestamp + interval '1 ms' where id = $1",
    "value": """update audit_entry set new_values = new_values || '{"title": "Alt"}' where id = $1""",
    "absent": "update audit_entry set new_values = new_values || '{\"price\": null}' where id = $1",
    "outcome": "update audit_entry set outcome = 'DENIED' where id = $1",
    "address": "update audit_entry set ip_address = null where id = $1",
    "key": "update audit_entry set api_key_prefix = 'imn_' where id = $1",
    "hash": "update audit_entry set hash = sha256('') where id = $1",
    "number": "update audit_entry set seq = seq + 100 where id = $1",
}


@pytest.mark.parametrize("what", TAMPERING)
async def test_an_edited_entry_is_found(state: State, acme: Signed, admin: asyncpg.Connection, what: str) -> None:
    found = await chained(state, acme)
    assert await verified(acme) == (True, 6, None)
    await admin.execute(TAMPERING[what], found[1]["id"])
    ok, _, broken = await verified(acme)
    # An entry that is no longer in its place is missed by the one after it.
    assert (ok, broken) == (False, encode_id("AuditEntry", found[2 if what == "number" else 1]["id"]))


@pytest.mark.parametrize(("gone", "named"), [(0, 1), (2, 3)])
async def test_a_removed_entry_is_missed(
    state: State, acme: Signed, admin: asyncpg.Connection, gone: int, named: int
) -> None:
    found = await chained(state, acme)
    await admin.execute("delete from audit_entry where id = $1", found[gone]["id"])
    assert await verified(acme) == (False, named, encode_id("AuditEntry", found[named]["id"]))


async def test_a_missing_end_is_noticed(state: State, acme: Signed, admin: asyncpg.Connection) -> None:
    found = await chained(state, acme)
    await admin.execute("delete from audit_entry where id = any($1)", [entry["id"] for entry in found[4:]])
    assert await verified(acme) == (False, 4, None)


async def test_swapped_entries_are_found(state: State, acme: Signed, admin: asyncpg.Connection) -> None:
    found = await chained(state, acme)
    first, second = found[2], found[3]
    swap = """update audit_entry set seq = -seq where id in ($1, $2)"""
    await admin.execute(swap, first["id"], second["id"])
    for entry, other in ((first, second), (second, first)):
        await admin.execute(
            "update audit_entry set seq = $2, hash = $3 where id = $1", entry["id"], other["seq"], other["hash"]
        )
    assert await verified(acme) == (False, 3, encode_id("AuditEntry", second["id"]))


async def test_an_entry_nobody_wrote_is_found(state: State, acme: Signed, admin: asyncpg.Connection) -> None:
    """Also one whose hash is right: the end of the chain is kept by whoever writes."""
    found = await chained(state, acme)
    columns = [name for name in found[-1] if name not in ("id", "seq", "actor_name")]
    forged = f"""insert into audit_entry (id, seq, actor_name, {", ".join(columns)})
      select gen_random_uuid(), seq + 5, 'Niemand', {", ".join(columns)} from audit_entry where id = $1 returning id"""
    id = await admin.fetchval(forged, found[-1]["id"])
    chain = "update audit_entry e set hash = sha256($2::bytea || convert_to(app.trail_text(e), 'UTF8')) where id = $1"
    await admin.execute(chain, id, found[-1]["hash"])
    assert await verified(acme) == (False, 6, encode_id("AuditEntry", id))


async def test_a_part_of_the_chain_is_verified_by_itself(state: State, acme: Signed, admin: asyncpg.Connection) -> None:
    found = await chained(state, acme)
    for days, entry in zip((9, 8, 7, 6, 5, 4), found, strict=True):
        await admin.execute("update audit_entry set timestamp = $2 where id = $1", entry["id"], now() - timedelta(days))
    rechain = """
      do $$ declare entry audit_entry; head bytea := ''; begin
        for entry in select * from audit_entry where tenant_id = '%s' order by seq loop
          head := sha256(head || convert_to(app.trail_text(entry), 'UTF8'));
          update audit_entry set hash = head where id = entry.id; end loop;
        update event_stream set audit_head = head where tenant_id = '%s'; end $$"""
    await admin.execute(rechain % (acme.agency.id, acme.agency.id))
    at = {days: write_datetime(now() - timedelta(days, minutes=5)) for days in range(3, 12)}
    assert await verified(acme) == (True, 6, None)
    assert await verified(acme, **{"from": at[8], "to": at[5]}) == (True, 3, None)
    await admin.execute("update audit_entry set actor_name = 'Niemand' where id = $1", found[1]["id"])
    assert await verified(acme, to=at[8]) == (True, 1, None)
    assert await verified(acme, **{"from": at[8]}) == (False, 1, encode_id("AuditEntry", found[1]["id"]))
    assert (await verified(acme, **{"from": at[7]}))[0] is True
    assert await verified(acme, **{"from": at[11], "to": at[10]}) == (True, 0, None)
    refused = (await acme.owner(VERIFY, **{"from": "gestern"}))["errors"][0]["extensions"]
    assert (refused["code"], refused["field"]) == ("INVALID_INPUT", ["from"])


async def test_a_long_chain_is_walked_in_batches(
    state: State, acme: Signed, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await chained(state, acme)
    monkeypatch.setattr(trail, "BATCH", 2)
    assert await verified(acme) == (True, 6, None)
    await admin.execute("update audit_entry set operation = '' where id = $1", found[4]["id"])
    assert await verified(acme) == (False, 5, encode_id("AuditEntry", found[4]["id"]))


CHANGES = (
    "update audit_entry set actor_name = 'x'",
    "delete from audit_entry",
    "truncate audit_entry",
    "update event_stream set audit_head = ''",
    "delete from event_stream",
)


async def test_no_login_of_the_server_may_change_the_trail(state: State, acme: Signed) -> None:
    await created(acme)
    before = await entries(state, acme)
    logins = state.database.logins
    for login, allowed in ((logins.app, {CHANGES[3]}), (logins.platform, set())):
        connection = await asyncpg.connect(dsn(login))
        try:
            for statement in CHANGES:
                if statement in allowed:
                    continue  # whoever writes moves the head; that it fits is what verification is for
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        finally:
            await connection.close()
    assert await entries(state, acme) == before


# Live


async def heard(client: Client, state: State, after: str | None, count: int) -> list[dict[str, Any]]:
    document = """subscription ($after: String) { auditRecorded(after: $after) {
      cursor prevCursor kind id actor { id } changedFields auditEntry { operation outcome } } }"""
    found: list[dict[str, Any]] = []
    async with listening(state, client.token, document, after=after) as answers, asyncio.timeout(10):
        async for answer in answers:
            found.append(answer["data"]["auditRecorded"])
            if len(found) == count:
                break
    return found


async def test_entries_are_heard_of_and_resumed_without_a_gap(state: State, acme: Signed) -> None:
    """A refused mutation has no event in the agency's stream; here it is heard of."""
    start = await first_place(state, acme)
    told = len(await entries(state, acme))
    made = await created(acme)
    assert await acme.customer.code(DELETE, id=made["id"]) == "INSUFFICIENT_PERMISSIONS"
    await renamed(acme, made["id"], "Neu")
    first = await heard(acme.owner, state, start, told + 3)
    assert [(one["auditEntry"]["operation"], one["auditEntry"]["outcome"]) for one in first[told:]] == [
        ("propertyCreate", "SUCCESS"),
        ("propertyDelete", "DENIED"),
        ("propertyUpdate", "SUCCESS"),
    ]
    assert [one["prevCursor"] for one in first] == [start, *(one["cursor"] for one in first[:-1])]
    assert [decode_id(one["id"], "AuditEntry") for one in first] == [row["id"] for row in await entries(state, acme)]
    assert {(one["kind"], tuple(one["changedFields"])) for one in first} == {("CREATED", ())}
    assert first[told + 1]["actor"] == {"id": acme.agency.people[Role.CUSTOMER].gid}
    assert await heard(acme.owner, state, first[0]["cursor"], told + 2) == first[1:]


async def test_a_cursor_of_another_stream_is_refused(state: State, acme: Signed) -> None:
    await created(acme)
    stream = (await acme.owner.data("{ streamCursor }"))["streamCursor"]
    with pytest.raises(ApiError) as refused:
        await heard(acme.owner, state, stream, 1)
    assert refused.value.code.value == "EPOCH_CHANGED"
    (one,) = await heard(acme.owner, state, await first_place(state, acme), 1)
    ahead = Cursor(Cursor.decode(one["cursor"]).epoch, 1_000).encode()
    with pytest.raises(ApiError) as refused:
        await heard(acme.owner, state, ahead, 1)
    assert refused.value.code.value == "CURSOR_AHEAD"


async def first_place(state: State, signed: Signed) -> str:
    """The place before the first entry, found from the one somebody heard of."""
    waiting = asyncio.create_task(heard(signed.owner, state, None, 1))
    while not waiting.done():
        await created(signed)
        await asyncio.wait([waiting], timeout=0.2)
    return Cursor(Cursor.decode((await waiting)[0]["cursor"]).epoch, 0).encode()


async def test_whoever_loses_the_right_hears_no_more(state: State, acme: Signed, admin: asyncpg.Connection) -> None:
    start = await first_place(state, acme)
    owner = acme.agency.people[Role.OWNER]
    document = "subscription ($after: String) { auditRecorded(after: $after) { id } }"
    async with listening(state, acme.owner.token, document, after=start) as answers, asyncio.timeout(10):
        assert (await anext(answers))["data"]["auditRecorded"]["id"]
        await admin.execute("update member set role = 'MANAGER' where id = $1", owner.id)
        state.viewers.clear()
        with pytest.raises(ApiError) as refused:
            async for _ in answers:
                pass
    assert refused.value.code.value == "INSUFFICIENT_PERMISSIONS"


# Exports

EXPORT = """mutation ($format: AuditFormat, $from: DateTime, $to: DateTime) {
  auditExport(format: $format, from: $from, to: $to) { job { id kind } userErrors { code field } } }"""
JOB = "query ($id: ID!) { job(id: $id) { state done total result error resultUrl } }"


async def exported(state: State, http: httpx2.AsyncClient, signed: Signed, **given: Any) -> tuple[dict[str, Any], str]:
    """What the job says in the end, and the file."""
    answer = (await signed.owner.data(EXPORT, **given))["auditExport"]
    assert answer["userErrors"] == []
    assert answer["job"]["kind"] == "audit_export"
    id = answer["job"]["id"]
    found = decode_id(id, "Job")
    assert found is not None
    await JOBS["audit.export"].function(AgencyWork(state, "audit.export", 7, signed.agency.id), Started(found))
    job = (await signed.owner.data(JOB, id=id))["job"]
    link = job.pop("resultUrl")
    return job, (await http.get(link)).text if link else ""


async def test_the_trail_as_a_table(state: State, acme: Signed, http: httpx2.AsyncClient) -> None:
    made = await created(acme, title='=1+1;"x"')
    job, text = await exported(state, http, acme)
    # The export itself is the second entry, and as such in its file.
    assert job == {"state": "DONE", "done": 2, "total": 2, "result": {"entries": 2}, "error": None}
    first, second = csv.DictReader(io.StringIO(text), delimiter=";")
    assert list(first)[:3] == ["timestamp", "actor_name", "action"]
    assert (first["resource_title"], first["resource_id"]) == ('\'=1+1;"x"', made["id"])
    assert json.loads(first["new_values"])["title"] == '=1+1;"x"'
    assert (second["action"], second["operation"], second["resource_type"]) == ("EXPORT", "auditExport", "Job")
    trail_rows = await entries(state, acme)
    assert [row["hash"] for row in (first, second)] == [row["hash"].hex() for row in trail_rows[:2]]


async def test_a_part_of_the_trail_for_programs(
    state: State, acme: Signed, http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE", 2)
    for number in range(5):
        await created(acme, title=str(number))
    job, text = await exported(state, http, acme, format="JSON", to=write_datetime(now() + timedelta(days=1)))
    titles = [json.loads(line)["resource_title"] for line in text.splitlines()]
    assert (titles[:5], job["done"], job["total"]) == (["0", "1", "2", "3", "4"], 6, 6)
    job, text = await exported(state, http, acme, format="JSON", to="2020-01-01T00:00:00Z")
    assert (job["result"], text) == ({"entries": 0}, "")
    refused = (await acme.owner.data(EXPORT, **{"from": "gestern"}))["auditExport"]
    assert refused == {"job": None, "userErrors": [{"code": "INVALID_INPUT", "field": ["from"]}]}
    assert await acme.manager.code(EXPORT) == "INSUFFICIENT_PERMISSIONS"
