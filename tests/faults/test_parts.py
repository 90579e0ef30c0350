"""What single parts do while something they need is away."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from graph.engine.errors import database_away
from models.base import uuid7
from settings import Settings
from storage.bus import Bus, PostgresBus, RedisBus, SharedBus, bus_of
from storage.ratelimits import RateLimiter
from tests.faults.processes import Redis

needs_redis = pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    """A Redis that is not started yet."""
    folder = Path(tempfile.mkdtemp(prefix="immonow-redis-"))
    found = Redis(folder)
    yield found
    await found.close()
    shutil.rmtree(folder)


async def hears(sender: Bus, receiver: Bus, seconds: float = 20) -> None:
    """Fails unless a hint comes through; a lost one is repeated, as the next event would."""
    tenant = uuid7()
    with receiver.listening(tenant) as event:
        async with asyncio.timeout(seconds):
            while not event.is_set():
                await sender.hint(tenant)
                await asyncio.wait([asyncio.ensure_future(event.wait())], timeout=0.2)


@needs_redis
async def test_servers_start_without_redis_and_hear_each_other_whenever_it_is_there(
    redis: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SharedBus, "PATIENCE", 0.5)
    monkeypatch.setattr(SharedBus, "HEARTBEAT", 0.2)
    one, two = (RedisBus(settings.model_copy(update={"redis_url": redis.url})) for _ in range(2))
    with capture_logs() as logs:
        await one.open()
        await two.open()
        await asyncio.sleep(0.2)
        await hears(one, one)  # itself, whatever is away
        for _ in range(2):
            await redis.start()
            await hears(one, two)
            await hears(two, one)
            await redis.kill()
        await one.close()
        await two.close()
    assert {line["event"] for line in logs} == {"bus connection lost"}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, Bus),
        ({"workers": 2}, PostgresBus),
        ({"redis_url": "redis://127.0.0.1:1/0"}, RedisBus),
        ({"redis_url": "redis://127.0.0.1:1/0", "workers": 2}, RedisBus),
    ],
)
def test_every_server_has_the_bus_its_settings_ask_for(settings: Settings, changes: dict[str, Any], kind: type) -> None:
    assert type(bus_of(settings.model_copy(update=changes))) is kind


async def test_a_connection_cut_a_moment_ago_is_a_redis_that_is_away(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = RateLimiter(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"}))

    async def closed(*_: Any) -> bool:
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    monkeypatch.setattr(limiter._shared, "hit", closed)
    with capture_logs() as logs:
        assert (await limiter.hit("read", "somebody")).retry_after is None
    assert [line["event"] for line in logs] == ["rate limits are counted in this process"]
    await limiter.close()


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (asyncpg.AdminShutdownError("terminating connection due to administrator command"), True),
        (asyncpg.CrashShutdownError("terminating connection because of crash"), True),
        (asyncpg.CannotConnectNowError("the database system is starting up"), True),
        (asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"), True),
        (asyncpg.InternalClientError("got result for unknown protocol state 3"), False),
        (asyncpg.QueryCanceledError("canceling statement due to user request"), False),
    ],
)
def test_the_goodbyes_of_a_database(error: Exception, away: bool) -> None:
    assert database_away(error) is away
