"""Mutations and events: carried out once, whichever executor writes the payload, and the payloads are equal."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from domain.access import Role
from graph.engine import planned as planned_module
from graph.engine import values as values_module
from graph.engine.operations import Call
from graph.engine.planner import Planner, Unplannable
from graph.engine.shapes import Unexpected
from resolvers.kit.context import State
from tests.engine.executors import Executors, context_for, engines, must_be_equal
from tests.engine.story import CREATE, SAME_ROW_WITH_A_FAILURE, SEVERAL, STATUS, Teller, tell, tell_sign_in
from tests.factories import Agency, make_agency, property_input
from tests.graph.world import document, rows


async def told_by(state: State, story: Callable[[Teller], Awaitable[Any]], *, reference: bool) -> Teller:
    """The story in a new agency."""
    teller = Teller(state, engines(state.settings)[reference], await make_agency(state, "Story"))
    await story(teller)
    return teller


async def same_story(state: State, story: Callable[[Teller], Awaitable[Any]]) -> Teller:
    """The story told to both executors: the same answers, and the same left behind. Answers the planned one's."""
    first = await told_by(state, story, reference=False)
    second = await told_by(state, story, reference=True)
    for mine, other in zip(first.answers, second.answers, strict=True):
        assert mine == other
    assert await first.left() == await second.left()
    assert not any(second.planned)
    return first


async def test_mutations_are_answered_alike(state: State) -> None:
    teller = await same_story(state, tell)
    failed = [b'"errors":[]' not in answer for answer in teller.answers]
    assert [planned for planned, error in zip(teller.planned, failed, strict=True) if not error and not planned] == []
    assert sum(teller.planned) > 30


async def test_signing_in_is_answered_alike(state: State) -> None:
    teller = await same_story(state, tell_sign_in)
    assert sum(teller.planned) > 10


# --- when the payload cannot be planned ------------------------------------------------------------------------------


def _not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_args: Any) -> Any:
        raise Unexpected("a fault of the test")

    monkeypatch.setattr(planned_module, "written", fail)


def _lost_after_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    written = planned_module.written

    async def fail(*args: Any) -> Any:
        await written(*args)
        raise RuntimeError("a fault of the test")

    monkeypatch.setattr(planned_module, "written", fail)


def _rows_not_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any) -> Any:
        raise Unplannable("a fault of the test")

    monkeypatch.setattr(Planner, "rows", fail)


def _half_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_args: Any, **_kwargs: Any) -> Any:
        raise OSError("a fault of the test")

    monkeypatch.setattr(values_module, "read_by_ids", fail)


FAULTS = [_not_written, _lost_after_it_was_written, _rows_not_planned, _half_read]


@pytest.mark.parametrize(("story", "fault"), [*((tell, fault) for fault in FAULTS), (tell_sign_in, _not_written)])
async def test_a_mutation_whose_payload_fails_is_carried_out_once(
    state: State,
    monkeypatch: pytest.MonkeyPatch,
    story: Callable[[Teller], Awaitable[Any]],
    fault: Callable[[pytest.MonkeyPatch], None],
) -> None:
    fault(monkeypatch)
    teller = await same_story(state, story)
    # What has no row to show is planned nevertheless.
    assert sum(teller.planned) < len(teller.planned) / 2


