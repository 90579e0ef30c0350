"""The endpoint over HTTP: GraphQL over HTTP as its specification says, one answer per request."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

import orjson
from graphql import OperationType
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.errors import ApiError, ErrorCode
from graph.engine.calls import Call, MalformedCall, read_call
from graph.engine.documents import InvalidDocument
from graph.engine.errors import database_away, format_error
from graph.engine.operations import Answer, Engine, refusal, throttle, too_many
from graph.pages import graphiql_response
from resolvers.kit.context import Context, Request, State
from settings import Settings
from storage.ratelimits import Allowance

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"
IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")
EXPOSED_HEADERS = (
    "X-Request-ID",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-RateLimit-Retry-After",
    "Retry-After",
    "Idempotency-Replayed",
)
ACCEPTED_HEADERS = (
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "X-API-Key",
    "X-Request-ID",
    "X-Tenant-ID",
)


class Rejected(Exception):
    """The HTTP request itself is wrong; answered alike under every media type."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


class GraphQLOverHTTP:
    """`GET` and `POST /graphql`. The application state holds the `State` under `server`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = HTTPRequest(scope, receive)
        if http.method == "GET" and wants_page(http.headers.get("accept", "")):
            response = graphiql_response(self.engine.settings)
        else:
            response = await self._respond(http)
        await response(scope, receive, send)

    async def _respond(self, http: HTTPRequest) -> Response:
        state: State = http.app.state.server
        request = request_of(http.headers, client_ip(http, state.settings), http.state.request_id)
        media = preferred_media(http.headers.get("accept"))
        headers: dict[str, str] = {}
        try:
            answer = await self._answer(http, state, request, headers)
        except Rejected as rejected:
            entry = format_error(ApiError(ErrorCode.INVALID_INPUT), request) | {"message": rejected.message}
            http.state.line["codes"] = [ErrorCode.INVALID_INPUT.value]
            return _json({"errors": [entry]}, media, rejected.status, rejected.headers | headers)
        except ClientDisconnect:
            return Response(status_code=400)
        if answer.codes:
            http.state.line["codes"] = answer.codes
        if answer.retry_after is not None:
            headers |= {"Retry-After": str(answer.retry_after), "X-RateLimit-Retry-After": str(answer.retry_after)}
        return _json(answer.body, media, _status(answer, media), headers)

    async def _answer(self, http: HTTPRequest, state: State, request: Request, headers: dict[str, str]) -> Answer:
        call = await read_request(http, state.settings)
        context: Context | None = None
        try:
            context, allowance = await self._enter(http, state, request)
            headers |= limit_headers(allowance)
            if allowance.retry_after is not None:
                raise too_many(allowance)
            plan = self.engine.plan(call)
            http.state.line["operation"] = plan.operation.name
            if plan.operation.kind is OperationType.SUBSCRIPTION:
                raise Rejected(400, "Subscriptions need the WebSocket on the same path.")
            if plan.operation.kind is OperationType.MUTATION and http.method == "GET":
                raise Rejected(405, "Mutations need POST.", {"Allow": "POST"})
            answer = await self.engine.execute(plan, context)
            headers |= context.response_headers
        except (ApiError, InvalidDocument) as error:
            answer = refusal(error, request)
        except Exception as error:
            if not database_away(error):
                raise
            answer = refusal(error, request)
        if context is not None:
            note(http.state.line, context)
        return answer

    async def _enter(self, http: HTTPRequest, state: State, request: Request) -> tuple[Context, Allowance]:
        """Recognise the caller and count the request; callers that cannot be recognised count by address."""
        try:
            request.idempotency_key = idempotency_key(http.headers.get("idempotency-key"))
            context = await Context.open(
                state,
                request,
                authorization=credentials(http.headers),
                tenant_header=http.headers.get("x-tenant-id"),
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


def _json(body: dict[str, Any], media: str, status: int, headers: Mapping[str, str]) -> Response:
    fixed = {"Content-Type": f"{media}; charset=utf-8", "Cache-Control": "no-store", "Vary": "Accept"}
    return Response(orjson.dumps(body), status, headers=fixed | dict(headers))


def limit_headers(allowance: Allowance) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(allowance.limit),
        "X-RateLimit-Remaining": str(allowance.remaining),
        "X-RateLimit-Reset": str(allowance.reset),
    }


def note(line: dict[str, Any], context: Context) -> None:
    """Who asked and how much was read, for the log."""
    line["ip"] = context.request.ip
    line["statements"] = context.statements
    if context.viewer is not None:
        line["user"] = str(context.viewer.account_id)
        line["tenant"] = str(context.viewer.tenant_id)


# What a request says


async def read_request(http: HTTPRequest, settings: Settings) -> Call:
    """The call of an HTTP request, wherever it stands."""
    if http.method == "GET":
        return _read(_query_parameters(http))
    if http.method != "POST":
        raise Rejected(405, "Use GET or POST.", {"Allow": "GET, POST"})
    _check_content_type(http.headers.get("content-type", ""))
    body = await _body(http, settings.limits.body_bytes)
    try:
        return _read(orjson.loads(body))
    except orjson.JSONDecodeError:
        raise Rejected(400, "The body is not valid JSON in UTF-8.") from None


def _read(payload: object) -> Call:
    try:
        return read_call(payload)
    except MalformedCall as error:
        raise Rejected(400, str(error)) from None


def _query_parameters(http: HTTPRequest) -> dict[str, Any]:
    payload: dict[str, Any] = dict(http.query_params)
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
        raise Rejected(415, "The body must be application/json.", {"Accept-Post": JSON})
    for parameter in parameters.lower().split(";"):
        name, _, charset = parameter.strip().partition("=")
        if name == "charset" and charset.strip('"') not in ("utf-8", "utf8"):
            raise Rejected(415, "The body must be UTF-8.", {"Accept-Post": JSON})


async def _body(http: HTTPRequest, maximum: int) -> bytes:
    """The body, counted while it comes in: a stated length may be missing or wrong."""
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > maximum:
            raise Rejected(413, f"The body is larger than {maximum} bytes.", {"Connection": "close"})
    return bytes(body)


def request_of(headers: Headers, ip: str, id: str) -> Request:
    """What the resolvers may know of a request."""
    return Request(
        request_id=id,
        ip=ip,
        user_agent=headers.get("user-agent", "")[:500],
        language=preferred_language(headers.get("accept-language", "")),
    )


def credentials(headers: Headers) -> str | None:
    """The Authorization header; keys for machines are another way in, and only one may be used at a time."""
    authorization, key = headers.get("authorization"), headers.get("x-api-key")
    if key is None:
        return authorization
    if authorization is not None:
        raise ApiError(ErrorCode.INVALID_INPUT, field=["Authorization"], status=400)
    # No key has been issued yet, so none is valid.
    raise ApiError(ErrorCode.INVALID_TOKEN, status=401)


def idempotency_key(value: str | None) -> str | None:
    if value is not None and not IDEMPOTENCY_KEY.fullmatch(value):
        raise ApiError(ErrorCode.INVALID_INPUT, field=["Idempotency-Key"], status=400)
    return value


def client_ip(connection: Any, settings: Settings) -> str:
    """The address of the caller; what proxies add is believed only of our own proxies."""
    ip: str = connection.client.host if connection.client else ""
    if not settings.trusted_proxies:
        return ip
    trusted = [ipaddress.ip_network(entry, strict=False) for entry in settings.trusted_proxies]
    hops = [hop.strip() for hop in connection.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    while hops and _within(ip, trusted):
        ip = hops.pop()
    return ip


def _within(ip: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    return any(address in network for network in networks)


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
    for name in _preferences(value):
        language = name.partition("-")[0]
        if language in ("de", "en"):
            return language
    return "en"


def preferred_media(value: str | None) -> str:
    """The media type of the answer; `application/json` unless the newer one is asked for first."""
    for name in _preferences(value or "*/*"):
        if name in (RESPONSE_JSON, "application/graphql-response+*"):
            return RESPONSE_JSON
        if name in (JSON, "application/*", "*/*"):
            return JSON
    return JSON


def wants_page(accept: str) -> bool:
    """Whether a browser navigates here, rather than a program asking for JSON."""
    names = _preferences(accept)
    return "text/html" in names and JSON not in names and RESPONSE_JSON not in names
