"""One execution for all who would get the same answer, and for nobody else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from domain.access import Role
from graph.engine.operations import Engine
from graph.engine.planned import PlannedExecutor
from graph.schema import schema
from resolvers.kit.context import State
from resolvers.kit.ids import decode_id
from settings import Settings
from tests.conftest import Signed
from tests.factories import Person
from tests.graph.world import UPDATE, created
from tests.live.followers import FOLLOW, Follower, all_heard, change, context_of, following, people
from tests.live.reading import until

Join = Callable[..., Awaitable[Follower]]
both_ways = pytest.mark.parametrize("crowd", [True, False], ids=["crowd", "alone"])


@pytest.fixture
def engine(settings: Settings) -> Engine:
    return Engine(schema._schema, settings)


@pytest.fixture
async def join(engine: Engine, state: State) -> AsyncIterator[Join]:
    """Let a person follow; all stop with the test."""
    made: list[Follower] = []

    async def start(person: Person, document: str = FOLLOW, *, crowd: bool = True, **variables: Any) -> Follower:
        follower = Follower(engine, await context_of(state, person), document, variables, crowd)
        made.append(follower)
        return follower.start()

    yield start
    for follower in made:
        await follower.stop()


@pytest.fixture
def executions(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The viewers for whom events were executed."""
    found: list[Any] = []
    execute = PlannedExecutor.event

    async def counted(self: Any, prepared: Any, operation: Any, context: Any, *rest: Any) -> Any:
        found.append(context.viewer.member_id)
        return await execute(self, prepared, operation, context, *rest)

    monkeypatch.setattr(PlannedExecutor, "event", counted)
    return found


async def rename(signed: Signed, id: str, title: str) -> None:
    assert (await signed.manager.data(UPDATE, id=id, input={"title": title}))["propertyUpdate"]["userErrors"] == []


async def cursor_of(signed: Signed) -> str:
    return str((await signed.agent.data("{ streamCursor }"))["streamCursor"])


@both_ways
async def test_fifty_followers_cost_one_execution_per_event(
    state: State, acme: Signed, join: Join, executions: list[Any], crowd: bool
) -> None:
    made = await created(acme)
    start = await cursor_of(acme)
    followers = [
        await join(person, crowd=crowd, after=start) for person in await people(state, acme, 10) for _ in range(5)
    ]
    await following(state, acme, followers)
    for number in range(3):
        await rename(acme, made["id"], f"Haus {number}")
        await all_heard(followers, number + 1)
        assert len(executions) == number + 1
    first = followers[0].heard
    assert [change["property"]["title"] for change in first] == ["Haus 0", "Haus 1", "Haus 2"]
    assert [change["prevCursor"] for change in first] == [start, first[0]["cursor"], first[1]["cursor"]]
    assert all(follower.heard == first for follower in followers)


@both_ways
async def test_places_differ_and_what_comes_is_shared(
    state: State, acme: Signed, join: Join, executions: list[Any], crowd: bool
) -> None:
    made = await created(acme)
    early = await cursor_of(acme)
    await rename(acme, made["id"], "Haus 0")
    late = await cursor_of(acme)
    some = await people(state, acme, 6)
    behind = [await join(person, crowd=crowd, after=early) for person in some[:3]]
    level = [await join(person, crowd=crowd, after=late) for person in some[3:]]
    await following(state, acme, behind + level)
    await all_heard(behind, 1)
    assert len(executions) == 1
    await rename(acme, made["id"], "Haus 1")
    await all_heard(behind, 2)
    await all_heard(level, 1)
    assert len(executions) == 2
    assert [change["cursor"] for change in behind[0].heard][1:] == [change["cursor"] for change in level[0].heard]


@both_ways
async def test_other_rights_are_executed_for_themselves(
    state: State, acme: Signed, join: Join, executions: list[Any], crowd: bool
) -> None:
    """Each role that sees something else gets an answer of its own, with what it may see and nothing more."""
    made = await created(acme, status="AVAILABLE")
    price = "update property set closing_price = 45000000 where id = :id"
    await change(state, acme.agency.id, price, id=decode_id(made["id"], "Property"))
    document = "subscription { propertyChanged { kind property { title closingPrice { amount } } } }"
    roles = [Role.OWNER, Role.AGENT, Role.AGENT, Role.CUSTOMER, Role.CUSTOMER]
    members = [(await people(state, acme, 1, role))[0] for role in roles]
    followers = [await join(person, document, crowd=crowd) for person in members]
    await following(state, acme, followers)
    await rename(acme, made["id"], "Neu")
    await all_heard(followers, 1)
    shown = {"title": "Neu", "closingPrice": {"amount": "450000.00"}}
    assert [follower.heard for follower in followers] == [
        *[[{"kind": "UPDATED", "property": shown}]] * 3,
        *[[{"kind": "UPDATED", "property": {"title": "Neu", "closingPrice": None}}]] * 2,
    ]
    # What customers see is a matter of who they are: each is asked for alone.
    assert len(executions) == 4
    assert {members[at].id for at in (0, 3, 4)} < set(executions)


