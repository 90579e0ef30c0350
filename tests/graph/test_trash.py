"""The trash: what lies in it, who brings it back, who removes it for good."""

from datetime import datetime, timedelta
from typing import Any

from domain.access import Role
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.factories import property_input
from tests.graph.world import CREATE, DELETE, ERRORS, created, document, events, problems, rows, untouched

RESTORE = f"mutation ($ids: [ID!]!) {{ trashRestore(ids: $ids) {{ restored {{ id }} {ERRORS} }} }}"
PURGE = f"mutation ($ids: [ID!]!) {{ trashPurge(ids: $ids) {{ purgedIds {ERRORS} }} }}"
NOTE = f"""mutation ($id: ID!) {{
  propertyNoteAdd(propertyId: $id, input: {{ body: "Notiz" }}) {{ note {{ id }} {ERRORS} }} }}"""
UNNOTE = f"mutation ($id: ID!) {{ noteDelete(id: $id) {{ note {{ id }} {ERRORS} }} }}"
PEEK = """query ($first: Int, $after: String) { trash(first: $first, after: $after) {
  nodes { id } totalCount pageInfo { endCursor hasNextPage } } }"""


async def discarded(signed: Signed, **changes: Any) -> str:
    made = await created(signed, **changes)
    assert (await signed.manager.data(DELETE, id=made["id"]))["propertyDelete"]["userErrors"] == []
    id: str = made["id"]
    return id


async def noted(signed: Signed, property_id: str) -> str:
    id: str = (await signed.agent.data(NOTE, id=property_id))["propertyNoteAdd"]["note"]["id"]
    return id


