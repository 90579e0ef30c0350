"""The audit trail tells what happened, to what, by whom: purges, parts of a record, sign-ins, replays."""

from typing import Any
from uuid import UUID

import orjson

from domain.errors import ErrorCode
from jobs import JOBS
from models.base import uuid7
from resolvers.identity import telling
from resolvers.identity.telling import Failed
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id
from resolvers.kit.jobs import Work
from storage.tokens import token_hash
from tests.conftest import Client, Signed
from tests.factories import platform
from tests.graph.test_identity import LOGIN, PASSWORD, REFRESH, code_of, registered
from tests.graph.world import DELETE, ERRORS, UPDATE, created, events, rows

PURGE = f"mutation ($ids: [ID!]!) {{ trashPurge(ids: $ids) {{ purgedIds {ERRORS} }} }}"
NOTE = f"""mutation ($id: ID!, $body: String!) {{
  propertyNoteAdd(propertyId: $id, input: {{ body: $body }}) {{ note {{ id }} {ERRORS} }} }}"""
UNNOTE = f"mutation ($id: ID!) {{ noteDelete(id: $id) {{ note {{ id }} {ERRORS} }} }}"


async def last_entry(state: State, signed: Signed) -> dict[str, Any]:
    return (await rows(state, signed.agency.id, "audit_entry", "seq"))[-1]


