"""The reference executor: graphql-core, field by field. Always right; the planned executor is measured against it."""

from __future__ import annotations

from collections.abc import AsyncIterable
from inspect import isawaitable
from typing import Any

from graphql import (
    ExecutionResult,
    Executor,
    GraphQLError,
    GraphQLSchema,
    create_source_event_stream,
    execute_root_selection_set,
    execute_subscription_event,
)
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental

from graph.engine.documents import Prepared
from resolvers.kit.context import Context


class RequestRefused(Exception):
    """Nothing was executed: variables, operation or the source of a subscription are at fault."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


def _build(
    schema: GraphQLSchema,
    prepared: Prepared,
    context: Context,
    variables: dict[str, Any] | None,
    operation_name: str | None,
    root_value: Any,
) -> Executor[Any]:
    found = ExecutorThrowingOnIncremental.build(
        schema,
        prepared.document,
        root_value,
        context,
        variables,
        operation_name,
        hide_suggestions=not context.state.settings.is_open,
    )
    if isinstance(found, list):
        raise RequestRefused(found)
    return found


async def execute(
    schema: GraphQLSchema,
    prepared: Prepared,
    *,
    context: Context,
    variables: dict[str, Any] | None,
    operation_name: str | None,
    root_value: Any = None,
) -> ExecutionResult:
    """Answer a query or mutation; RequestRefused when there is nothing to execute."""
    executor = _build(schema, prepared, context, variables, operation_name, root_value)
    result = execute_root_selection_set(executor)
    return await result if isawaitable(result) else result


class Subscription:
    """A running subscription: its stream of events, and each event executed with a context of its own."""

    def __init__(self, executor: Executor[Any], stream: AsyncIterable[Any]) -> None:
        self._executor = executor
        self.stream = stream

    @classmethod
    async def open(
        cls,
        schema: GraphQLSchema,
        prepared: Prepared,
        *,
        context: Context,
        variables: dict[str, Any] | None,
        operation_name: str | None,
    ) -> Subscription:
        """Call the subscription's resolver; RequestRefused when it gives no stream."""
        executor = _build(schema, prepared, context, variables, operation_name, None)
        found = create_source_event_stream(executor)
        if isawaitable(found):
            found = await found
        if isinstance(found, ExecutionResult):
            raise RequestRefused(found.errors or [GraphQLError("The subscription has no stream.")])
        return cls(executor, found)

    async def answer(self, event: Any, context: Context) -> ExecutionResult:
        """Execute the selection for one event, under the rights of this moment."""
        executor = self._executor.build_per_event_executor(event)
        executor.context_value = context
        result = execute_subscription_event(executor)
        return await result if isawaitable(result) else result
