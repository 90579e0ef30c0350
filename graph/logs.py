"""What the server writes: one line per request, without secrets, as JSON or for a terminal."""

from __future__ import annotations

import asyncio
import atexit
import random
import re
import select
import sys
import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import ErrorCode, say
from graph.engine.errors import timestamp
from settings import Settings

SANE_ID = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}")
PROBES = frozenset({"/live", "/healthz", "/ready", "/metrics"})
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
NAME = itemgetter(0)
CLIENT_GONE = 499  # what proxies write for a client that did not wait; nobody is sent it
ONE_LINE = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE

log = structlog.get_logger("request")


def configure(settings: Settings) -> None:
    """Set up structlog for the whole process. Tracebacks are plain: local variables would show tokens."""
    renderer: Any
    if settings.log_format == "json":
        renderer = structlog.processors.JSONRenderer(serializer=lambda entry, **_: orjson.dumps(entry, str).decode())
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if settings.log_format == "json":
        processors += [structlog.processors.format_exc_info, _behind_requests]
    structlog.configure(processors=[*processors, renderer])


class RequestLines:
    """Lines on their way to stdout, a few with one system call: one for each would be a good part of a small request.

    No write is longer than what a pipe takes in one piece, so the lines of several workers do not mix.
    """

    SECONDS = 0.1

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._size = 0
        self._bell: asyncio.TimerHandle | None = None

    def add(self, line: bytes) -> None:
        if self._size + len(line) > select.PIPE_BUF:
            self.flush()
        if self._bell is None:
            self._bell = asyncio.get_running_loop().call_later(self.SECONDS, self._ring)
        self._waiting.append(line)
        self._size += len(line)

    def _ring(self) -> None:
        self._bell = None
        self.flush()

    def close(self) -> None:
        """Write what is left; the loop ends, so no bell will ring."""
        if self._bell is not None:
            self._bell.cancel()
        self._ring()

    def flush(self) -> None:
        """Write what waits. Other threads do so as well, and leave the bell alone."""
        if self._waiting:
            waiting, self._waiting, self._size = self._waiting, [], 0
            sys.stdout.buffer.write(b"".join(waiting))
            sys.stdout.buffer.flush()


request_lines = RequestLines()
atexit.register(request_lines.flush)


def _behind_requests(_logger: Any, _method: str, entry: Any) -> Any:
    """Keeps the order: what was asked before stands before."""
    request_lines.flush()
    return entry


def new_id() -> str:
    """A random UUID. It is to be unique, not secret: `uuid4` would cost four times as much."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def request_id(given: str | None) -> str:
    """The client's own id when it is harmless, else a new one."""
    return given if given and SANE_ID.fullmatch(given) else new_id()


class RequestLine:
    """Gives every HTTP request its id, its log line and the headers that protect browsers; masks what went wrong.

    The endpoint finds the headers by name in `scope["state"]["headers"]`, of repeated ones the first, and adds what it
    learns (operation, user, tenant, codes) to `scope["state"]["line"]`.
    """

    def __init__(self, app: ASGIApp, *, secure: bool, as_json: bool) -> None:
        self.app = app
        self.headers = SECURITY_HEADERS + ((STRICT_TRANSPORT,) if secure else ())
        self.names = frozenset(map(NAME, self.headers))
        self.as_json = as_json

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            try:
                await self.app(scope, receive, send)
            finally:
                if scope["type"] == "lifespan":
                    request_lines.close()
            return
        started = time.perf_counter()
        headers = dict(reversed(scope["headers"]))
        id = request_id(headers.get(b"x-request-id", b"").decode("latin-1"))
        line = {"request_id": id, "method": scope["method"], "path": scope["path"], "status": CLIENT_GONE, "ms": 0.0}
        scope.setdefault("state", {}).update(line=line, request_id=id, headers=headers)
        status = 0

        def send_with_headers(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = line["status"] = message["status"]
                headers = message["headers"] = [*message.get("headers", ()), (b"x-request-id", id.encode())]
                if self.names.isdisjoint(map(NAME, headers)):
                    headers += self.headers
                else:
                    given = set(map(NAME, headers))
                    headers += [pair for pair in self.headers if pair[0] not in given]
            return send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:
            log.exception("internal error", request_id=id)
            if status == 0:
                await _plain_failure(send_with_headers, id)
        finally:
            if status != 200 or scope["path"] not in PROBES:
                line["ms"] = round((time.perf_counter() - started) * 1000, 1)
                self._write(line)

    def _write(self, line: dict[str, Any]) -> None:
        if not self.as_json:
            log.info("request", **line)
            return
        # structlog would write the same line, for a tenth of what a small request costs in all.
        line["event"], line["level"], line["timestamp"] = "request", "info", datetime.now(UTC)
        request_lines.add(orjson.dumps(line, str, ONE_LINE))
        if line["status"] >= 500:
            request_lines.flush()


async def _plain_failure(send: Send, id: str) -> None:
    code = ErrorCode.INTERNAL_ERROR.value
    body = {"detail": say(code), "code": code, "field": [], "timestamp": timestamp(), "requestId": id}
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(body)})
