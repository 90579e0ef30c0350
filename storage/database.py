"""The doors to PostgreSQL: reads of one tenant, writes of one tenant, the directory, the queue, platform work.

The server logs in as `immonow_app`, which owns nothing and cannot pass a policy. Reads go through `ReadPool`, plain
asyncpg connections that stay bound to a tenant between requests; writes through an `AsyncSession` whose every
transaction begins by naming its tenant. There is no third way to a tenant's rows.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session as SyncSession
from sqlalchemy.orm import SessionTransaction
from sqlalchemy.pool import NullPool

from models.base import REVISION
from settings import Settings

OWNER, APP, PLATFORM, SEARCH = "immonow_owner", "immonow_app", "immonow_platform", "immonow_search"
LOCK_TIMEOUT = "2s"
BIND = "select set_config('app.tenant_id', $1, false), set_config('plan_cache_mode', $2, false)"
# How the driver says that a connection has gone.
LOST = (asyncpg.ConnectionDoesNotExistError, asyncpg.InternalClientError, ConnectionResetError)
PLANNING = {True: "force_generic_plan", False: "auto"}
READ_SECONDS = 15  # a statement that reads for longer is stopped
QUEUE_SECONDS = 10  # a queue that does not answer for longer is taken for lost


@dataclass(frozen=True)
class Logins:
    """Whom to log in as for which work."""

    admin: URL
    app: URL
    platform: URL


def logins(settings: Settings) -> Logins:
    """Addresses of the three logins; the two of the server follow from the administrative one unless given."""
    admin = make_url(settings.database_url).set(drivername="postgresql")

    def login(url: str, role: str) -> URL:
        if url:
            return make_url(url).set(drivername="postgresql")
        return admin.set(username=role, password=role_password(settings, role))

    return Logins(admin, login(settings.database_app_url, APP), login(settings.database_platform_url, PLATFORM))


def role_password(settings: Settings, role: str) -> str:
    """Password of a role the migrations create: derived, so that no further secret must be kept."""
    return hmac.new(settings.jwt_secret_key.encode(), b"database:" + role.encode(), hashlib.sha256).hexdigest()


def dsn(url: URL) -> str:
    return url.render_as_string(hide_password=False)


async def _json_as_python(connection: asyncpg.Connection[Any]) -> None:
    """Both in their binary form, which values inside of records always have; that of jsonb begins with its version."""
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=orjson.dumps, decoder=orjson.loads
    )
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: orjson.loads(data[1:]),
    )


@dataclass(eq=False)
class _Bound:
    """A connection, once there is one, with the tenant and the way of planning it was last set to."""

    connection: asyncpg.Connection[Any] | None = None
    tenant: UUID | None = None
    one_plan: bool = True

    def end(self) -> None:
        if self.connection is not None:
            self.connection.terminate()

    @property
    def closed(self) -> bool:
        return self.connection is not None and self.connection.is_closed()


@dataclass(eq=False)
class _Waiter:
    """Who waits for a place in the pool."""

    tenant: UUID
    found: asyncio.Future[_Bound]
    since: float


class ReadPool:
    """Connections for reading, each remembering the tenant it is bound to.

    A connection is handed out only after its recorded tenant was compared and, when different, set; after any error
    it is closed instead of returned, so a half-finished state can never reach another request. Setting costs a round
    trip, so whoever waits for the tenant of a connection that comes back is served before others, for a while.
    """

    PATIENCE = 0.05  # seconds after which who waited longest is next, whatever it costs

    def __init__(self, url: URL, size: int) -> None:
        self._dsn = dsn(url)
        self._size = size
        self._idle: list[_Bound] = []
        self._waiting: list[_Waiter] = []
        self.in_use = 0

    @asynccontextmanager
    async def read(self, tenant: UUID) -> AsyncIterator[asyncpg.Connection[Any]]:
        """A read-only connection that sees the rows of `tenant` alone."""
        found = await self._lend(tenant)
        try:
            yield _open(found)
        except BaseException:
            self._drop(found)
            raise
        self._release(found)

    async def fetch(
        self,
        tenant: UUID,
        sql: str,
        arguments: Sequence[Any],
        record: type[asyncpg.Record],
        *,
        one_plan: bool = True,
    ) -> list[Any]:
        """The rows one statement finds among those of `tenant`.

        Planning costs as much as running, so a statement is planned once. Where a plan for all values would be wrong
        for some (`one_plan` is false), the database decides each time whether its general plan will do.
        """
        try:
            return await self._fetch(tenant, sql, arguments, record, one_plan)
        except LOST:
            # The connection had been cut while it was idle, and so may have been the others. Reading again is safe.
            while self._idle:
                self._idle.pop().end()
            return await self._fetch(tenant, sql, arguments, record, one_plan)

    async def _fetch(
        self, tenant: UUID, sql: str, arguments: Sequence[Any], record: type[asyncpg.Record], one_plan: bool
    ) -> list[Any]:
        found = await self._lend(tenant, one_plan=one_plan)
        try:
            rows = await _open(found).fetch(sql, *arguments, record_class=record)
        except BaseException:
            self._drop(found)
            raise
        self._release(found)
        return rows

    async def _lend(self, tenant: UUID, *, one_plan: bool = True) -> _Bound:
        """A connection that is set to `tenant`."""
        found = await self._acquire(tenant)
        if found.tenant == tenant and found.one_plan is one_plan and found.connection is not None:
            return found
        try:
            if found.connection is None:
                found.connection = await self._connect()
            await found.connection.execute(BIND, str(tenant), PLANNING[one_plan])
            found.tenant, found.one_plan = tenant, one_plan
        except BaseException:
            self._drop(found)
            raise
        return found

    def _drop(self, found: _Bound) -> None:
        """End a connection whose state is not known any more."""
        found.end()
        self._release(None)

    async def _acquire(self, tenant: UUID) -> _Bound:
        """A place in the pool: a connection bound already, room for a new one, or the one unused for longest."""
        if self.in_use >= self._size:
            waiter = _Waiter(tenant, asyncio.get_running_loop().create_future(), time.monotonic())
            self._waiting.append(waiter)
            try:
                return await waiter.found
            except asyncio.CancelledError:
                if waiter in self._waiting:
                    self._waiting.remove(waiter)
                elif not waiter.found.cancelled():
                    self._release(waiter.found.result())
                raise
        self.in_use += 1
        return self._take(tenant)

    def _take(self, tenant: UUID) -> _Bound:
        idle = self._idle
        for index in range(len(idle) - 1, -1, -1):
            if idle[index].tenant == tenant:
                found = idle.pop(index)
                if not found.closed:
                    return found
        if len(idle) + self.in_use > self._size:
            found = idle.pop(0)
            if not found.closed:
                return found
        return _Bound()

    def _release(self, bound: _Bound | None) -> None:
        """Give a place to who waits for it, or back."""
        if self._waiting:
            self._waiting = [waiter for waiter in self._waiting if not waiter.found.done()]
        if not self._waiting:
            self.in_use -= 1
            if bound is not None:
                self._idle.append(bound)
            return
        found = bound if bound is not None and not bound.closed else _Bound()
        index = 0
        if time.monotonic() - self._waiting[0].since < self.PATIENCE:
            index = next((i for i, waiter in enumerate(self._waiting) if waiter.tenant == found.tenant), 0)
        self._waiting.pop(index).found.set_result(found)

    async def _connect(self) -> asyncpg.Connection[Any]:
        connection = await asyncpg.connect(
            self._dsn,
            # Statements are few and long, and planning one costs more than running it: they stay prepared. Each also
            # keeps its plan in the memory of the connection's server process, so there is an end to it.
            statement_cache_size=200,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
            server_settings={
                "default_transaction_read_only": "on",
                "application_name": "immonow-read",
                "jit": "off",
                "statement_timeout": f"{READ_SECONDS}s",
                # A statement nobody waits for any more ends with the connection that was cut.
                "client_connection_check_interval": "500ms",
            },
        )
        await _json_as_python(connection)
        return connection

    async def close(self) -> None:
        while self._idle:
            bound = self._idle.pop()
            if bound.connection is not None:
                await bound.connection.close()


def _open(found: _Bound) -> asyncpg.Connection[Any]:
    assert found.connection is not None
    return found.connection


class Database:
    """All connections of one server process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.logins = logins(settings)
        self.reads = ReadPool(self.logins.app, settings.read_pool_size)
        self.engine: AsyncEngine = create_async_engine(
            self.logins.app.set(drivername="postgresql+asyncpg"),
            pool_size=settings.write_pool_size,
            max_overflow=0,
            hide_parameters=True,  # a traceback in the log must not tell what people typed
            connect_args={"server_settings": {"application_name": "immonow-write", "jit": "off"}},
        )
        # Upkeep is rare: it makes a connection when there is something to do, and keeps none.
        self._platform: AsyncEngine = create_async_engine(
            self.logins.platform.set(drivername="postgresql+asyncpg"),
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={
                "server_settings": {
                    "application_name": "immonow-platform",
                    "jit": "off",
                    "lock_timeout": LOCK_TIMEOUT,
                }
            },
        )

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        """Connections are made when first needed; a database that is away stops no start-up."""
        return cls(settings)

    async def close(self) -> None:
        await self.reads.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def write(self, tenant: UUID) -> AsyncIterator[AsyncSession]:
        """A session whose transactions see and change the rows of `tenant` alone. The caller commits."""
        async with AsyncSession(self.engine, expire_on_commit=False, sync_session_class=TenantSession) as session:
            session.info["tenant"] = tenant
            yield session

    @asynccontextmanager
    async def directory(self) -> AsyncIterator[AsyncSession]:
        """A session without a tenant: sees the sign-in directory and nothing else. Used by `storage/directory.py`."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def queue(self) -> AsyncIterator[AsyncSession]:
        """A session without a tenant: sees the queue of jobs. Used by `storage/jobs.py`."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    async def queue_connection(self) -> asyncpg.Connection[Any]:
        """A connection of a worker's own, on which it hears of new jobs. Whoever takes it closes it."""
        return await asyncpg.connect(
            dsn(self.logins.app),
            timeout=QUEUE_SECONDS,
            command_timeout=QUEUE_SECONDS,
            server_settings={"application_name": "immonow-jobs", "jit": "off"},
        )

    @asynccontextmanager
    async def platform(self) -> AsyncIterator[AsyncSession]:
        """A session over all agencies, for upkeep. Used by `storage/jobs.py` and `storage/upkeep.py`, by no request."""
        async with AsyncSession(self._platform, expire_on_commit=False) as session:
            yield session

    async def ready(self) -> bool:
        """Whether the server could answer: the database is there and its schema is the one this code knows."""
        try:
            async with self.engine.connect() as connection:
                found = (await connection.exec_driver_sql("select version_num from alembic_version")).scalar()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError):
            return False
        return bool(found == REVISION)


class TenantSession(SyncSession):
    """A session that names its tenant as the first statement of every transaction."""


@event.listens_for(TenantSession, "after_begin")
def _bind_tenant(session: SyncSession, _transaction: SessionTransaction, connection: Connection) -> None:
    connection.exec_driver_sql(
        "select set_config('app.tenant_id', $1, true), set_config('lock_timeout', $2, true)",
        (str(session.info["tenant"]), LOCK_TIMEOUT),
    )
