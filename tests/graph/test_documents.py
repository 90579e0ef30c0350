"""The screens' documents: each executes, and the lists among them take the same few statements for any number of rows.

Numbers of statements are committed here, like a budget: authentication and binding a connection to its agency are
counted apart.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from graphql import OperationDefinitionNode, parse, validate

import models
from domain.access import ROLE_PERMISSIONS, Role
from domain.tasks import ranks
from graph.schema import schema
from models.base import now, uuid7
from resolvers.kit.context import VIEWER_SQL, State
from resolvers.kit.ids import decode_id, encode_id
from storage.database import ReadPool
from tests.conftest import Client, Signed
from tests.factories import make_properties, property_input
from tests.graph.tasks_world import columns, several
from tests.graph.world import DOCUMENTS, Live, context_of, created, document

NAMES = sorted(path.stem for path in DOCUMENTS.glob("*.graphql"))
# Document: statements. One per root field; the first one reads the stream's position as well.
BUDGET = {
    "PropertyList": 1,
    "PropertyDetail": 1,
    "Kanban": 1,
    "Profile": 8,
    "Settings": 2,
    "AdminUsers": 2,
    "AdminRoles": 3,
}

# A new connection asks for types it does not know, with the compiler off.
APART = ("pg_catalog", "'jit'", "set_config('app.tenant_id'")


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The text of every statement that reads, without authentication and what the driver asks about types."""
    found: list[str] = []
    lend = ReadPool._lend

    def note(record: Any) -> None:
        if record.query != VIEWER_SQL and not any(word in record.query for word in APART):
            found.append(record.query)

    async def logged(self: ReadPool, tenant: UUID, **options: Any) -> Any:
        bound = await lend(self, tenant, **options)
        assert bound.connection is not None
        bound.connection.add_query_logger(note)  # once, however often it is added
        return bound

    monkeypatch.setattr(ReadPool, "_lend", logged)
    return found


async def logged(statements: list[str]) -> list[str]:
    """The statements so far; the driver tells of each a turn of the loop later."""
    await asyncio.sleep(0)
    return statements


@pytest_asyncio.fixture(params=[3, 30, 100])
async def stocked(request: pytest.FixtureRequest, state: State, acme: Signed) -> list[str]:
    """Ids of as many properties, each with an agent, a note of somebody else and a contact person."""
    people = list(acme.agency.people.values())[:3]
    rows = [
        {"assigned_agent_id": people[n % 3].id, "price": n, "living_area": 100 + n, "first_available_at": now()}
        for n in range(request.param)
    ]
    made = await make_properties(state, acme.agency, rows)
    async with state.database.write(acme.agency.id) as session:
        for index, row in enumerate(made):
            author = people[(index + 1) % 3].id
            session.add(
                models.Note(tenant_id=acme.agency.id, property_id=row.id, author_id=author, body=f"Notiz {index}")
            )
            session.add(
                models.ContactPerson(
                    tenant_id=acme.agency.id, property_id=row.id, ordinal=0, name="Berta", phone="+493023125000"
                )
            )
        await session.commit()
    return [encode_id("Property", row.id) for row in made]


async def test_the_property_list_takes_the_same_statements_for_any_number_of_rows(
    acme: Signed, stocked: list[str], statements: list[str]
) -> None:
    data = await acme.agent.data(document("PropertyList"), page={"size": 100})
    assert len(data["properties"]["nodes"]) == len(stocked)
    assert data["properties"]["pageMeta"] == {"page": 1, "size": 100, "pages": 1, "total": len(stocked)}
    assert len(await logged(statements)) == BUDGET["PropertyList"], statements


