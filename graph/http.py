"""The endpoint over HTTP: GraphQL over HTTP as its specification says, one answer per request.

Plain ASGI: a framework's request and response objects would cost more than a small query does.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from graphql import OperationType
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from domain.errors import ApiError, ErrorCode
from graph.engine.calls import Call, MalformedCall, read_call
from graph.engine.documents import InvalidDocument
from graph.engine.errors import database_away, format_error
from graph.engine.operations import Answer, Engine, refusal, throttle, too_many
from graph.engine.persisted import PersistedOperations
from graph.pages import graphiql_response
from resolvers.kit.context import Context, Request, State
from settings import Settings
from storage.ratelimits import Allowance

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"
CONTENT_TYPES = {media: f"{media}; charset=utf-8".encode() for media in (RESPONSE_JSON, JSON)}
IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")
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
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "X-API-Key",
    "X-Request-ID",
    "X-Tenant-ID",
)
# Clients send the same preferences with every request; what they mean is remembered, within bounds.
REMEMBERED = 256
LONGEST_PREFERENCES = 1_000
LONGEST_ADDRESS = 45

Headers = dict[bytes, bytes]
Lines = list[tuple[bytes, bytes]]


class Rejected(Exception):
    """The HTTP request itself is wrong; answered alike under every media type."""

    def __init__(self, status: int, message: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


class GraphQLOverHTTP:
    """`GET` and `POST /graphql`. The application state holds the `State` under `server`."""

    def __init__(self, engine: Engine, persisted: PersistedOperations) -> None:
        self.engine = engine
        self.persisted = persisted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        accept = text(headers, b"accept")
        if scope["method"] == "GET" and wants_page(accept or ""):
            await graphiql_response(self.engine.settings)(scope, receive, send)
            return
        state: State = scope["app"].state.server
        noted = scope["state"]
        request = request_of(headers, client_ip(scope, state.settings), noted["request_id"])
        media = preferred_media(accept)
        lines: Lines = []
        try:
            answer = await self._answer(scope, receive, headers, request, lines)
        except Rejected as rejected:
            entry = format_error(ApiError(ErrorCode.INVALID_INPUT), request) | {"message": rejected.message}
            noted["line"]["codes"] = [ErrorCode.INVALID_INPUT.value]
            lines.extend(rejected.headers)
            await _send(send, rejected.status, media, {"errors": [entry]}, lines)
            return
        except ClientDisconnect:
            return
        if codes := answer.codes:
            noted["line"]["codes"] = codes
        if answer.retry_after is not None:
            wait = b"%d" % answer.retry_after
            lines += [(b"retry-after", wait), (b"x-ratelimit-retry-after", wait)]
        if scope["method"] == "GET" and answer.refused is None and "errors" not in answer.body:
            await _send_cacheable(send, media, answer.body, lines, headers.get(b"if-none-match", b""))
        else:
            await _send(send, _status(answer, media), media, answer.body, lines)

    async def _answer(self, scope: Scope, receive: Receive, headers: Headers, request: Request, lines: Lines) -> Answer:
        state: State = scope["app"].state.server
        line: dict[str, Any] = scope["state"]["line"]
        call = await read_request(scope, receive, headers, state.settings)
        context: Context | None = None
        try:
            context, allowance = await self._enter(state, headers, request)
            lines += limit_lines(allowance)
            if allowance.retry_after is not None:
                raise too_many(allowance)
            call = self.persisted.resolve(call)
            plan = self.engine.plan(call)
            self.persisted.keep(call)
            line["operation"] = plan.operation.name
            if plan.operation.kind is OperationType.SUBSCRIPTION:
                raise Rejected(400, "Subscriptions need the WebSocket on the same path.")
            if plan.operation.kind is OperationType.MUTATION and scope["method"] == "GET":
                raise Rejected(405, "Mutations need POST.", (b"allow", b"POST"))
            answer = await self.engine.execute(plan, context)
            for name, value in context.response_headers.items():
                lines.append((name.lower().encode("latin-1"), value.encode("latin-1")))
        except (ApiError, InvalidDocument) as error:
            answer = refusal(error, request)
        except Exception as error:
            if not database_away(error):
                raise
            answer = refusal(error, request)
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
                raise too_many(allowance) from None
            raise
        return context, await throttle(state, context, request.ip)


def _status(answer: Answer, media: str) -> int:
    if answer.away:
        return 503
    if answer.refused is None or media == JSON:
        return 200
    return answer.refused


async def _send(send: Send, status: int, media: str, body: dict[str, Any], lines: Lines) -> None:
    content = orjson.dumps(body)
    start = [
        (b"content-type", CONTENT_TYPES[media]),
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
        line["user"] = str(context.viewer.account_id)
        line["tenant"] = str(context.viewer.tenant_id)


# What a request says


def headers_of(scope: Scope) -> Headers:
    """The headers by name in small letters; of repeated ones the first."""
    return dict(reversed(scope["headers"]))


def text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


async def read_request(scope: Scope, receive: Receive, headers: Headers, settings: Settings) -> Call:
    """The call of an HTTP request, wherever it stands."""
    if scope["method"] == "GET":
        return _read(_query_parameters(scope))
    if scope["method"] != "POST":
        raise Rejected(405, "Use GET or POST.", (b"allow", b"GET, POST"))
    content_type = headers.get(b"content-type", b"")
    if content_type != b"application/json":
        _check_content_type(content_type.decode("latin-1"))
    body = await _body(receive, settings.limits.body_bytes)
    try:
        return _read(orjson.loads(body))
    except orjson.JSONDecodeError:
        raise Rejected(400, "The body is not valid JSON in UTF-8.") from None


def _read(payload: object) -> Call:
    try:
        return read_call(payload)
    except MalformedCall as error:
        raise Rejected(400, str(error)) from None


def _query_parameters(scope: Scope) -> dict[str, Any]:
    payload: dict[str, Any] = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    for key in ("variables", "extensions"):
        if key in payload:
            try:
                payload[key] = orjson.loads(payload[key])
            except orjson.JSONDecodeError:
                raise Rejected(400, f"`{key}` is not valid JSON.") from None
    return payload


def _check_content_type(value: str) -> None:
    media, _, parameters = value.partition(";")
    if media.strip().lower() != JSON:
        raise Rejected(415, "The body must be application/json.", (b"accept-post", JSON.encode()))
    for parameter in parameters.lower().split(";"):
        name, _, charset = parameter.strip().partition("=")
        if name == "charset" and charset.strip('"') not in ("utf-8", "utf8"):
            raise Rejected(415, "The body must be UTF-8.", (b"accept-post", JSON.encode()))


async def _body(receive: Receive, maximum: int) -> bytes:
    """The body, counted while it comes in: a stated length may be missing or wrong."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > maximum:
            raise Rejected(413, f"The body is larger than {maximum} bytes.", (b"connection", b"close"))
        if not message.get("more_body", False):
            return b"".join(parts)