@both_ways
async def test_what_depends_on_the_viewer_is_executed_per_viewer(
    state: State, acme: Signed, join: Join, executions: list[Any], crowd: bool
) -> None:
    made = await created(acme)  # the agent's own
    document = "subscription { propertyChanged { property { viewerCan { delete update } } } }"
    maker, manager = acme.agency.people[Role.AGENT], acme.agency.people[Role.MANAGER]
    (other,) = await people(state, acme, 1)
    members = [maker, maker, other, manager]
    followers = [await join(person, document, crowd=crowd) for person in members]
    await following(state, acme, followers)
    await rename(acme, made["id"], "Neu")
    await all_heard(followers, 1)
    assert sorted(map(str, executions)) == sorted(str(person.id) for person in (maker, other, manager))
    query = "query ($id: ID!) { property(id: $id) { viewerCan { delete update } } }"
    expected = (await acme.agent.data(query, id=made["id"]))["property"]["viewerCan"]
    assert followers[0].heard == followers[1].heard == [{"property": {"viewerCan": expected}}]
    expected = (await acme.manager.data(query, id=made["id"]))["property"]["viewerCan"]
    assert followers[3].heard == [{"property": {"viewerCan": expected}}]


@both_ways
@pytest.mark.parametrize(
    "shown", ["isFavorite", "tasks(filter: { watchedByMe: true }) { totalCount }"], ids=["figure", "filter"]
)
async def test_what_is_the_viewers_own_is_not_shared(
    state: State, acme: Signed, join: Join, executions: list[Any], crowd: bool, shown: str
) -> None:
    made = await created(acme)
    watch = "mutation ($id: ID!) { propertyFavoriteToggle(id: $id) { isFavorite } }"
    await acme.agent.data(watch, id=made["id"])
    task = {"title": "Anrufen", "dueDate": "2030-01-01T00:00:00Z", "propertyId": made["id"]}
    watchers = [acme.agency.people[Role.AGENT].gid]
    create = "mutation ($input: TaskCreateInput!) { taskCreate(input: $input) { userErrors { code } } }"
    await acme.manager.data(create, input={**task, "watcherIds": watchers})
    (other,) = await people(state, acme, 1)
    document = f"subscription {{ propertyChanged {{ property {{ {shown} }} }} }}"
    followers = [await join(person, document, crowd=crowd) for person in (acme.agency.people[Role.AGENT], other)]
    await following(state, acme, followers)
    await rename(acme, made["id"], "Neu")
    await all_heard(followers, 1)
    mine, others = (True, False) if shown == "isFavorite" else ({"totalCount": 1}, {"totalCount": 0})
    name = shown.partition("(")[0]
    assert [follower.heard for follower in followers] == [
        [{"property": {name: mine}}],
        [{"property": {name: others}}],
    ]
    assert len(executions) == 2


@both_ways
async def test_a_customer_hears_nothing_of_what_the_others_share(
    state: State, acme: Signed, join: Join, crowd: bool
) -> None:
    hidden, offered = await created(acme), await created(acme, status="AVAILABLE")
    customers = [await join(person, crowd=crowd) for person in await people(state, acme, 3, Role.CUSTOMER)]
    agents = [await join(person, crowd=crowd) for person in await people(state, acme, 3)]
    await following(state, acme, customers + agents)
    await rename(acme, hidden["id"], "Geheim")
    await rename(acme, offered["id"], "Offen")
    await all_heard(agents, 2)
    await all_heard(customers, 1)
    for customer in customers:
        assert [(one["id"], one["property"]) for one in customer.heard] == [(offered["id"], {"title": "Offen"})]


