"""The screens, and what strangers try, for everybody: both executors answer alike, and screens are planned."""

from collections.abc import Callable
from typing import Any

import pytest
import pytest_asyncio
from graphql import OperationDefinitionNode, OperationType, parse

from domain.access import Role
from graph.engine.operations import Answer
from resolvers.kit.context import State
from settings import Settings
from tests.conftest import Client, Signed
from tests.contract import strangers
from tests.engine.executors import Executors
from tests.engine.world import World
from tests.factories import connected
from tests.graph.world import DOCUMENTS, document

ROLES = (*Role, None)
Calls = list[dict[str, Any]]


def _every_node(world: World) -> Calls:
    named = [id for ids in world.ids.values() for id in ids]
    return [{"id": id} for id in (*named[:60], *world.foreign, *world.nothing, *world.broken)]


def _lists(world: World) -> Calls:
    found: Calls = [{}, {"page": None, "filter": None, "orderBy": None}, {"page": {}}, {"page": {"number": 2}}]
    found.append({"page": {"size": 5, "number": 6}, "filter": {"status": {"in": ["AVAILABLE", "RESERVED"]}}})
    found.append({"page": {"size": 100}, "orderBy": [{"field": "PRICE"}, {"field": "TITLE", "direction": "ASC"}]})
    found.append({"filter": {"search": "wohnung"}, "orderBy": {"field": "DAYS_ON_MARKET", "direction": "ASC"}})
    found.append({"page": {"size": 0}})
    return found


# Screen: what it is called with.
SCREENS: dict[str, Callable[[World], Calls]] = {
    "AdminRoles": lambda world: [{}],
    "AdminUsers": lambda world: [{}, {"page": {"size": 2, "number": 2}, "filter": {"status": {"eq": "ACTIVE"}}}],
    "Profile": lambda world: [{}],
    "Settings": lambda world: [{}],
    "SignInPage": lambda world: [{"slug": "nobody"}, {"slug": world.acme.slug}],
    "Kanban": lambda world: [{}, {"boardId": world.ids["Board"][0], "filter": {"archived": True}}],
    "Node": _every_node,
    "PropertyDetail": lambda world: [
        {"id": id}
        for id in (*world.ids["Property"][:6], world.ids["TrashedProperty"][0], world.foreign[0], world.nothing[0])
    ],
    "PropertyList": _lists,
    "Trash": lambda world: [{}, {"type": "PROPERTY"}, {"type": "NOTE", "page": {"size": 2, "number": 2}}],
    "Viewer": lambda world: [{}],
}


def _kind(name: str) -> OperationType:
    (operation,) = parse(document(name)).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation.operation


def test_every_screen_that_reads_is_here() -> None:
    names = {path.stem for path in DOCUMENTS.glob("*.graphql")}
    assert set(SCREENS) == {name for name in names if _kind(name) is OperationType.QUERY}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_is_planned_and_answered_alike(
    both: Executors, world: World, name: str, role: Role | None
) -> None:
    answers = [await both.compare(document(name), variables, role) for variables in SCREENS[name](world)]
    refused = name.startswith("Admin") and role in (Role.AGENT, Role.CUSTOMER)
    if role is not None:
        # `compare` has seen that what has no errors was planned; here, that not all of it had errors.
        assert any(answer.planned for answer in answers) is not refused


async def test_a_detail_shows_all_there_is(both: Executors, world: World) -> None:
    """The screens look at filled rows: equal answers about nothing would prove nothing."""
    answer = await both.compare(document("PropertyDetail"), {"id": world.ids["Property"][0]}, Role.CUSTOMER)
    shown = answer.body["data"]["property"]
    assert [name for name, value in shown.items() if value in (None, [], {})] == ["notes"]
    assert len(shown["contactPersons"]) == 20
    answer = await both.compare(document("PropertyDetail"), {"id": world.ids["Property"][0]}, Role.AGENT)
    assert len(answer.body["data"]["property"]["notes"]["nodes"]) == 10


# --- what strangers send ---------------------------------------------------------------------------------------------

QUERIES = sorted(name for name in strangers.PROBES if name.startswith("Query."))


@pytest_asyncio.fixture
async def known(state: State, settings: Settings, anonymous: Client) -> Any:
    async with connected(settings.database_url) as admin:
        yield strangers.World(state, admin, anonymous)


@pytest.mark.parametrize("name", QUERIES)
async def test_what_a_stranger_sends_is_answered_alike(
    both: Executors, known: strangers.World, acme: Signed, rival: Signed, name: str
) -> None:
    """Each probe with an own name, a foreign one and one of nothing, sent by everybody."""
    probe = strangers.PROBES[name]
    seen: list[Answer] = []

    def sender(signed: Signed, role: Role) -> Any:
        async def send(text: str, **variables: Any) -> dict[str, Any]:
            seen.append(await both.compare(text, variables, signed.agency.people[role].token))
            return seen[-1].body

        return send

    people = [(signed, role) for signed in (acme, rival) for role in Role]
    if isinstance(probe, strangers.Mirror):
        for signed, role in people:
            await probe.call(known, signed, {"client": sender(signed, role)})
    else:
        own = await probe.make(known, acme)
        for signed, role in people:
            for given in (own, probe.other(own)):
                await probe.call(known, signed, given, {"client": sender(signed, role)})
    assert any(answer.planned for answer in seen)
