"""What Prometheus is told, and whom: the figures follow what clients do."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from app import compose
from graph import metrics
from graph.schema import schema
from resolvers.kit.context import State
from storage.database import Database
from tests.conftest import Signed
from tests.factories import platform
from tests.http.test_over_http import post
from tests.http.world import GENEROUS, World

LABELS = ("kind", "executor", "le", "code", "pool", "outcome", "state")
Figures = dict[tuple[str, ...], float]


def read(text: str) -> Figures:
    """Name and label values of every sample that is not zero."""
    return {
        (sample.name, *(sample.labels[label] for label in LABELS if label in sample.labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("immonow_") and sample.value
    }


def now() -> Figures:
    return read(metrics.exposed("", {})[0].decode())


def grown(before: Figures) -> Figures:
    """What has changed since, without how long it took."""
    after = now()
    changed = {name: after.get(name, 0) - before.get(name, 0) for name in before.keys() | after.keys()}
    timed = ("immonow_operation_seconds_bucket", "immonow_operation_seconds_sum")
    return {name: value for name, value in changed.items() if value and name[0] not in timed}


async def test_executed_operations_are_counted_by_kind_and_executor(acme: Signed) -> None:
    before = now()
    await acme.owner.data("{ tenant { name } }")
    await acme.owner.data("{ tenant { name } }")
    seen = grown(before)
    assert seen.pop(("immonow_cost_total", "query", "planned")) >= 0
    assert seen == {
        ("immonow_operation_seconds_count", "query", "planned"): 2,
        ("immonow_statements_total", "query", "planned"): 2,
    }


async def test_errors_are_counted_by_code(client: AsyncClient, world: World) -> None:
    before = now()
    await post(client, {"query": "{ forbidden badField hello }"})
    await post(client, {"query": "{ unknown }"})
    await post(client, {"query": 5})
    await post(client, {"query": "{ hello }"}, Authorization="Bearer nonsense")
    await post(client, {"query": "mutation { touch }"})
    assert grown(before) == {
        ("immonow_operation_seconds_count", "query", "reference"): 1,
        ("immonow_operation_seconds_count", "mutation", "reference"): 1,
        ("immonow_errors_total", "INSUFFICIENT_PERMISSIONS"): 1,
        ("immonow_errors_total", "INVALID_INPUT"): 3,
        ("immonow_errors_total", "INVALID_TOKEN"): 1,
    }
    assert world.calls == ["hello", "touch"]


async def test_refusals_of_the_limiter_are_counted(make_world: Any) -> None:
    world = make_world(rate_limits=GENEROUS.model_copy(update={"anonymous": "1/minute"}))
    before = now()
    async with world.app.router.lifespan_context(world.app), world.client() as client:
        for _ in range(2):
            await post(client, {"query": "{ hello }"})
        await post(client, {"query": "{ hello }"}, Authorization="Bearer nonsense")
    assert grown(before) == {
        ("immonow_operation_seconds_count", "query", "reference"): 1,
        ("immonow_errors_total", "RATE_LIMIT_EXCEEDED"): 2,
        ("immonow_requests_refused_total",): 2,
    }


async def test_times_fall_into_their_bounds() -> None:
    before = now()
    for seconds in (0.0001, 0.0005, 0.0006, 3.0, 60.0):
        metrics.operation("subscription", True, seconds, 2, 3, [])
    after = now()
    name = ("immonow_operation_seconds_bucket", "subscription", "planned")
    counts = {
        bound: after[*name, bound] - before.get((*name, bound), 0)
        for bound in ("0.0005", "0.001", "5.0", "10.0", "+Inf")
    }
    assert counts == {"0.0005": 2, "0.001": 3, "5.0": 4, "10.0": 4, "+Inf": 5}
    total = ("immonow_operation_seconds_sum", "subscription", "planned")
    assert after[total] - before.get(total, 0) == pytest.approx(63.0012)
    assert grown(before) == {
        ("immonow_operation_seconds_count", "subscription", "planned"): 5,
        ("immonow_statements_total", "subscription", "planned"): 10,
        ("immonow_cost_total", "subscription", "planned"): 15,
    }


def test_attempts_at_jobs_are_counted_by_their_end() -> None:
    before = now()
    for outcome, seconds in (("done", 0.5), ("done", 0.25), ("retried", 1.0), ("held", 2.0)):
        metrics.job(outcome, seconds)
    assert grown(before) == {
        ("immonow_job_attempts_total", "done"): 2,
        ("immonow_job_attempts_total", "retried"): 1,
        ("immonow_job_attempts_total", "held"): 1,
        ("immonow_job_seconds_total",): 3.75,
    }


async def test_how_long_the_queue_is_says_the_database(http: AsyncClient, state: State) -> None:
    async def told() -> dict[str, float]:
        found = read((await http.get("/metrics")).text)
        return {key[1]: value for key, value in found.items() if key[0] == "immonow_jobs"}

    await platform(state, "delete from jobs.pgqueuer")
    assert await told() == {}
    for status, count in (("queued", 3), ("picked", 2), ("failed", 1)):
        await platform(
            state,
            "insert into jobs.pgqueuer (priority, status, entrypoint)"
            " select 0, $1::text::jobs.pgqueuer_status, 'test.counted' from generate_series(1, $2)",
            *(status, count),
        )
    assert await told() == {"waiting": 3, "running": 2, "held": 1}
    await platform(state, "delete from jobs.pgqueuer")


async def test_without_a_database_the_other_figures_are_told(state: State) -> None:
    nowhere = state.settings.model_copy(update={"database_app_url": "postgresql://nobody:x@127.0.0.1:1/none"})
    lost = replace(state, settings=nowhere, database=await Database.open(nowhere))

    @asynccontextmanager
    async def opening() -> AsyncIterator[State]:
        yield lost

    app = compose(nowhere, schema._schema, opening)
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app=app, client=("127.0.0.1", 50_000))
        async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            with capture_logs() as logs:
                response = await client.get("/metrics")
    await lost.database.close()
    found = [name for name, *_ in read(response.text)]
    assert (response.status_code, "immonow_jobs" in found, "immonow_pool_size" in found) == (200, False, True)
    assert "the queue cannot be counted" in [line["event"] for line in logs]


def test_open_sockets_and_running_subscriptions_are_gauges(sockets: Any) -> None:
    _, client = sockets()
    before = now()
    with client.websocket_connect("/graphql", ["graphql-transport-ws"]) as session:

        def say(**message: Any) -> None:
            session.send_text(json.dumps(message))

        say(type="connection_init")
        session.receive_text()
        say(type="subscribe", id="1", payload={"query": "subscription { tick { number } }"})
        say(type="ping")
        session.receive_text()
        assert grown(before) == {("immonow_sockets",): 1, ("immonow_subscriptions",): 1}
        say(type="complete", id="1")
        say(type="ping")
        session.receive_text()
        assert grown(before) == {("immonow_sockets",): 1}
        say(type="nonsense")
        session.receive()
    assert grown(before) == {}


async def test_pools_tell_how_many_connections_work(http: AsyncClient, state: State, acme: Signed) -> None:
    reads, writes = state.settings.read_pool_size, state.settings.write_pool_size
    async with state.database.reads.read(acme.agency.id), state.database.write(acme.agency.id) as session:
        await session.connection()
        seen = read((await http.get("/metrics")).text)
    assert {name: value for name, value in seen.items() if name[0].startswith("immonow_pool")} == {
        ("immonow_pool_in_use", "read"): 1,
        ("immonow_pool_in_use", "write"): 1,
        ("immonow_pool_size", "read"): reads,
        ("immonow_pool_size", "write"): writes,
    }


async def test_workers_are_summed() -> None:
    memory = memoryview(bytearray(2 * metrics.ROW_BYTES))
    rows, own = metrics._rows, metrics._own
    try:
        for row in (0, 1):
            metrics.share(memory, row)
            metrics.errors(["CONFLICT"])
            metrics.sockets(+3)
        assert now() == {("immonow_errors_total", "CONFLICT"): 2, ("immonow_sockets",): 6}
        metrics.share(memory, 1)  # a worker that takes the place of a dead one
        assert now() == {("immonow_errors_total", "CONFLICT"): 2, ("immonow_sockets",): 3}
    finally:
        metrics._rows, metrics._own = rows, own


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.8.8.8", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.7", {}, 403),
        ("10.0.0.1", {}, 403),
        ("nonsense", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 403),
    ],
)
async def test_without_a_token_this_machine_alone_may_ask(
    state: State, peer: str, headers: dict[str, str], status: int
) -> None:
    response = await ask(state, "", peer, headers)
    assert response.status_code == status
    if status == 403:
        body = response.json()
        assert (body["detail"], body["code"]) == ("Forbidden", "INSUFFICIENT_PERMISSIONS")
        assert "immonow_" not in response.text


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("Bearer secret", 200),
        ("Bearer Secret", 403),
        ("Bearer secret2", 403),
        ("Bearer ä", 403),
        ("secret", 403),
        (None, 403),
    ],
)
async def test_with_a_token_nobody_comes_in_without(state: State, given: str | None, status: int) -> None:
    headers = {"Authorization": given} if given else {}
    for peer in ("127.0.0.1", "203.0.113.7"):
        assert (await ask(state, "secret", peer, headers)).status_code == status


async def ask(state: State, token: str, peer: str, headers: dict[str, str]) -> Any:
    """The answer of an application of its own, as that peer gets it."""
    own = replace(state, settings=state.settings.model_copy(update={"metrics_token": token}))

    @asynccontextmanager
    async def opening() -> AsyncIterator[State]:
        yield own

    app = compose(own.settings, schema._schema, opening)
    async with app.router.lifespan_context(app):
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        async with AsyncClient(transport=ASGITransport(app=app, client=(peer, 1)), base_url="http://test") as client:
            return await client.get("/metrics", headers=raw)


async def test_both_formats_of_prometheus_are_spoken(http: AsyncClient) -> None:
    plain = await http.get("/metrics")
    assert plain.headers["content-type"].startswith("text/plain; version=")
    assert plain.headers["cache-control"] == "no-store"
    assert "process_cpu_seconds_total" in plain.text
    newer = await http.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert newer.headers["content-type"].startswith("application/openmetrics-text")
    assert newer.text.endswith("# EOF\n")