async def test_the_property_detail_takes_the_same_statements_for_any_number_of_rows(
    acme: Signed, stocked: list[str], statements: list[str]
) -> None:
    data = await acme.agent.data(document("PropertyDetail"), id=stocked[-1])
    index = len(stocked) - 1
    assert [note["body"] for note in data["property"]["notes"]["nodes"]] == [f"Notiz {index}"]
    assert [person["name"] for person in data["property"]["contactPersons"]] == ["Berta"]
    assert len(await logged(statements)) == BUDGET["PropertyDetail"], statements


@pytest_asyncio.fixture(params=[2, 40])
async def busy(request: pytest.FixtureRequest, state: State, acme: Signed) -> int:
    """As many cards in each of two columns, each with an assignee, a property, a label, a step and a comment."""
    here, people = await columns(acme.agent), list(acme.agency.people.values())[:4]
    board = decode_id((await acme.agent.data("{ board { id } }"))["board"]["id"], "Board")
    (house,) = await make_properties(state, acme.agency, [{}])
    common = {"tenant_id": acme.agency.id}
    async with state.database.write(acme.agency.id) as session:
        label = models.TaskLabel(**common, name="Eilig")
        session.add(label)
        await session.flush()
        for status in ("TODO", "BLOCKED"):
            for index, rank in enumerate(ranks.following(None, request.param)):
                task = models.Task(
                    **common,
                    title=f"{status} {index}",
                    status=status,
                    blocked_reason="Wartet" if status == "BLOCKED" else None,
                    blocked_since=now() if status == "BLOCKED" else None,
                    board_id=board,
                    column_id=decode_id(here[status]["id"], "BoardColumn"),
                    rank=rank,
                    assignee_id=people[index % 4].id,
                    property_id=house.id,
                    due_date=now(),
                )
                session.add(task)
                await session.flush()
                session.add(models.TaskLabelLink(**common, task_id=task.id, label_id=label.id))
                session.add(models.Subtask(**common, task_id=task.id, title="Schritt", position=0, done=True))
                session.add(models.Comment(**common, task_id=task.id, author_id=people[0].id, text="Ja"))
        await session.commit()
    found: int = request.param
    return found


async def test_the_board_takes_one_statement_for_any_number_of_cards(
    acme: Signed, busy: int, statements: list[str]
) -> None:
    data = await acme.agent.data(document("Kanban"))
    assert len(await logged(statements)) == BUDGET["Kanban"], statements
    at = {column["status"]: column for column in data["board"]["columns"]}
    assert {status: column["taskCount"] for status, column in at.items()} == {
        **dict.fromkeys(at, 0),
        "TODO": busy,
        "BLOCKED": busy,
    }
    card = at["BLOCKED"]["tasks"]["nodes"][-1]
    assert (card["title"], card["position"]) == (f"BLOCKED {busy - 1}", busy - 1)
    assert (card["blocked"]["reason"], card["isOverdue"], card["commentCount"]) == ("Wartet", True, 1)
    assert (card["labels"][0]["name"], card["subtaskProgress"]) == ("Eilig", "100.00")
    assert [label["name"] for label in data["board"]["labels"]] == ["Eilig"]
    assert data["board"]["statistics"]["totalTasks"] == 2 * busy
    statements.clear()
    filtered = await acme.agent.data(document("Kanban"), boardId=data["board"]["id"], filter={"search": "blocked"})
    assert len(await logged(statements)) == BUDGET["Kanban"], statements
    columns_now = {column["status"]: column["tasks"]["nodes"] for column in filtered["board"]["columns"]}
    assert [len(nodes) for nodes in (columns_now["TODO"], columns_now["BLOCKED"])] == [0, busy]


async def test_the_documents_of_a_board_tell_one_story(acme: Signed) -> None:
    ids = await several(acme.agent, "AB")
    answer = await acme.agent.data(document("KanbanMove"), id=ids["A"], input={"status": "REVIEW"})
    assert answer["taskMove"] == {
        "task": {"id": ids["A"], "status": "REVIEW", "rank": "a0", "position": 0, "version": 2},
        "warnings": [],
        "userErrors": [],
    }
    board = (await acme.agent.data(document("Kanban")))["board"]
    shown = {column["status"]: [card["title"] for card in column["tasks"]["nodes"]] for column in board["columns"]}
    assert shown == {**{status: [] for status in shown}, "TODO": ["B"], "REVIEW": ["A"]}