async def test_a_payload_shows_its_own_moment_when_a_later_one_fails(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two changes of one row each payload shows its own, even when the second payload has to be written anew."""
    written, calls = planned_module.written, [0]

    async def fail_second(*args: Any) -> Any:
        calls[0] += 1
        if calls[0] == 5:
            raise Unexpected("a fault of the test")
        return await written(*args)

    monkeypatch.setattr(planned_module, "written", fail_second)

    async def story(teller: Teller) -> None:
        made = await teller.send(CREATE, input=property_input())
        id = made["propertyCreate"]["property"]["id"]
        await teller.send(SEVERAL, id=id, a={"title": "Eins"}, b={"title": "Zwei"})

    await same_story(state, story)


async def test_payloads_show_their_own_moment_when_a_later_mutation_fails(state: State) -> None:
    async def story(teller: Teller) -> None:
        made = await teller.send(CREATE, input=property_input())
        await teller.send(SAME_ROW_WITH_A_FAILURE, id=made["propertyCreate"]["property"]["id"], body=None)

    await same_story(state, story)


# --- one mutation, both payloads -------------------------------------------------------------------------------------


async def test_a_payload_is_equal_to_the_byte(both: Executors, state: State) -> None:
    """The reference writes the payload of the very mutation that the planned executor carried out."""
    agency = await make_agency(state, "Eins")
    given: dict[str, Any] = {"input": property_input()}
    for text in (CREATE, document("PropertyCreate")):
        context = await context_for(state, agency.people[Role.AGENT].token)
        accepted = both.planned.accept(Call(text, given, None, {}))
        first = await both.planned.execute(accepted, context)
        assert first.planned
        must_be_equal(first, await both.reference.execute(accepted, context))
    assert len(await rows(state, agency.id, "property")) == 2


async def test_a_repeated_request_is_answered_alike(both: Executors, state: State) -> None:
    """What an Idempotency-Key remembers is shown by both executors as it is shown the first time."""
    agency = await make_agency(state, "Eins")
    call = Call(CREATE, {"input": property_input()}, None, {})
    answers = []
    for engine in (both.planned, both.planned, both.reference):
        context = await context_for(state, agency.people[Role.AGENT].token)
        context.request = replace(context.request, idempotency_key="k")
        answers.append(await engine.execute(engine.accept(call), context))
        assert ("Idempotency-Replayed" in context.response_headers) is (len(answers) > 1)
    assert [found.planned for found in answers] == [True, True, False]
    must_be_equal(answers[0], answers[1])
    must_be_equal(answers[0], answers[2])
    assert len(await rows(state, agency.id, "property")) == 1


# --- events ----------------------------------------------------------------------------------------------------------

HEAR = """subscription ($after: String, $no: Boolean = false) { propertyChanged(after: $after) {
  __typename cursor prevCursor kind at id changedFields actor { id name email role ...U }
  property @skip(if: $no) { id title version status deletedAt price { amount } assignedAgent { ...U }
    notes(first: 1) { totalCount nodes { body author { name } } } contactPersons { name } viewerCan { update } } } }
fragment U on User { name phone }"""


LIVE = {"all": HEAR, **{name: document(name) for name in ("PropertyListLive", "PropertyDetailLive")}}


@pytest.mark.parametrize("name", LIVE)
async def test_events_are_answered_alike(both: Executors, state: State, name: str) -> None:
    agency = await make_agency(state, "Eins")
    teller = Teller(state, both.planned, agency)
    variables = {"after": await position(both, agency)}
    await tell(teller)
    public = await teller.send(CREATE, input=property_input())
    await teller.send(STATUS, id=public["propertyCreate"]["property"]["id"], input={"status": "AVAILABLE"})
    last = await position(both, agency)
    for role in Role:
        kinds = await heard(both, agency.people[role].token, Call(LIVE[name], variables, None, {}), last)
        assert kinds >= ({"CREATED", "STATUS_CHANGED"} if role is Role.CUSTOMER else KINDS), role


KINDS = {"CREATED", "UPDATED", "STATUS_CHANGED", "COMMENTED", "DELETED", "RESTORED", "PURGED"}


async def heard(both: Executors, token: str, call: Call, last: str) -> set[str]:
    """Every event up to the last one, answered by both executors; answers what kinds there were."""
    accepted = both.planned.accept(call)
    kinds = set()
    async with contextlib.AsyncExitStack() as stack:
        streams = []
        for engine in (both.planned, both.reference):
            stream = await engine.subscribe(accepted, await context_for(both.world.state, token))
            streams.append(await stack.enter_async_context(contextlib.aclosing(stream.deliveries())))
        while True:
            async with asyncio.timeout(10):
                first, second = [(await anext(stream)).content.partition(',"extensions":')[0] for stream in streams]
            assert first == second
            (change,) = orjson.loads(first + "}")["data"].values()
            kinds.add(change["kind"])
            if change["cursor"] == last:
                break
    return kinds


async def position(both: Executors, agency: Agency) -> str:
    engine = both.planned
    context = await context_for(both.world.state, agency.people[Role.OWNER].token)
    found = await engine.execute(engine.accept(Call("{ streamCursor }", {}, None, {})), context)
    return str(found.body["data"]["streamCursor"])