def request_of(headers: Headers, ip: str, id: str) -> Request:
    """What the resolvers may know of a request."""
    return Request(
        request_id=id,
        ip=ip,
        user_agent=headers.get(b"user-agent", b"")[:500].decode("latin-1"),
        language=preferred_language(headers.get(b"accept-language", b"").decode("latin-1")),
    )


def credentials(headers: Headers) -> str | None:
    """The Authorization header; keys for machines are another way in, and only one may be used at a time."""
    authorization = text(headers, b"authorization")
    if b"x-api-key" not in headers:
        return authorization
    if authorization is not None:
        raise ApiError(ErrorCode.INVALID_INPUT, field=["Authorization"], status=400)
    # No key has been issued yet, so none is valid.
    raise ApiError(ErrorCode.INVALID_TOKEN, status=401)


def idempotency_key(value: str | None) -> str | None:
    if value is not None and not IDEMPOTENCY_KEY.fullmatch(value):
        raise ApiError(ErrorCode.INVALID_INPUT, field=["Idempotency-Key"], status=400)
    return value


def client_ip(scope: Scope, settings: Settings) -> str:
    """The address of the caller; what proxies add is believed only of our own proxies."""
    ip: str = scope["client"][0] if scope.get("client") else ""
    if not settings.trusted_proxies:
        return ip
    # A proxy may add a line of its own instead of continuing the one it got.
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    hops = [hop.strip() for hop in forwarded.decode("latin-1").split(",") if hop.strip()]
    trusted = tuple(settings.trusted_proxies)
    while hops and len(ip) <= LONGEST_ADDRESS and _within(ip, trusted):
        ip = hops.pop()
    return ip


@lru_cache(REMEMBERED)
def _within(ip: str, networks: tuple[str, ...]) -> bool:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(entry, strict=False) for entry in networks)


def _preferences(value: str) -> list[str]:
    """The entries of an Accept header, the most wanted first."""
    entries: list[tuple[float, str]] = []
    for part in value.split(",")[:50]:
        name, _, parameters = part.partition(";")
        quality = re.search(r"\bq=(\d(?:\.\d{0,3})?)", parameters)
        weight = float(quality[1]) if quality else 1.0
        if name.strip() and weight > 0:
            entries.append((weight, name.strip().lower()))
    return [name for _, name in sorted(entries, key=lambda entry: -entry[0])]


def preferred_language(value: str) -> str:
    """`de` or `en`, English when neither is asked for."""
    return _language(value[:LONGEST_PREFERENCES])


@lru_cache(REMEMBERED)
def _language(value: str) -> str:
    for name in _preferences(value):
        language = name.partition("-")[0]
        if language in ("de", "en"):
            return language
    return "en"


def preferred_media(value: str | None) -> str:
    """The media type of the answer; `application/json` unless the newer one is asked for first."""
    return _media((value or "*/*")[:LONGEST_PREFERENCES])


@lru_cache(REMEMBERED)
def _media(value: str) -> str:
    for name in _preferences(value):
        if name in (RESPONSE_JSON, "application/graphql-response+*"):
            return RESPONSE_JSON
        if name in (JSON, "application/*", "*/*"):
            return JSON
    return JSON


def wants_page(accept: str) -> bool:
    """Whether a browser navigates here, rather than a program asking for JSON."""
    names = _preferences(accept)
    return "text/html" in names and JSON not in names and RESPONSE_JSON not in names
