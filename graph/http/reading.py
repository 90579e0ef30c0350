"""What an HTTP request says: its call, its caller, its preferences. What cannot be understood is `Rejected`."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from domain.errors import ApiError, ErrorCode
from graph.engine.calls import Call, MalformedCall, read_call
from resolvers.kit.context import Request
from resolvers.kit.keys import is_key
from settings import Settings

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")
# Clients send the same preferences with every request; what they mean is remembered, within bounds.
REMEMBERED = 256
LONGEST_PREFERENCES = 1_000
LONGEST_ADDRESS = 45

Headers = dict[bytes, bytes]


class Rejected(Exception):
    """The HTTP request itself is wrong; answered alike under every media type."""

    def __init__(self, status: int, message: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


def headers_of(scope: Scope) -> Headers:
    """The headers by name in small letters; of repeated ones the first."""
    return dict(reversed(scope["headers"]))


def text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


async def read_request(scope: Scope, receive: Receive, headers: Headers, settings: Settings) -> Call:
    """The call of an HTTP request, wherever it stands."""
    if scope["method"] == "GET":
        return read_json(_query_parameters(scope))
    if scope["method"] != "POST":
        raise Rejected(405, "Use GET or POST.", (b"allow", b"GET, POST"))
    content_type = headers.get(b"content-type", b"")
    if content_type != b"application/json":
        _check_content_type(content_type.decode("latin-1"))
    body = await _body(receive, settings.limits.body_bytes)
    try:
        return read_json(orjson.loads(body))
    except orjson.JSONDecodeError:
        raise Rejected(400, "The body is not valid JSON in UTF-8.") from None


def read_json(payload: object) -> Call:
    """The call that stands in a request as JSON."""
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
    key = text(headers, b"x-api-key") or ""
    if not is_key(key):
        raise ApiError(ErrorCode.INVALID_TOKEN, status=401)
    return f"Bearer {key}"


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
    """The media type of the answer; `application/json` unless another one of ours is asked for first."""
    return _media((value or "*/*")[:LONGEST_PREFERENCES])


@lru_cache(REMEMBERED)
def _media(value: str) -> str:
    for name in _preferences(value):
        if name in (RESPONSE_JSON, "application/graphql-response+*"):
            return RESPONSE_JSON
        if name == EVENT_STREAM:
            return EVENT_STREAM
        if name in (JSON, "application/*", "*/*"):
            return JSON
    return JSON


def takes_events(value: str | None) -> bool:
    """Whether the answer may be a stream of events, if something else would be preferred where it is possible."""
    return value is not None and EVENT_STREAM in _preferences(value[:LONGEST_PREFERENCES])


def wants_page(accept: str) -> bool:
    """Whether a browser navigates here, rather than a program asking for JSON."""
    names = _preferences(accept)
    return "text/html" in names and JSON not in names and RESPONSE_JSON not in names
