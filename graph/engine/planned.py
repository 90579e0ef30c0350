"""The planned executor: runs a plan, and gives up in favour of the reference executor whenever something surprises it.

Queries read only, so giving up costs nothing but time. A mutation is carried out once: when its payload cannot be
planned, the reference executor finds in `Context.done` how it ended and only writes the payload.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import structlog
from graphql import (
    ExecutionResult,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    located_error,
)

from domain.access import GUARDED, Scope
from domain.errors import ApiError
from graph.engine.arguments import Arguments, Converters, VariableReader, Variables
from graph.engine.documents import Operation, Prepared
from graph.engine.planner import Planner, field_of
from graph.engine.rights import Rights
from graph.engine.selections import Selected, Selections
from graph.engine.shapes import Unexpected, Unplannable
from graph.engine.steps import Execution, PositionStep, Step, Trace
from graph.engine.values import Put, put_output, written
from graph.kit.root import MutationSpec, PlainSpec, rate
from resolvers.kit.context import Context, Done, Viewer
from resolvers.kit.execution import throttle

PLANS_PER_OPERATION = 16
NO_RIGHTS: tuple[frozenset[str], frozenset[Scope]] = frozenset(), frozenset()

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class CustomStep(Step):
    """A root field with a function of its own, whose value is put into the answer."""

    spec: PlainSpec
    arguments: Arguments
    put: Put

    @property
    def public(self) -> bool:
        return self.spec.public

    def bind(self, variables: Variables) -> dict[str, Any]:
        return self.arguments.read(variables)

    async def run(self, execution: Execution, bound: dict[str, Any], *, position: bool = False) -> Any:
        found = await self.spec.function(execution.context, **bound)
        return await written(execution, self.key, self.put, found)


@dataclass(eq=False)
class Root:
    """A mutation or subscription of an operation: its declaration and how what it gives is written."""

    name: str
    declaration: Any
    arguments: Arguments
    put: Put


@dataclass(eq=False)
class Plan:
    """A planned operation: what there is to do per key of the answer, in its order. A text is its own answer."""

    steps: dict[str, Step | str] = field(default_factory=dict)
    roots: dict[str, Root | str] = field(default_factory=dict)
    shapes: list[str] = field(default_factory=list)  # the text of the generated functions
    refused: str | None = None  # why there is no plan
    personal: bool = False  # whether an answer depends on who asks, not only on rights
    # What every run of the steps needs, found here once.
    blank: dict[str, str | None] = field(init=False)  # the answer, as far as the plan knows it
    reading: list[Step] = field(init=False)  # all that has to be run
    positions: list[str] = field(init=False)  # keys of the stream's position
    rates: list[str] = field(init=False)  # what each root field counts against, in their order
    guarded: bool = field(init=False)  # whether reading it has to be recorded

    def __post_init__(self) -> None:
        steps = [step for step in self.steps.values() if isinstance(step, Step)]
        self.blank = {key: step if isinstance(step, str) else None for key, step in self.steps.items()}
        self.reading = [step for step in steps if not isinstance(step, PositionStep)]
        self.positions = [step.key for step in steps if isinstance(step, PositionStep)]
        self.rates = [rate(step.permission) for step in steps if not step.public]
        self.guarded = any(step.permission in GUARDED for step in steps)


@dataclass(slots=True)
class Outcome:
    """What came of an attempt: a result, or the reason why the reference executor has to answer."""

    result: ExecutionResult | None
    reason: str | None = None
    traces: list[Trace] | None = None
    # Payloads of mutations that were written before the reason appeared: they show their own moment.
    finished: dict[str, Any] = field(default_factory=dict)


class PlannedExecutor:
    """Plans and runs the operations of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._converters = Converters(schema)

    # Plans

    def plan(self, prepared: Prepared, operation: Operation, viewer: Viewer | None, variables: Variables) -> Plan:
        """The plan of an operation for the rights of a viewer; made once, and kept with the document.

        Viewers share it who answer alike all that was asked of their permissions, however many custom roles there are.
        """
        permissions, scopes = (viewer.permissions, viewer.scopes) if viewer is not None else NO_RIGHTS
        known = variables.values
        deciding = tuple([known.get(name) for name in operation.deciding])
        if deciding and any(not isinstance(value, bool) for value in deciding):
            return Plan(refused="a condition that is no truth value")
        plans = operation.plans
        key: Hashable = (operation.asked.answers(permissions), scopes, deciding)
        found: Plan | None = plans.get(key)
        if found is not None:
            plans.move_to_end(key)
            return found
        rights = Rights.of(permissions, scopes)
        found = self._make(prepared, operation, rights, known)
        operation.asked.learn(rights)
        plans[operation.asked.answers(permissions), scopes, deciding] = found
        if len(plans) > PLANS_PER_OPERATION:
            plans.popitem(last=False)
        return found

    def _make(self, prepared: Prepared, operation: Operation, rights: Rights, variables: dict[str, Any]) -> Plan:
        planner = Planner(Selections(self.schema, prepared.document, variables), rights, self._converters)
        kind = self.schema.get_root_type(operation.kind)
        assert kind is not None
        steps: dict[str, Step | str] = {}
        roots: dict[str, Root | str] = {}
        try:
            for selected in planner.selections.of(kind, [operation.definition]):
                if operation.kind is OperationType.QUERY:
                    steps[selected.key] = self._step(planner, selected, kind)
                else:
                    roots[selected.key] = self._root(planner, selected, kind)
        except Unplannable as reason:
            return Plan(refused=str(reason))
        except Exception as error:
            # A mistake of ours in a declaration or here must not cost anybody an answer.
            log.error("a plan failed", operation=operation.name, exc_info=error)
            return Plan(refused=type(error).__name__)
        return Plan(steps, roots, planner.code.sources, personal=planner.personal)

    def _step(self, planner: Planner, selected: Selected, kind: GraphQLObjectType) -> Step | str:
        if selected.definition is None:
            return kind.name
        declared = field_of(selected)
        spec = declared.spec
        if type(spec) is not PlainSpec:
            return planner.step(selected)
        if not spec.public:
            planner.allowed(spec.needs)
        output = selected.definition.type
        return CustomStep(
            selected.key,
            spec.needs,
            not isinstance(output, GraphQLNonNull),
            selected.nodes,
            spec,
            planner.arguments(selected, declared),
            put_output(planner, output, selected.nodes),
        )

    def _root(self, planner: Planner, selected: Selected, kind: GraphQLObjectType) -> Root | str:
        if selected.definition is None:
            return kind.name
        declared = field_of(selected)
        put = put_output(planner, selected.definition.type, selected.nodes)
        return Root(selected.name, declared.spec, planner.arguments(selected, declared), put)

    def variables(self, operation: Operation, given: dict[str, Any]) -> Variables | None:
        """The variables; None when they are not what the operation declares."""
        if operation.variables is None:
            operation.variables = VariableReader(self.schema, self._converters, operation.definition)
        try:
            found: Variables = operation.variables.read(given)
        except Exception:
            # A scalar may raise anything; which variable is wrong, the reference executor says.
            return None
        return found

    # Queries

    async def query(
        self, prepared: Prepared, operation: Operation, context: Context, given: dict[str, Any], *, traced: bool = False
    ) -> Outcome:
        """Answer a query, if it can be planned and nothing surprises."""
        if context.viewer is None:
            return Outcome(None, "anonymous")
        variables = self.variables(operation, given)
        if variables is None:
            return Outcome(None, "variables")
        plan = self.plan(prepared, operation, context.viewer, variables)
        if plan.refused is not None:
            return Outcome(None, plan.refused)
        execution = Execution(context, variables, [] if traced else None)
        try:
            bound = [step.bind(variables) for step in plan.reading]
            if not await self._enter(plan, context):
                return Outcome(None, "a rate is used up")
            context.looked_behind = plan.guarded
            return Outcome(await self._run(plan, bound, execution), None, execution.traces)
        except Exception as error:
            # Whatever it is, the reference executor says it at the right place, or succeeds.
            return Outcome(None, reason_of(error))

    async def _enter(self, plan: Plan, context: Context) -> bool:
        """Count every root field once, whoever answers it in the end; whether all may be answered."""
        # The rights are those the plan was made for: of what `enter` checks, the rates alone are left.
        entered: deque[ApiError | None] = deque()
        for resource in plan.rates:
            try:
                await throttle(context, "read", resource)
            except ApiError as refused:
                entered.append(refused)
            else:
                entered.append(None)
        context.entered = entered
        return not any(entered)

    async def _run(self, plan: Plan, bound: list[Any], execution: Execution) -> ExecutionResult:
        data: dict[str, Any] = plan.blank.copy()
        failed: list[tuple[Step, Exception]] = []

        async def answer(step: Step, given: Any, position: bool = False) -> None:
            try:
                data[step.key] = await step.run(execution, given, position=position)
            except asyncpg.QueryCanceledError as error:
                failed.append((step, error))

        waiting = list(zip(plan.reading, bound, strict=True))
        if plan.positions:
            for index, (step, given) in enumerate(waiting):
                if step.reads and given is not None:
                    del waiting[index]
                    await answer(step, given, position=True)
                    break
            if execution.position is None:
                execution.position = await execution.context.stream_cursor()
            data.update(dict.fromkeys(plan.positions, execution.position))
        if len(waiting) == 1:
            await answer(*waiting[0])
        elif waiting:
            await asyncio.gather(*(answer(step, given) for step, given in waiting))
        if not failed:
            return ExecutionResult(data, None)
        errors = [located_error(error, step.nodes, [step.key]) for step, error in failed]
        return ExecutionResult(data if all(step.nullable for step, _ in failed) else None, errors)

    # Mutations and events

    async def mutation(
        self, prepared: Prepared, operation: Operation, context: Context, given: dict[str, Any], *, traced: bool = False
    ) -> Outcome:
        """Carry out the mutations in their order and write each payload before the next one begins."""
        variables = self.variables(operation, given)
        if variables is None:
            return Outcome(None, "variables")
        data: dict[str, Any] = {}
        execution = Execution(context, variables, [] if traced else None)
        plan = self.plan(prepared, operation, context.viewer, variables)
        if plan.refused is not None:
            return Outcome(None, plan.refused)
        for key, root in plan.roots.items():
            if isinstance(root, str):
                data[key] = root
                continue
            try:
                result = await self._carry_out(root, key, context, variables)
                now = self.plan(prepared, operation, context.viewer, variables).roots.get(key)
                if not isinstance(now, Root):
                    raise Unexpected("a payload that cannot be planned")
                data[key] = await written(execution, key, now.put, result)
            except Exception as error:
                return Outcome(None, reason_of(error), finished=data)
        return Outcome(ExecutionResult(data, None), None, execution.traces)

    async def _carry_out(self, root: Root, key: str, context: Context, variables: Variables) -> Any:
        arguments = root.arguments.read(variables)
        assert isinstance(root.declaration, MutationSpec)
        try:
            result = await root.declaration.execute(context, root.name, key, arguments)
        except Exception as error:
            context.done[key] = Done(None, error, context.viewer)
            raise
        context.done[key] = Done(result, None, context.viewer)
        return result

    async def event(
        self, prepared: Prepared, operation: Operation, context: Context, given: dict[str, Any], event: Any
    ) -> Outcome:
        """Answer one event of a subscription under the rights of this moment."""
        variables = self.variables(operation, given)
        if variables is None or context.viewer is None:
            return Outcome(None, "variables" if variables is None else "anonymous")
        plan = self.plan(prepared, operation, context.viewer, variables)
        if plan.refused is not None:
            return Outcome(None, plan.refused)
        ((key, root),) = plan.roots.items()
        assert isinstance(root, Root)
        try:
            return Outcome(ExecutionResult({key: await written(Execution(context, variables), key, root.put, event)}))
        except Exception as error:
            return Outcome(None, reason_of(error))


def reason_of(error: Exception) -> str:
    """Why a plan was given up, in words that name no value of a user."""
    return f"unexpected: {error}" if isinstance(error, Unexpected) else type(error).__name__
