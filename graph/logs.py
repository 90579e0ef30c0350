"""What the server writes: one line per request, without secrets, as JSON or for a terminal."""

from __future__ import annotations

import re
import sys
import time
from typing import Any
from uuid import uuid4

import orjson
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import ErrorCode, say
from graph.engine.errors import timestamp
from settings import Settings

SANE_ID = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}")
PROBES = frozenset({"/live", "/healthz", "/ready"})
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}

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
        processors.append(structlog.processors.format_exc_info)
    structlog.configure(processors=[*processors, renderer])


def request_id(given: str | None) -> str:
    """The client's own id when it is harmless, else a new one."""
    return given if given is not None and SANE_ID.fullmatch(given) else str(uuid4())


class RequestLine:
    """Gives every HTTP request its id, its log line and the headers that protect browsers; masks what went wrong.

    The endpoint adds what it learns (operation, user, tenant, codes) to `scope["state"]["line"]`.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.headers = dict(SECURITY_HEADERS)
        if secure:
            self.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        line: dict[str, Any] = {}
        id = request_id(Headers(scope=scope).get("x-request-id"))
        scope.setdefault("state", {}).update(line=line, request_id=id)
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = id
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:
            log.exception("internal error", request_id=id)
            if status == 0:
                await _plain_failure(send_with_headers, id)
        finally:
            if scope["path"] not in PROBES or status != 200:
                log.info(
                    "request",
                    request_id=id,
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                    **line,
                )


async def _plain_failure(send: Send, id: str) -> None:
    code = ErrorCode.INTERNAL_ERROR.value
    body = {"detail": say(code), "code": code, "field": [], "timestamp": timestamp(), "requestId": id}
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(body)})