async def test_nested_lists_of_a_page_take_no_statement_of_their_own(
    acme: Signed, stocked: list[str], statements: list[str]
) -> None:
    text = """{ properties(first: 20) { nodes {
      notes(first: 2) { nodes { body author { id } } totalCount } contactPersons { name user { id } } } } }"""
    data = await acme.agent.data(text)
    assert [node["notes"]["totalCount"] for node in data["properties"]["nodes"]] == [1] * min(20, len(stocked))
    assert len(await logged(statements)) == 1, statements


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_valid_and_named_like_its_file(name: str) -> None:
    parsed = parse(document(name))
    assert validate(schema._schema, parsed) == []
    (operation,) = parsed.definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    assert operation.name.value == name


async def test_the_documents_of_a_property_tell_one_story(acme: Signed) -> None:
    agent, made = acme.agent, property_input(status="AVAILABLE")
    done = (await agent.data(document("PropertyCreate"), input=made))["propertyCreate"]
    assert done["userErrors"] == []
    id = done["property"]["id"]
    assert done["property"] == {
        "id": id,
        "externalNumber": f"OBJ-{now().year}-0001",
        "title": "Helle Wohnung am Park",
        "status": "AVAILABLE",
        "version": 1,
    }
    changed = (await agent.data(document("PropertyUpdate"), id=id, input={"title": "Neu", "expectedVersion": 1}))[
        "propertyUpdate"
    ]
    assert changed["userErrors"] == []
    assert (changed["property"]["title"], changed["property"]["version"]) == ("Neu", 2)
    assert changed["property"]["price"] == {"amount": "465000.00", "currency": "EUR"}
    moved = (await agent.data(document("PropertyStatusSet"), id=id, input={"status": "RESERVED", "reason": "Notar"}))[
        "propertyStatusSet"
    ]
    assert moved["userErrors"] == []
    assert moved["property"]["status"] == "RESERVED"
    assert moved["property"]["viewerCan"] == {"allowedStatuses": ["AVAILABLE", "SOLD", "WITHDRAWN"]}
    noted = (await agent.data(document("NoteAdd"), propertyId=id, input={"body": "Ruft zurück", "pinned": True}))[
        "propertyNoteAdd"
    ]
    author = {"id": acme.agency.people[Role.AGENT].gid, "name": "Agent Person"}
    assert noted["userErrors"] == []
    assert {**noted["note"], "createdAt": None} == {
        "id": noted["note"]["id"],
        "body": "Ruft zurück",
        "pinned": True,
        "createdAt": None,
        "author": author,
    }
    shown = (await agent.data(document("Node"), id=id))["node"]
    assert shown == {"__typename": "Property", "id": id, "title": "Neu", "status": "RESERVED"}
    detail = (await agent.data(document("PropertyDetail"), id=id))["property"]
    assert detail["notes"]["nodes"] == [noted["note"]]
    assert detail["pricePerSqm"] == {"amount": "5670.73", "currency": "EUR"}
    assert detail["address"] == {
        "street": "Goethestraße",
        "houseNumber": "5",
        "postalCode": "10115",
        "city": "Berlin",
        "state": "BE",
        "country": "DE",
        "showAddress": False,
        "formatted": "Goethestraße 5, 10115 Berlin",
        "geo": None,
    }
    gone = (await acme.manager.data(document("PropertyDelete"), id=id))["propertyDelete"]
    remover = {"id": acme.agency.people[Role.MANAGER].gid, "name": "Manager Person"}
    assert gone["userErrors"] == []
    assert gone["property"]["deletedBy"] == remover
    trash = (await acme.manager.data(document("Trash"), type="PROPERTY", page={"size": 5}))["trash"]
    assert trash["pageMeta"] == {"page": 1, "size": 5, "pages": 1, "total": 1}
    assert [(item["id"], item["title"], item["deletedBy"]) for item in trash["nodes"]] == [(id, "Neu", remover)]
    back = (await acme.manager.data(document("TrashRestore"), ids=[id]))["trashRestore"]
    assert back == {"restored": [{"id": id, "title": "Neu", "deletedAt": None}], "userErrors": []}


