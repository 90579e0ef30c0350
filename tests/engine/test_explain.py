"""`extensions.plan`: which executor answered, what it read, why there was no plan, and who may see it."""

from typing import Any

import pytest
import structlog

from domain.access import Role
from graph.engine.calls import Call
from graph.engine.operations import Engine
from graph.schema import schema
from resolvers.kit.context import Context, Request, State
from tests.conftest import Signed

CARD = "query Card { streamCursor properties(first: 2) { nodes { title assignedAgent { name } } totalCount } }"


async def plan_of(state: State, signed: Signed, role: Role, text: str, settings: Any = None, **extensions: Any) -> Any:
    """The plan an answer tells; None when it tells none."""
    here = State(settings or state.settings, state.database, state.limiter, state.bus, state.tokens)
    engine = Engine(schema._schema, here.settings)
    request = Request(request_id="test", ip="127.0.0.1", user_agent="tests")
    token = f"Bearer {signed.agency.people[role].token}"
    context = await Context.open(here, request, authorization=token, tenant_header=None)
    answer = await engine.execute(engine.accept(Call(text, {}, None, extensions)), context)
    return answer.content["extensions"].get("plan")


async def test_a_plan_tells_its_statements_without_values(state: State, acme: Signed) -> None:
    plan = await plan_of(state, acme, Role.AGENT, CARD, plan=True)
    (step,) = plan.pop("steps")
    assert plan == {"executor": "planned", "reason": None}
    assert (step["field"], step["rows"]) == ("properties", 1)  # one row beside an empty page: count and position
    assert step["milliseconds"] > 0
    assert step["sql"].startswith("SELECT ")
    assert str(acme.agency.id) not in step["sql"]


async def test_what_is_not_planned_says_why(state: State, acme: Signed) -> None:
    plan = await plan_of(state, acme, Role.AGENT, "{ __schema { queryType { name } } }", plan=True)
    assert plan == {"executor": "reference", "reason": "__schema is not declared", "steps": []}


@pytest.mark.parametrize("extensions", [{}, {"plan": False}, {"plan": "yes"}, {"plan": 1}])
async def test_nobody_gets_a_plan_unasked(state: State, acme: Signed, extensions: dict[str, Any]) -> None:
    assert await plan_of(state, acme, Role.OWNER, CARD, **extensions) is None


@pytest.mark.parametrize(("role", "sees"), [(Role.OWNER, True), (Role.AGENT, False), (Role.CUSTOMER, False)])
async def test_in_production_it_takes_the_right_to_read_the_audit(
    state: State, acme: Signed, role: Role, sees: bool
) -> None:
    settings = state.settings.model_copy(update={"environment": "production"})
    assert (await plan_of(state, acme, role, CARD, settings, plan=True) is not None) is sees


async def test_a_document_is_noted_once(state: State, acme: Signed) -> None:
    engine = Engine(schema._schema, state.settings)
    request = Request(request_id="test", ip="127.0.0.1", user_agent="tests")
    token = f"Bearer {acme.agency.people[Role.AGENT].token}"
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            context = await Context.open(state, request, authorization=token, tenant_header=None)
            call = Call('query Look { __type(name: "Node") { name } }', {}, None, {})
            answer = await engine.execute(engine.accept(call), context)
            assert (answer.planned, answer.content["data"]) == (False, {"__type": {"name": "Node"}})
    noted = [(line["event"], line["operation"], line["reason"]) for line in lines if line["event"] == "not planned"]
    assert noted == [("not planned", "Look", "__type is not declared")]
