"""How an error is told: one place for every transport. What is not known to be harmless is masked and logged."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import asyncpg
import structlog
from graphql import FieldNode, GraphQLError
from sqlalchemy.exc import DBAPIError

from domain.errors import ApiError, ErrorCode, Refusal, say
from resolvers.kit.context import Request
from storage.database import READ_SECONDS

log = structlog.get_logger(__name__)

KINDS = {
    401: "AUTHENTICATION",
    402: "PLAN",
    403: "PERMISSION",
    404: "NOT_FOUND",
    409: "CONFLICT",
    410: "STREAM",
    412: "CONFLICT",
    429: "RATE_LIMIT",
    500: "INTERNAL",
    502: "EXTERNAL",
    503: "EXTERNAL",
}
STATUS = {
    ErrorCode.TOKEN_EXPIRED: 401,
    ErrorCode.INVALID_TOKEN: 401,
    ErrorCode.INVALID_CREDENTIALS: 401,
    ErrorCode.ACCOUNT_LOCKED: 401,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.SUBSCRIPTION_INACTIVE: 402,
    ErrorCode.INSUFFICIENT_PERMISSIONS: 403,
    ErrorCode.TENANT_MISMATCH: 403,
    ErrorCode.TENANT_NOT_FOUND: 404,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.CONFLICT: 409,
    ErrorCode.IDEMPOTENCY_IN_PROGRESS: 409,
    ErrorCode.CURSOR_EXPIRED: 410,
    ErrorCode.EPOCH_CHANGED: 410,
    ErrorCode.CURSOR_AHEAD: 410,
    ErrorCode.PRECONDITION_FAILED: 412,
    ErrorCode.RATE_LIMIT_EXCEEDED: 429,
    ErrorCode.INTERNAL_ERROR: 500,
    ErrorCode.EXTERNAL_SERVICE_ERROR: 502,
}


def status_of(error: ApiError) -> int:
    """The HTTP status of a request that is refused as a whole."""
    return error.status or STATUS.get(error.code, 400)


def timestamp() -> str:
    """Now, as a `DateTime`."""
    second, milliseconds = divmod(time.time_ns() // 1_000_000, 1_000)
    return f"{_second(second)}.{milliseconds:03d}Z"


@lru_cache(2)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def api_error(error: BaseException) -> ApiError | None:
    """The error of ours behind what graphql-core raised, if there is one."""
    seen: BaseException | None = error
    while isinstance(seen, GraphQLError):
        seen = seen.original_error
    if isinstance(seen, ApiError):
        return seen
    if isinstance(seen, asyncpg.QueryCanceledError):
        return ApiError(ErrorCode.QUERY_TOO_COMPLEX, status=400, rule="query.time", what="time", maximum=READ_SECONDS)
    if isinstance(seen, Refusal):
        problem = seen.problems[0]
        return ApiError(problem.code, rule=problem.rule, field=problem.field, **problem.details)
    return None


# A server that stops, is stopped or does not serve yet.
_STOPPED = asyncpg.AdminShutdownError | asyncpg.CrashShutdownError | asyncpg.CannotConnectNowError


def database_away(error: BaseException | None) -> bool:
    """Whether an error says that the database cannot be reached, rather than that a statement is wrong."""
    while isinstance(error, GraphQLError):
        error = error.original_error
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or database_away(error.orig)
    if isinstance(error, ConnectionError | asyncpg.PostgresConnectionError | _STOPPED):
        return True
    if isinstance(error, asyncpg.InternalClientError):
        # The server's goodbye came while the connection lay idle, and was read with the next statement.
        return "another operation" in str(error)
    if isinstance(error, asyncpg.InterfaceError):
        return "closed" in str(error)
    # A host that cannot be found or reached; files are the business of others and carry a name.
    return isinstance(error, OSError) and error.filename is None


def format_error(error: BaseException, request: Request) -> dict[str, Any]:
    """An entry of `errors`."""
    known = api_error(error)
    if known is not None:
        message, code = known.message(request.language), known.code
        extensions: dict[str, Any] = {**known.details, "code": code.value, "type": KINDS.get(status_of(known), "INPUT")}
        extensions["field"] = known.field
    elif isinstance(error, GraphQLError) and _is_clients(error):
        message = error.message
        extensions = {"code": ErrorCode.INVALID_INPUT.value, "type": "INPUT", "field": []}
    else:
        message = _masked(error, request)
        extensions = {"code": ErrorCode.INTERNAL_ERROR.value, "type": "INTERNAL", "field": []}
    entry: dict[str, Any] = {"message": message}
    if isinstance(error, GraphQLError):
        if error.locations:
            entry["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
        if error.path is not None:
            entry["path"] = error.path
    entry["extensions"] = extensions | {"timestamp": timestamp(), "requestId": request.request_id}
    return entry


def _is_clients(error: GraphQLError) -> bool:
    """Whether graphql-core blames the document or its variables; only then is its text for the client.

    During execution it also raises plain errors about values of ours that do not fit the schema. Those point at a
    field, while bad arguments point at the value that was given.
    """
    if error.path is None:
        return True
    return error.original_error is None and error.nodes is not None and not isinstance(error.nodes[0], FieldNode)


def _masked(error: BaseException, request: Request) -> str:
    original = error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    where = error.path if isinstance(error, GraphQLError) else None
    if database_away(original):
        # Known and soon repeated by every request: one line each is enough.
        log.error("database away", request_id=request.request_id, path=where, error=type(original).__name__)
    else:
        log.error("internal error", request_id=request.request_id, path=where, exc_info=original)
    return say(ErrorCode.INTERNAL_ERROR.value, request.language)
