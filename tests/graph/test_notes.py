"""Notes on a property: who may leave, change and remove them."""

from typing import Any

import pytest

from domain.access import Role
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.graph.world import DELETE, ERRORS, created, events, problems, rows, untouched

ADD = f"""mutation ($id: ID!, $input: NoteInput!) {{ propertyNoteAdd(propertyId: $id, input: $input) {{
  note {{ id body pinned version author {{ id }} }} {ERRORS} }} }}"""
CHANGE = f"""mutation ($id: ID!, $input: NoteInput!) {{ noteUpdate(id: $id, input: $input) {{
  note {{ id body pinned version }} {ERRORS} }} }}"""
REMOVE = f"mutation ($id: ID!) {{ noteDelete(id: $id) {{ note {{ id }} {ERRORS} }} }}"
LIST = "query ($id: ID!) { property(id: $id) { notes { nodes { body pinned } totalCount } } }"


async def noted(signed: Signed, role: Role = Role.AGENT, **given: Any) -> tuple[str, dict[str, Any]]:
    """A new property and a note on it."""
    made = await created(signed, status="AVAILABLE")
    payload = (await signed.as_(role).data(ADD, id=made["id"], input={"body": "Ruft zurück", **given}))[
        "propertyNoteAdd"
    ]
    assert payload["userErrors"] == []
    return made["id"], payload["note"]


async def test_a_note_is_the_callers(state: State, acme: Signed) -> None:
    property_id, note = await noted(acme, Role.MANAGER, pinned=True)
    author = {"id": acme.agency.people[Role.MANAGER].gid}
    assert note == {"id": note["id"], "body": "Ruft zurück", "pinned": True, "version": 1, "author": author}
    assert (await acme.agent.data(LIST, id=property_id))["property"]["notes"] == {
        "nodes": [{"body": "Ruft zurück", "pinned": True}],
        "totalCount": 1,
    }
    assert (await events(state, acme.agency.id))[1:] == [("property.updated", "COMMENTED", 1, ["notes"])]


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"body": ""}, "MISSING_REQUIRED_FIELD", "input.body"),
        ({"body": " \n"}, "MISSING_REQUIRED_FIELD", "input.body"),
        ({"body": "<p> </p>"}, "MISSING_REQUIRED_FIELD", "input.body"),
        ({"body": "x" * 5_001}, "VALIDATION_ERROR", "input.body"),
        ({"body": "a\u0000b"}, "INVALID_INPUT", "input.body"),
        ({"body": "x", "pinned": None}, "MISSING_REQUIRED_FIELD", "input.pinned"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_bad_notes(state: State, acme: Signed, given: dict[str, Any], code: str, path: str) -> None:
    property_id, note = await noted(acme)
    async with untouched(state, acme):
        payload = (await acme.agent.data(ADD, id=property_id, input=given))["propertyNoteAdd"]
        assert problems(payload) == [(code, path)]
        payload = (await acme.agent.data(CHANGE, id=note["id"], input=given))["noteUpdate"]
        assert problems(payload) == [(code, path)]


async def test_html_leaves_a_note_and_markdown_stays(acme: Signed) -> None:
    _, note = await noted(acme, body="**Wichtig**: <b>fett</b> & 3 < 4\n- eins")
    assert note["body"] == "**Wichtig**: fett & 3 < 4\n- eins"
    _, note = await noted(acme, body="a <!-- b --> <scr<b>ipt x='1'>c</script> <https://example.com> <br/>\n")
    assert note["body"] == "a  c <https://example.com>"


async def test_a_change_keeps_what_is_not_given(state: State, acme: Signed) -> None:
    property_id, note = await noted(acme, pinned=True)
    payload = (await acme.agent.data(CHANGE, id=note["id"], input={"body": "Neu"}))["noteUpdate"]
    assert payload == {"note": {"id": note["id"], "body": "Neu", "pinned": True, "version": 2}, "userErrors": []}
    assert (await acme.agent.data(LIST, id=property_id))["property"]["notes"]["nodes"] == [
        {"body": "Neu", "pinned": True}
    ]
    assert [event[2:] for event in (await events(state, acme.agency.id))[1:]] == [(1, ["notes"])] * 2


async def test_only_the_author_and_who_manages_notes_change_one(state: State, acme: Signed) -> None:
    property_id, note = await noted(acme, Role.MANAGER)
    async with untouched(state, acme):
        for text, root, given in (
            (CHANGE, "noteUpdate", {"input": {"body": "Neu"}}),
            (REMOVE, "noteDelete", {}),
        ):
            payload = (await acme.agent.data(text, id=note["id"], **given))[root]
            assert problems(payload) == [("INSUFFICIENT_PERMISSIONS", "id")]
            assert await acme.customer.code(text, id=note["id"], **given) == "INSUFFICIENT_PERMISSIONS"
    other_property, other = await noted(acme)
    assert (await acme.owner.data(CHANGE, id=other["id"], input={"body": "Neu"}))["noteUpdate"]["userErrors"] == []
    assert (await acme.owner.data(REMOVE, id=other["id"]))["noteDelete"]["userErrors"] == []
    assert (await acme.agent.data(LIST, id=other_property))["property"]["notes"]["totalCount"] == 0
    assert (await acme.agent.data(LIST, id=property_id))["property"]["notes"]["totalCount"] == 1


async def test_notes_that_are_not_there(state: State, acme: Signed, rival: Signed) -> None:
    property_id, _ = await noted(acme)
    _, foreign = await noted(rival)
    gone_property, orphan = await noted(acme)
    await acme.manager.data(DELETE, id=gone_property)
    _, removed = await noted(acme)
    await acme.agent.data(REMOVE, id=removed["id"])
    async with untouched(state, acme, rival):
        for id in (foreign["id"], orphan["id"], removed["id"], encode_id("Note", uuid7()), property_id):
            for text, root, given in (
                (CHANGE, "noteUpdate", {"input": {"body": "Neu"}}),
                (REMOVE, "noteDelete", {}),
            ):
                payload = (await acme.owner.data(text, id=id, **given))[root]
                assert problems(payload) == [("NOT_FOUND", "id")]
            if id != property_id:
                seen = "query ($id: ID!) { node(id: $id) { id } }"
                assert await acme.owner.data(seen, id=id) == {"node": None}
        payload = (await acme.owner.data(CHANGE, id="?", input={"body": "Neu"}))["noteUpdate"]
        assert problems(payload) == [("INVALID_INPUT", "id")]


async def test_customers_see_no_note_by_any_door(acme: Signed) -> None:
    property_id, note = await noted(acme)
    assert await acme.customer.data("query ($id: ID!) { node(id: $id) { id } }", id=note["id"]) == {"node": None}
    assert (await acme.customer.data(LIST, id=property_id))["property"] == {"notes": None}


async def test_a_removed_note_is_a_row_in_the_trash(state: State, acme: Signed) -> None:
    _, note = await noted(acme)
    await acme.agent.data(REMOVE, id=note["id"])
    (row,) = await rows(state, acme.agency.id, "note")
    assert row["deleted_by_id"] == acme.agency.people[Role.AGENT].id
    assert row["deleted_at"] is not None