def told(entry: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(entry[name] for name in names)


async def sign_ins(state: State, done: dict[str, Any]) -> list[dict[str, Any]]:
    """The trail of the agency somebody registered."""
    return await platform(
        state,
        "select action, operation, outcome, error_code, actor_id, actor_name, resource_title, new_values "
        "from audit_entry where tenant_id = $1 order by seq",
        decode_id(done["tenant"]["id"], "Tenant"),
    )


def sign_in_of(done: dict[str, Any], operation: str, **changes: Any) -> dict[str, Any]:
    return {
        "action": "LOGIN",
        "operation": operation,
        "outcome": "SUCCESS",
        "error_code": None,
        "actor_id": decode_id(done["user"]["id"], "User"),
        "actor_name": "Erika Muster",
        "resource_title": "Erika Muster",
        "new_values": "{}",
        **changes,
    }


async def test_signing_in_and_a_late_replay_name_the_person(state: State, anonymous: Client) -> None:
    done = await registered(anonymous)
    await anonymous.data(LOGIN, email=done["email"], password=PASSWORD)
    await anonymous.data(REFRESH, token=done["refreshToken"])
    await platform(
        state,
        "update token_directory set rotated_at = rotated_at - interval '11 seconds' where hash = $1",
        token_hash(done["refreshToken"]),
    )
    replayed = (await anonymous.data(REFRESH, token=done["refreshToken"]))["authRefresh"]
    assert code_of(replayed) == [("INVALID_TOKEN", ["refreshToken"])]
    assert await sign_ins(state, done) == [
        sign_in_of(done, "authRegister", action="CREATE"),
        sign_in_of(done, "authLogin"),
        sign_in_of(done, "authRefresh"),
        sign_in_of(done, "authRefresh", outcome="FAILED", error_code="INVALID_TOKEN"),
    ]


async def told_of_failures(state: State, email: str | None) -> list[dict[str, Any]]:
    """Carry out what the queue holds about failed sign-ins, twice; the security events of an address."""
    found = await platform(state, "select payload from jobs.pgqueuer where entrypoint = $1", telling.FAILED)
    for job in found:
        failed = Failed(UUID(orjson.loads(job["payload"])["payload"]["event_id"]))
        for _ in range(2):
            await JOBS[telling.FAILED].function(Work(state, telling.FAILED, 7), failed)
    await platform(state, "delete from jobs.pgqueuer where entrypoint = $1", telling.FAILED)
    return await platform(
        state,
        "select e.kind, e.ip_address, e.details from security_event e left join account a on a.id = e.account_id "
        "where a.email is not distinct from $1 order by e.at, e.id",
        email,
    )


async def test_an_agency_is_told_of_failed_sign_ins(state: State, anonymous: Client) -> None:
    await told_of_failures(state, None)
    done = await registered(anonymous)
    for _ in range(5):
        body = await anonymous(
            LOGIN, _headers={"User-Agent": "Guess", "X-Request-ID": "try"}, email=done["email"], password="Falsch123!"
        )
        assert code_of(body["data"]["authLogin"]) == [("INVALID_CREDENTIALS", [])]
    assert sorted(event["kind"] for event in await told_of_failures(state, done["email"])) == [
        "auth.locked",
        *["auth.login_failed"] * 5,
    ]
    refused = sign_in_of(
        done, "authLogin", action="LOGIN_FAILED", outcome="FAILED", error_code=ErrorCode.INVALID_CREDENTIALS.value
    )
    told = (await sign_ins(state, done))[1:]
    assert sorted(told, key=lambda entry: entry["error_code"]) == [
        {**refused, "error_code": "ACCOUNT_LOCKED"},
        *[refused] * 5,
    ]
    where = await platform(
        state,
        "select distinct ip_address, user_agent, request_id from audit_entry where action = 'LOGIN_FAILED' "
        "and tenant_id = $1",
        decode_id(done["tenant"]["id"], "Tenant"),
    )
    assert where == [{"ip_address": "127.0.0.1", "user_agent": "Guess", "request_id": "try"}]


async def test_a_sign_in_is_told_to_the_agency_that_was_named(state: State, anonymous: Client, acme: Signed) -> None:
    """Not to one the person does not belong to; then to none, and neither of an address nobody has."""
    await told_of_failures(state, None)
    done, entries = await registered(anonymous), "select count(*) as found from audit_entry"
    before = await platform(state, entries)
    await anonymous.data(LOGIN, email=done["email"], password="Falsch123!", tenantId=acme.agency.gid)
    await anonymous.data(LOGIN, email=f"nobody-{uuid7().hex}@example.com", password=PASSWORD)
    await told_of_failures(state, None)
    assert await platform(state, entries) == before
    await anonymous.data(LOGIN, email=done["email"], password="Falsch123!", tenantId=done["tenant"]["id"])
    await told_of_failures(state, None)
    assert [entry["action"] for entry in await sign_ins(state, done)] == ["CREATE", "LOGIN_FAILED"]


async def test_purging_properties_is_told_with_what_they_were(state: State, acme: Signed) -> None:
    made = [await created(acme, title=title, externalNumber=title) for title in ("Eins", "Zwei", "Drei")]
    ids = sorted(item["id"] for item in made)
    for id in ids:
        await acme.manager.data(DELETE, id=id)
    seen = len(await events(state, acme.agency.id))
    payload = (await acme.owner.data(PURGE, ids=ids[::-1]))["trashPurge"]
    assert payload == {"purgedIds": ids[::-1], "userErrors": []}
    entry = await last_entry(state, acme)
    title = next(item["title"] for item in made if item["id"] == ids[0])
    assert told(
        entry, "action", "operation", "outcome", "resource_type", "resource_id", "resource_title", "new_values"
    ) == ("PURGE", "trashPurge", "SUCCESS", "Property", decode_id(ids[0], "Property"), title, {"records": ids[1:]})
    old = entry["old_values"]
    assert {name: old[name] for name in ("title", "externalNumber", "type", "status", "price")} == {
        "title": title,
        "externalNumber": title,
        "type": "APARTMENT",
        "status": "PREPARATION",
        "price": "465000.00",
    }
    purged = (await rows(state, acme.agency.id, "event_outbox", "seq"))[seen:]
    assert [told(row, "type", "kind", "entity", "entity_id") for row in purged] == [
        ("property.purged", "PURGED", "property", decode_id(id, "Property")) for id in ids
    ]


async def test_purging_notes_is_told_with_what_they_said(state: State, acme: Signed) -> None:
    made = await created(acme)
    texts = {}
    for body in ("Eins", "Zwei"):
        id = (await acme.agent.data(NOTE, id=made["id"], body=body))["propertyNoteAdd"]["note"]["id"]
        await acme.agent.data(UNNOTE, id=id)
        texts[id] = body
    ids = sorted(texts)
    seen = len(await events(state, acme.agency.id))
    assert (await acme.manager.data(PURGE, ids=ids))["trashPurge"] == {"purgedIds": ids, "userErrors": []}
    entry = await last_entry(state, acme)
    assert told(entry, "action", "operation", "resource_type", "resource_id", "new_values") == (
        "PURGE",
        "trashPurge",
        "Note",
        decode_id(ids[0], "Note"),
        {"records": ids[1:]},
    )
    assert entry["old_values"]["body"] == texts[ids[0]]
    assert await rows(state, acme.agency.id, "note") == []
    assert [event[:2] for event in (await events(state, acme.agency.id))[seen:]] == [("property.updated", "UPDATED")]


async def test_a_removed_contact_person_is_told_under_its_property(state: State, acme: Signed) -> None:
    made = await created(acme, contactPersons=[{"name": "Cora", "email": "cora@example.com", "role": "Erbin"}])
    payload = (await acme.agent.data(UPDATE, id=made["id"], input={"contactPersons": []}))["propertyUpdate"]
    assert payload["userErrors"] == []
    assert await rows(state, acme.agency.id, "contact_person") == []
    entry = await last_entry(state, acme)
    assert told(entry, "action", "operation", "resource_type", "resource_id", "new_values") == (
        "UPDATE",
        "propertyUpdate",
        "Property",
        decode_id(made["id"], "Property"),
        {},
    )
    assert entry["old_values"] == {
        "contactPersons": [
            {
                "name": "Cora",
                "email": "cora@example.com",
                "role": "Erbin",
                "ordinal": 0,
                "property": made["id"],
            }
        ],
    }
    assert (await events(state, acme.agency.id))[-1] == ("property.updated", "UPDATED", 1, ["contactPersons"])


async def test_a_note_is_a_comment(state: State, acme: Signed) -> None:
    made = await created(acme)
    await acme.agent.data(NOTE, id=made["id"], body="Notiz")
    assert (await events(state, acme.agency.id))[-1] == ("property.updated", "COMMENTED", 1, ["notes"])
