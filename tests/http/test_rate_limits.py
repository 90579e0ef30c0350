"""How often a caller may ask: the counting itself, then what a client sees of it."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from graph.engine.operations import address_key
from settings import RateLimits
from storage.ratelimits import Allowance, RateLimiter
from tests.http.test_over_http import JSON, RESPONSE, post
from tests.http.world import GENEROUS, World, settings


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limiter(clock: Clock, **limits: str) -> RateLimiter:
    return RateLimiter(settings(rate_limits=RateLimits(**limits)), clock)


def test_the_defaults_are_those_of_the_conventions() -> None:
    assert RateLimits().model_dump() == {
        "sign_in": "5/minute",
        "refresh": "10/minute",
        "verification": "3/hour",
        "signed_in": "100/minute",
        "anonymous": "60/minute;1000/hour;10000/day",
        "read": "200/minute",
        "write": "50/minute",
        "delete": "20/minute",
        "people": "10/minute",
        "rights": "20/minute",
        "test_mail": "5/hour",
        "upload": "10/minute",
        "tenant": "20/minute",
        "logo": "5/minute",
        "socket_frames": "200/minute",
    }


async def test_the_sixth_sign_in_of_a_minute_waits(clock: Clock) -> None:
    limits = limiter(clock)
    assert [await limits.hit("sign_in", "1.2.3.4 a@b.de") for _ in range(5)] == [
        Allowance(5, left, 1_060) for left in (4, 3, 2, 1, 0)
    ]
    clock.now += 18.4
    assert await limits.hit("sign_in", "1.2.3.4 a@b.de") == Allowance(5, 0, 1_060, 42)
    assert await limits.hit("sign_in", "1.2.3.5 a@b.de") == Allowance(5, 4, 1_078)
    clock.now = 1_060.0
    assert await limits.hit("sign_in", "1.2.3.4 a@b.de") == Allowance(5, 4, 1_120)


async def test_every_window_counts_and_the_tightest_is_told(clock: Clock) -> None:
    limits = limiter(clock, anonymous="3/minute;4/hour")
    assert await limits.hit("anonymous", "ip") == Allowance(3, 2, 1_060)
    await limits.hit("anonymous", "ip")
    await limits.hit("anonymous", "ip")
    assert await limits.hit("anonymous", "ip") == Allowance(3, 0, 1_060, 60)
    clock.now += 60
    # What the minute refused did not count for the hour.
    assert await limits.hit("anonymous", "ip") == Allowance(4, 0, 4_600)
    assert await limits.hit("anonymous", "ip") == Allowance(4, 0, 4_600, 3_540)


async def test_categories_do_not_share(clock: Clock) -> None:
    limits = limiter(clock, read="1/minute", write="1/minute")
    assert (await limits.hit("read", "t")).retry_after is None
    assert (await limits.hit("write", "t")).retry_after is None
    assert (await limits.hit("read", "t")).retry_after == 60


async def test_ended_windows_are_swept(clock: Clock) -> None:
    limits = limiter(clock, read="1/minute")
    for number in range(10_000):
        await limits.hit("read", str(number))
    clock.now += 61
    await limits.hit("read", "one more")
    assert len(limits._counters._counts) == 1


@pytest.mark.parametrize(
    ("ip", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_network_counts_as_one_address(ip: str, key: str) -> None:
    assert address_key(ip) == key


@pytest.fixture
def limited(make_world: Any) -> World:
    world: World = make_world(
        rate_limits=GENEROUS.model_copy(update={"anonymous": "2/minute", "signed_in": "3/minute"})
    )
    return world


async def test_a_stranger_is_counted_by_address(limited: World) -> None:
    async with limited.app.router.lifespan_context(limited.app):
        async with limited.client(client=("203.0.113.1", 1)) as client:
            for left in ("1", "0"):
                response = await post(client, {"query": "{ hello }"})
                assert response.status_code == 200
                assert response.headers["x-ratelimit-limit"] == "2"
                assert response.headers["x-ratelimit-remaining"] == left
                assert int(response.headers["x-ratelimit-reset"]) > 1_600_000_000
                assert "retry-after" not in response.headers
            for accept, status in ((RESPONSE, 429), (JSON, 200)):
                response = await post(client, {"query": "{ hello }"}, accept, **{"Accept-Language": "de"})
                assert response.status_code == status
                error = response.json()["errors"][0]
                wait = error["extensions"]["retryAfter"]
                assert 0 < wait <= 60
                assert response.headers["retry-after"] == response.headers["x-ratelimit-retry-after"] == str(wait)
                assert response.headers["x-ratelimit-remaining"] == "0"
                assert error["extensions"]["code"] == "RATE_LIMIT_EXCEEDED"
                assert error["message"] == f"Zu viele Anfragen. Bitte in {wait} Sekunden erneut versuchen."
            assert limited.calls == ["hello", "hello"]
        async with limited.client(client=("203.0.113.2", 1)) as other:
            assert (await post(other, {"query": "{ hello }"})).status_code == 200


async def test_a_person_is_counted_wherever_the_address_is(limited: World) -> None:
    _, token = limited.sign_in()
    headers = {"Authorization": f"Bearer {token}"}
    async with limited.app.router.lifespan_context(limited.app):
        for number in range(4):
            async with limited.client(client=(f"203.0.113.{number}", 1)) as client:
                response = await post(client, {"query": "{ hello }"}, **headers)
                assert response.status_code == (429 if number == 3 else 200)
                assert response.headers["x-ratelimit-limit"] == "3"


async def test_guessing_tokens_is_counted_by_address(limited: World) -> None:
    async with limited.app.router.lifespan_context(limited.app), limited.client() as client:
        statuses = [
            (await post(client, {"query": "{ hello }"}, Authorization=f"Bearer {number}")).status_code
            for number in range(3)
        ]
        assert statuses == [401, 401, 429]


async def test_refused_documents_count(limited: World) -> None:
    async with limited.app.router.lifespan_context(limited.app), limited.client() as client:
        statuses = [(await post(client, {"query": "{ unknown }"})).status_code for _ in range(3)]
        assert statuses == [400, 400, 429]


async def test_when_every_root_field_is_refused_the_request_is(make_world: Any) -> None:
    world = make_world()
    async with world.app.router.lifespan_context(world.app), world.client() as client:
        response = await post(client, {"query": "{ limited }"})
        assert (response.status_code, response.headers["retry-after"]) == (429, "7")
        assert (await post(client, {"query": "{ limited }"}, JSON)).status_code == 200
        response = await post(client, {"query": "{ limited hello }"})
        assert (response.status_code, response.headers["retry-after"]) == (200, "7")


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis of the test's own."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--save", "", "--dir", str(tmp_path), "--bind", "127.0.0.1"]
    process = subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "Ready to accept connections" in line:
            break
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(10)
    process.stdout.close()


async def test_servers_with_one_redis_count_together(redis_url: str) -> None:
    rates = RateLimits(read="3/minute")
    one, two = (RateLimiter(settings(rate_limits=rates, redis_url=redis_url)) for _ in range(2))
    assert await one.check() is True
    allowances = [await limits.hit("read", "tenant") for limits in (one, two, one, two)]
    assert [allowance.remaining for allowance in allowances] == [2, 1, 0, 0]
    assert [allowance.retry_after is None for allowance in allowances] == [True, True, True, False]
    assert 0 < (allowances[3].retry_after or 0) <= 60
    await one.close()
    await two.close()


async def test_without_its_redis_a_server_counts_by_itself(clock: Clock) -> None:
    limits = RateLimiter(settings(rate_limits=RateLimits(read="1/minute"), redis_url="redis://127.0.0.1:1/0"), clock)
    with capture_logs() as logs:
        assert await limits.hit("read", "tenant") == Allowance(1, 0, 1_060)
        assert await limits.hit("read", "tenant") == Allowance(1, 0, 1_060, 60)
    assert [line["event"] for line in logs] == ["rate limits are counted in this process"]
    assert await limits.check() is False
    await limits.close()