async def test_the_last_deleted_comes_first(state: State, acme: Signed) -> None:
    first = await discarded(acme, title="Eins")
    keeper = await created(acme)
    note = await noted(acme, keeper["id"])
    await acme.agent.data(UNNOTE, id=note)
    last = await discarded(acme, title="Drei")
    nodes = (await acme.manager.data(document("Trash")))["trash"]["nodes"]
    assert [(item["id"], item["type"], item["title"], item["sizeBytes"]) for item in nodes] == [
        (last, "PROPERTY", "Drei", None),
        (note, "NOTE", "Notiz", None),
        (first, "PROPERTY", "Eins", None),
    ]
    removers = [item["deletedBy"]["id"] for item in nodes]
    people = acme.agency.people
    assert removers == [people[Role.MANAGER].gid, people[Role.AGENT].gid, people[Role.MANAGER].gid]
    for item in nodes:
        kept = datetime.fromisoformat(item["purgeAt"]) - datetime.fromisoformat(item["deletedAt"])
        assert kept == timedelta(days=30)
    for kind, found in (("PROPERTY", [last, first]), ("NOTE", [note])):
        page = (await acme.manager.data(document("Trash"), type=kind, page={}))["trash"]
        assert [item["id"] for item in page["nodes"]] == found
        assert page["pageMeta"] == {"page": 1, "size": 20, "pages": 1, "total": len(found)}
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = (await acme.manager.data(PEEK, first=1, after=cursor))["trash"]
        seen += [item["id"] for item in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
    assert (seen, page["totalCount"], page["pageInfo"]["hasNextPage"]) == ([last, note, first], 3, False)


async def test_nobody_sees_the_trash_of_others(acme: Signed, rival: Signed) -> None:
    await discarded(acme)
    for client in (acme.customer, rival.owner):
        assert (await client.data(PEEK))["trash"] == {
            "nodes": [],
            "totalCount": 0,
            "pageInfo": {"endCursor": None, "hasNextPage": False},
        }


async def test_a_restored_property_is_as_before(state: State, acme: Signed) -> None:
    id = await discarded(acme, title="Eins", externalNumber="A-1")
    payload = (await acme.agent.data(RESTORE, ids=[id]))["trashRestore"]
    assert payload == {"restored": [{"id": id}], "userErrors": []}
    text = "query ($id: ID!) { property(id: $id) { title externalNumber deletedAt deletedBy { id } version } }"
    assert (await acme.agent.data(text, id=id))["property"] == {
        "title": "Eins",
        "externalNumber": "A-1",
        "deletedAt": None,
        "deletedBy": None,
        "version": 3,
    }
    counters = {row["resource"]: row["used"] for row in await rows(state, acme.agency.id, "plan_counter")}
    assert counters["PROPERTIES"] == 1
    assert (await events(state, acme.agency.id))[-1][:3] == ("property.restored", "RESTORED", 3)
    assert (await acme.manager.data(PEEK))["trash"]["totalCount"] == 0


async def test_a_number_taken_meanwhile_stops_the_return(state: State, acme: Signed) -> None:
    id = await discarded(acme, externalNumber="A-1")
    other = await discarded(acme)
    await created(acme, externalNumber="A-1")
    async with untouched(state, acme):
        payload = (await acme.manager.data(RESTORE, ids=[other, id]))["trashRestore"]
        assert [code for code, _ in problems(payload)] == ["ALREADY_EXISTS"]
        assert payload["restored"] == []


async def test_all_come_back_or_none(state: State, acme: Signed, rival: Signed) -> None:
    good, present, foreign = await discarded(acme), await created(acme), await discarded(rival)
    async with untouched(state, acme, rival):
        for bad in (present["id"], foreign, encode_id("Property", uuid7()), acme.agency.people[Role.AGENT].gid):
            payload = (await acme.manager.data(RESTORE, ids=[good, bad]))["trashRestore"]
            assert (problems(payload), payload["restored"]) == ([("NOT_FOUND", "ids.1")], [])
        payload = (await acme.manager.data(RESTORE, ids=["?", good, ""]))["trashRestore"]
        assert problems(payload) == [("INVALID_INPUT", "ids.0"), ("INVALID_INPUT", "ids.2")]
        payload = (await acme.manager.data(RESTORE, ids=[good] * 101))["trashRestore"]
        assert problems(payload) == [("VALIDATION_ERROR", "ids")]


async def test_an_id_named_twice_comes_back_once(state: State, acme: Signed) -> None:
    id = await discarded(acme)
    await acme.manager.data(RESTORE, ids=[id, id])
    counters = {row["resource"]: row["used"] for row in await rows(state, acme.agency.id, "plan_counter")}
    present = [row for row in await rows(state, acme.agency.id, "property") if row["deleted_at"] is None]
    assert counters["PROPERTIES"] == len(present)


async def test_only_who_manages_properties_removes_them_for_good(state: State, acme: Signed, rival: Signed) -> None:
    id, present, foreign = await discarded(acme), await created(acme), await discarded(rival)
    async with untouched(state, acme, rival):
        for client in (acme.agent, acme.customer):
            body = await client(PURGE, ids=[id])
            codes = [error["extensions"]["code"] for error in body.get("errors", ())]
            codes += [
                error["code"] for error in ((body.get("data") or {}).get("trashPurge") or {}).get("userErrors", ())
            ]
            assert codes == ["INSUFFICIENT_PERMISSIONS"]
        for bad in (present["id"], foreign, encode_id("Property", uuid7())):
            payload = (await acme.owner.data(PURGE, ids=[id, bad]))["trashPurge"]
            assert (problems(payload), payload["purgedIds"]) == ([("NOT_FOUND", "ids.1")], [])


async def test_what_is_purged_is_gone_with_its_parts(state: State, acme: Signed) -> None:
    persons = [{"name": "Berta", "email": "berta@example.com"}]
    made = await created(acme, contactPersons=persons)
    await noted(acme, made["id"])
    await acme.manager.data(DELETE, id=made["id"])
    payload = (await acme.owner.data(PURGE, ids=[made["id"]]))["trashPurge"]
    assert payload == {"purgedIds": [made["id"]], "userErrors": []}
    for table in ("property", "contact_person", "note"):
        assert await rows(state, acme.agency.id, table) == []
    assert (await events(state, acme.agency.id))[-1][:2] == ("property.purged", "PURGED")
    entry = (await rows(state, acme.agency.id, "audit_entry", "seq"))[-1]
    assert (entry["action"], entry["operation"], entry["outcome"]) == ("PURGE", "trashPurge", "SUCCESS")
    counters = {row["resource"]: row["used"] for row in await rows(state, acme.agency.id, "plan_counter")}
    assert counters["PROPERTIES"] == 0
    async with untouched(state, acme):
        for text, root in ((PURGE, "trashPurge"), (RESTORE, "trashRestore")):
            assert problems((await acme.owner.data(text, ids=[made["id"]]))[root]) == [("NOT_FOUND", "ids.0")]


async def test_a_number_in_the_trash_is_free(acme: Signed) -> None:
    await discarded(acme, externalNumber="A-1")
    payload = (await acme.agent.data(CREATE, input=property_input(externalNumber="A-1")))["propertyCreate"]
    assert payload["userErrors"] == []