async def test_the_viewer_document_says_who_and_what(acme: Signed) -> None:
    viewer = (await acme.agent.data(document("Viewer")))["viewer"]
    person = acme.agency.people[Role.AGENT]
    tenant = {"id": acme.agency.gid, "name": "Acme", "slug": acme.agency.slug}
    assert viewer["user"] == {"id": person.gid, "name": "Agent Person", "role": "AGENT"}
    assert viewer["tenant"] == {
        **tenant,
        "subscription": {"status": "ACTIVE", "trialEndsAt": None, "cancelAtPeriodEnd": False},
    }
    assert [(found["role"], found["tenant"]) for found in viewer["memberships"]] == [("AGENT", tenant)]
    assert viewer["permissions"] == sorted(ROLE_PERMISSIONS[Role.AGENT])


async def test_the_documents_of_sign_in_execute(anonymous: Client) -> None:
    email, password = f"owner-{uuid7().hex}@example.com", "Sonne123!"
    given = {
        "email": email,
        "password": password,
        "firstName": "Erika",
        "lastName": "Muster",
        "tenantName": f"Haus {uuid7().hex}",
        "acceptTerms": True,
    }
    registered = (await anonymous.data(document("Register"), input=given))["authRegister"]
    assert registered["userErrors"] == []
    signed_in = (await anonymous.data(document("Login"), email=email, password=password))["authLogin"]
    assert signed_in["userErrors"] == []
    assert (signed_in["user"], signed_in["tenant"]) == (registered["user"], registered["tenant"])
    renewed = (await anonymous.data(document("Refresh"), refreshToken=signed_in["refreshToken"]))["authRefresh"]
    assert renewed["userErrors"] == []
    assert (renewed["tokenType"], renewed["expiresIn"]) == ("Bearer", 1800)


@pytest.mark.parametrize("name", ["PropertyListLive", "PropertyDetailLive"])
async def test_the_live_documents_continue_where_the_data_was_read(state: State, acme: Signed, name: str) -> None:
    made = await created(acme)
    start = (await acme.agent.data(document("PropertyList")))["streamCursor"]
    variables = {"ids": [made["id"]]} if name == "PropertyDetailLive" else {}
    live = await Live.open(await context_of(state, acme, Role.AGENT), document(name), after=start, **variables)
    await acme.agent.data(document("PropertyUpdate"), id=made["id"], input={"title": "Neu"})
    change = await live.next()
    assert (change["kind"], change["changedFields"], change["prevCursor"]) == ("UPDATED", ["title"], start)
    assert change["property"]["id"] == made["id"]
    assert change["property"]["version"] == 2
    await live.close()


async def test_the_page_to_sign_in_shows_the_colours(acme: Signed, anonymous: Client) -> None:
    shown = await anonymous.data(document("SignInPage"), slug=acme.agency.slug)
    assert shown == {
        "publicBranding": {"primaryColor": "#3B82F6", "secondaryColor": "#1E40AF", "logoUrl": None},
    }


@pytest.mark.parametrize("name", ["Profile", "Settings", "AdminUsers", "AdminRoles"])
async def test_the_screens_of_the_administration_take_few_statements(
    name: str, acme: Signed, statements: list[str]
) -> None:
    body = await acme.owner(document(name))
    assert "errors" not in body, body
    assert None not in body["data"].values()
    assert len(await logged(statements)) == BUDGET[name], statements
