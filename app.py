"""The composition root: settings become objects, objects become the application and the server."""

from __future__ import annotations

import hmac
import ipaddress
import socket
import time
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from graphql import GraphQLSchema
from sqlalchemy.pool import QueuePool
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import ErrorCode
from graph import logs, metrics, pages
from graph.engine.errors import timestamp
from graph.engine.operations import Engine
from graph.engine.persisted import PersistedOperations
from graph.http import ACCEPTED_HEADERS, EXPOSED_HEADERS, GraphQLOverHTTP, headers_of
from graph.schema import schema
from graph.socket import GraphQLOverWebSocket, Sockets
from resolvers.kit.context import State
from settings import Settings
from storage.bus import Bus
from storage.database import Database
from storage.ratelimits import RateLimiter
from storage.tokens import Tokens

SERVICE = "immonow-graphql"
PREFLIGHT_SECONDS = 86_400
CODES = {404: ErrorCode.NOT_FOUND, 403: ErrorCode.INSUFFICIENT_PERMISSIONS}

Opening = Callable[[], AbstractAsyncContextManager[State]]


def create_app(settings: Settings) -> Starlette:
    """The whole application for these settings."""
    logs.configure(settings)
    return compose(settings, schema._schema, lambda: opened(settings))


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[State]:
    """The objects of this process, from the first request to the last."""
    database = await Database.open(settings)
    limiter = RateLimiter(settings)
    bus = Bus(settings)
    await bus.open()
    try:
        yield State(settings, database, limiter, bus, Tokens(settings))
    finally:
        await bus.close()
        await limiter.close()
        await database.close()


