"""The endpoint over HTTP: GraphQL over HTTP as its specification says, one answer per request.

Plain ASGI: a framework's request and response objects would cost more than a small query does.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from graphql import OperationType
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from domain.errors import ApiError, ErrorCode
from graph import metrics
from graph.engine.documents import InvalidDocument
from graph.engine.errors import database_away, format_error
from graph.engine.operations import Accepted, Answer, Engine, refusal, throttle, too_many
from graph.engine.persisted import PersistedOperations
from graph.http import events
from graph.http.departures import Departures
from graph.http.multipart import Form, is_multipart
from graph.http.reading import (
    EVENT_STREAM,
    JSON,
    RESPONSE_JSON,
    Headers,
    Rejected,
    client_ip,
    credentials,
    idempotency_key,
    preferred_media,
    read_request,
    request_of,
    takes_events,
    text,
    wants_page,
)
from graph.pages import graphiql_response
from resolvers.kit.auditing import note_reading
from resolvers.kit.context import Context, Request, State
from resolvers.kit.execution import consume
from storage.ratelimits import Allowance

CONTENT_TYPES = {media: f"{media}; charset=utf-8".encode() for media in (RESPONSE_JSON, JSON)}
EXPOSED_HEADERS = (
    "X-Request-ID",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-RateLimit-Retry-After",
    "Retry-After",
    "ETag",
    "Idempotency-Replayed",
)
ACCEPTED_HEADERS = (
    "Accept",
    "Accept-Language",
    "Apollo-Require-Preflight",
    "Authorization",
    "Content-Type",
    "GraphQL-Require-Preflight",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
    "X-API-Key",
    "X-Apollo-Operation-Name",
    "X-Request-ID",
    "X-Tenant-ID",
)

Lines = list[tuple[bytes, bytes]]
Executed = tuple[Answer, list[str]]
# Answers a subscription, until it ends or its client is gone.
Streaming = Callable[[Scope, Receive, Send, Accepted, Context, Lines], Awaitable[None]]


class GraphQLOverHTTP:
    """`GET` and `POST /graphql`. The application state holds the `State` under `server`."""

    def __init__(self, engine: Engine, persisted: PersistedOperations, stream: Streaming) -> None:
        self.engine = engine
        self.persisted = persisted
        self.stream = stream
        self.departures = Departures()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        noted = scope["state"]
        headers: Headers = noted["headers"]
        accept = text(headers, b"accept")
        if scope["method"] == "GET" and wants_page(accept or ""):
            await graphiql_response(self.engine.settings)(scope, receive, send)
            return
        state: State = scope["app"].state.server
        request = request_of(headers, client_ip(scope, state.settings), noted["request_id"])
        media = preferred_media(accept)
        lines: Lines = []
        try:
            with Form(state.settings.limits) as form:
                answer = await self._answer(scope, receive, send, headers, request, lines, form)
        except Rejected as rejected:
            entry = format_error(ApiError(ErrorCode.INVALID_INPUT), request) | {"message": rejected.message}
            noted["line"]["codes"] = codes = [ErrorCode.INVALID_INPUT.value]
            metrics.errors(codes)
            lines.extend(rejected.headers)
            await _send(send, rejected.status, media, {"errors": [entry]}, lines)
            return
        except ClientDisconnect:
            return
        if answer is None:
            return
        if answer.retry_after is not None:
            wait = b"%d" % answer.retry_after
            lines += [(b"retry-after", wait), (b"x-ratelimit-retry-after", wait)]
        if media == EVENT_STREAM and not answer.away:
            await _send_event(send, answer.body, lines)
        elif scope["method"] == "GET" and answer.refused is None and "errors" not in answer.body:
            await _send_cacheable(send, media, answer.body, lines, headers.get(b"if-none-match", b""))
        else:
            await _send(send, _status(answer, media), media, answer.body, lines)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers, request: Request, lines: Lines, form: Form
    ) -> Answer | None:
        """What is to be sent; None when a stream of events was the answer."""
        state: State = scope["app"].state.server
        line: dict[str, Any] = scope["state"]["line"]
        brings_files = scope["method"] == "POST" and is_multipart(headers)
        call = None if brings_files else await read_request(scope, receive, headers, state.settings)
        context: Context | None = None
        try:
            context, allowance = await self._enter(state, headers, request)
            lines += limit_lines(allowance)
            if allowance.retry_after is not None:
                metrics.refused()
                raise too_many(allowance)
            if call is None:
                await _may_upload(context)
                call = await form.read(receive, headers)
            call = self.persisted.resolve(call)
            accepted = self.engine.accept(call)
            self.persisted.keep(call)
            line["operation"] = accepted.operation.name
            if brings_files and accepted.operation.kind is not OperationType.MUTATION:
                raise Rejected(400, "Files belong to mutations.")
            if accepted.operation.kind is OperationType.SUBSCRIPTION:
                if not takes_events(text(headers, b"accept")):
                    raise Rejected(400, "Subscriptions need text/event-stream, or the WebSocket on the same path.")
                note(line, context)
                await self.stream(scope, receive, send, accepted, context, lines)
                return None
            if accepted.operation.kind is OperationType.MUTATION and scope["method"] == "GET":
                raise Rejected(405, "Mutations need POST.", (b"allow", b"POST"))
            if accepted.operation.kind is OperationType.QUERY:
                answer, codes = await self.departures.unless_gone(receive, execute(self.engine, accepted, context))
            else:
                answer, codes = await execute(self.engine, accepted, context)
            for name, value in context.response_headers.items():
                lines.append((name.lower().encode("latin-1"), value.encode("latin-1")))
        except (ApiError, InvalidDocument) as error:
            answer = refusal(error, request)
            metrics.errors(codes := answer.codes)
        except Exception as error:
            if not database_away(error):
                raise
            answer = refusal(error, request)
            metrics.errors(codes := answer.codes)
        if codes:
            line["codes"] = codes
        if context is not None:
            note(line, context)
        return answer

    async def _enter(self, state: State, headers: Headers, request: Request) -> tuple[Context, Allowance]:
        """Recognise the caller and count the request; callers that cannot be recognised count by address."""
        try:
            request.idempotency_key = idempotency_key(text(headers, b"idempotency-key"))
            context = await Context.open(
                state, request, authorization=credentials(headers), tenant_header=text(headers, b"x-tenant-id")
            )
        except ApiError:
            allowance = await throttle(state, None, request.ip)
            if allowance.retry_after is not None:
                metrics.refused()
                raise too_many(allowance) from None
            raise
        return context, await throttle(state, context, request.ip)


async def execute(engine: Engine, accepted: Accepted, context: Context) -> Executed:
    """Run a query or mutation and count it; the answer with the codes of its errors.

    What was read of what is guarded is recorded before the answer is given: once, however much of it there is.
    """
    started = time.perf_counter()
    answer = await engine.execute(accepted, context)
    if context.read_guarded:
        await note_reading(context, ", ".join(sorted(accepted.operation.root_fields)))
    seconds = time.perf_counter() - started
    codes = answer.codes
    metrics.operation(accepted.operation.kind.value, answer.planned, seconds, context.statements, accepted.cost, codes)
    return answer, codes


async def _may_upload(context: Context) -> None:
    """Nobody unknown fills our disk, and nobody sends files without end: asked before a byte of them is read."""
    await consume(context, "upload", context.signed_in.tenant)


def _status(answer: Answer, media: str) -> int:
    if answer.away:
        return 503
    if answer.refused is None or media == JSON:
        return 200
    return answer.refused


async def _send_event(send: Send, body: dict[str, Any], lines: Lines) -> None:
    """A query or mutation as a stream of one answer. Errors are told in it: clients of browsers read no others."""
    await send(events.opening(lines))
    await send(events.part(events.told(orjson.dumps(body).decode()) + events.COMPLETE, last=True))


async def _send(send: Send, status: int, media: str, body: dict[str, Any], lines: Lines) -> None:
    """One answer as JSON, also to whoever wants events of a request that is no call, or cannot be served now."""
    content = orjson.dumps(body)
    start = [
        (b"content-type", CONTENT_TYPES.get(media, CONTENT_TYPES[JSON])),
        (b"content-length", b"%d" % len(content)),
        (b"cache-control", b"no-store"),
        (b"vary", b"Accept"),
        *lines,
    ]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": content})


async def _send_cacheable(send: Send, media: str, body: dict[str, Any], lines: Lines, known: bytes) -> None:
    """The answer to a query by GET, for the caller's own cache; 304 when that has it already.

    What differs from one request to the next is left to `X-Request-ID` and `Date`, so equal data are equal bytes and
    the ETag is a strong one.
    """
    for name in ("requestId", "timestamp"):
        body["extensions"].pop(name, None)
    content = orjson.dumps(body)
    tag = b'"%s"' % hashlib.sha256(CONTENT_TYPES[media] + content).hexdigest()[:32].encode()
    lines = [
        (b"etag", tag),
        (b"cache-control", b"private, no-cache"),
        (b"vary", b"Authorization, Accept, Accept-Language, X-Tenant-ID"),
        *lines,
    ]
    if tag in known or known.strip() == b"*":
        await send({"type": "http.response.start", "status": 304, "headers": lines})
        await send({"type": "http.response.body", "body": b""})
        return
    length = (b"content-length", b"%d" % len(content))
    start = [(b"content-type", CONTENT_TYPES[media]), length, *lines]
    await send({"type": "http.response.start", "status": 200, "headers": start})
    await send({"type": "http.response.body", "body": content})


def limit_lines(allowance: Allowance) -> Lines:
    return [
        (b"x-ratelimit-limit", b"%d" % allowance.limit),
        (b"x-ratelimit-remaining", b"%d" % allowance.remaining),
        (b"x-ratelimit-reset", b"%d" % allowance.reset),
    ]


def note(line: dict[str, Any], context: Context) -> None:
    """Who asked and how much was read, for the log."""
    line["ip"] = context.request.ip
    line["statements"] = context.statements
    if context.viewer is not None:
        line["user"] = context.viewer.account
        line["tenant"] = context.viewer.tenant
