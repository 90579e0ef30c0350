"""The composition root: settings become objects, objects become the application and the server."""

from __future__ import annotations

import asyncio
import gc
import hmac
import ipaddress
import signal
import socket
import time
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from graphql import GraphQLSchema
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from domain.errors import ErrorCode
from graph import logs, metrics, pages
from graph.engine.errors import timestamp
from graph.engine.operations import Engine
from graph.engine.persisted import PersistedOperations
from graph.http import Application, GraphQLOverHTTP, downloads, middleware
from graph.live import Connections, EventStreams, GraphQLOverWebSocket, WebSocketProtocol
from graph.schema import schema
from jobs.worker import JobWorker, working
from resolvers.kit.context import State
from settings import Settings
from storage.bus import bus_of
from storage.database import Database
from storage.jobs import sizes
from storage.ratelimits import RateLimiter
from storage.tokens import Tokens

SERVICE = "immonow-graphql"
READY = b"r"  # what a worker says once it serves
TICKS_PER_SECOND = 10
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
    bus = bus_of(settings)
    await bus.open()
    state = State(settings, database, limiter, bus, Tokens(settings))
    try:
        async with working(JobWorker.of(state, metrics.job)) if settings.job_worker else nullcontext():
            yield state
    finally:
        await state.tails.close()
        await state.presence.close()
        await bus.close()
        await limiter.close()
        await database.close()


async def work(settings: Settings) -> None:
    """Carry out jobs until told to stop, in a process that serves nothing."""
    logs.configure(settings)
    # It is one of several processes: those that serve hear through the database of what happens here.
    async with opened(settings.model_copy(update={"job_worker": False, "workers": 2})) as state:
        worker = JobWorker.of(state)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, worker.stop)
        logs.log.info("working on the queue", at_once=settings.jobs_at_once)
        await worker.run()


def compose(settings: Settings, graphql_schema: GraphQLSchema, opening: Opening) -> Starlette:
    """Routes and middleware around a schema."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opening() as state:
            app.state.server = state
            yield
            await app.state.connections.close()

    engine = Engine(graphql_schema, settings)
    persisted = PersistedOperations(settings)
    endpoint = GraphQLOverHTTP(engine, persisted, EventStreams(engine))
    app = Application(
        endpoint,
        routes=[
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", GraphQLOverWebSocket(engine, persisted)),
            *health_routes(),
            *downloads.routes(),
            *pages.routes(settings),
        ],
        middleware=middleware(settings),
        exception_handlers={HTTPException: _plain_error},
        lifespan=lifespan,
    )
    app.state.connections = Connections()
    app.state.limits = settings.limits
    return app


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
    content, media = metrics.exposed(request.headers.get("accept", ""), await _jobs(state))
    return Response(content, headers={"Content-Type": media, "Cache-Control": "no-store"})


async def _jobs(state: State) -> dict[str, int]:
    """How many jobs there are in which state; nothing while the database is away, the other figures still count."""
    try:
        found = await sizes(state.database)
    except (OSError, SQLAlchemyError) as error:
        logs.log.warning("the queue cannot be counted", error=repr(error))
        return {}
    return {"waiting": found.queued, "running": found.picked, "held": found.failed}


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
    metrics.pool("read", reads.in_use, sizes.read_pool_size)
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
            "ws": WebSocketProtocol,
            # Events are small: compressing each anew for every client costs more than all else, and memory per socket.
            "ws_per_message_deflate": False,
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
        self._live: Connections = app.state.connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is here now stays: a full collection that walked it would stop the server for a quarter of a second.
        if not gc.get_freeze_count():
            gc.freeze()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._live.close()
        await super().shutdown(sockets)


class Worker(Server):
    """A server among several: the process that started it accepts the connections and sends them through a channel.

    A byte comes with every connection; the end of the channel is the end of that process, and of this one.
    """

    def __init__(self, app: Starlette, channel: socket.socket, **options: Any) -> None:
        super().__init__(app, **options)
        self._app = app
        self._channel = channel
        self._arriving: set[asyncio.Task[Any]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel, self._take)
        self._channel.send(READY)

    def _take(self) -> None:
        try:
            said, descriptors, _, _ = socket.recv_fds(self._channel, 1, 1)
        except BlockingIOError:
            return
        if not said:
            self._let_go()
            # The bundled database ends with that process: nothing can be finished, so nothing is waited for.
            self.config.timeout_graceful_shutdown = 1
            self.should_exit = True
        loop = asyncio.get_running_loop()
        for descriptor in descriptors:
            connection = socket.socket(fileno=descriptor)
            connection.setblocking(False)
            task = loop.create_task(loop.connect_accepted_socket(self._protocol, connection))
            self._arriving.add(task)
            task.add_done_callback(self._arriving.discard)

    def _protocol(self) -> asyncio.Protocol:
        protocol: Any = self.config.http_protocol_class
        made: asyncio.Protocol = protocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    async def on_tick(self, counter: int) -> bool:
        # Another worker may be asked for the figures of all.
        if counter % TICKS_PER_SECOND == 0:
            sample(self._app.state.server)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._let_go()
        await super().shutdown(sockets)

    def _let_go(self) -> None:
        """Take no more connections: the other side reads the end of the channel and chooses other workers."""
        if self._channel.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._channel.close()