def compose(settings: Settings, graphql_schema: GraphQLSchema, opening: Opening) -> Starlette:
    """Routes and middleware around a schema."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opening() as state:
            app.state.server = state
            yield
            await app.state.sockets.close()

    engine = Engine(graphql_schema, settings)
    persisted = PersistedOperations(settings)
    endpoint = GraphQLOverHTTP(engine, persisted)
    app = Application(
        endpoint,
        routes=[
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", GraphQLOverWebSocket(engine, persisted)),
            *health_routes(),
            *pages.routes(settings),
        ],
        middleware=middleware(settings),
        exception_handlers={HTTPException: _plain_error},
        lifespan=lifespan,
    )
    app.state.sockets = Sockets()
    app.state.limits = settings.limits
    return app


class Application(Starlette):
    """Starlette with a door of its own for the endpoint: routing and error pages would double what a request costs."""

    def __init__(self, endpoint: ASGIApp, **options: Any) -> None:
        super().__init__(**options)
        self.endpoint = endpoint

    def build_middleware_stack(self) -> ASGIApp:
        # Starlette would stand a layer of its own outside of these; the outermost of ours masks errors already.
        pages = ExceptionMiddleware(self.router, handlers=self.exception_handlers)
        app: ASGIApp = Doors(self.endpoint, pages)
        for cls, arguments, options in reversed(self.user_middleware):
            app = cls(app, *arguments, **options)
        return app


class Doors:
    """The endpoint on its path, the router everywhere else."""

    def __init__(self, endpoint: ASGIApp, pages: ASGIApp) -> None:
        self.endpoint = endpoint
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            await self.endpoint(scope, receive, send)
        else:
            await self.pages(scope, receive, send)


class Hosts(TrustedHostMiddleware):
    """Serves the configured hosts alone; one that is written as it is configured needs no further reading."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = headers_of(scope).get(b"host", b"") if scope["type"] == "http" else b""
        if host.decode("latin-1") in self.allowed_hosts:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class Origins(CORSMiddleware):
    """Lets pages of the configured origins read answers; what no page of another origin sends passes untouched."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and b"origin" not in headers_of(scope):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def middleware(settings: Settings) -> list[Middleware]:
    """What stands around every request, outermost first."""
    found = [
        Middleware(
            logs.RequestLine, secure=settings.site_url.startswith("https://"), as_json=settings.log_format == "json"
        )
    ]
    if settings.allowed_hosts:
        found.append(Middleware(Hosts, allowed_hosts=settings.allowed_hosts, www_redirect=False))
    if settings.cors_origins:
        found.append(
            Middleware(
                Origins,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=ACCEPTED_HEADERS,
                expose_headers=EXPOSED_HEADERS,
                max_age=PREFLIGHT_SECONDS,
            )
        )
    return found


async def _plain_error(request: Request, error: Exception) -> Response:
    """Errors of plain endpoints, in their one form."""
    assert isinstance(error, HTTPException)
    code = CODES.get(error.status_code, ErrorCode.INVALID_INPUT).value
    body = {
        "detail": error.detail,
        "code": code,
        "field": [],
        "timestamp": timestamp(),
        "requestId": request.state.request_id,
    }
    return _json(body, error.status_code, dict(error.headers or {}))


def _json(body: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json")


# Health


def health_routes() -> list[BaseRoute]:
    """Probes for whoever runs the server."""
    return [
        Route("/live", _alive),
        Route("/healthz", _alive),
        Route("/ready", _ready),
        Route("/health", _health),
        Route("/metrics", _metrics),
    ]


async def _alive(request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _ready(request: Request) -> Response:
    state: State = request.app.state.server
    if await state.database.ready():
        return PlainTextResponse("ready\n")
    return PlainTextResponse("not ready: database away or not migrated\n", 503)


async def _health(request: Request) -> Response:
    """Every part this server has, asked now; the database decides, Redis alone only degrades."""
    state: State = request.app.state.server
    started = time.perf_counter()
    checks: dict[str, Any] = {}
    healthy, checks["database"] = await _check(state.database.ready)
    status = "HEALTHY" if healthy else "UNHEALTHY"
    if state.settings.redis_url:
        shared, checks["redis"] = await _check(state.limiter.check)
        if healthy and not shared:
            status = "DEGRADED"
    body = {
        "status": status,
        "timestamp": timestamp(),
        "service": SERVICE,
        "version": service_version(),
        "checks": checks,
        "response_time_ms": _since(started),
    }
    return _json(body, 200 if healthy else 503)


async def _metrics(request: Request) -> Response:
    """Figures for Prometheus: with METRICS_TOKEN for whoever shows it, without for this machine itself."""
    state: State = request.app.state.server
    if not _may_read_metrics(request, state.settings.metrics_token):
        raise HTTPException(403)
    sample(state)
    content, media = metrics.exposed(request.headers.get("accept", ""))
    return Response(content, headers={"Content-Type": media, "Cache-Control": "no-store"})


def _may_read_metrics(request: Request, token: str) -> bool:
    if token:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode("latin-1"), f"Bearer {token}".encode())
    # Behind a proxy on this machine everybody seems to be local: what was forwarded never counts as such.
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def sample(state: State) -> None:
    """Note what the pools do at this moment."""
    sizes, reads, writes = state.settings, state.database.reads, state.database.engine.pool
    metrics.pool("read", sizes.read_pool_size - reads._slots._value, sizes.read_pool_size)
    assert isinstance(writes, QueuePool)
    metrics.pool("write", writes.checkedout(), sizes.write_pool_size)


async def _check(ask: Callable[[], Any]) -> tuple[bool, dict[str, Any]]:
    started = time.perf_counter()
    try:
        healthy = bool(await ask())
    except Exception as error:
        # A part that fails in an unknown way is down as well; the text stays inside.
        logs.log.warning("health check failed", error=repr(error))
        healthy = False
    result: dict[str, Any] = {
        "status": "HEALTHY" if healthy else "UNHEALTHY",
        "response_time_ms": _since(started),
        "details": {},
    }
    return healthy, result


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


def service_version() -> str:
    """The version of the installed package, or of the source tree the server runs from."""
    try:
        return version(SERVICE)
    except PackageNotFoundError:
        project = tomllib.loads((Path(__file__).parent / "pyproject.toml").read_text("utf-8"))
        return str(project["project"]["version"])


class Server(uvicorn.Server):
    """uvicorn with the options this application needs; WebSockets get a close frame before connections are cut."""

    def __init__(self, app: Starlette, **options: Any) -> None:
        limits = app.state.limits
        defaults: dict[str, Any] = {
            "loop": "uvloop",
            "http": "httptools",
            "lifespan": "on",
            "ws": "websockets-sansio",
            "ws_max_size": limits.frame_bytes,
            "ws_max_queue": 32,
            "ws_ping_interval": 20,
            "ws_ping_timeout": 20,
            "timeout_graceful_shutdown": 20,
            "proxy_headers": False,  # TRUSTED_PROXIES decides whose word counts
            "server_header": False,
            "access_log": False,  # the application writes a line of its own per request
            "log_level": "warning",
        }
        super().__init__(uvicorn.Config(app, **defaults | options))
        self._web_sockets: Sockets = app.state.sockets

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._web_sockets.close()
        await super().shutdown(sockets)
