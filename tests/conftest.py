"""A database per worker, two new agencies per test, a client for every role.

Isolation comes from tenancy itself: a test never sees another test's agencies, so nothing is rolled back or truncated.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import make_url

from app import compose
from domain.access import Role
from graph import logs
from graph.schema import schema
from migrations import run
from resolvers.kit.context import State
from settings import RateLimits, Settings
from storage.bus import Bus
from storage.database import Database, dsn
from storage.ratelimits import RateLimiter
from storage.tokens import Tokens
from tests.factories import Agency, connected, make_agency

PLENTY = "1000000/minute"
TEMPLATE = "immonow_template"
ROOT = Path(__file__).parent.parent


def unlimited() -> RateLimits:
    """Limits that no test reaches by accident; the limiter is still asked."""
    return RateLimits(**dict.fromkeys(RateLimits.model_fields, PLENTY))


async def _fresh_database(admin_url: str, name: str) -> str:
    """A copy of the migrated template; the template is made once for all workers."""
    url = make_url(admin_url)
    async with connected(url) as connection:
        await connection.execute("select pg_advisory_lock(4711)")
        exists = await connection.fetchval("select 1 from pg_database where datname = $1", TEMPLATE)
        if not exists:
            await connection.execute(f"create database {TEMPLATE}_new")
            settings = Settings(environment="test", database_url=dsn(url.set(database=f"{TEMPLATE}_new")))
            await run.upgrade(settings)
            await connection.execute(f"alter database {TEMPLATE}_new rename to {TEMPLATE}")
        await connection.execute(f"drop database if exists {name} with (force)")
        await connection.execute(f"create database {name} template {TEMPLATE}")
        await connection.execute("select pg_advisory_unlock(4711)")
    return dsn(url.set(database=name))


@pytest_asyncio.fixture(scope="session")
async def settings() -> AsyncIterator[Settings]:
    admin = os.environ.get("DATABASE_URL")
    if not admin:
        pytest.exit("DATABASE_URL is not set; run the tests with `python3 dev.py test`.", returncode=2)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    url = await _fresh_database(admin, f"immonow_test_{worker}")
    with tempfile.TemporaryDirectory() as data:
        yield Settings(
            environment="test",
            database_url=url,
            rate_limits=unlimited(),
            data_dir=Path(data),
            sign_in_delays=(),
        )


@pytest_asyncio.fixture(scope="session")
async def state(settings: Settings) -> AsyncIterator[State]:
    logs.configure(settings)
    bus = Bus(settings)
    await bus.open()
    found = State(settings, await Database.open(settings), RateLimiter(settings), bus, Tokens(settings))
    yield found
    await bus.close()
    await found.limiter.close()
    await found.database.close()


@pytest_asyncio.fixture(scope="session")
async def http(settings: Settings, state: State) -> AsyncIterator[httpx2.AsyncClient]:
    """The whole application in this process, without a socket."""

    @asynccontextmanager
    async def opening() -> AsyncIterator[State]:
        yield state

    app = compose(settings, schema._schema, opening)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, client=("127.0.0.1", 50_000))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield client


@dataclass
class Client:
    """Sends documents as one person."""

    http: httpx2.AsyncClient
    token: str | None
    headers: dict[str, str] = field(default_factory=dict)
    last: Any = None

    async def __call__(
        self, document: str, /, _headers: dict[str, str] | None = None, **variables: Any
    ) -> dict[str, Any]:
        """The whole answer, without `extensions`."""
        headers = {"Accept": "application/json", **self.headers, **(_headers or {})}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        response = await self.http.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
        self.last = response
        body: dict[str, Any] = response.json()
        body.pop("extensions", None)
        return body

    async def data(self, document: str, /, **variables: Any) -> Any:
        """The data of an answer that must not have errors."""
        body = await self(document, **variables)
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def code(self, document: str, /, **variables: Any) -> str:
        """The code of the only top-level error."""
        body = await self(document, **variables)
        assert [error["extensions"]["code"] for error in body.get("errors", [])][1:] == [], body
        return str(body["errors"][0]["extensions"]["code"])


class Signed:
    """An agency with a client for each role."""

    def __init__(self, agency: Agency, http: httpx2.AsyncClient) -> None:
        self.agency = agency
        self._http = http

    def as_(self, role: Role) -> Client:
        return Client(self._http, self.agency.people[role].token)

    @property
    def owner(self) -> Client:
        return self.as_(Role.OWNER)

    @property
    def manager(self) -> Client:
        return self.as_(Role.MANAGER)

    @property
    def agent(self) -> Client:
        return self.as_(Role.AGENT)

    @property
    def customer(self) -> Client:
        return self.as_(Role.CUSTOMER)


@pytest.fixture
def anonymous(http: httpx2.AsyncClient) -> Client:
    return Client(http, None)


@pytest_asyncio.fixture
async def acme(state: State, http: httpx2.AsyncClient) -> Signed:
    return Signed(await make_agency(state, "Acme"), http)


@pytest_asyncio.fixture
async def rival(state: State, http: httpx2.AsyncClient) -> Signed:
    return Signed(await make_agency(state, "Rival"), http)


@dataclass(frozen=True)
class LiveServer:
    """A server process of its own with the demo data."""

    url: str
    logins: dict[str, dict[str, str]]
    environment: dict[str, str]  # of the process: another server with it works on the same database


DEMO_LOGINS = {
    "admin": {"email": "admin@acme-realestate.com", "password": "Admin123!"},
    "manager": {"email": "manager@acme-realestate.com", "password": "Manager123!"},
    "agent": {"email": "mike@acme-realestate.com", "password": "Agent123!"},
}


@pytest.fixture(scope="session")
def live_server(settings: Settings) -> Iterator[LiveServer]:
    """The server as people start it, on this worker's database, with rate limits out of the way."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    plenty = {f"RATE_LIMIT_{name.upper()}": PLENTY for name in RateLimits.model_fields}
    environment = {**os.environ, **plenty, "DATABASE_URL": settings.database_url, "ENVIRONMENT": "development"}
    environment["JOB_WORKER"] = "false"  # it lives for as long as the tests do, and would do the jobs of others
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "dev.py"), "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 120
            while not _answers(f"{url}/ready"):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    pytest.fail(f"the server did not start:\n{log.read()}")
                threading.Event().wait(0.1)
            yield LiveServer(url, DEMO_LOGINS, environment)
        finally:
            process.terminate()
            process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=2).status_code == 200
    except httpx2.HTTPError:
        return False
