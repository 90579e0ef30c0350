"""One call from its JSON to its answer: the same for HTTP and WebSocket."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationType

from domain.errors import ApiError, ErrorCode
from graph.engine import explain, reference
from graph.engine.calls import Call
from graph.engine.documents import Documents, InvalidDocument, Operation, Prepared
from graph.engine.errors import api_error, database_away, format_error, status_of, timestamp
from graph.engine.fanout import Circles
from graph.engine.limits import too_complex
from graph.engine.planned import Outcome, PlannedExecutor
from graph.engine.subscriptions import Stream
from resolvers.kit.context import Context, Request, State
from resolvers.kit.uploads import told
from settings import Settings
from storage.ratelimits import Allowance

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Answer:
    """The response of one call. `refused` tells that nothing was executed, with the status this deserves.

    `reason` says why it was not planned, when the planned executor was asked and gave up.
    """

    body: dict[str, Any]
    refused: int | None = None
    away: bool = False
    retry_after: int | None = None
    planned: bool = False
    reason: str | None = None

    @property
    def content(self) -> dict[str, Any]:
        """The response as a client reads it: rows are texts in `body`, written by the database."""
        found: dict[str, Any] = orjson.loads(orjson.dumps(self.body))
        return found

    @property
    def codes(self) -> list[str]:
        """Codes of the errors, for the log."""
        errors = self.body.get("errors")
        return sorted({error["extensions"]["code"] for error in errors}) if errors else []


def refusal(error: BaseException, request: Request) -> Answer:
    """The answer to a call that is refused before anything is executed."""
    if isinstance(error, InvalidDocument | reference.RequestRefused):
        errors: list[Any] = list(error.errors)
    else:
        errors = [error]
    known = [api_error(entry) for entry in errors]
    if all(entry is None for entry in known):
        status = 400 if isinstance(errors[0], GraphQLError) else 500
    else:
        status = next(status_of(entry) for entry in known if entry is not None)
    return Answer(
        {"errors": [format_error(entry, request) for entry in errors]},
        refused=status,
        away=any(database_away(entry) for entry in errors),
        retry_after=_retry_after(known),
    )


def _retry_after(errors: list[ApiError | None]) -> int | None:
    waits = [
        int(error.details.get("retryAfter", 0))
        for error in errors
        if error is not None and error.code is ErrorCode.RATE_LIMIT_EXCEEDED
    ]
    return max(waits) if waits else None


@dataclass(slots=True)
class Accepted:
    """A call whose document is known to be valid and within the limits."""

    call: Call
    prepared: Prepared
    operation: Operation
    cost: int


class Engine:
    """Reads, measures and executes calls against one schema."""

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self.schema = schema
        self.settings = settings
        self.documents = Documents(schema, settings)
        self.planned = PlannedExecutor(schema)
        self.circles = Circles()
        self._maximum = settings.limits.cost

    def accept(self, call: Call) -> Accepted:
        """What is to be executed; raises ApiError or InvalidDocument."""
        prepared = self.documents.prepare(call.query)
        operation = prepared.operation(call.operation_name or None)
        cost = operation.cost.of(call.variables)
        if cost > self._maximum:
            raise too_complex("cost", cost, self._maximum)
        return Accepted(call, prepared, operation, cost)

    async def execute(self, accepted: Accepted, context: Context) -> Answer:
        """Run a query or mutation: planned when it can be, else by the reference executor."""
        if accepted.operation.kind is OperationType.MUTATION:
            context.body_hash = body_hash(accepted)
        traced = explain.wanted(accepted.call.extensions, context)
        outcome = await self._planned(accepted, context, traced)
        result = outcome.result
        if result is None:
            self.note(accepted, outcome)
            if accepted.operation.kind is OperationType.QUERY:
                await context.prepare(set(accepted.operation.root_fields))
            try:
                result = await reference.execute(
                    self.schema,
                    accepted.prepared,
                    context=context,
                    variables=accepted.call.variables,
                    operation_name=accepted.operation.name,
                )
            except reference.RequestRefused as error:
                return refusal(error, context.request)
            if result.data is not None:
                result.data.update(outcome.finished)
        answer = self.answer(accepted, result, context.request)
        answer.planned, answer.reason = outcome.result is not None, outcome.reason
        if traced:
            answer.body["extensions"]["plan"] = explain.explained(outcome)
        return answer

    async def _planned(self, accepted: Accepted, context: Context, traced: bool) -> Outcome:
        if self.settings.engine == "reference":
            return Outcome(None, "the planned executor is switched off")
        run = self.planned.mutation if accepted.operation.kind is OperationType.MUTATION else self.planned.query
        return await run(accepted.prepared, accepted.operation, context, accepted.call.variables, traced=traced)

    def note(self, accepted: Accepted, outcome: Outcome) -> None:
        """Say once per document why it was not planned."""
        if not accepted.prepared.noted and self.settings.engine != "reference":
            accepted.prepared.noted = True
            log.info("not planned", operation=accepted.operation.name, reason=outcome.reason)

    async def subscribe(self, accepted: Accepted, context: Context) -> Stream:
        """Start a subscription; RequestRefused when it gives no stream."""
        subscription = await reference.Subscription.open(
            self.schema,
            accepted.prepared,
            context=context,
            variables=accepted.call.variables,
            operation_name=accepted.operation.name,
        )
        return Stream(self, accepted, subscription, context)

    def cost(self, accepted: Accepted) -> dict[str, int]:
        """What a call may cost and what it asks for, as clients read it."""
        return {"requested": accepted.cost, "maximum": self._maximum}

    def answer(self, accepted: Accepted, result: ExecutionResult, request: Request) -> Answer:
        """The response of what was executed."""
        errors = result.errors
        body: dict[str, Any] = {"data": result.data}
        if errors:
            body["errors"] = [format_error(error, request) for error in errors]
        body["extensions"] = {
            "cost": self.cost(accepted),
            "requestId": request.request_id,
            "timestamp": timestamp(),
        }
        if not errors:
            return Answer(body)
        known = [api_error(error) for error in errors]
        answer = Answer(body, away=any(database_away(error) for error in errors), retry_after=_retry_after(known))
        if answer.retry_after is not None and _nothing(result.data) and len(set(answer.codes)) == 1:
            answer.refused = 429
        return answer


def _nothing(data: dict[str, Any] | None) -> bool:
    return data is None or all(value is None for value in data.values())


def body_hash(accepted: Accepted) -> bytes:
    """Tells two uses of one idempotency key apart: the document, the operation, the variables and what files hold."""
    found = hashlib.sha256(accepted.prepared.digest)
    asked = [accepted.operation.name, accepted.call.variables]
    found.update(orjson.dumps(asked, default=told, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS))
    return found.digest()


def too_many(allowance: Allowance) -> ApiError:
    assert allowance.retry_after is not None
    return ApiError(ErrorCode.RATE_LIMIT_EXCEEDED, status=429, retryAfter=allowance.retry_after)


async def throttle(state: State, context: Context | None, ip: str) -> Allowance:
    """Count a request of the caller: of the person or key when signed in, else of the address."""
    if context is not None and context.viewer is not None:
        return await state.limiter.hit("signed_in", context.viewer.caller)
    return await state.limiter.hit("anonymous", address_key(ip))


def address_key(ip: str) -> str:
    """The address as far as it tells callers apart: whoever has one IPv6 address has a whole /64 of them."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else ip