@both_ways
async def test_followers_of_other_records_share_nothing(state: State, acme: Signed, join: Join, crowd: bool) -> None:
    """Filters decide what is heard at all: they are no matter of the answer alone."""
    one, two = await created(acme), await created(acme)
    start = await cursor_of(acme)
    person = acme.agency.people[Role.AGENT]
    default = FOLLOW.replace("$ids: [ID!]", f'$ids: [ID!] = ["{one["id"]}"]')
    everything = [await join(person, crowd=crowd, after=start), await join(person, default, crowd=crowd, ids=None)]
    ones = [await join(person, crowd=crowd, after=start, ids=[one["id"]]), await join(person, default, crowd=crowd)]
    twos = [await join(person, crowd=crowd, after=start, ids=[two["id"]]) for _ in range(2)]
    await following(state, acme, everything + ones + twos)
    for number, id in enumerate((one["id"], two["id"], one["id"]), 1):
        await rename(acme, id, f"Neu {number}")
        await all_heard(everything, number)
    await all_heard(ones, 2)
    await all_heard(twos, 1)
    assert [[change["id"] for change in follower.heard] for follower in everything] == [
        [one["id"], two["id"], one["id"]]
    ] * 2
    assert [[change["id"] for change in follower.heard] for follower in ones] == [[one["id"], one["id"]]] * 2
    assert [[change["id"] for change in follower.heard] for follower in twos] == [[two["id"]]] * 2


@both_ways
async def test_variables_within_the_answer_keep_followers_apart(
    state: State, acme: Signed, join: Join, executions: list[Any], crowd: bool
) -> None:
    made = await created(acme)
    note = """
    mutation ($id: ID!, $body: String!) {
      propertyNoteAdd(propertyId: $id, input: { body: $body }) { userErrors { code } }
    }"""
    for body in ("eins", "zwei", "drei"):
        await acme.agent.data(note, id=made["id"], body=body)
    document = """
    subscription ($n: Int!, $title: Boolean!) {
      propertyChanged { property { title @include(if: $title) notes(first: $n) { nodes { body } } } }
    }"""
    asked = [{"n": 1, "title": True}, {"n": 1, "title": True}, {"n": 2, "title": True}, {"n": 1, "title": False}]
    members = await people(state, acme, len(asked))
    followers = [
        await join(person, document, crowd=crowd, **given) for person, given in zip(members, asked, strict=True)
    ]
    await following(state, acme, followers)
    await rename(acme, made["id"], "Neu")
    await all_heard(followers, 1)
    assert len(executions) == 3
    one, two = [{"body": "drei"}], [{"body": "drei"}, {"body": "zwei"}]
    assert [follower.heard[0]["property"] for follower in followers] == [
        {"title": "Neu", "notes": {"nodes": one}},
        {"title": "Neu", "notes": {"nodes": one}},
        {"title": "Neu", "notes": {"nodes": two}},
        {"notes": {"nodes": one}},
    ]


@both_ways
async def test_who_executes_may_leave_without_harm_to_the_others(
    state: State, acme: Signed, join: Join, monkeypatch: pytest.MonkeyPatch, crowd: bool
) -> None:
    made = await created(acme)
    entered, go_on, calls = asyncio.Event(), asyncio.Event(), []
    execute = PlannedExecutor.event

    async def slow(self: Any, prepared: Any, operation: Any, context: Any, *rest: Any) -> Any:
        calls.append(context.viewer.member_id)
        entered.set()
        await go_on.wait()
        return await execute(self, prepared, operation, context, *rest)

    monkeypatch.setattr(PlannedExecutor, "event", slow)
    members = await people(state, acme, 4)
    followers = [await join(person, crowd=crowd) for person in members]
    await following(state, acme, followers)
    await rename(acme, made["id"], "Neu")
    await entered.wait()
    first = next(follower for follower, person in zip(followers, members, strict=True) if person.id == calls[0])
    await first.stop()
    go_on.set()
    others = [follower for follower in followers if follower is not first]
    await all_heard(others, 1)
    assert len(calls) == 1
    assert [follower.heard[0]["property"] for follower in others] == [{"title": "Neu"}] * 3
    assert first.heard == []
    await rename(acme, made["id"], "Noch neuer")
    await all_heard(others, 2)


@both_ways
async def test_nothing_is_kept_of_followers_who_left(
    state: State, acme: Signed, join: Join, engine: Engine, crowd: bool
) -> None:
    followers = [await join(person, crowd=crowd) for person in await people(state, acme, 3)]
    await following(state, acme, followers)
    made = await created(acme)
    await all_heard(followers, 1)
    for follower in followers:
        await follower.stop()
    await until(lambda: acme.agency.id not in state.tails._tails)
    assert engine.circles._circles == {}
    assert made["id"] == followers[0].heard[0]["id"]
